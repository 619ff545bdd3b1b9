package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/vm"
)

// stubAPI answers logins, registrations and look-ups at once: what is measured is the client.
func stubAPI() *httptest.Server {
	user := []byte(`{"errCode":0,"errMsg":"","errDlt":"","data":{"usersInfo":[{"userID":"a","nickname":"A","faceURL":"","ex":"","createTime":1,"appMangerLevel":0,"globalRecvMsgOpt":0}]}}`)
	token := []byte(`{"errCode":0,"errMsg":"","errDlt":"","data":{"token":"t","expireTimeSeconds":7776000}}`)
	done := []byte(`{"errCode":0,"errMsg":"","errDlt":""}`)
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		switch r.URL.Path {
		case "/auth/get_admin_token":
			_, _ = w.Write(token)
		case "/user/get_users_info":
			_, _ = w.Write(user)
		default:
			_, _ = w.Write(done)
		}
	}))
}

func benchEnv(b *testing.B, server string) *bindings.Env {
	b.Helper()
	client := openim.New(openim.Config{
		API: openim.Setting{Value: server}, AdminUserID: "imAdmin",
		Secret: openim.Secret{Get: func(context.Context) (string, error) { return "s", nil }},
	})
	b.Cleanup(client.Close)
	return &bindings.Env{API: client, Now: time.Now, Target: bindings.Target{Name: "bench", Admin: "imAdmin"}, StateDir: b.TempDir(),
		Warn: func(string, ...any) {}, Track: func(string) bindings.Progress { return silent{} }}
}

type silent struct{}

func (silent) Set(int64, int64) {}
func (silent) Finish(string)    {}

// BenchmarkReadFromLua compares user.get called from Lua with the same request sent by the Go client, turn by turn.
func BenchmarkReadFromLua(b *testing.B) {
	server := stubAPI()
	defer server.Close()
	env := benchEnv(b, server.URL)
	v := vm.New(context.Background(), vm.Options{Areas: Areas(), Stdout: io.Discard, OpenEnv: func() (*bindings.Env, error) { return env, nil }})
	defer v.Close(context.Background())
	const calls, rounds = 500, 8
	lua := fmt.Sprintf(`for i = 1, %d do user.get("a") end`, calls)
	body := value.NewObject("userIDs", value.List{"a"})
	var inLua, inGo time.Duration
	for round := range rounds + 1 {
		start := time.Now()
		if _, err := v.Run(lua, "bench"); err != nil {
			b.Fatal(err)
		}
		middle := time.Now()
		for range calls {
			if _, err := env.API.Call(context.Background(), "/user/get_users_info", body); err != nil {
				b.Fatal(err)
			}
		}
		if round > 0 {
			inLua += middle.Sub(start)
			inGo += time.Since(middle)
		}
	}
	b.ReportMetric(float64(inLua.Microseconds())/calls/rounds, "lua-µs")
	b.ReportMetric(float64(inGo.Microseconds())/calls/rounds, "go-µs")
	b.ReportMetric(float64(inLua)/float64(inGo), "lua/go")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkImport compares user.import with a plain net/http client that sends the same batches at the same
// concurrency.
func BenchmarkImport(b *testing.B) {
	server := stubAPI()
	defer server.Close()
	env := benchEnv(b, server.URL)
	const rows, batch, workers = 100_000, 500, 8
	var csv bytes.Buffer
	csv.WriteString("userID,nickname\n")
	for i := range rows {
		fmt.Fprintf(&csv, "u%06d,User %d\n", i, i)
	}
	env.Open = func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(csv.Bytes())), nil }
	op, err := bindings.FindOp(Areas(), "user.import")
	if err != nil {
		b.Fatal(err)
	}
	params, err := op.Bind(value.NewObject("file", "big.csv", "restart", true))
	if err != nil {
		b.Fatal(err)
	}
	var ours, plain time.Duration
	for round := range 5 {
		start := time.Now()
		if _, err := op.Invoke(context.Background(), env, params); err != nil {
			b.Fatal(err)
		}
		middle := time.Now()
		plainImport(b, server.URL, rows, batch, workers)
		if round > 0 {
			ours += middle.Sub(start)
			plain += time.Since(middle)
		}
	}
	b.ReportMetric(rows*4/ours.Seconds(), "rows/s")
	b.ReportMetric(rows*4/plain.Seconds(), "plain-rows/s")
	b.ReportMetric(float64(plain)/float64(ours), "imctl/plain")
	b.ReportMetric(0, "ns/op")
}

// plainImport sends the registrations with nothing but the standard library.
func plainImport(b *testing.B, server string, rows, batch, workers int) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers}}
	defer client.CloseIdleConnections()
	type account struct {
		UserID   string `json:"userID"`
		Nickname string `json:"nickname"`
	}
	batches := make(chan []account)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for list := range batches {
				body, err := json.Marshal(map[string]any{"users": list})
				if err != nil {
					b.Error(err)
					continue
				}
				req, err := http.NewRequest(http.MethodPost, server+"/user/user_register", bytes.NewReader(body))
				if err != nil {
					b.Error(err)
					continue
				}
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("operationID", "plain")
				req.Header.Set("token", "t")
				resp, err := client.Do(req)
				if err != nil {
					b.Error(err)
					continue
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
		})
	}
	var list []account
	for i := range rows {
		list = append(list, account{fmt.Sprintf("u%06d", i), fmt.Sprintf("User %d", i)})
		if len(list) == batch || i == rows-1 {
			batches <- list
			list = nil
		}
	}
	close(batches)
	wg.Wait()
}
