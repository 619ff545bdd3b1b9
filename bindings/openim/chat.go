package openim

import (
	"context"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

const pathChatLogin = "/account/login"

// HasChat tells whether a chat server is configured.
func (c *Client) HasChat() bool { return c.cfg.ChatAdmin.Value != "" }

// Chat sends body to path of the chat server's admin API (port 10009) with the chat admin token.
func (c *Client) Chat(ctx context.Context, path string, body any, opts ...Option) (*Answer, error) {
	return c.callChat(ctx, c.chatAdmin, path, body, opts)
}

// ChatAPI sends body to path of the chat server's user API (port 10008) with the chat admin token.
func (c *Client) ChatAPI(ctx context.Context, path string, body any, opts ...Option) (*Answer, error) {
	return c.callChat(ctx, c.chatAPI, path, body, opts)
}

func (c *Client) callChat(ctx context.Context, at *endpoint, path string, body any, opts []Option) (*Answer, error) {
	if !c.HasChat() {
		return nil, fault.New(fault.Unsupported, "no chat server is configured for %s", c.contextName()).
			WithHint("set its admin address (port 10009) and account in the context, if this deployment has one")
	}
	return c.call(ctx, at, path, body, opts)
}

type chatLogin struct {
	AdminToken string
	IMToken    string `json:"imToken"`
	IMUserID   string `json:"imUserID"`
}

func (c *Client) loginChat(ctx context.Context) (token, *fault.Error) {
	login, e := c.chatLogin(ctx)
	if e != nil {
		return token{}, e
	}
	// The chat server has made a new admin token of the message server, which retires the one in use.
	if login.IMUserID == c.cfg.AdminUserID || c.cfg.Secret.Get == nil {
		c.im.tokens.adopt(login.IMToken)
	}
	return token{text: login.AdminToken, expires: jwtExpiry(login.AdminToken)}, nil
}

// chatLogin logs in at the chat server's admin API (CHAT-ADMIN, Login): the password as lower-case md5 hex, and any
// version, which must not be empty.
func (c *Client) chatLogin(ctx context.Context) (chatLogin, *fault.Error) {
	var got chatLogin
	if c.cfg.ChatAccount == "" {
		return got, fault.New(fault.Auth, "no chat admin account is set for %s", c.contextName()).
			WithHint("set it in the context; the shipped chat server has chatAdmin")
	}
	password, e := c.ask(ctx, c.cfg.ChatPassword, "password of the chat admin account")
	if e != nil {
		return got, e
	}
	sum := md5Hex(password)
	c.secrets.add(sum)
	data, e := c.logIn(ctx, c.chatAdmin, pathChatLogin,
		value.NewObject("account", c.cfg.ChatAccount, "password", sum, "version", "imctl"))
	if e != nil {
		switch e.Code {
		case codeChatPassword:
			e.Kind, e.Hint = fault.Auth, "the password of "+c.cfg.ChatAccount+" comes from "+orUnknown(c.cfg.ChatPassword.Source)
		case codeChatNoAccount:
			e.Kind, e.Hint = fault.Auth, "the chat server has no admin account "+c.cfg.ChatAccount
		}
		return got, e
	}
	if e := decodeLogin(data, &got, c.chatAdmin, pathChatLogin); e != nil {
		return got, e
	}
	if got.AdminToken == "" {
		return got, fault.New(fault.API, "the chat server's login answer holds no adminToken")
	}
	return got, nil
}
