package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/runtime/vm"
	"github.com/openimsdk/imctl/stdlib"
)

// BenchmarkTaskMap compares task.map over user.get with a plain net/http client that sends the same requests at the same
// concurrency to the same server.
func BenchmarkTaskMap(b *testing.B) {
	server := stubAPI()
	defer server.Close()
	env := benchEnv(b, server.URL)
	v := vm.New(context.Background(), vm.Options{
		Areas: Areas(), Stdout: io.Discard, Stdlib: stdlib.FS, Globals: stdlib.Globals(),
		OpenEnv: func() (*bindings.Env, error) { return env, nil },
	})
	defer v.Close(context.Background())
	const calls, workers, rounds = 4000, 16, 5
	lua := fmt.Sprintf(`local list = {} for i = 1, %d do list[i] = "a" end task.map(list, user.get, {concurrency = %d})`, calls, workers)
	var ours, plain time.Duration
	for round := range rounds + 1 {
		start := time.Now()
		if _, err := v.Run(lua, "bench"); err != nil {
			b.Fatal(err)
		}
		middle := time.Now()
		plainGets(b, server.URL, calls, workers)
		if round > 0 {
			ours += middle.Sub(start)
			plain += time.Since(middle)
		}
	}
	b.ReportMetric(calls*rounds/ours.Seconds(), "calls/s")
	b.ReportMetric(calls*rounds/plain.Seconds(), "plain-calls/s")
	b.ReportMetric(float64(plain)/float64(ours), "imctl/plain")
	b.ReportMetric(0, "ns/op")
}

// plainGets asks with nothing but the standard library.
func plainGets(b *testing.B, server string, calls, workers int) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers}}
	defer client.CloseIdleConnections()
	left := make(chan struct{}, calls)
	for range calls {
		left <- struct{}{}
	}
	close(left)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range left {
				res, err := client.Post(server+"/user/get_users_info", "application/json", bytes.NewReader([]byte(`{"userIDs":["a"]}`)))
				if err != nil {
					b.Error(err)
					return
				}
				if _, err := io.Copy(io.Discard, res.Body); err != nil {
					b.Error(err)
				}
				res.Body.Close()
			}
		})
	}
	wg.Wait()
}
