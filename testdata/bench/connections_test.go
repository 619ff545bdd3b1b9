// Package bench measures what `make bench` reports. It needs the programs in bin.
package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/client"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/sandbox/child"
)

// BenchmarkConnections holds many client connections against a sandbox and reports what each costs: memory by the Go
// runtime's own account and by the system's, and processor time while nothing but heartbeats goes on.
//
// IMCTL_BENCH_CONNECTIONS (10000) and IMCTL_BENCH_HOLD (15s; a full run is 5m) change it.
func BenchmarkConnections(b *testing.B) {
	count, hold := 10000, 15*time.Second
	if n, err := strconv.Atoi(os.Getenv("IMCTL_BENCH_CONNECTIONS")); err == nil {
		count = n
	}
	if d, err := time.ParseDuration(os.Getenv("IMCTL_BENCH_HOLD")); err == nil {
		hold = d
	}
	for range b.N {
		holdConnections(b, count, hold)
	}
}

func holdConnections(b *testing.B, count int, hold time.Duration) {
	box, err := child.Start(context.Background(), "../../bin/"+child.Program, nil, os.Stderr)
	if err != nil {
		b.Fatal(err)
	}
	defer box.Close()
	api := openim.New(openim.Config{
		API: openim.Setting{Value: box.Ready.API}, AdminUserID: box.Ready.Admin,
		Secret: openim.Secret{Get: func(context.Context) (string, error) { return box.Ready.Secret, nil }},
	})
	defer api.Close()
	env := &bindings.Env{
		API: api, Gateway: openim.Setting{Value: box.Ready.Gateway}, Now: time.Now, Rand: rand.Reader, Held: bindings.NewHeld(),
	}
	tokens := accounts(b, api, count)
	api.Close()

	before, rssBefore := memory(b)
	start := time.Now()
	connectAll(b, env, tokens)
	took := time.Since(start)
	after, rssAfter := memory(b)

	cpu := processor(b)
	time.Sleep(hold)
	cpu = processor(b) - cpu
	if s := stats(b, env); s.Open != int64(count) || s.Reconnects != 0 {
		b.Errorf("%d of %d connections are open after %s, %d came back", s.Open, count, hold, s.Reconnects)
	}
	closing := time.Now()
	env.Held.Close()
	b.ReportMetric(float64(after-before)/float64(count), "B/connection")
	b.ReportMetric(float64(rssAfter-rssBefore)/float64(count), "rss-B/connection")
	b.ReportMetric(float64(count)/took.Seconds(), "connects/s")
	b.ReportMetric(100*cpu.Seconds()/hold.Seconds(), "cpu-%-while-idle")
	b.ReportMetric(time.Since(closing).Seconds()*1000, "ms-to-close-all")
}

// accounts registers accounts and gets a token for each.
func accounts(b *testing.B, api *openim.Client, count int) []string {
	ctx := context.Background()
	for from := 0; from < count; from += 500 {
		var users value.List
		for i := from; i < min(from+500, count); i++ {
			users = append(users, value.NewObject("userID", fmt.Sprint("u", i), "nickname", "u"))
		}
		if _, err := api.Call(ctx, "/user/user_register", value.NewObject("users", users)); err != nil {
			b.Fatal(err)
		}
	}
	tokens := make([]string, count)
	parallel(count, func(i int) {
		token, _, err := api.UserToken(ctx, fmt.Sprint("u", i), 7)
		if err != nil {
			b.Error(err)
		}
		tokens[i] = token
	})
	return tokens
}

func connectAll(b *testing.B, env *bindings.Env, tokens []string) {
	connect, _ := client.Area().Find("connect")
	parallel(len(tokens), func(i int) {
		params, err := connect.Bind(value.NewObject("userID", fmt.Sprint("u", i), "platform", "linux", "token", tokens[i]))
		if err == nil {
			_, err = connect.Invoke(context.Background(), env, params)
		}
		if err != nil {
			b.Error(err)
		}
	})
}

func stats(b *testing.B, env *bindings.Env) client.Stats {
	op, _ := client.Area().Find("stats")
	params, err := op.Bind(value.NewObject())
	if err != nil {
		b.Fatal(err)
	}
	got, err := op.Invoke(context.Background(), env, params)
	if err != nil {
		b.Fatal(err)
	}
	return got.(client.Stats)
}

func parallel(count int, fn func(i int)) {
	var all sync.WaitGroup
	next := make(chan int)
	for range 32 {
		all.Go(func() {
			for i := range next {
				fn(i)
			}
		})
	}
	for i := range count {
		next <- i
	}
	close(next)
	all.Wait()
}

// memory is the bytes in use: heap and stacks as the Go runtime counts them, and the resident set.
func memory(b *testing.B) (inUse, rss uint64) {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	text, err := os.ReadFile("/proc/self/statm")
	if fields := strings.Fields(string(text)); err == nil && len(fields) > 1 {
		pages, _ := strconv.ParseUint(fields[1], 10, 64)
		rss = pages * uint64(os.Getpagesize())
	}
	return m.HeapInuse + m.StackInuse, rss
}

func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
