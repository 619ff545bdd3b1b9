package sandbox

import (
	"bufio"
	"bytes"
	"cmp"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
)

// mustPass are the areas whose cases fail the test. The others are run and counted.
var mustPass = []string{"auth", "user", "friend", "group", "message", "conversation", "statistics", "third",
	"config", "errors", "chat_admin", "gateway"}

// builtPaths are the beginnings of the IM server's paths that are all built: a case
// that names another one below them fails. Cases that need a path that isn't built yet
// elsewhere are skipped and counted.
var builtPaths = []string{"/auth/", "/user/", "/friend/", "/group/", "/msg/", "/conversation/", "/jssdk/",
	"/statistics/", "/third/", "/object/", "/config/"}

// saner lists the edge cases in which the sandbox knowingly differs, and why.
var saner = map[string]string{}

func TestMain(m *testing.M) {
	runAsProgram()
	// Contract cases wait for time to pass more than they compute.
	if err := flag.Set("test.parallel", "12"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(engineFolder)
		os.Exit(code)
	}))
}

func TestContract(t *testing.T) {
	cases := readContract(t)
	pool := newServerPool(t, false)
	client := &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 4},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(client.CloseIdleConnections)

	var areas []string
	for area := range cases {
		areas = append(areas, area)
	}
	slices.Sort(areas)
	for _, area := range areas {
		t.Run(area, func(t *testing.T) {
			var passed, failed, notBuilt atomic.Int32
			total := len(cases[area])
			t.Cleanup(func() {
				t.Logf("%s: %d of %d pass already, %d fail, %d need something not built yet",
					area, passed.Load(), total, failed.Load(), notBuilt.Load())
			})
			for _, c := range cases[area] {
				t.Run(c.Name, func(t *testing.T) {
					t.Parallel()
					if why := saner[c.Name]; why != "" {
						t.Skip("saner here: " + why)
					}
					if missing := pool.missing(c); missing != "" {
						notBuilt.Add(1)
						t.Skip("not built yet: " + missing)
					}
					s := pool.take(c.Generation)
					err := newContractRun(s.Ready(), client).run(t.Context(), c)
					pool.giveBack(s)
					switch {
					case err == nil:
						passed.Add(1)
					case slices.Contains(mustPass, area):
						failed.Add(1)
						t.Error(err)
					default:
						failed.Add(1)
						t.Skip(err)
					}
				})
			}
		})
	}
}

func readContract(t *testing.T) map[string][]contractCase {
	t.Helper()
	files, err := filepath.Glob("../../testdata/contract/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no contract cases: %v", err)
	}
	cases := map[string][]contractCase{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var c contractCase
			if err := decodeExact(lines.Bytes(), &c); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			cases[c.Area] = append(cases[c.Area], c)
		}
		if err := lines.Err(); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	return cases
}

// serverPool lends servers, fresh each time.
type serverPool struct {
	free  map[string]chan *Server // by generation
	known map[string]*router      // by server name, of the main generation
}

// newServerPool starts servers, with a data folder each if that is wanted.
func newServerPool(t *testing.T, data bool) *serverPool {
	t.Helper()
	p := &serverPool{free: map[string]chan *Server{}, known: map[string]*router{}}
	for _, generation := range []string{GenerationMain, Generation383} {
		p.free[generation] = make(chan *Server, 12)
		for range cap(p.free[generation]) {
			cfg := Config{Generation: generation}
			if data {
				cfg.Data = t.TempDir()
			}
			p.free[generation] <- startTest(t, cfg)
		}
	}
	s := startTest(t, Config{})
	p.known["im"] = s.routers[imAPI]
	p.known["chat-admin"] = s.routers[adminAPI]
	p.known["chat-api"] = s.routers[chatAPI]
	return p
}

func generationOf(name string) string {
	if name == Generation383 {
		return name
	}
	return GenerationMain // of "both" too: these were read on main
}

func (p *serverPool) take(generation string) *Server {
	s := <-p.free[generationOf(generation)]
	s.Reset()
	return s
}

func (p *serverPool) giveBack(s *Server) { p.free[s.cfg.Generation] <- s }

// missing names the first thing that a case needs and that isn't built.
func (p *serverPool) missing(c contractCase) string {
	for _, s := range append(slices.Clone(c.Setup), c.Call) {
		switch {
		case s.Method == gatewayMethod, s.WaitMS > 0 || c.UnknownPath && s.Path == c.Call.Path:
			continue
		}
		rt := p.known[cmp.Or(s.Server, "im")]
		built := s.Server != "" && s.Server != "im" ||
			slices.ContainsFunc(builtPaths, func(b string) bool { return strings.HasPrefix(s.Path, b) })
		if !built && rt.find(http.MethodPost, s.Path) == nil && rt.find(http.MethodGet, s.Path) == nil {
			return s.Path
		}
	}
	return ""
}

// startTest starts a sandbox that ends with the test.
func startTest(t testing.TB, cfg Config) *Server {
	t.Helper()
	if cfg.Log == nil {
		cfg.Log = io.Discard
	}
	s, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
