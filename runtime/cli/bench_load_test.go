package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// plainClient is the variable that makes the test program a plain client of the address in it.
const plainClient = "IMCTL_BENCH_CLIENT"

// BenchmarkLoad measures the requests per second of 16 VUs that call user.get, beside those of a plain net/http client, and of k6
// and wrk where they are installed. Each is a program of its own; the server, which does nothing, counts.
func BenchmarkLoad(b *testing.B) {
	const clients = 16
	var served atomic.Int64
	server := countingStub(&served)
	defer server.Close()
	dir := b.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
		return path
	}
	n := strconv.Itoa(clients)
	secret := file("secret", "openIM123")
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	const body = `{"userIDs":["a"]}`
	commands := []struct {
		name string
		argv []string
	}{
		{"imctl", []string{filepath.Join(binaries(b), "imctl"), "--server", server.URL, "--secret-file", secret, "run", "--vus", n, "--duration", "1h",
			file("get.lua", `scenario.iterate(function() user.get("a") end)`)}},
		{"plain", []string{self}},
		{"k6", []string{"k6", "run", "--quiet", "--vus", n, "--duration", "1h", file("get.js", `import http from "k6/http"
export default function () {
	http.post("`+server.URL+`/user/get_users_info", '`+body+`', {headers: {"Content-Type": "application/json", operationID: "k6", token: "t"}})
}`)}},
		{"wrk", []string{"wrk", "-t2", "-c" + n, "-d1h", "-s", file("get.wrk", `wrk.method, wrk.body = "POST", '`+body+`'
wrk.headers["Content-Type"], wrk.headers["operationID"], wrk.headers["token"] = "application/json", "wrk", "t"`), server.URL + "/user/get_users_info"}},
	}
	const rounds = 4
	total := map[string]float64{}
	for round := range rounds {
		for _, c := range commands {
			if _, err := exec.LookPath(c.argv[0]); err != nil {
				if round == 0 {
					b.Logf("%s is not installed: not compared", c.name)
				}
				continue
			}
			total[c.name] += throughput(b, &served, c.argv, "HOME="+dir, plainClient+"="+server.URL)
		}
	}
	for name, sum := range total {
		b.ReportMetric(sum/rounds, name+"-req/s")
	}
	b.ReportMetric(total["imctl"]/total["plain"], "imctl/plain")
	b.ReportMetric(0, "ns/op")
}

// throughput is how many requests a second a program sends, after it has had a second to start.
func throughput(b *testing.B, served *atomic.Int64, argv []string, env ...string) float64 {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	time.Sleep(time.Second)
	before, start := served.Load(), time.Now()
	time.Sleep(2 * time.Second)
	got, took := served.Load()-before, time.Since(start)
	cancel()
	_ = cmd.Wait() // it was killed
	if got == 0 {
		b.Fatalf("%s sent nothing:\n%s", argv[0], out.String())
	}
	return float64(got) / took.Seconds()
}

// countingStub answers a look-up of accounts, and a login, at once.
func countingStub(served *atomic.Int64) *httptest.Server {
	user := []byte(`{"errCode":0,"errMsg":"","errDlt":"","data":{"usersInfo":[{"userID":"a","nickname":"A","faceURL":"","ex":"","createTime":1,"appMangerLevel":0,"globalRecvMsgOpt":0}]}}`)
	token := []byte(`{"errCode":0,"errMsg":"","errDlt":"","data":{"token":"t","expireTimeSeconds":7776000}}`)
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		answer := user
		if r.URL.Path == "/auth/get_admin_token" {
			answer = token
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
		served.Add(1)
	}))
}

// sendPlain sends look-ups with nothing but the standard library, until it is killed.
func sendPlain(server string) {
	const clients = 16
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for {
				req, err := http.NewRequest(http.MethodPost, server+"/user/get_users_info", bytes.NewReader([]byte(`{"userIDs":["a"]}`)))
				if err != nil {
					panic(err)
				}
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("operationID", "plain")
				req.Header.Set("token", "t")
				res, err := client.Do(req)
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			}
		})
	}
	wg.Wait()
}

// BenchmarkVU measures the memory that a VU costs: what a load with 500 of them has resident beyond one with a single VU.
func BenchmarkVU(b *testing.B) {
	const many = 500
	var served atomic.Int64
	server := countingStub(&served)
	defer server.Close()
	dir := b.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
		return path
	}
	secret, script := write("secret", "openIM123"), write("wait.lua", `scenario.iterate(function() user.get("a") sleep(1) end)`)
	resident := func(vus int) float64 {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		cmd := exec.CommandContext(ctx, filepath.Join(binaries(b), "imctl"), "-q", "--server", server.URL, "--secret-file", secret,
			"run", "--vus", strconv.Itoa(vus), "--duration", "1h", script)
		cmd.Env = append(os.Environ(), "HOME="+dir)
		before := served.Load()
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		defer func() {
			cancel()
			_ = cmd.Wait() // it was killed
		}()
		for deadline := time.Now().Add(time.Minute); served.Load()-before < int64(2*vus); time.Sleep(100 * time.Millisecond) {
			if time.Now().After(deadline) {
				b.Fatalf("after a minute %d VUs have sent %d requests", vus, served.Load()-before)
			}
		}
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
		if err != nil {
			b.Skip("SKIPPED: there is no /proc to read the memory of a process from")
		}
		_, rest, _ := strings.Cut(string(status), "VmRSS:")
		kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
		if err != nil {
			b.Fatal(err)
		}
		return kb
	}
	b.ReportMetric((resident(many)-resident(1))/(many-1), "KB/VU")
	b.ReportMetric(0, "ns/op")
}
