package openim

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

const (
	defaultTimeout = 30 * time.Second
	maxAnswer      = 256 << 20 // bytes of an answer, decompressed
	maxRequest     = 16 << 20  // the server cuts a longer body silently (SERVER-BEHAVIOUR §1)
)

// Client talks to one deployment. It is safe for parallel use and shares its connections and tokens between calls.
type Client struct {
	cfg       Config
	transport http.RoundTripper
	limiter   *rate.Limiter // nil = no limit
	im        *endpoint
	chatAdmin *endpoint
	chatAPI   *endpoint
	secrets   *secretSet
	tracer    *tracer
	gen       *generationCache
	maxAnswer int64
	observer  func(Call)
}

// New makes a client. It asks for nothing and sends nothing; a wrong address is reported by the first call.
func New(cfg Config) *Client {
	if cfg.Timeout <= 0 {
		cfg.Timeout = defaultTimeout
		if cfg.TimeoutSource == "" {
			cfg.TimeoutSource = "the default"
		}
	}
	if cfg.OperationID == nil {
		cfg.OperationID = freshOperationID
	}
	c := &Client{
		cfg: cfg, transport: cfg.Base, maxAnswer: maxAnswer, secrets: &secretSet{}, tracer: &tracer{w: cfg.Trace}, gen: &generationCache{},
	}
	if c.transport == nil {
		c.transport = newTransport()
	}
	if cfg.Rate > 0 {
		c.limiter = rate.NewLimiter(rate.Limit(cfg.Rate), max(1, int(cfg.Rate/10)))
	}
	c.im = newEndpoint("API", cfg.API, c.secrets)
	c.im.tokens = c.newTokens("im", cfg.API.Value, cfg.AdminUserID, c.loginIM)
	c.chatAdmin = newEndpoint("chat admin API", cfg.ChatAdmin, c.secrets)
	c.chatAPI = newEndpoint("chat API", cfg.ChatAPI, c.secrets)
	c.chatAdmin.chat, c.chatAPI.chat = true, true
	chatTokens := c.newTokens("chat", cfg.ChatAdmin.Value, cfg.ChatAccount, c.loginChat)
	c.chatAdmin.tokens, c.chatAPI.tokens = chatTokens, chatTokens
	return c
}

// freshOperationID is "imctl-" and sixteen hexadecimal digits.
func freshOperationID() string {
	var random [8]byte
	binary.BigEndian.PutUint64(random[:], rand.Uint64())
	id := make([]byte, 0, 22)
	return string(hex.AppendEncode(append(id, "imctl-"...), random[:]))
}

// Observed is the same client, with the same tokens, connections and limits, whose exchanges are also told to fn. It may
// be called in parallel. The exchanges of logins, which serve all, are not told.
func (c *Client) Observed(fn func(Call)) *Client {
	own := *c
	own.observer = fn
	return &own
}

// told tells an exchange to those who look on.
func (c *Client) told(call Call) {
	if c.cfg.OnCall != nil {
		c.cfg.OnCall(call)
	}
	if c.observer != nil {
		c.observer(call)
	}
}

// Call sends body as JSON to path of the API with the admin token and returns the good answer. Every error is a
// *fault.Error without Op, but for an error of Config.Guard, which is returned as it is.
func (c *Client) Call(ctx context.Context, path string, body any, opts ...Option) (*Answer, error) {
	return c.call(ctx, c.im, path, body, opts)
}

// Do is Call with the answer's data decoded into T: members that T does not name stay in its Rest, every digit of a
// number is kept. Absent data gives the zero T.
func Do[T any](ctx context.Context, c *Client, path string, body any, opts ...Option) (T, error) {
	ans, err := c.Call(ctx, path, body, opts...)
	return Decode[T](path, ans, err)
}

// Decode turns the outcome of a call (Call, Chat, ChatAPI) into a T, as Do does.
func Decode[T any](path string, ans *Answer, err error) (T, error) {
	var out T
	if err != nil || len(ans.Data) == 0 {
		return out, err
	}
	plain, err := value.Parse(ans.Data)
	if err == nil {
		err = value.Into(plain, &out)
	}
	if err != nil {
		var zero T
		return zero, &fault.Error{
			Kind: fault.API, Message: "the answer to " + path + " is not of the known form: " + err.Error(),
			OperationID: ans.OperationID, Status: ans.Status, Cause: err,
			Hint: "the server may be of another version; `imctl api " + path + "` shows the answer as it is",
		}
	}
	return out, nil
}

// API is the address of the message server's API, without a trailing slash.
func (c *Client) API() string { return c.im.address() }

// AdminUserID is the account that the client acts as.
func (c *Client) AdminUserID() string { return c.cfg.AdminUserID }

// Mask hides in text what must not be shown: the secrets and tokens this client knows, and whatever Mask finds.
func (c *Client) Mask(text string) string { return Mask(text, c.secrets.list()...) }

// ForgetToken drops the tokens from memory and from the cache folder; the next call logs in.
func (c *Client) ForgetToken() {
	c.im.tokens.forget()
	c.chatAdmin.tokens.forget()
}

// Close closes idle connections.
func (c *Client) Close() {
	if own, ok := c.transport.(*http.Transport); ok && c.cfg.Base == nil {
		own.CloseIdleConnections()
	}
}

// call runs the whole of one call: guard, token, send, and one renewal of a refused token.
func (c *Client) call(ctx context.Context, at *endpoint, path string, body any, opts []Option) (*Answer, error) {
	r, e := c.newRequest(at, path, body, opts)
	if e != nil {
		return nil, e
	}
	if c.cfg.Guard != nil {
		if err := c.cfg.Guard(path, r.write); err != nil {
			return nil, err
		}
	}
	ans, e := c.authorised(ctx, r)
	if e != nil {
		if e.Kind == fault.Unsupported && mainOnly(path) && path != pathConfigList {
			c.forgetGeneration() // what is remembered may be of the server before its update
		}
		return nil, e
	}
	return ans, nil
}

func (c *Client) authorised(ctx context.Context, r *request) (*Answer, *fault.Error) {
	if r.auth != authAdmin {
		return c.send(ctx, r)
	}
	tokens := r.at.tokens
	held, e := tokens.get(ctx, r)
	for try := 0; e == nil; try++ {
		r.token = held.text
		ans, refusal := c.send(ctx, r)
		if refusal == nil || !tokenRefused(refusal.Code) {
			return ans, refusal
		}
		// A token of another process may be as dead as our own was: only then a second renewal.
		if try > 1 || try == 1 && !held.stored {
			return nil, tokens.refusedAgain(refusal)
		}
		held, e = tokens.renew(ctx, r, held, refusal)
	}
	return nil, e
}
