package openim

import (
	"io"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/openimsdk/imctl/bindings/fault"
)

func TestGeneration(t *testing.T) {
	old := func(_ int64, w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(404)
		io.WriteString(w, "404 page not found")
	}
	for _, row := range []struct {
		name   string
		answer func(int64, http.ResponseWriter, *http.Request)
		want   Generation
		kind   fault.Kind
	}{
		{"main", func(_ int64, w http.ResponseWriter, r *http.Request) { good(w, `{"version":"x","configNames":[]}`) }, GenerationMain, ""},
		{"main, refused", func(_ int64, w http.ResponseWriter, r *http.Request) { refuse(w, 1002, "NoPermissionError", "") }, GenerationMain, ""},
		{"3.8.3", old, Generation383, ""},
		{"not OpenIM", func(_ int64, w http.ResponseWriter, r *http.Request) { w.WriteHeader(404); io.WriteString(w, "<html>") }, "", fault.Unreachable},
		{"token refused", func(_ int64, w http.ResponseWriter, r *http.Request) { refuse(w, 1506, "TokenKickedError", "") }, "", fault.Auth},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newStub(t, row.answer)
			cfg := config(s.URL)
			cfg.CacheDir = t.TempDir()
			c := client(t, cfg)
			for range 3 {
				g, err := c.Generation(t.Context())
				if row.kind != "" {
					failed(t, err, row.kind)
					return
				}
				if err != nil || g != row.want {
					t.Error(g, err)
				}
			}
			if g, err := client(t, cfg).Generation(t.Context()); err != nil || g != row.want {
				t.Error("another process:", g, err)
			}
			if s.calls.Load() != 1 {
				t.Errorf("asked %d times", s.calls.Load())
			}
			cfg.API.Value = s.URL + "/other"
			client(t, cfg).Generation(t.Context())
			if s.calls.Load() != 2 {
				t.Error("the cache of another address was taken")
			}
		})
	}
}

func TestGenerationIsAskedAgainWhenItProvesWrong(t *testing.T) {
	isOld := false
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
		if isOld {
			w.WriteHeader(404)
			io.WriteString(w, "404 page not found")
			return
		}
		good(w, "{}")
	})
	cfg := config(s.URL)
	cfg.CacheDir = t.TempDir()
	c := client(t, cfg)
	c.Generation(t.Context())
	isOld = true
	_, err := c.Call(t.Context(), "/user/get_user_client_config", nil)
	failed(t, err, fault.Unsupported, "3.8.3")
	if left, _ := filepath.Glob(filepath.Join(cfg.CacheDir, "*.generation")); len(left) != 0 {
		t.Error(left)
	}
	if g, _ := c.Generation(t.Context()); g != Generation383 {
		t.Error(g)
	}
}
