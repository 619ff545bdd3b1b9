package openim

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/openimsdk/imctl/bindings/value"
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

func rawCall(ctx context.Context, hc *http.Client, url string) error {
	body, err := value.Marshal(benchBody())
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, "POST", url+"/user/get_users", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("operationID", "op")
	req.Header.Set("token", "t")
	res, err := hc.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err == nil && gjson.GetBytes(data, "errCode").Int() != 0 {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func benchBody() any {
	return value.NewObject("pagination", value.NewObject("pageNumber", int64(1), "showNumber", int64(20)))
}

func BenchmarkRawClient(b *testing.B) {
	s := benchServer(b)
	hc := &http.Client{Transport: newTransport(), Timeout: 30 * time.Second}
	defer hc.CloseIdleConnections()
	b.ReportAllocs()
	for b.Loop() {
		if err := rawCall(b.Context(), hc, s.URL); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCall(b *testing.B) {
	for name, onCall := range map[string]func(Call){"plain": nil, "recorded": func(Call) {}} {
		b.Run(name, func(b *testing.B) {
			s := benchServer(b)
			c := New(Config{API: Setting{Value: s.URL}, OnCall: onCall})
			defer c.Close()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Call(b.Context(), "/user/get_users", benchBody(), As("t")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRatio makes raw calls and ours in turn, so that other work on the machine hits both: the median time of a
// raw call over that of ours (1 = as fast; the aim is 0.9).
func BenchmarkRatio(b *testing.B) {
	s := benchServer(b)
	hc := &http.Client{Transport: newTransport(), Timeout: 30 * time.Second}
	defer hc.CloseIdleConnections()
	c := New(Config{API: Setting{Value: s.URL}})
	defer c.Close()
	var raw, ours []time.Duration
	for b.Loop() {
		start := time.Now()
		if err := rawCall(b.Context(), hc, s.URL); err != nil {
			b.Fatal(err)
		}
		between := time.Now()
		if _, err := c.Call(b.Context(), "/user/get_users", benchBody(), As("t")); err != nil {
			b.Fatal(err)
		}
		raw, ours = append(raw, between.Sub(start)), append(ours, time.Since(between))
	}
	median := func(d []time.Duration) float64 { slices.Sort(d); return float64(d[len(d)/2]) }
	b.ReportMetric(median(raw)/median(ours), "raw/ours")
}
