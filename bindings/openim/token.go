package openim

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"github.com/openimsdk/imctl/bindings/fault"
)

// renewPause is the least time between two renewals. A token that another login has retired still works for five
// minutes (SERVER-BEHAVIOUR §3), so one that is refused sooner is refused for a reason that a login does not mend.
const renewPause = time.Minute

// token is an admin token in use.
type token struct {
	text    string
	expires time.Time // zero = not known
	stored  bool      // came from the file
	serial  int       // tells tokens apart: two made in the same second are the same text
}

func (t token) usable(now time.Time) bool {
	return t.text != "" && (t.expires.IsZero() || now.Before(t.expires))
}

// tokens keeps one account's token: in memory, in a file shared with other processes, and by logging in.
type tokens struct {
	server, user string
	file         *tokenFile // nil = memory only
	login        func(context.Context) (token, *fault.Error)
	secrets      *secretSet
	tracer       *tracer
	now          func() time.Time

	flight flight[token]

	mu      sync.Mutex
	cur     token
	serial  int
	renewed time.Time // when a refused token was last replaced by logging in
}

func (c *Client) newTokens(kind, server, user string, login func(context.Context) (token, *fault.Error)) *tokens {
	t := &tokens{server: server, user: user, login: login, secrets: c.secrets, tracer: c.tracer, now: time.Now}
	if c.cfg.CacheDir != "" && server != "" {
		t.file = &tokenFile{path: cachePath(c.cfg.CacheDir, kind, c.cfg.Context, "token"), key: tokenKey{UserID: user, API: server}}
	}
	return t
}

// get returns the token in use, from memory, from the file, or by logging in.
func (t *tokens) get(ctx context.Context, r *request) (token, *fault.Error) {
	t.mu.Lock()
	cur := t.cur
	t.mu.Unlock()
	if cur.usable(t.now()) {
		return cur, nil
	}
	return t.flight.do(ctx, r, func(ctx context.Context) (token, *fault.Error) { return t.obtain(ctx, token{}, nil) })
}

// renew returns a token in place of one that the server refused: another caller's or process's newer one if there is
// one, else by logging in, at most once in renewPause.
func (t *tokens) renew(ctx context.Context, r *request, refused token, why *fault.Error) (token, *fault.Error) {
	return t.flight.do(ctx, r, func(ctx context.Context) (token, *fault.Error) { return t.obtain(ctx, refused, why) })
}

func (t *tokens) obtain(ctx context.Context, refused token, why *fault.Error) (token, *fault.Error) {
	t.mu.Lock()
	cur, renewed := t.cur, t.renewed
	t.mu.Unlock()
	now := t.now()
	if cur.serial != refused.serial && cur.usable(now) {
		return cur, nil
	}
	if why != nil && !renewed.IsZero() && now.Sub(renewed) < renewPause {
		return token{}, t.refusedAgain(why)
	}
	if t.file == nil {
		return t.logIn(ctx, why != nil)
	}
	if held, ok := t.file.read(refused.text, now); ok {
		return t.keep(held, false), nil
	}
	unlock, err := t.file.lock(ctx)
	if ctx.Err() != nil {
		return token{}, fault.From(ctx.Err())
	}
	if err != nil {
		t.tracer.note("the token cache is not shared: %v", err)
	} else {
		defer unlock()
	}
	if held, ok := t.file.read(refused.text, t.now()); ok { // another process has logged in meanwhile
		return t.keep(held, false), nil
	}
	got, e := t.logIn(ctx, why != nil)
	if e == nil {
		t.save(got)
	}
	return got, e
}

func (t *tokens) logIn(ctx context.Context, again bool) (token, *fault.Error) {
	got, e := t.login(ctx)
	if e != nil {
		return token{}, e
	}
	return t.keep(got, again), nil
}

// keep makes got the token in use.
func (t *tokens) keep(got token, renewed bool) token {
	t.secrets.add(got.text)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.serial++
	got.serial = t.serial
	t.cur = got
	if renewed {
		t.renewed = t.now()
	}
	return got
}

func (t *tokens) save(got token) {
	if t.file == nil {
		return
	}
	if err := t.file.write(got); err != nil {
		t.tracer.note("the token is not cached: %v", err)
	}
}

// adopt takes a token that came with another login.
func (t *tokens) adopt(text string) {
	if text != "" {
		t.save(t.keep(token{text: text, expires: jwtExpiry(text)}, false))
	}
}

func (t *tokens) forget() {
	t.mu.Lock()
	t.cur, t.renewed = token{}, time.Time{}
	t.mu.Unlock()
	if t.file != nil {
		t.file.remove()
	}
}

// refusedAgain is the error for a token that was refused although it is fresh.
func (t *tokens) refusedAgain(why *fault.Error) *fault.Error {
	e := clone(why)
	e.Kind, e.Retryable = fault.Auth, false
	what := "refused"
	switch e.Code {
	case codeTokenKicked, codeTokenNotExist:
		what = "kicked"
	case codeTokenExpired:
		what = "expired"
	}
	e.Message = fmt.Sprintf("the fresh token of %s was %s (%s): another client may be using this admin account", t.user, what, why.Message)
	e.Hint = "a new admin token retires the earlier ones: give imctl an admin account of its own, or share one token cache; " +
		"if nobody else uses it, check the server's clock and its Redis"
	return e
}

// tokenRefused tells whether a server's code says that the token does not hold (SERVER-BEHAVIOUR §2; 20101: chat).
func tokenRefused(code int) bool {
	return code >= codeTokenExpired && code <= codeTokenNotExist || code == codeChatTokenGone
}

// expiry is when to stop using a token with that lifetime: somewhat before the server does.
func expiry(now time.Time, lifetime time.Duration) time.Time {
	if lifetime <= 0 {
		return time.Time{}
	}
	return now.Add(lifetime - min(time.Minute, lifetime/10))
}

// jwtExpiry reads the exp claim of a token, unchecked: only the server can check it.
func jwtExpiry(text string) time.Time {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return time.Time{}
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || !gjson.ValidBytes(claims) {
		return time.Time{}
	}
	if exp := gjson.GetBytes(claims, "exp").Int(); exp > 0 {
		return time.Unix(exp, 0).Add(-time.Minute)
	}
	return time.Time{}
}
