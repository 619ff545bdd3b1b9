package sandbox

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestCloseLeavesNoGoroutines(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, how := range []string{"close", "context"} {
		ctx, cancel := context.WithCancel(t.Context())
		s, err := Start(ctx, Config{})
		if err != nil {
			t.Fatal(err)
		}
		c := &testClient{t: t, http: &http.Client{}, base: s.Ready().API}
		c.call("/auth/get_admin_token", map[string]any{"secret": "openIM123", "userID": "imAdmin"}, nil)
		if how == "context" {
			cancel()
			s.running.Wait()
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil { // twice is fine
			t.Error(err)
		}
		cancel()
		if _, _, err := c.try("/auth/get_admin_token", map[string]any{}, nil); err == nil {
			t.Errorf("%s: still answers", how)
		}
		c.http.CloseIdleConnections()
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	s := startTest(t, Config{})
	c := newTestClient(t, s)
	c.register("u1")
	s.Reset()
	if got := c.codeOf(c.token); got != codeTokenNotExist {
		t.Errorf("an old token after a reset: errCode %d", got)
	}
	c.token = newTestClient(t, s).token
	c.register("u1")
}

func TestCompressionAndIDs(t *testing.T) {
	t.Parallel()
	s := startTest(t, Config{})
	ids := map[string]bool{}
	for _, accept := range []string{"", "gzip"} {
		req, err := http.NewRequest(http.MethodPost, s.Ready().API+"/auth/parse_token", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("operationID", "1")
		req.Header.Set("Accept-Encoding", accept) // by hand, so that the client doesn't undo it
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		body := io.Reader(resp.Body)
		if got := resp.Header.Get("Content-Encoding"); got != accept {
			t.Errorf("accepting %q: encoding %q", accept, got)
		} else if got == "gzip" {
			if body, err = gzip.NewReader(resp.Body); err != nil {
				t.Fatal(err)
			}
		}
		var env envelope
		if err := json.NewDecoder(body).Decode(&env); err != nil || env.ErrCode != codeArgs {
			t.Errorf("accepting %q: %+v %v", accept, env, err)
		}
		_ = resp.Body.Close()
		ids[resp.Header.Get("X-HTTP-ID")] = true
	}
	if len(ids) != 2 || ids[""] {
		t.Errorf("ids of the answers: %v", ids)
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestBodyIsCutAt16MiB(t *testing.T) {
	t.Parallel()
	s := startTest(t, Config{})
	c := newTestClient(t, s)
	_, code, err := c.try("/user/get_users_info", map[string]any{"userIDs": []string{strings.Repeat("x", maxBody)}}, nil)
	if err != nil || code != codeArgs {
		t.Errorf("errCode %d, %v", code, err)
	}
}

// TestManyUsers pages over 200,000 users: the last page must not cost more than the first.
func TestManyUsers(t *testing.T) {
	t.Parallel()
	s := startTest(t, Config{})
	c := newTestClient(t, s)
	const users, batch, show = 200_000, 5_000, 1_000
	for from := 0; from < users; from += batch {
		ids := make([]string, batch)
		for i := range ids {
			ids[i] = fmt.Sprintf("u%06d", from+i)
		}
		c.register(ids...)
	}
	began := time.Now()
	seen := map[string]bool{}
	for page := 1; ; page++ {
		var got struct {
			Total int
			Users []struct{ UserID string }
		}
		c.call("/user/get_users", map[string]any{"pagination": map[string]any{"pageNumber": page, "showNumber": show}}, &got)
		if got.Total != users {
			t.Fatalf("page %d: total %d", page, got.Total)
		}
		if len(got.Users) == 0 {
			break
		}
		for _, u := range got.Users {
			seen[u.UserID] = true
		}
	}
	if len(seen) != users {
		t.Errorf("%d different users", len(seen))
	}
	t.Logf("%d pages in %v", users/show, time.Since(began))
}

// BenchmarkRegister registers one user a call, from several connections.
func BenchmarkRegister(b *testing.B) { benchmarkRegister(b, Config{}) }

func benchmarkRegister(b *testing.B, cfg Config) {
	s := startTest(b, cfg)
	c := newTestClient(b, s)
	var mu sync.Mutex
	next := 0
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			mu.Lock()
			next++
			id := fmt.Sprintf("u%d", next)
			mu.Unlock()
			c.register(id)
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "users/s")
}

// BenchmarkRegisterBatch registers a hundred users a call.
func BenchmarkRegisterBatch(b *testing.B) {
	s := startTest(b, Config{})
	c := newTestClient(b, s)
	ids := make([]string, 100)
	for n := 0; b.Loop(); n++ {
		for i := range ids {
			ids[i] = fmt.Sprintf("u%d_%d", n, i)
		}
		c.register(ids...)
	}
	b.ReportMetric(float64(len(ids)*b.N)/b.Elapsed().Seconds(), "users/s")
}

// BenchmarkLastPage reads the last page of 200,000 users.
func BenchmarkLastPage(b *testing.B) {
	s := startTest(b, Config{})
	st := s.state.Load()
	for i := range 200_000 {
		st.addUser(&user{UserID: fmt.Sprintf("u%d", i)})
	}
	c := newTestClient(b, s)
	req := map[string]any{"pagination": map[string]any{"pageNumber": 2_000, "showNumber": 100}}
	for b.Loop() {
		c.call("/user/get_users", req, nil)
	}
}
