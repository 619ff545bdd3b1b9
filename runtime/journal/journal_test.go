package journal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

var head = Head{Run: "run0", Context: "c", API: "http://im", Time: time.Unix(1, 0).UTC(), PID: 7, Host: "h"}

func steps(ids ...string) []bindings.Planned {
	var undo []bindings.Planned
	for _, id := range ids {
		undo = append(undo, bindings.UndoBy("user.delete", "userID", id, "clear", true))
	}
	return undo
}

func create(t *testing.T) *Journal {
	t.Helper()
	j, err := Create(filepath.Join(t.TempDir(), "journal"), head)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func intend(t *testing.T, j *Journal, ids ...string) *Intent {
	t.Helper()
	in, err := j.Intend("user.register", steps(ids...))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// left are the accounts that the journal's file says are to be removed.
func left(t *testing.T, c Contents) string {
	t.Helper()
	var ids []string
	for _, in := range c.Intents {
		for _, i := range in.todo() {
			id, _ := in.Undo[i].Params.(*value.Object).Get("userID")
			ids = append(ids, id.(string)+string(in.State))
		}
	}
	return strings.Join(ids, " ")
}

func read(t *testing.T, path string) Contents {
	t.Helper()
	text, err := os.ReadFile(path)
	check(t, err)
	c, err := Read(bytes.NewReader(text))
	check(t, err)
	return c
}

func TestJournalIsOnDiskBeforeAnythingIsAsked(t *testing.T) {
	j := create(t)
	a, b := intend(t, j, "a1", "a2"), intend(t, j, "b1")
	c, d := intend(t, j, "c1"), intend(t, j, "d1", "d2")
	check(t, j.Settle(a, Made))
	check(t, j.Settle(b, Refused))
	check(t, j.Settle(c, Made))
	check(t, j.Settle(c, Undone))
	check(t, j.did(d, 0))
	got := read(t, j.Path())
	if got.Head != j.Head || got.Head.Run != "run0" || got.Head.PID != 7 || !got.Head.Time.Equal(head.Time) {
		t.Errorf("the head is %+v", got.Head)
	}
	if text := left(t, got); text != "a1made a2made d2" {
		t.Errorf("left: %s", text)
	}
	if j.Left() != 3 {
		t.Errorf("Left is %d", j.Left())
	}
	info, err := os.Stat(j.Path())
	check(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	check(t, j.Close())
	check(t, j.Settle(a, Undone)) // it comes too late
	if text := left(t, read(t, j.Path())); text != "a1made a2made d2" {
		t.Errorf("after the end: %s", text)
	}
}

func TestJournalGoesWhenNothingIsLeft(t *testing.T) {
	j := create(t)
	a := intend(t, j, "a1", "a2")
	check(t, j.did(a, 1))
	check(t, j.did(a, 0))
	check(t, j.Close())
	check(t, j.Close())
	if _, err := os.Stat(j.Path()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is there: %v", err)
	}
}

func TestJournalIsLockedWhileItsRunLives(t *testing.T) {
	j := create(t)
	in := intend(t, j, "a1")
	if _, _, err := Open(j.Path()); !errors.Is(err, ErrLives) {
		t.Fatalf("opened while it lives: %v", err)
	}
	check(t, j.Close())
	k, c, err := Open(j.Path())
	check(t, err)
	if left(t, c) != "a1" || k.Left() != 1 {
		t.Errorf("left: %s, %d", left(t, c), k.Left())
	}
	if _, _, err := Open(j.Path()); !errors.Is(err, ErrLives) {
		t.Errorf("opened twice: %v", err)
	}
	check(t, k.Settle(c.Intents[0], Undone))
	check(t, k.Close())
	if _, _, err := Open(j.Path()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("opened after it was finished: %v", err)
	}
	if in.State != Asked {
		t.Errorf("the intent of the run is %q", in.State)
	}
	paths, err := List(filepath.Dir(j.Path()))
	if err != nil || len(paths) != 0 {
		t.Errorf("listed: %v, %v", paths, err)
	}
}

// A torn last line is cut off when more is written, not before.
func TestJournalWithATornEnd(t *testing.T) {
	j := create(t)
	check(t, j.Settle(intend(t, j, "a1", "a2"), Made))
	check(t, j.Close())
	whole, err := os.ReadFile(j.Path())
	check(t, err)
	torn := append(bytes.Clone(whole), `{"id":2,"time":"2026-`...)
	check(t, os.WriteFile(j.Path(), torn, 0o600))
	k, c, err := Open(j.Path())
	check(t, err)
	if left(t, c) != "a1made a2made" || c.Bad != 0 {
		t.Errorf("left: %s, %d bad", left(t, c), c.Bad)
	}
	check(t, k.Leave())
	if now, err := os.ReadFile(j.Path()); err != nil || !bytes.Equal(now, torn) {
		t.Errorf("it was touched: %v", err)
	}
	k, c, err = Open(j.Path())
	check(t, err)
	check(t, k.did(c.Intents[0], 0))
	check(t, k.Leave())
	if got := read(t, j.Path()); left(t, got) != "a2made" || got.Bad != 0 {
		t.Errorf("left: %s, %d bad", left(t, got), got.Bad)
	}
}

func TestReadRefusesWhatIsNoJournal(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "torn head": `{"imctlJournal":1,"run":"r"`, "another version": `{"imctlJournal":2,"run":"r"}` + "\n",
		"no run": `{"imctlJournal":1}` + "\n", "text": "hello\n", "a list": "[]\n",
	} {
		if _, err := Read(strings.NewReader(text)); !fault.Is(err, fault.Usage) {
			t.Errorf("%s: %v", name, err)
		}
	}
	const lines = `{"imctlJournal":1,"run":"r"}
{broken
{"id":1,"undo":[{"op":"a.b","params":{"x":9007199254740993}}]}
{"id":"1"}
{"id":7,"state":"made"}
{"id":1,"done":9}
`
	c, err := Read(strings.NewReader(lines))
	check(t, err)
	if c.Bad != 2 || len(c.Intents) != 1 || value.Text(c.Intents[0].Undo[0].Params) != `{"x":9007199254740993}` {
		t.Errorf("got %+v", c)
	}
}

func TestJournalThatCantBeWritten(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "journal")
	check(t, os.WriteFile(folder, nil, 0o600))
	if _, err := Create(folder, head); !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "can't be written") {
		t.Errorf("created: %v", err)
	}
	j := create(t)
	check(t, j.file.Close())
	if _, err := j.Intend("user.add", steps("a")); !fault.Is(err, fault.Denied) {
		t.Errorf("intended: %v", err)
	}
	if j.Left() != 0 {
		t.Errorf("%d are left of what was refused", j.Left())
	}
}

