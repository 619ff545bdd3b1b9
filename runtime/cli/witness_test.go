package cli_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/bindingtest"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/runtime/cli"
	"github.com/openimsdk/imctl/runtime/sandbox/child"
)

// unoffered are the endpoints of the witnessed areas that no operation calls, and why.
func unoffered() map[string]string {
	return map[string]string{
		"/group/set_group_info":          "overwrites with zero values; group.update uses set_group_info_ex",
		"/msg/delete_msg_physical":       "deletes nothing and answers success (SERVER-BEHAVIOUR §6)",
		"/friend/get_incremental_blacks": "routed but not implemented by the server",
	}
}

// TestWitness runs every operation of the areas group, friend, message and conversation on a sandbox and records the
// endpoints that it calls. Each must be witnessed: by a contract case, or by a request of one of OpenIM's own clients.
// What is recorded is what the reference shows: IMCTL_UPDATE_WITNESS=1 writes it anew.
func TestWitness(t *testing.T) {
	got := cli.Witnesses{Ops: recordOps(t), Endpoints: map[string]cli.Witness{}}
	seen := witnesses(t)
	called := map[string]bool{}
	for _, area := range cli.Areas() {
		if !slices.Contains([]string{"group", "friend", "message", "conversation"}, area.Name) {
			continue
		}
		for _, op := range area.All() {
			paths, ran := got.Ops[op.FullName()]
			if !ran {
				t.Errorf("%s: no call of it in testdata/witness.txt", op.FullName())
			}
			for _, path := range paths {
				called[path] = true
				if got.Endpoints[path] = seen[path]; seen[path] == (cli.Witness{}) {
					t.Errorf("%s: no contract case and no client calls %s", op.FullName(), path)
				}
			}
		}
	}
	for _, path := range endpointsOf(t, "/group/", "/friend/", "/msg/", "/conversation/") {
		if why := unoffered()[path]; called[path] == (why != "") {
			t.Errorf("%s: called %v, left out because %q", path, called[path], why)
		}
	}
	text, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if os.Getenv("IMCTL_UPDATE_WITNESS") != "" {
		if err := os.WriteFile("witness.json", text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old, err := os.ReadFile("witness.json"); err != nil || string(old) != string(text) {
		t.Errorf("runtime/cli/witness.json is stale (%v): IMCTL_UPDATE_WITNESS=1 go test ./runtime/cli -run TestWitness, then make docs", err)
	}
}

// recorder keeps the paths of the calls that a client makes.
type recorder struct {
	mu    sync.Mutex
	paths []string
}

// note keeps a path; logins don't come here.
func (r *recorder) note(path string, _ bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paths = append(r.paths, path)
	return nil
}

// take returns the paths since the last time.
func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.paths
	r.paths = nil
	return out
}

// recordOps runs testdata/witness.txt and returns the endpoints that each operation called.
func recordOps(t *testing.T) map[string][]string {
	sandbox, err := child.Start(t.Context(), filepath.Join(binaries(t), child.Program), nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer sandbox.Close()
	var rec recorder
	client := openim.New(openim.Config{
		API: openim.Setting{Value: sandbox.Ready.API}, AdminUserID: sandbox.Ready.Admin,
		Secret: openim.Secret{Get: func(context.Context) (string, error) { return sandbox.Ready.Secret, nil }},
		Guard:  rec.note,
	})
	defer client.Close()
	env := &bindings.Env{
		API: client, Target: bindings.Target{Admin: sandbox.Ready.Admin}, Now: time.Now,
		Warn: func(format string, args ...any) { t.Logf("warning: "+format, args...) },
	}
	out := map[string][]string{}
	for _, line := range dataLines(t, "witness.txt") {
		full, params, _ := strings.Cut(line, " ")
		name, op, _ := strings.Cut(full, ".")
		i := slices.IndexFunc(cli.Areas(), func(a bindings.Area) bool { return a.Name == name })
		if i < 0 {
			t.Fatalf("no area of %s", full)
		}
		if _, err := bindingtest.Invoke(t.Context(), t, cli.Areas()[i], env, op, params); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		paths := rec.take()
		if name == "user" {
			continue
		}
		if out[full] == nil {
			out[full] = []string{}
		}
		for _, path := range paths {
			if !slices.Contains(out[full], path) {
				out[full] = append(out[full], path)
			}
		}
	}
	for _, paths := range out {
		slices.Sort(paths) // a poll may find its message at the first look or later
	}
	return out
}

// witnesses counts the contract cases and the requests of clients that call each endpoint.
func witnesses(t *testing.T) map[string]cli.Witness {
	out := map[string]cli.Witness{}
	for _, line := range dataLines(t, "contract/*.jsonl") {
		var c struct {
			Setup []struct{ Path string }
			Call  struct{ Path string }
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		paths := []string{c.Call.Path}
		for _, s := range c.Setup {
			if !slices.Contains(paths, s.Path) {
				paths = append(paths, s.Path)
			}
		}
		for _, path := range paths {
			w := out[path]
			w.Cases++
			out[path] = w
		}
	}
	for _, line := range dataLines(t, "traffic/*.jsonl") {
		var r struct{ Kind, Path string }
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r.Kind == "rest" {
			w := out[r.Path]
			w.Clients++
			out[r.Path] = w
		}
	}
	return out
}

// endpointsOf are the server's endpoints below the folders.
func endpointsOf(t *testing.T, folders ...string) []string {
	text, err := os.ReadFile(filepath.Join("..", "..", "bindings", "api", "api.json"))
	if err != nil {
		t.Fatal(err)
	}
	var api struct {
		Endpoints []struct{ Path string }
	}
	if err := json.Unmarshal(text, &api); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range api.Endpoints {
		if slices.ContainsFunc(folders, func(f string) bool { return strings.HasPrefix(e.Path, f) }) {
			out = append(out, e.Path)
		}
	}
	if len(out) == 0 {
		t.Fatal("api.json names no endpoint")
	}
	return out
}

// dataLines are the lines of the files in testdata that match, without blank ones and comments.
func dataLines(t *testing.T, pattern string) []string {
	names, err := filepath.Glob(filepath.Join("..", "..", "testdata", filepath.FromSlash(pattern)))
	if err != nil || len(names) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	var out []string
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 16<<20)
		for lines.Scan() {
			if line := strings.TrimSpace(lines.Text()); line != "" && !strings.HasPrefix(line, "#") {
				out = append(out, line)
			}
		}
		f.Close()
		if err := lines.Err(); err != nil {
			t.Fatal(fmt.Errorf("%s: %w", name, err))
		}
	}
	return out
}
