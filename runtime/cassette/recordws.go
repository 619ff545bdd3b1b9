package cassette

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// note writes a line about the gateway, without its secrets.
func (r *Recorder) note(e entry) {
	line, err := json.Marshal(e)
	if err == nil {
		line = []byte(r.mask.text(line))
	}
	r.append(line, err)
}

// Dial makes a connection and records it: the handshake with its outcome, and all that passes over it.
func (r *Recorder) Dial(ctx context.Context, l openim.Login, operationID string, dial func(context.Context) (openim.Socket, *fault.Error)) (openim.Socket, *fault.Error) {
	r.mu.Lock()
	r.conns++
	n := r.conns
	r.mu.Unlock()
	r.note(entry{WS: wsDial, Conn: n, Login: &login{
		UserID: l.UserID, PlatformID: l.PlatformID, Token: l.Token, SDKType: string(l.Encoding), Compression: l.Compression,
		MsgResp: l.MsgResp, Packed: l.Packed, Background: l.Background, OperationID: operationID,
	}})
	s, e := dial(ctx)
	if e != nil {
		r.note(entry{WS: wsRefused, Conn: n, Error: e})
		return nil, e
	}
	r.note(entry{WS: wsOpen, Conn: n})
	return &recordedSocket{Socket: s, tape: r, conn: n}, nil
}

// Waited records that a wait of the script ended without what it waited for.
func (r *Recorder) Waited(what string) { r.note(entry{WS: wsWaited, How: what}) }

// recordedSocket writes down what passes over a connection: what goes out before it goes, what comes in before it is
// handed on.
type recordedSocket struct {
	openim.Socket
	tape  *Recorder
	conn  int
	ended atomic.Bool // the line of its end is written
}

func (s *recordedSocket) Read(ctx context.Context) (openim.Incoming, error) {
	in, err := s.Socket.Read(ctx)
	var bad *openim.BadFrame
	switch {
	case errors.As(err, &bad):
		s.tape.note(entry{WS: wsBad, Conn: s.conn, How: bad.Error()})
	case err != nil:
		s.end(wsEnd, openim.Ending(err))
	case in.Text == "":
		s.tape.note(entry{WS: wsIn, Conn: s.conn, Frame: shown(in.Frame, false)})
	}
	return in, err
}

func (s *recordedSocket) Write(ctx context.Context, f openim.Frame) (int, error) {
	s.tape.note(entry{WS: wsOut, Conn: s.conn, Frame: shown(f, true)})
	size, err := s.Socket.Write(ctx, f)
	if err != nil {
		var own *fault.Error
		if !errors.As(err, &own) {
			own = &fault.Error{Message: err.Error()}
		}
		s.tape.note(entry{WS: wsUnsent, Conn: s.conn, Frame: &frame{ReqIdentifier: f.ReqIdentifier, MsgIncr: f.MsgIncr}, Error: own})
	}
	return size, err
}

func (s *recordedSocket) GaveUp(msgIncr string) {
	s.tape.note(entry{WS: wsGaveUp, Conn: s.conn, Frame: &frame{MsgIncr: msgIncr}})
}

func (s *recordedSocket) Close() {
	s.end(wsClose, "")
	s.Socket.Close()
}

func (s *recordedSocket) Cut() {
	s.end(wsCut, "")
	s.Socket.Cut()
}

func (s *recordedSocket) Lose(why string) {
	s.end(wsEnd, why) // nothing that a replayed run does brings it about
	s.Socket.Lose(why)
}

// end records the first end of the connection.
func (s *recordedSocket) end(how step, why string) {
	if s.ended.CompareAndSwap(false, true) {
		s.tape.note(entry{WS: how, Conn: s.conn, How: why})
	}
}
