package client

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// Status is where a connection is.
type Status struct {
	State string `json:"state" column:"1" key:"true" help:"open, down, kicked, refused, broken, logged out or closed"`
	Why   string `json:"why,omitempty" column:"2" help:"why, when it is not open"`
}

func (c *conn) status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Status{State: string(c.state), Why: c.why}
}

// onHeld makes a runner of a function on a connection of the script.
func onHeld[R any](fn func(context.Context, *conn) (R, error)) bindings.Runner {
	return bindings.Func(func(ctx context.Context, env *bindings.Env, p ClientParams) (R, error) {
		c, err := held(env, p.Client)
		if err != nil {
			var zero R
			return zero, err
		}
		return fn(ctx, c)
	})
}

func kickedOp() bindings.Op {
	return bindings.Op{
		Name: "kicked", Effect: bindings.Read,
		Doc:     "Tell whether the server has kicked a connection.",
		Example: `local c = client.connect("bob"); client.kicked(c)`,
		Notes:   "The kick comes a moment after what causes it: c:expect{type=\"kicked\"} waits for it.",
		Run: onHeld(func(_ context.Context, c *conn) (bool, error) {
			return c.status().State == string(stateKicked), nil
		}),
	}
}

func closedOp() bindings.Op {
	return bindings.Op{
		Name: "closed", Effect: bindings.Read,
		Doc:     "Tell whether a connection is not open at the moment.",
		Example: `local c = client.connect("bob"); client.closed(c)`,
		Run: onHeld(func(_ context.Context, c *conn) (bool, error) {
			return c.status().State != string(stateOpen), nil
		}),
	}
}

func dropOp() bindings.Op {
	return bindings.Op{
		Name: "drop", Effect: bindings.Read,
		Doc:     "Cut a connection's TCP connection without a word, as a lost network does.",
		Example: `local c = client.connect("bob"); client.drop(c); client.reconnect(c)`,
		Notes:   "It stays down until reconnect.",
		Run: onHeld(func(_ context.Context, c *conn) (Status, error) {
			c.halt(stateDown, "cut by the script")
			return c.status(), nil
		}),
	}
}

// Resynced is the outcome of a resync.
type Resynced struct {
	Messages int64 `json:"messages" column:"1" help:"how many messages and notifications were pulled, which no push had brought"`
}

func reconnectOp() bindings.Op {
	return bindings.Op{
		Name: "reconnect", Effect: bindings.Read,
		Doc:     "Connect again and pull what was missed, also while the connection is open.",
		Example: `local c = client.connect("bob"); client.drop(c); client.reconnect(c)`,
		Notes:   "The connection keeps its token and its events. A token that was kicked is refused: connect anew.",
		Run: onHeld(func(ctx context.Context, c *conn) (Resynced, error) {
			c.halt(stateDown, "connecting again for the script")
			if err := c.start(ctx); err != nil {
				return Resynced{}, err
			}
			return c.sync(ctx)
		}),
	}
}

func syncOp() bindings.Op {
	return bindings.Op{
		Name: "sync", Effect: bindings.Read,
		Doc:     "Pull every message that the server has stored for the account since it connected and that no push has brought.",
		Example: `local c = client.connect("bob"); client.sync(c)`,
		Notes:   "What is pulled becomes events with pulled=true. The server stores a moment after it pushes, and the other way round: a message can come by both ways, and is then one event.",
		Run:     onHeld(func(ctx context.Context, c *conn) (Resynced, error) { return c.sync(ctx) }),
	}
}

func (c *conn) sync(ctx context.Context) (Resynced, error) {
	n, err := c.missed(ctx)
	return Resynced{Messages: int64(n)}, err
}

func closeOp() bindings.Op {
	return bindings.Op{
		Name: "close", Effect: bindings.Read,
		Doc:     "Close a connection for good.",
		Example: `local c = client.connect("bob"); client.close(c)`,
		Notes:   "Its events stay readable. The account's token stays valid: logout ends the login too.",
		Run: onHeld(func(_ context.Context, c *conn) (Status, error) {
			if _, sock := c.lost(stateClosed, "closed by the script"); sock != nil {
				sock.Close()
			}
			c.halt(stateClosed, "closed by the script")
			return c.status(), nil
		}),
	}
}

func logoutOp() bindings.Op {
	return bindings.Op{
		Name: "logout", Effect: bindings.Write,
		Doc:     "Log out over a connection, which ends it.",
		Example: `local c = client.connect("bob"); client.logout(c)`,
		Run: onHeld(func(ctx context.Context, c *conn) (Status, error) {
			_, err := c.request(ctx, call{
				id: openim.WSLogout, what: "logout", write: true, data: openim.EncodeLogout(c.login.UserID, c.login.PlatformID),
			})
			if err != nil {
				return Status{}, err
			}
			c.halt(stateLogout, "logged out by the script")
			return c.status(), nil
		}),
	}
}

// BackgroundParams says which way an app goes.
type BackgroundParams struct {
	Client     string `json:"client" arg:"1,required" help:"the connection"`
	Background bool   `json:"background" arg:"2" default:"true" help:"true: to the background; false: back to the front"`
}

func backgroundOp() bindings.Op {
	return bindings.Op{
		Name: "background", Effect: bindings.Write,
		Doc:     "Tell the server that the app went to the background, or came back.",
		Example: `local c = client.connect("bob"); client.background(c, true)`,
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p BackgroundParams) (Status, error) {
			c, err := held(env, p.Client)
			if err != nil {
				return Status{}, err
			}
			_, err = c.request(ctx, call{
				id: openim.WSBackground, what: "background", write: true, data: openim.EncodeBackground(c.login.UserID, p.Background),
			})
			if err != nil {
				return Status{}, fault.From(err)
			}
			return c.status(), nil
		}),
	}
}
