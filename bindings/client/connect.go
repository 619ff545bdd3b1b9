package client

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// ConnectParams says who connects, and how.
type ConnectParams struct {
	UserID      string          `json:"userID" arg:"1,required" help:"the account that connects"`
	Platform    string          `json:"platform" arg:"2" default:"web" enum:"ios,android,windows,osx,web,miniweb,linux,androidpad,ipad,harmonyos,bot" help:"the platform it connects from"`
	Encoding    string          `json:"encoding" default:"go" enum:"go,js" help:"how frames are written: go as the apps do, js as the JavaScript client does"`
	Compression *bool           `json:"compression" help:"gzip each frame; left out: with the encoding go, as real clients do"`
	Token       bindings.Secret `json:"token" help:"a token of the account; left out: a fresh one, which ends the account's other sessions on the platform"`
	Form        string          `json:"form" default:"query" enum:"query,v" help:"the form of the handshake: query parameters, or all of them packed into one"`
	MsgResp     *bool           `json:"isMsgResp" help:"have the server tell the outcome of the handshake in a first frame; left out: on the platform web, as real clients do"`
	Background  bool            `json:"background" help:"connect as an app in the background"`
	NoReconnect bool            `json:"noReconnect" help:"stay down after a cut; else the connection comes back by itself and pulls what it missed"`
	Keep        int64           `json:"keep" default:"10000" min:"1" help:"how many events are kept"`
}

// Connection is an open connection.
type Connection struct {
	ID          string `json:"id" key:"true" column:"1" help:"its name in this script"`
	UserID      string `json:"userID" column:"2" help:"the account"`
	Platform    string `json:"platform" column:"3" help:"the platform"`
	Encoding    string `json:"encoding" column:"4" help:"how frames are written"`
	Compression bool   `json:"compression" help:"frames are gzipped"`
	Gateway     string `json:"gateway" help:"the gateway's address"`
}

// Handle makes the operations of the area methods of it.
func (c Connection) Handle() (area, id string) { return areaName, c.ID }

func connectOp() bindings.Op {
	return bindings.Op{
		Name: "connect", Effect: bindings.Read,
		Doc:     "Connect as a user to the WebSocket gateway.",
		Example: `local c = client.connect{userID="alice", platform="web"}`,
		Notes: "The result has the operations on connections as methods: c:send{to=\"bob\", text=\"hi\"}, c:expect{from=\"bob\", text=\"hello\"}. It ends with the script; c:close() ends it sooner.\n" +
			"Every event that the connection receives is kept in order. A connection that is cut comes back by itself, at once and then after 1, 2, 4 … 30 seconds, and pulls what it missed; one that the server kicks or refuses does not.\n" +
			"A second login on the same platform kicks the first one, as the shipped policy of the server has it; with the same token both stay, and tokens that the server makes in the same second are the same. Admins and notification accounts get no token.",
		Run: bindings.Func(runConnect),
	}
}

func runConnect(ctx context.Context, env *bindings.Env, p ConnectParams) (Connection, error) {
	if env.Held == nil {
		return Connection{}, fault.New(fault.Unsupported, "a connection is kept open by a script, and a single command ends at once").
			WithHint("imctl client watch %s shows what a user receives; imctl client send FROM TO TEXT sends a message", p.UserID)
	}
	h, _, err := hubOf(env)
	if err != nil {
		return Connection{}, err
	}
	c, err := h.connect(ctx, p)
	if err != nil {
		return Connection{}, err
	}
	return Connection{
		ID: c.id, UserID: c.login.UserID, Platform: c.platform, Encoding: string(c.login.Encoding),
		Compression: c.login.Compression, Gateway: h.gateway.Address(),
	}, nil
}

// connect makes a connection that is open and knows what was stored before.
func (h *hub) connect(ctx context.Context, p ConnectParams) (*conn, error) {
	l := openim.Login{
		UserID: p.UserID, PlatformID: platformID(p.Platform), Encoding: openim.Encoding(p.Encoding), Token: string(p.Token),
		Packed: p.Form == "v", Background: p.Background,
	}
	l.Compression, l.MsgResp = l.Encoding == openim.EncodingGo, l.PlatformID == platformWeb
	if p.Compression != nil {
		l.Compression = *p.Compression
	}
	if p.MsgResp != nil {
		l.MsgResp = *p.MsgResp
	}
	if l.Token == "" {
		var err error
		if l.Token, _, err = h.env.API.UserToken(ctx, l.UserID, l.PlatformID); err != nil {
			if e := fault.From(err); e.Kind == fault.NotFound {
				e.Message = "no account " + l.UserID + ": " + e.Message
			}
			return nil, err
		}
	}
	c := &conn{hub: h, login: l, platform: p.Platform, reconnect: !p.NoReconnect, log: eventLog{keep: int(p.Keep)}}
	h.add(c)
	err := c.start(ctx)
	if err == nil {
		err = c.baseline(ctx)
	}
	if err != nil {
		c.halt(stateClosed, "it could not be made ready")
		h.remove(c)
		return nil, err
	}
	return c, nil
}

func (h *hub) remove(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.conns, c.id)
}
