package openim

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Exchange is a request over a connection with its answer, for reports and --trace.
type Exchange struct {
	What        string // "1003 send of alice"
	OperationID string
	Start       time.Time
	Status      int // of a handshake
	Code        int // the server's errCode
	Err         *fault.Error
	Sent, Got   int    // bytes
	Request     string // what was sent, in words or JSON, for --trace; masked here
	Response    string
}

// Admit asks the guards and waits for the rate limit before a request is sent over a connection.
func (g *Gateway) Admit(ctx context.Context, what string, write bool) error {
	c := g.client
	if c.cfg.Guard != nil {
		if err := c.cfg.Guard(what, write); err != nil {
			return err
		}
	}
	if c.limiter != nil {
		if err := c.limiter.Wait(ctx); err != nil {
			return g.ended(ctx, what)
		}
	}
	return nil
}

// Report tells the outcome of a request over a connection.
func (g *Gateway) Report(x Exchange) { g.report(x) }

// Traced tells whether exchanges are shown: else texts for them need not be made.
func (g *Gateway) Traced() bool { return g.client.tracer.w != nil }

// OperationID is a fresh request id.
func (g *Gateway) OperationID() string { return g.client.cfg.OperationID() }

func (g *Gateway) report(x Exchange) {
	c := g.client
	if c.cfg.OnCall == nil && c.observer == nil && c.tracer.w == nil {
		return
	}
	call := Call{
		Method: "WS", URL: g.Address(), Path: x.What, OperationID: x.OperationID, Attempt: 1, Status: x.Status, Code: x.Code,
		Err: x.Err, Start: x.Start, Duration: time.Since(x.Start), RequestSize: x.Sent, ResponseSize: x.Got,
	}
	if call.Status == 0 {
		call.Status = http.StatusSwitchingProtocols
	}
	if x.Err != nil && call.Code == 0 {
		call.Code = x.Err.Code
	}
	if c.tracer.w != nil {
		shown := func(text string) string { return snippet([]byte(text), traceText, c.secrets.list()) }
		text := fmt.Sprintf("> WS %s %s operationID=%s %s\n", g.Address(), x.What, x.OperationID, shown(x.Request))
		if x.Err != nil {
			text += fmt.Sprintf("! %s: %s (%s)\n", x.Err.Kind, x.Err.Message, round(call.Duration))
		} else {
			text += fmt.Sprintf("< errCode %d %d bytes %s (%s)\n", call.Code, x.Got, shown(x.Response), round(call.Duration))
		}
		c.tracer.write(text)
	}
	c.told(call)
}

// Trace writes what the server sent by itself, when --trace is on.
func (g *Gateway) Trace(format string, args ...any) {
	if g.client.tracer.w != nil {
		g.client.tracer.write("< WS " + snippet([]byte(fmt.Sprintf(format, args...)), traceText, g.client.secrets.list()) + "\n")
	}
}

// Refusal is the error of a request that the server answered with a code.
func (g *Gateway) Refusal(f Frame) *fault.Error {
	r := &request{at: &endpoint{name: "gateway", setting: g.setting}, operationID: f.OperationID}
	return g.client.apiError(r, &http.Response{}, envelope{code: f.ErrCode, msg: f.ErrMsg})
}
