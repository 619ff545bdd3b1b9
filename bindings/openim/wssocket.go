package openim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/tidwall/gjson"

	"github.com/openimsdk/imctl/bindings/fault"
)

// maxRequestFrame is the longest frame that the gateway takes, in bytes; a longer one ends the connection
// (SERVER-BEHAVIOUR §9).
const maxRequestFrame = 51200

// Socket is one open connection: a WebSocket, or one that is recorded or played. Reading is for one goroutine at a time;
// everything else may be called in parallel.
type Socket interface {
	// Read waits for the next frame, until the connection ends. A ping of the server is answered and not returned.
	Read(ctx context.Context) (Incoming, error)
	// Write sends a request. A frame that the server would not take is refused here, and the connection stays.
	Write(ctx context.Context, f Frame) (size int, err error)
	// GaveUp is told that nobody waits any longer for the answer to a request.
	GaveUp(msgIncr string)
	// Ping sends the TEXT ping of the gateway, which answers it by a TEXT pong.
	Ping(ctx context.Context) error
	// Quiet is how long nothing came in and nothing went out.
	Quiet() (in, out time.Duration)
	// Bytes are the sizes of all frames that came in and went out.
	Bytes() (in, out int64)
	// Close ends the connection with a close frame; it does not wait for long for the server's.
	Close()
	// Cut ends the TCP connection without a word.
	Cut()
	// Lose cuts a connection over which nothing comes any more; why says how that was seen.
	Lose(why string)
}

// webSocket is a connection to a server.
type webSocket struct {
	gateway *Gateway
	conn    *websocket.Conn
	login   Login

	lastIn, lastOut atomic.Int64 // Unix milliseconds
	in, out         atomic.Int64 // bytes of frames
}

// Incoming is what the server sent: a frame, or TEXT that is none.
type Incoming struct {
	Frame Frame
	Text  string // set when it is no frame: the outcome of a handshake, or a pong
	Size  int    // bytes on the wire
}

// BadFrame is the error of a frame that can't be read. The connection itself stays whole.
type BadFrame struct{ Err error }

// Error says what is wrong with the frame.
func (e *BadFrame) Error() string { return e.Err.Error() }

// Unwrap is the cause.
func (e *BadFrame) Unwrap() error { return e.Err }

func (s *webSocket) touched() {
	now := time.Now().UnixMilli()
	s.lastIn.Store(now)
	s.lastOut.Store(now)
}

func (s *webSocket) Quiet() (in, out time.Duration) {
	now := time.Now().UnixMilli()
	return time.Duration(now-s.lastIn.Load()) * time.Millisecond, time.Duration(now-s.lastOut.Load()) * time.Millisecond
}

func (s *webSocket) Bytes() (in, out int64) { return s.in.Load(), s.out.Load() }

func (s *webSocket) Read(ctx context.Context) (Incoming, error) {
	for {
		kind, data, err := s.conn.Read(ctx)
		if err != nil {
			return Incoming{}, err
		}
		s.lastIn.Store(time.Now().UnixMilli())
		s.in.Add(int64(len(data)))
		if kind == websocket.MessageText {
			if gjson.GetBytes(data, "type").Str == "ping" {
				if err := s.writeText(ctx, `{"type":"pong"}`); err != nil {
					return Incoming{}, err
				}
				continue
			}
			return Incoming{Text: snippet(data, shown, nil), Size: len(data)}, nil
		}
		f, err := s.decode(data)
		if err != nil {
			return Incoming{Size: len(data)}, &BadFrame{err}
		}
		return Incoming{Frame: f, Size: len(data)}, nil
	}
}

func (s *webSocket) decode(data []byte) (Frame, error) {
	plain := data
	if s.login.Compression {
		var err error
		if plain, err = s.gateway.zipper.unzip(data); err != nil {
			return Frame{}, err
		}
	}
	var f Frame
	var err error
	if s.login.Encoding == EncodingJS {
		f, err = EncodingJS.Decode(plain)
	} else {
		f, err = s.gateway.gobs.decode(plain)
	}
	if err != nil {
		return f, fmt.Errorf("%w; it begins with %q", err, plain[:min(len(plain), 16)])
	}
	return f, nil
}

func (s *webSocket) Write(ctx context.Context, f Frame) (size int, err error) {
	var data []byte
	if s.login.Encoding == EncodingJS {
		data, err = EncodingJS.EncodeRequest(f)
	} else {
		data, err = s.gateway.gobs.encodeRequest(f)
	}
	if err == nil && s.login.Compression {
		data, err = s.gateway.zipper.zip(data)
	}
	if err != nil {
		return 0, fault.New(fault.Internal, "the frame can't be written: %w", err)
	}
	if len(data) > maxRequestFrame {
		return 0, fault.New(fault.Usage, "the frame is %d bytes long, and the gateway takes at most %d: it would close the connection",
			len(data), maxRequestFrame).WithHint("nothing was sent")
	}
	return len(data), s.write(ctx, websocket.MessageBinary, data)
}

func (s *webSocket) Ping(ctx context.Context) error { return s.writeText(ctx, `{"type":"ping"}`) }

func (s *webSocket) writeText(ctx context.Context, text string) error {
	return s.write(ctx, websocket.MessageText, []byte(text))
}

// write gives up after the time limit of a request: a server that does not read must not hold a script for ever.
func (s *webSocket) write(ctx context.Context, kind websocket.MessageType, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, s.gateway.client.cfg.Timeout)
	defer cancel()
	err := s.conn.Write(ctx, kind, data)
	if err == nil {
		s.lastOut.Store(time.Now().UnixMilli())
		s.out.Add(int64(len(data)))
	}
	return err
}

func (s *webSocket) Close() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.conn.Close(websocket.StatusNormalClosure, "") // it is over either way
	}()
	select {
	case <-done:
	case <-time.After(time.Second):
		s.Cut()
		<-done
	}
}

func (s *webSocket) Cut() { _ = s.conn.CloseNow() } // it is over either way

func (s *webSocket) Lose(string) { s.Cut() }

func (s *webSocket) GaveUp(string) {}

// Ended is the error of a played connection that has ended. It is what Ending told of the recorded one.
type Ended string

// Error says how it ended.
func (e Ended) Error() string { return string(e) }

// Ending tells in words how a connection ended, from the error that reading it gave.
func Ending(err error) string {
	var closed websocket.CloseError
	var played Ended
	switch {
	case errors.As(err, &played):
		return string(played)
	case errors.As(err, &closed) && closed.Reason != "":
		return printable(fmt.Sprintf("the server closed it with code %d, %q", closed.Code, closed.Reason))
	case errors.As(err, &closed):
		return fmt.Sprintf("the server closed it with code %d", closed.Code)
	case errors.Is(err, websocket.ErrMessageTooBig):
		return fmt.Sprintf("the server sent a frame of more than %d MiB", maxFrame>>20)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the server cut it in the middle of a frame"
	case errors.Is(err, io.EOF):
		return "the server cut it without a word"
	case errors.Is(err, context.Canceled):
		return "it was ended from here"
	}
	return "it broke: " + printable(reason(err))
}

// broken is the error of a connection that ended while something was waited for.
func (g *Gateway) broken(ctx context.Context, err error, when string) *fault.Error {
	if ctx.Err() != nil {
		return g.unreachable(ctx, err)
	}
	return &fault.Error{Kind: fault.Unreachable, Cause: err, Message: g.named() + ": " + Ending(err) + ", " + when}
}
