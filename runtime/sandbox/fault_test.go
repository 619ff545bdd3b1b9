package sandbox

import (
	"net/http"
	"testing"
	"time"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	// faultyClient skips the login, which would suffer the faults too.
	faultyClient := func(t *testing.T, spec string, seed uint64) *testClient {
		s := startTest(t, Config{Fault: spec, Seed: seed})
		c := &testClient{t: t, http: &http.Client{}, base: s.Ready().API}
		t.Cleanup(c.http.CloseIdleConnections)
		return c
	}
	call := func(c *testClient) (status, code int, err error) {
		return c.try("/auth/get_admin_token", map[string]any{"secret": "openIM123", "userID": "imAdmin"}, nil)
	}
	t.Run("errors", func(t *testing.T) {
		if status, code, err := call(faultyClient(t, "errors=1", 0)); status != 200 || code != 500 || err != nil {
			t.Errorf("HTTP %d, errCode %d, %v", status, code, err)
		}
	})
	t.Run("429", func(t *testing.T) {
		if status, code, err := call(faultyClient(t, "429=1", 0)); status != 429 || code != 429 || err != nil {
			t.Errorf("HTTP %d, errCode %d, %v", status, code, err)
		}
	})
	t.Run("502", func(t *testing.T) {
		if status, _, err := call(faultyClient(t, "502=1", 0)); status != 502 || err == nil {
			t.Errorf("HTTP %d, %v: want 502 and no JSON", status, err)
		}
	})
	t.Run("drop", func(t *testing.T) {
		if status, _, err := call(faultyClient(t, "drop=1", 0)); err == nil {
			t.Errorf("HTTP %d: want no answer", status)
		}
	})
	t.Run("latency", func(t *testing.T) {
		began := time.Now()
		if _, code, err := call(faultyClient(t, "latency=80ms", 0)); code != 0 || err != nil {
			t.Errorf("errCode %d, %v", code, err)
		}
		if took := time.Since(began); took < 80*time.Millisecond {
			t.Errorf("took %v", took)
		}
	})
	t.Run("same seed, same faults", func(t *testing.T) {
		run := func(seed uint64) (out string) {
			c := faultyClient(t, "errors=0.3,429=0.3", seed)
			for range 40 {
				_, code, err := call(c)
				if err != nil {
					t.Fatal(err)
				}
				out += map[int]string{0: ".", 500: "e", 429: "l"}[code]
			}
			return out
		}
		a, b, other := run(7), run(7), run(8)
		if a != b {
			t.Errorf("%s and %s", a, b)
		}
		if a == other {
			t.Errorf("another seed makes the same: %s", a)
		}
	})
}

func TestBadFaults(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{"x", "latency=fast", "latency=-1s", "errors=2", "errors=NaN", "drop=-0.1", "drop=", "429=0.6,502=0.6"} {
		if _, err := parseFaults(spec, 0); err == nil {
			t.Errorf("%q is taken", spec)
		}
	}
}
