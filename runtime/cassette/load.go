package cassette

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// loader reads a recording into a player.
type loader struct {
	*Player
	conns map[int]*playedSocket
	under map[*playedSocket]map[string]*question // requests without an answer yet, by msgIncr
}

// Load reads a recording whole.
func Load(in io.Reader, name string) (*Player, error) {
	p := &Player{
		mask: newMasker(), answers: map[string][]exchange{}, draws: map[string][]string{}, logins: map[string][]*playedSocket{},
		waits: map[string][]*out{}, order: newOrder(), ids: map[string]string{},
	}
	l := &loader{Player: p, conns: map[int]*playedSocket{}, under: map[*playedSocket]map[string]*question{}}
	r := bufio.NewReader(in)
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			if n == 1 {
				return nil, fault.New(fault.Usage, "%s is empty, and no recording of imctl", name)
			}
			p.order.begin()
			return p, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fault.New(fault.Usage, "can't read the recording: %w", err)
		}
		var e entry
		err = json.Unmarshal(line, &e)
		switch {
		case err != nil:
		case n == 1 && e.Cassette != version:
			return nil, fault.New(fault.Usage, "%s is no recording of imctl", name)
		case n == 1:
			p.start = e.Start
		case e.Draw != "":
			p.draws[e.Draw] = append(p.draws[e.Draw], e.Value)
		case e.WS != "":
			err = l.step(e, 2*n)
		default:
			// The request went out between two lines: places are even for lines, odd between them.
			x := exchange{entry: e, at: 2 * n, out: l.goes(min(2*e.Began+1, 2*n-1))}
			p.answers[e.key()] = append(p.answers[e.key()], x)
		}
		if err != nil {
			return nil, fault.New(fault.Usage, "%s:%d: no line of a recording: %w", name, n, err)
		}
	}
}

// step takes a line about the gateway, whose place is at.
func (l *loader) step(e entry, at int) error {
	switch e.WS {
	case wsWaited:
		o := l.goes(at)
		l.waits[e.How] = append(l.waits[e.How], o)
		return nil
	case wsDial:
		if e.Login == nil || l.conns[e.Conn] != nil {
			return fmt.Errorf("a second handshake of connection %d, or one without a login", e.Conn)
		}
		s := &playedSocket{tape: l.Player, userID: e.Login.UserID, dial: l.goes(at), asked: map[string][]*question{}}
		key := loginKey(s.userID, e.Login.PlatformID)
		s.dial.free = true // until it is known that it came to something
		l.conns[e.Conn], l.logins[key], l.socks = s, append(l.logins[key], s), append(l.socks, s)
		l.under[s] = map[string]*question{}
		return nil
	}
	s := l.conns[e.Conn]
	if early := e.WS == wsOpen || e.WS == wsRefused; s == nil || early != (s.outcome == 0) || s.refusal != nil {
		return fmt.Errorf("%q is out of place on connection %d", e.WS, e.Conn)
	}
	if (e.Frame == nil) != (e.WS != wsOut && e.WS != wsUnsent && e.WS != wsGaveUp && e.WS != wsIn) || (e.Error == nil) != (e.WS != wsRefused && e.WS != wsUnsent) {
		return fmt.Errorf("%s lacks a part, or has one too many", e.WS)
	}
	switch e.WS {
	case wsOpen:
		s.outcome, s.dial.free = at, false
	case wsRefused:
		s.outcome, s.refusal = at, e.Error
	case wsOut:
		l.request(s, e.Frame, at)
	case wsUnsent:
		if q := l.under[s][e.Frame.MsgIncr]; q != nil {
			q.unsent, q.out.free = e.Error, true
		}
	case wsGaveUp:
		if q := l.under[s][e.Frame.MsgIncr]; q != nil && q.gaveUp == nil {
			q.gaveUp = l.goes(at)
		}
	case wsIn:
		f, err := e.Frame.whole()
		if err != nil {
			return err
		}
		l.frame(s, &in{at: at, sock: s, frame: f})
	case wsBad:
		l.order.ins = append(l.order.ins, &in{at: at, sock: s, err: &openim.BadFrame{Err: errors.New(e.How)}})
	case wsEnd:
		l.order.ins = append(l.order.ins, &in{at: at, sock: s, err: openim.Ended(e.How)})
	case wsClose, wsCut:
		if s.end == nil {
			s.end = l.goes(at)
		}
	default:
		return fmt.Errorf("ws %q is unknown", e.WS)
	}
	return nil
}

// goes notes that something went out.
func (l *loader) goes(at int) *out {
	o := &out{at: at}
	l.order.outs = append(l.order.outs, o)
	return o
}

func (l *loader) request(s *playedSocket, f *frame, at int) {
	key, id := f.key()
	q := &question{out: l.goes(at), text: string(f.Data), clientMsgID: id}
	s.asked[key] = append(s.asked[key], q)
	l.under[s][f.MsgIncr] = q
	if f.ReqIdentifier == openim.WSPullByRange {
		s.pulls, q.out.free = append(s.pulls, q), true
	}
}

// frame takes what came in: the answer to a request, or something that nobody asked for or waited for any longer.
func (l *loader) frame(s *playedSocket, e *in) {
	q := l.under[s][e.frame.MsgIncr]
	if q == nil || e.frame.MsgIncr == "" || q.answer != nil || q.gaveUp != nil {
		l.order.ins = append(l.order.ins, e)
		return
	}
	q.answer = e
}
