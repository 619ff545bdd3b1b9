package openim

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

const (
	backoffBase   = 100 * time.Millisecond
	backoffMax    = 5 * time.Second
	maxRetryAfter = time.Minute // the longest wait that a server can ask for
)

// repeat says when a failed request may be sent again.
type repeat int

const (
	never  repeat = iota
	ifRead        // it may have been delivered: only a read
	always        // it was not delivered, or was refused unread
)

type failure struct {
	err    *fault.Error
	repeat repeat
	after  time.Duration // what Retry-After asked for
}

// send tries a request until it is answered or may not be repeated. Once the context has ended nothing is sent.
func (c *Client) send(ctx context.Context, r *request) (*Answer, *fault.Error) {
	for try := 0; ; try++ {
		if e := c.admit(ctx, r); e != nil {
			return nil, e
		}
		ans, f := c.attempt(ctx, r, try+1)
		if f == nil {
			return ans, nil
		}
		again := f.repeat == always || f.repeat == ifRead && r.repeatable
		f.err.Retryable = again || f.err.Kind == fault.Timeout && r.repeatable
		if !again || try >= c.cfg.Retries {
			return nil, f.err
		}
		wait := backoff(try)
		if f.after > 0 {
			wait = min(f.after, maxRetryAfter)
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
			return nil, f.err // the wait would only turn a clear error into a timeout
		}
		if !sleep(ctx, wait) {
			return nil, ended(ctx, r)
		}
	}
}

// admit waits for the rate limit.
func (c *Client) admit(ctx context.Context, r *request) *fault.Error {
	if ctx.Err() != nil {
		return ended(ctx, r)
	}
	if c.limiter == nil {
		return nil
	}
	if err := c.limiter.Wait(ctx); err != nil {
		if ctx.Err() != nil {
			return ended(ctx, r)
		}
		return fault.New(fault.Timeout, "time limit would pass while waiting for the rate limit of %g requests a second", c.cfg.Rate)
	}
	return nil
}

// attempt sends the request once and reads the whole answer.
func (c *Client) attempt(ctx context.Context, r *request, try int) (*Answer, *failure) {
	start := time.Now()
	tctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	var ans *Answer
	var fail *failure
	var body []byte
	res, err := c.transport.RoundTrip(r.http(tctx))
	if err == nil {
		body, err = c.readBody(res)
	}
	switch {
	case err == nil:
		ans, fail = c.judge(r, res, body)
	case ctx.Err() != nil:
		fail = &failure{err: ended(ctx, r)}
	default:
		fail = c.netFailure(tctx, r, err)
	}
	c.report(r, res, body, fail, start, try)
	return ans, fail
}

func (c *Client) report(r *request, res *http.Response, body []byte, fail *failure, start time.Time, try int) {
	if c.cfg.OnCall == nil && c.observer == nil && c.tracer.w == nil {
		return
	}
	call := Call{
		Method: r.method, URL: r.at.address() + r.path, Path: r.path, OperationID: r.operationID, Attempt: try,
		Start: start, Duration: time.Since(start), RequestSize: len(r.body), ResponseSize: len(body),
	}
	if res != nil {
		call.Status = res.StatusCode
	}
	if fail != nil {
		copied := *fail.err
		call.Err, call.Code = &copied, fail.err.Code
	}
	if c.tracer.w != nil {
		c.tracer.exchange(r, res, body, call, c.secrets.list())
	}
	c.told(call)
}

// backoff doubles from backoffBase to backoffMax, and takes a random half of it.
func backoff(try int) time.Duration {
	d := min(backoffBase<<min(try, 10), backoffMax)
	return d/2 + rand.N(d/2)
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
