package lualib

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/openimsdk/imctl/runtime/vm"
	"github.com/openimsdk/imctl/stdlib"
)

// echo answers with the body and the content type that it was sent.
func echo(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
		_, _ = io.Copy(w, r.Body)
	}))
	t.Cleanup(s.Close)
	return s
}

// runLua runs source with the library in a folder of its own and returns what it printed.
func runLua(t *testing.T, o Options, source string) (string, error) {
	t.Helper()
	return runCtx(t, t.Context(), o, source)
}

func runCtx(t *testing.T, ctx context.Context, o Options, source string) (string, error) {
	t.Helper()
	if o.Files.Open == nil {
		root, err := os.OpenRoot(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		o.Files = FolderFiles(root)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var out bytes.Buffer
	v := vm.New(ctx, vm.Options{
		Stdout: &out, Stderr: &out, MaxMemory: 1 << 30, Stdlib: stdlib.FS, Globals: stdlib.Globals(), Modules: Modules(o),
	})
	_, err := v.Run(source, "test.lua")
	if cerr := v.Close(context.Background()); err == nil {
		err = cerr
	}
	return out.String(), err
}

// documented is every module, those written in Lua included.
func documented(t *testing.T) []Module {
	t.Helper()
	modules := All()
	for _, name := range []string{"tbl", "task"} {
		m, err := Shipped(name)
		if err != nil {
			t.Fatal(err)
		}
		modules = append(modules, m)
	}
	return modules
}

// TestDeclarations holds every module to the same form.
func TestDeclarations(t *testing.T) {
	for _, m := range documented(t) {
		if m.Name == "" || !strings.HasSuffix(m.Doc, ".") {
			t.Errorf("module %q: it needs a name and a doc that is a sentence", m.Name)
		}
		if len(m.Funcs) == 0 {
			t.Errorf("%s has no functions", m.Name)
		}
		seen := map[string]bool{}
		for _, f := range m.Funcs {
			sig := f.Signature(m.Name)
			if seen[f.Name] {
				t.Errorf("%s is there twice", sig)
			}
			seen[f.Name] = true
			if !strings.HasSuffix(f.Doc, ".") || f.Example == "" {
				t.Errorf("%s: it needs a doc that is a sentence and an example", sig)
			}
			if !strings.Contains(f.Example, m.Name) {
				t.Errorf("%s: the example does not use it", sig)
			}
			names := map[string]bool{}
			optional := false
			for _, p := range f.Params {
				if optional && !p.Optional {
					t.Errorf("%s: %s must be there behind one that may be left out", sig, p.Name)
				}
				optional = p.Optional
				for _, p := range append([]Param{p}, p.Fields...) {
					if names[p.Name] || p.Type == "" {
						t.Errorf("%s: parameter %q is there twice or has no type", sig, p.Name)
					}
					names[p.Name] = true
					if !p.Raw && p.Type != "function" {
						fits(p.Type, nil) // panics on a type that can't be checked
						describeType(p.Type)
					}
				}
			}
			for _, r := range f.Returns {
				if r.Type == "" {
					t.Errorf("%s: a result without a type", sig)
				}
			}
		}
	}
}

// TestExamples runs the example of every function: what follows "--> " is what it must print.
func TestExamples(t *testing.T) {
	server := echo(t)
	for _, m := range documented(t) {
		for _, f := range m.Funcs {
			t.Run(m.Name+"."+f.Name, func(t *testing.T) {
				var want strings.Builder
				printed := false
				for line := range strings.Lines(f.Example) {
					if _, after, ok := strings.Cut(strings.TrimRight(line, "\n"), "--> "); ok {
						want.WriteString(after + "\n")
						printed = true
					}
				}
				o := Options{Log: func() zerolog.Logger { return zerolog.New(io.Discard) }}
				got, err := runLua(t, o, fmt.Sprintf("URL = %q\n%s", server.URL, f.Example))
				if err != nil {
					t.Fatalf("%v\n%s", err, f.Example)
				}
				if printed && got != want.String() {
					t.Errorf("got:\n%swant:\n%s", got, want.String())
				}
			})
		}
	}
}

// TestMisspelt: a misspelt name is an error that says what was meant, in every module.
func TestMisspelt(t *testing.T) {
	for _, m := range documented(t) {
		name := m.Funcs[0].Name
		_, err := runLua(t, Options{}, "return "+m.Name+"."+name+"x")
		want := fmt.Sprintf("no function %s.%sx; did you mean %s.", m.Name, name, m.Name)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", m.Name, err)
		}
	}
}
