package user

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

func TestImportContinuesAfterAnInterruption(t *testing.T) {
	s := newStub(t)
	a := newAccounts(s, "id3")
	clock := int64(1)
	s.on("/msg/get_server_time", func(*value.Object) (any, error) { return value.NewObject("serverTime", clock), nil })
	w := newWorld(t, s, false)
	clock = w.Now().UnixMilli()
	text0 := strings.Replace(numbered(3000), "id5,Name", "id5,", 1)
	w.write("u.csv", text0)
	ctx, cancel := context.WithCancel(context.Background())
	var calls atomic.Int64
	s.on("/user/user_register", func(body *value.Object) (any, error) {
		n := calls.Add(1)
		if n == 16 {
			cancel() // and this batch is done all the same: its answer is lost
		}
		for _, u := range member(body, "users").(value.List) {
			u.(*value.Object).Set("createTime", w.Now().UnixMilli())
		}
		return a.register(body)
	})
	_, err := w.runIn(ctx, "import", `{"file":"u.csv","batch":100,"concurrency":4,"rejects":"bad.csv"}`)
	if err == nil || err.Kind != fault.Canceled || !strings.Contains(err.Hint, "continues") {
		t.Fatalf("error %v", err)
	}
	if _, serr := os.Stat(w.path("bad.csv")); serr == nil {
		t.Error("a part of the rejects file is there")
	}
	if n := len(a.ids()); n < 1000 || n > 2500 {
		t.Fatalf("%d accounts after the interruption", n)
	}
	made := len(a.ids()) - 1
	res, err := w.run("import", `{"file":"u.csv","batch":100,"concurrency":4,"rejects":"bad.csv"}`)
	if err == nil || err.Kind != fault.Partial {
		t.Fatalf("got %s, %v", text(res), err)
	}
	o := res.(*value.Object)
	if got := member(o, "created").(int64) + member(o, "resumed").(int64); got != 2998 || member(o, "resumed") != int64(made) ||
		member(o, "rejected") != int64(2) || member(o, "rows") != int64(3000) || len(a.ids()) != 2999 {
		t.Errorf("got %s; %d accounts, %d made before", text(res), len(a.ids()), made)
	}
	if got, want := w.read("bad.csv"), "userID,nickname\nid3,Name\nid5,\n"; got != want {
		t.Errorf("bad.csv is %q, want %q", got, want)
	}
	if left, _ := filepath.Glob(filepath.Join(w.StateDir, "imports", "*")); len(left) != 0 {
		t.Errorf("left in the state folder: %v", left)
	}
}

func TestImportAsksAfterALostAnswer(t *testing.T) {
	s := newStub(t)
	a := newAccounts(s)
	var calls atomic.Int64
	s.on("/user/user_register", func(body *value.Object) (any, error) {
		_, err := a.register(body)
		if calls.Add(1) == 1 {
			panic(http.ErrAbortHandler)
		}
		return nil, err
	})
	w := newWorld(t, s, false)
	w.write("u.csv", numbered(10))
	res, err := w.run("import", `{"file":"u.csv"}`)
	if err != nil || !strings.Contains(text(res), `"created":10`) || calls.Load() != 1 {
		t.Errorf("got %s, %v after %d calls", text(res), err, calls.Load())
	}
}

// Memory stays flat: what an import keeps of each row is a hash of its id.
func TestImportInFlatMemory(t *testing.T) {
	const rows = 200_000
	s := newStub(t)
	s.quick = map[string]string{"/user/user_register": `{"errCode":0,"errMsg":"","errDlt":""}`}
	w := newWorld(t, s, false)
	w.Open = func(string) (io.ReadCloser, error) { return io.NopCloser(&generated{left: rows}), nil }
	var peak atomic.Uint64
	w.Track = func(string) bindings.Progress {
		return progressFunc(func(int64) {
			var m runtime.MemStats
			if runtime.ReadMemStats(&m); m.HeapInuse > peak.Load() {
				peak.Store(m.HeapInuse)
			}
		})
	}
	res, err := w.run("import", `{"file":"big.csv"}`)
	if err != nil || !strings.Contains(text(res), `"created":200000`) {
		t.Fatalf("%s, %v", text(res), err)
	}
	t.Logf("peak heap %d MB, %s", peak.Load()>>20, text(res))
	if peak.Load() > 80<<20 {
		t.Errorf("peak heap %d MB", peak.Load()>>20)
	}
}

type progressFunc func(done int64)

func (f progressFunc) Set(done, _ int64) { f(done) }
func (f progressFunc) Finish(string)     {}

// generated is a CSV file that is made while it is read.
type generated struct {
	left, row int
	rest      []byte
}

func (g *generated) Read(p []byte) (int, error) {
	if g.row == 0 && g.rest == nil {
		g.rest = []byte("userID,nickname,faceURL\n")
	}
	for len(g.rest) == 0 {
		if g.left == 0 {
			return 0, io.EOF
		}
		g.left--
		g.row++
		g.rest = fmt.Appendf(nil, "user_%d,Somebody number %d,http://example.com/faces/%d.png\n", g.row, g.row, g.row)
	}
	n := copy(p, g.rest)
	g.rest = g.rest[n:]
	return n, nil
}
