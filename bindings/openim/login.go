package openim

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

const pathAdminToken = "/auth/get_admin_token"

// loginIM gets an admin token: with the share secret, or, where only a chat server's account is configured, with the
// token that the chat login brings along (CHAT-ADMIN, Login).
func (c *Client) loginIM(ctx context.Context) (token, *fault.Error) {
	if c.cfg.Secret.Get == nil && c.HasChat() && c.cfg.ChatPassword.Get != nil {
		return c.loginIMByChat(ctx)
	}
	if c.cfg.AdminUserID == "" {
		return token{}, fault.New(fault.Auth, "no admin user is set for %s", c.contextName()).
			WithHint("set adminUserID in the context; the shipped server has imAdmin")
	}
	secret, e := c.ask(ctx, c.cfg.Secret, "secret of the server")
	if e != nil {
		return token{}, e
	}
	data, e := c.logIn(ctx, c.im, pathAdminToken, value.NewObject("secret", secret, "userID", c.cfg.AdminUserID))
	if e != nil {
		switch {
		case e.Code == codeArgs && strings.Contains(e.Message+e.Detail, "header must have token"):
			e.Kind = fault.Auth
			e.Message = "the server wants a token at " + c.im.address() + pathAdminToken + ", where none is needed: " + e.Message
			e.Hint = "the address is not that of the server's API: check " + c.im.named()
			if c.im.url.Path != "" {
				e.Hint += ", and leave out its path " + c.im.url.Path
			}
		case e.Code == codeNoPermission:
			e.Kind = fault.Auth
			e.Message = "the server refused the secret: " + e.Message
			e.Hint = "the secret comes from " + orUnknown(c.cfg.Secret.Source) + "; it must be the `secret` of the server's share.yml"
		case e.Code == codeArgs:
			e.Kind = fault.Auth
			e.Message = "the server refused " + c.cfg.AdminUserID + " as an admin: " + e.Message
			e.Hint = "the admin user comes from " + orUnknown(c.cfg.AdminSource) + "; it must be one of the admins in the server's share.yml"
		}
		return token{}, e
	}
	var got struct {
		Token             string
		ExpireTimeSeconds int64 // a lifetime here, SERVER-BEHAVIOUR §3
	}
	if e := decodeLogin(data, &got, c.im, pathAdminToken); e != nil {
		return token{}, e
	}
	if got.Token == "" {
		return token{}, fault.New(fault.API, "the server's login answer holds no token")
	}
	return token{text: got.Token, expires: expiry(time.Now(), seconds(got.ExpireTimeSeconds))}, nil
}

func (c *Client) loginIMByChat(ctx context.Context) (token, *fault.Error) {
	login, e := c.chatLogin(ctx)
	if e != nil {
		return token{}, e
	}
	if login.IMToken == "" {
		return token{}, fault.New(fault.Auth, "the chat server's login brought no token for the message server").
			WithHint("set the secret of the message server in the context")
	}
	c.chatAdmin.tokens.adopt(login.AdminToken)
	return token{text: login.IMToken, expires: jwtExpiry(login.IMToken)}, nil
}

// UserToken gets a token to act as a user on a platform (1..9, 11, 12) and how long it is good for. It ends the
// sessions that the user has on that platform, as the shipped login policy of the server has it.
func (c *Client) UserToken(ctx context.Context, userID string, platformID int, opts ...Option) (string, time.Duration, error) {
	type answer struct {
		Token             string
		ExpireTimeSeconds int64
	}
	got, err := Do[answer](ctx, c, "/auth/get_user_token", value.NewObject("userID", userID, "platformID", int64(platformID)), opts...)
	if err != nil {
		return "", 0, err
	}
	if got.Token == "" {
		return "", 0, fault.New(fault.API, "the server gave no token for %s", userID)
	}
	return got.Token, seconds(got.ExpireTimeSeconds), nil
}

// logIn sends a login. It may be repeated: a token that nobody received does no harm.
func (c *Client) logIn(ctx context.Context, at *endpoint, path string, body any) ([]byte, *fault.Error) {
	r, e := c.newRequest(at, path, body, nil)
	if e != nil {
		return nil, e
	}
	r.repeatable = true
	ans, e := c.send(ctx, r)
	if e != nil {
		return nil, e
	}
	return ans.Data, nil
}

// ask gets a secret and remembers it for masking.
func (c *Client) ask(ctx context.Context, s Secret, what string) (string, *fault.Error) {
	if s.Get == nil {
		return "", fault.New(fault.Auth, "the %s is not set for %s", what, c.contextName()).
			WithHint("say in the context where it comes from: a variable, a file, or a command")
	}
	text, err := s.Get(ctx)
	var own *fault.Error
	switch {
	case errors.As(err, &own), err != nil && ctx.Err() != nil:
		return "", fault.From(err)
	case err != nil:
		return "", fault.New(fault.Auth, "the %s can't be had: %w", what, err).WithHint("it comes from %s", orUnknown(s.Source))
	case text == "":
		return "", fault.New(fault.Auth, "the %s is empty", what).WithHint("it comes from %s", orUnknown(s.Source))
	}
	c.secrets.add(text)
	return text, nil
}

func (c *Client) contextName() string {
	if c.cfg.Context == "" {
		return "this server"
	}
	return "context " + c.cfg.Context
}

func decodeLogin(data []byte, dst any, at *endpoint, path string) *fault.Error {
	plain, err := value.Parse(data)
	if err == nil {
		err = value.Into(plain, dst)
	}
	if err != nil {
		return fault.New(fault.API, "the login answer of %s%s is not of the known form: %w", at.address(), path, err)
	}
	return nil
}

func seconds(n int64) time.Duration {
	return time.Duration(min(max(n, 0), 1<<33)) * time.Second
}

func md5Hex(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}
