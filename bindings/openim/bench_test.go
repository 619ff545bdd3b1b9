package openim

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

func benchServer(b *testing.B) *httptest.Server {
	answer := []byte(`{"errCode":0,"errMsg":"","errDlt":"","data":{"total":20,"users":[` +
		strings.TrimSuffix(strings.Repeat(`{"userID":"u000001","nickname":"Nick","faceURL":"","ex":"","createTime":1700000000000,"appMangerLevel":0},`, 20), ",") + `]}}`)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Write(answer)
	}))
	b.Cleanup(s.Close)
	return s
}

func BenchmarkRawClient(b *testing.B) {
	s := benchServer(b)
	base := newTransport()
	defer base.CloseIdleConnections()
	hc := &http.Client{Transport: base}
	body := []byte(`{"pagination":{"pageNumber":1,"showNumber":20}}`)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			req, _ := http.NewRequestWithContext(b.Context(), "POST", s.URL+"/user/get_users", bytes.NewReader(body))
			req.Header.Set("operationID", "op")
			req.Header.Set("token", "t")
			res, err := hc.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			data, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err != nil || gjson.GetBytes(data, "errCode").Int() != 0 {
				b.Error(err)
				return
			}
		}
	})
}

func benchCall(b *testing.B, change func(*Config)) {
	s := benchServer(b)
	cfg := Config{API: Setting{Value: s.URL}}
	change(&cfg)
	c := New(cfg)
	defer c.Close()
	body := map[string]any{"pagination": map[string]any{"pageNumber": 1, "showNumber": 20}}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := c.Call(b.Context(), "/user/get_users", body, As("t")); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkCall(b *testing.B) { benchCall(b, func(*Config) {}) }

func BenchmarkCallRecorded(b *testing.B) {
	benchCall(b, func(cfg *Config) { cfg.OnCall = func(Call) {} })
}
