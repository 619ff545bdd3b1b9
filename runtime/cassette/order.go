package cassette

import (
	"cmp"
	"math"
	"slices"

	"github.com/openimsdk/imctl/bindings/openim"
)

// parallel is how many requests may overtake one that the run has not made yet. Tasks that run side by side do not make
// their requests in the recorded order; what more than this overtake is not waited for any longer, since it may never be
// made.
const parallel = 16

// order decides when what a recording holds comes in. The rules:
//
//   - What comes in by itself - a push, the end of a connection - comes when all that went out before it in the recording
//     has gone out: over any connection, and HTTP requests too.
//   - An answer comes when its request was made, whatever else is still to be made.
//   - They come one after the other, in the recorded order: the next one when the one before it was taken in.
//
// So a run in which all is done in one order sees what the recorded run saw, at any speed; and where tasks run side by
// side none waits for ever.
type order struct {
	outs   []*out // what holds others back, in the recorded order
	next   int    // the first that has not gone out and is still waited for
	gone   int    // how many of those after it have gone out
	window int    // how many may overtake

	ins []*in // what comes in by itself, in the recorded order
	at  int   // the first that has not come in
	due []*in // answers to what was asked, by their places

	flight *in // what has come in and is not taken in yet
}

// out is something that went out: a request, a handshake, a close.
type out struct {
	at   int  // its place in the recording
	free bool // it holds nothing back
	n    int  // its place among those that do
	gone bool
}

// in is something that came in: over a connection, or for a caller that waits (ready is closed).
type in struct {
	at    int // its place in the recording
	sock  *playedSocket
	frame openim.Frame
	err   error // in place of a frame
	seen  bool  // its reader has it
	ready chan struct{}
}

func newOrder() *order { return &order{window: parallel} }

// begin is called when all is loaded.
func (o *order) begin() {
	o.outs = slices.DeleteFunc(o.outs, func(s *out) bool { return s.free })
	slices.SortStableFunc(o.outs, func(a, b *out) int { return cmp.Compare(a.at, b.at) })
	for i, s := range o.outs {
		s.n = i
	}
}

// gate is the place up to which things come in.
func (o *order) gate() int {
	if o.next < len(o.outs) {
		return o.outs[o.next].at
	}
	return math.MaxInt
}

// play notes that something went out.
func (o *order) play(s *out) {
	if s == nil || s.gone {
		return
	}
	s.gone = true
	if !s.free && s.n >= o.next {
		o.gone++
	}
	o.settle()
}

// settle goes on to the first that is still waited for.
func (o *order) settle() {
	for ; o.next < len(o.outs); o.next++ {
		switch {
		case o.outs[o.next].gone:
			o.gone--
		case o.gone < o.window:
			return
		}
	}
}

// stray is called when the run did what was not recorded: from now on only what went out last counts, since what the
// recorded run did in its place may never be done.
func (o *order) stray() {
	o.window = 1
	o.settle()
	o.pump()
}

// add makes something come in, at its place among what is due.
func (o *order) add(list ...*in) {
	for _, e := range list {
		i, _ := slices.BinarySearchFunc(o.due, e.at, func(a *in, at int) int { return cmp.Compare(a.at, at+1) })
		o.due = slices.Insert(o.due, i, e)
	}
}

// turn is for a caller that waits until all that came in before its answer, and can come, was taken in.
func (o *order) turn(at int) <-chan struct{} {
	e := &in{at: at, ready: make(chan struct{})}
	o.add(e)
	o.pump()
	return e.ready
}

// pump hands over what comes next, unless something is under way.
func (o *order) pump() {
	for o.flight == nil {
		e := o.pick()
		switch {
		case e == nil:
			return
		case e.ready != nil:
			close(e.ready)
		case !e.sock.over:
			o.flight = e
			e.sock.inbox <- e // it has room: only one is under way
		}
	}
}

// pick takes the next of what can come in; nil when there is none.
func (o *order) pick() *in {
	for gate := o.gate(); o.at < len(o.ins) && o.ins[o.at].at < gate; {
		e := o.ins[o.at]
		if len(o.due) > 0 && o.due[0].at < e.at {
			break
		}
		o.at++
		if !e.sock.dialled {
			e.sock.early = append(e.sock.early, e)
			continue
		}
		return e
	}
	if len(o.due) == 0 {
		return nil
	}
	e := o.due[0]
	o.due = o.due[1:]
	return e
}

// taken notes that the reader of a connection is done with what it was given.
func (o *order) taken(s *playedSocket) {
	if o.flight != nil && o.flight.sock == s && (o.flight.seen || s.over) {
		o.flight = nil
	}
}
