package sandbox

import (
	"bufio"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
)

var engineFolder string // removed at the end

// engineProgram builds the program that has a MongoDB, once and without the race detector.
var engineProgram = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "imctl-sandbox-test-")
	if err != nil {
		return "", err
	}
	engineFolder = dir
	cmd := exec.Command("go", "build", "-trimpath", "-o", dir, "./imctl-sandbox")
	cmd.Env, cmd.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	return filepath.Join(dir, "imctl-sandbox"), cmd.Run()
})

// startEngine is an Engine for tests: a process of its own.
func startEngine(context.Context) (*Engine, error) {
	program, err := engineProgram()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program, "mongod")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	e := &Engine{Close: func() error {
		_ = stdin.Close()
		return cmd.Wait()
	}}
	var ready struct{ Mongo string }
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &ready)
	}
	e.Addr = ready.Mongo
	return e, err
}

// inMongo is what MongoDB holds: documents as text, sorted, by collection. The _id is left out where the state doesn't know it.
func (m *mirror) inMongo(ctx context.Context) (map[string][]string, error) {
	out := map[string][]string{}
	for _, c := range m.collections {
		cursor, err := m.db.Collection(c.name).Find(ctx, bson.D{})
		if err != nil {
			return nil, err
		}
		var docs []bson.D
		if err := cursor.All(ctx, &docs); err != nil {
			return nil, err
		}
		for _, d := range docs {
			if c.object == nil {
				d = d[1:]
			}
			out[c.name] = append(out[c.name], documentText(d))
		}
		slices.Sort(out[c.name])
	}
	return out, nil
}

// inState is what a MongoDB filled now would hold.
func (m *mirror) inState(st *state) map[string][]string {
	out := map[string][]string{}
	for _, c := range m.collections {
		seen := map[string]bool{}
		for thing := range c.things(st) {
			for _, id := range c.ids(thing) {
				doc := c.doc(st, id)
				if doc == nil || seen[id] {
					continue
				}
				seen[id] = true
				var d bson.D
				if err := bson.Unmarshal(doc, &d); err != nil {
					panic(err)
				}
				if c.object != nil {
					d = append(bson.D{{Key: "_id", Value: *c.object(st, id)}}, d...)
				}
				out[c.name] = append(out[c.name], documentText(d))
			}
		}
		slices.Sort(out[c.name])
	}
	return out
}

func documentText(d bson.D) string {
	text, err := bson.MarshalExtJSON(d, true, false)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// compareMongo flushes and compares MongoDB with the state.
func compareMongo(t *testing.T, s *Server) {
	t.Helper()
	s.mirror.mu.Lock()
	defer s.mirror.mu.Unlock()
	st := s.state.Load()
	st.mu.Lock() // messages are stored a moment after they were sent
	defer st.mu.Unlock()
	if err := s.mirror.follow(st, noLock{}); err != nil {
		t.Fatal(err)
	}
	got, err := s.mirror.inMongo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := s.mirror.inState(st)
	for _, name := range slices.Sorted(maps.Keys(s.mirror.byName)) {
		if diff := cmp.Diff(want[name], got[name]); diff != "" {
			t.Errorf("%s (- the state says, + MongoDB has): %s", name, diff)
		}
	}
}

// flushing has MongoDB written before each request of a case, so that none can hide behind what an earlier one noted.
type flushing struct {
	*Server
	http.RoundTripper
}

func (f flushing) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := f.mirror.flush(); err != nil {
		return nil, err
	}
	return f.RoundTripper.RoundTrip(r)
}

// TestMirrorOfContract runs the contract cases with a client of MongoDB there from the beginning: after each MongoDB must
// hold what one filled from the state would.
func TestMirrorOfContract(t *testing.T) {
	transport := &http.Transport{MaxIdleConnsPerHost: 4}
	t.Cleanup(transport.CloseIdleConnections)
	const servers = 4
	free := map[string]chan *Server{}
	for _, generation := range []string{GenerationMain, Generation383} {
		free[generation] = make(chan *Server, servers)
		for range servers {
			s := startTest(t, Config{Generation: generation, Engine: startEngine})
			if _, err := s.mongo.run(); err != nil {
				t.Fatal(err)
			}
			free[generation] <- s
		}
	}
	for area, cases := range readContract(t) {
		for _, c := range cases {
			if !changes(c) {
				continue
			}
			t.Run(area+"/"+c.Name, func(t *testing.T) {
				t.Parallel()
				s := <-free[generationOf(c.Generation)]
				defer func() { free[s.cfg.Generation] <- s }()
				s.Reset()
				client := &http.Client{
					Transport:     flushing{s, transport},
					CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
				}
				if err := newContractRun(s.Ready(), client).run(t.Context(), c); err != nil {
					t.Error(err)
				}
				compareMongo(t, s)
			})
		}
	}
}

// changes tells whether a case has a call or a request that may change the state.
func changes(c contractCase) bool {
	for _, step := range append(slices.Clone(c.Setup), c.Call) {
		if step.Method == gatewayMethod {
			return true
		}
		for _, areas := range [][][]endpoint{imAreas(), chatAdminAreas(), chatAPIAreas()} {
			for _, e := range slices.Concat(areas...) {
				if e.path == step.Path && !e.reads && !strings.HasPrefix(e.path, "/user/user_register") && !strings.HasPrefix(e.path, "/auth") {
					return true
				}
			}
		}
	}
	return false
}
