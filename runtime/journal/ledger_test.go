package journal

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

type thing struct {
	ID string `arg:"1" help:"the thing"`
}

// server has one operation, which removes things: all but those whose ids begin with "gone", "late" or "bad".
type server struct {
	mu      sync.Mutex
	removed []string
	onCall  func()
	tries   int // of late things, which are there at the second look
}

func (s *server) areas() []bindings.Area {
	remove := func(_ context.Context, _ *bindings.Env, p thing) (thing, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.tries++
		switch {
		case strings.HasPrefix(p.ID, "bad"):
			return p, fault.New(fault.API, "%s can't be removed", p.ID)
		case strings.HasPrefix(p.ID, "gone"), strings.HasPrefix(p.ID, "late") && s.tries == 1:
			return p, fault.New(fault.NotFound, "no %s", p.ID)
		}
		s.removed = append(s.removed, p.ID)
		if s.onCall != nil {
			s.onCall()
		}
		return p, nil
	}
	return []bindings.Area{{Name: "thing", Ops: []bindings.Op{{Name: "remove", Effect: bindings.Destroy, Run: bindings.Func(remove)}}}}
}

func (s *server) took(t *testing.T, want string) {
	t.Helper()
	if got := strings.Join(s.removed, " "); got != want {
		t.Errorf("removed %q, want %q", got, want)
	}
	s.removed = nil
}

// tookAll is took for what is removed side by side.
func (s *server) tookAll(t *testing.T, want string) {
	t.Helper()
	slices.Sort(s.removed)
	s.took(t, want)
}

// world is a ledger with the journal that it writes, and a server.
type world struct {
	t *testing.T
	*Ledger
	*server
	j   *Journal
	env *bindings.Env
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, Ledger: &Ledger{}, server: &server{}, j: create(t), env: &bindings.Env{Now: time.Now}}
	w.env.Journal = w.Ledger.Journal(w.env, func() (*Journal, error) { return w.j, nil }, func(err error) { t.Error(err) })
	return w
}

// makes asks for something with an undo for each id; a "+" before it means later.
func (w *world) makes(ids ...string) (settle func(bool)) {
	w.t.Helper()
	var undo []bindings.Planned
	for _, id := range ids {
		name, later := strings.CutPrefix(id, "+")
		step := bindings.UndoBy("thing.remove", "id", name)
		step.Later = later
		undo = append(undo, step)
	}
	settle, err := w.env.Journal("thing.make", undo)
	check(w.t, err)
	return settle
}

func (w *world) takeBack(ctx context.Context, since int64) string {
	w.t.Helper()
	failures, err := w.TakeBack(ctx, w.areas(), since)
	var said []string
	for _, f := range failures {
		said = append(said, f.Error())
	}
	if err != nil {
		said = append(said, "ended: "+err.Error())
	}
	return strings.Join(said, ", ")
}

func TestTakeBackInReverse(t *testing.T) {
	w := newWorld(t)
	w.makes("a1", "a2")(true)
	mark := w.Count()
	w.makes("b")(true)
	w.makes("refused")(false)
	w.makes("gone")(true)
	w.makes("c")(true)
	if said := w.takeBack(t.Context(), mark); said != "" {
		t.Error(said)
	}
	w.took(t, "c b")
	if said := w.takeBack(t.Context(), mark); said != "" {
		t.Error(said)
	}
	w.took(t, "")
	if w.j.Left() != 2 {
		t.Errorf("%d are left", w.j.Left())
	}
	_ = w.takeBack(t.Context(), 0)
	w.tookAll(t, "a1 a2")
	check(t, w.j.Close())
}

// A failure is told once, keeps nothing else from being removed, and leaves its thing in the journal.
func TestTakeBackWithFailures(t *testing.T) {
	w := newWorld(t)
	w.makes("a", "bad1", "b")(true)
	w.makes("c")(true)
	if said := w.takeBack(t.Context(), 0); said != "thing.remove: bad1 can't be removed" {
		t.Error(said)
	}
	w.tookAll(t, "a b c")
	if said := w.takeBack(t.Context(), 0); said != "" {
		t.Errorf("told again: %s", said)
	}
	w.took(t, "")
	check(t, w.j.Close())
	if c := read(t, w.j.Path()); len(c.Intents) != 1 || len(c.Intents[0].todo()) != 1 {
		t.Errorf("the file holds %+v", c.Intents)
	}
}

func TestTakeBackIsInterrupted(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"a", "b", "c"} {
		w.makes(id)(true)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	w.onCall = func() { cancel(fault.New(fault.Canceled, "interrupted")) }
	if said := w.takeBack(ctx, 0); said != "ended: interrupted" {
		t.Error(said)
	}
	w.took(t, "c")
	w.onCall = nil
	w.Close()
	if _, err := w.env.Journal("thing.make", steps("late")); !fault.Is(err, fault.Canceled) {
		t.Errorf("made after the end: %v", err)
	}
	if said := w.takeBack(t.Context(), 0); said != "" {
		t.Error(said)
	}
	w.took(t, "b a")
}

// A request without an answer: only what the run drew itself is removed, also when it arrives late.
func TestTakeBackOfWhatNobodyKnows(t *testing.T) {
	w := newWorld(t)
	_ = w.makes("ann")
	_ = w.makes("late_run0")
	said := w.takeBack(t.Context(), 0)
	if !strings.Contains(said, "it is not sure whether this run made what thing.remove would remove") {
		t.Error(said)
	}
	w.took(t, "late_run0")
	if w.tries != 2 || w.j.Left() != 1 {
		t.Errorf("%d looks, %d left", w.tries, w.j.Left())
	}
}

func TestFinishDoesWhatIsLater(t *testing.T) {
	w := newWorld(t)
	w.makes("a", "+a later")(true)
	w.makes("b", "+b later", "+bad")(true)
	_ = w.takeBack(t.Context(), 0)
	w.took(t, "b a")
	check(t, w.j.Leave())
	j, _, err := Open(w.j.Path()) // as a sweep finds it
	check(t, err)
	failed, err := Taker{Areas: w.areas(), Env: w.env}.Finish(t.Context(), j)
	if err != nil || len(failed) != 1 || failed[0].Outcome != Failed || j.Left() != 1 {
		t.Errorf("failed: %+v, %v; %d left", failed, err, j.Left())
	}
	w.tookAll(t, "a later b later")
	check(t, j.Close())
}

func TestDryRunTakesNothingBack(t *testing.T) {
	w := newWorld(t)
	w.makes("a", "+later")(true)
	w.env.DryRun = true
	taker := Taker{Areas: w.areas(), Env: w.env}
	planned, err := taker.TakeBack(t.Context(), w.j, w.made[0].intent)
	if err != nil || len(planned) != 1 || planned[0].Outcome != Planned {
		t.Errorf("got %+v, %v", planned, err)
	}
	w.took(t, "")
}