// A disk that is full for a while leaves no half of a line.
func TestJournalAfterAFailedWrite(t *testing.T) {
	j := create(t)
	intend(t, j, "a1")
	good := j.file
	var err error
	if j.file, err = os.Open(j.Path()); err != nil { // can't be written
		t.Fatal(err)
	}
	if _, err := j.Intend("user.add", steps("b1")); !fault.Is(err, fault.Denied) {
		t.Errorf("intended: %v", err)
	}
	check(t, j.file.Close())
	j.file, j.broken = good, nil
	intend(t, j, "c1")
	if got := read(t, j.Path()); left(t, got) != "a1 c1" || got.Bad != 0 {
		t.Errorf("left: %s, %d bad", left(t, got), got.Bad)
	}
	check(t, j.Close())
}

func TestJournalHoldsNoSecret(t *testing.T) {
	j := create(t)
	const token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJVc2VySUQiOiJhIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
	if _, err := j.Intend("user.add", steps(token)); !fault.Is(err, fault.Denied) {
		t.Errorf("intended: %v", err)
	}
	text, err := os.ReadFile(j.Path())
	check(t, err)
	if strings.Contains(string(text), "eyJ") {
		t.Errorf("it holds %s", text)
	}
	check(t, j.Close())
}

func TestParallelIntents(t *testing.T) {
	j := create(t)
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			in, err := j.Intend("user.add", steps("a"))
			if err != nil {
				t.Error(err)
				return
			}
			if err := j.Settle(in, Made); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if c := read(t, j.Path()); len(c.Intents) != 40 || c.Bad != 0 {
		t.Errorf("%d intents, %d bad", len(c.Intents), c.Bad)
	}
	check(t, j.Close())
}

func TestDrew(t *testing.T) {
	for _, c := range []struct {
		params string
		own    bool
	}{
		{`{"userID":"fx_run0_1"}`, true},
		{`{"userID":"ann","clear":true}`, false},
		{`{"ownerUserID":"fx_run0_1","friendUserIDs":["ann"]}`, true},
		{`{"ownerUserID":"ann","friendUserIDs":["fx_run0_1","ben"]}`, false},
		{`{"ownerUserID":"ann","friendUserIDs":["fx_run0_1","fx_run0_2"]}`, true},
		{`{"ownerUserID":"ann","friendUserIDs":[]}`, false},
	} {
		v, err := value.Parse([]byte(c.params))
		check(t, err)
		if drew(v, "run0") != c.own {
			t.Errorf("%s: want %v", c.params, c.own)
		}
	}
}

// FuzzRead reads what may be no journal, and writes what it has read.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"imctlJournal":1,"run":"r","time":"2026-01-02T03:04:05Z"}` + "\n" +
		`{"id":1,"time":"x","op":"user.add","undo":[{"op":"user.delete","params":{"userID":"a"}},{"op":"x","params":null,"later":true}]}` + "\n" +
		`{"id":1,"state":"made"}` + "\n" + `{"id":1,"done":1}` + "\n" + `{"id":2,`))
	f.Add([]byte("{}\n"))
	f.Add([]byte(`{"imctlJournal":1,"run":"r"}` + "\n" + `{"id":-1,"undo":[{}],"done":-5}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Read(bytes.NewReader(text))
		if err != nil {
			return
		}
		if c.size > int64(len(text)) {
			t.Fatalf("it has %d bytes, and %d were read", len(text), c.size)
		}
		again, err := Read(bytes.NewReader(text[:c.size]))
		if err != nil || len(again.Intents) != len(c.Intents) || again.Bad != c.Bad {
			t.Fatalf("without its torn end it is another: %v", err)
		}
		for _, in := range c.Intents {
			if len(in.todo()) == 0 || in.ID <= 0 {
				t.Fatalf("nothing is to be done for %+v", in)
			}
			for _, i := range in.todo() {
				_ = CommandLine(nil, in.Undo[i])
				_ = drew(in.Undo[i].Params, c.Head.Run)
			}
		}
	})
}
