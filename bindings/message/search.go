package message

import (
	"context"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// searchPage is how many messages one call asks for.
const searchPage = 200

// SearchParams selects messages.
type SearchParams struct {
	Text        string `json:"text" arg:"1" help:"only messages whose text holds this; case does not count"`
	SendID      string `json:"sendID" help:"only messages from this account"`
	RecvID      string `json:"recvID" help:"only messages to this account or group"`
	ContentType int64  `json:"contentType" min:"1" help:"only messages of this type: 101 text, 102 picture, 110 custom …"`
	SessionType int64  `json:"sessionType" min:"1" help:"1: only single chats, 3: only groups"`
	SendTime    string `json:"sendTime" help:"only messages of this day, 2006-01-02, in UTC"`
	Limit       int64  `json:"limit" min:"1" help:"end after this many messages"`
}

func searchOp() bindings.Op {
	return bindings.Op{
		Name: "search", Effect: bindings.Read,
		Doc:     "Find stored messages, oldest first.",
		Example: `message.search{sendID="alice", recvID="bob", text="hello"}`,
		Notes: "The server has no search by text: the text is looked for here in all messages that the other filters leave, so name those too. " +
			"Its own count is only a lower bound and is not shown. Notification chats are not searched. A revoked message still shows its text, with isRevoked. " +
			"sendTime is a day, not a time. The server scans every message for this; on a big system message.pull of one conversation is far cheaper.",
		Run: bindings.Stream(runSearch),
	}
}

func (p SearchParams) check() error {
	if p.SendTime != "" {
		if _, err := time.Parse(time.DateOnly, p.SendTime); err != nil {
			return fault.New(fault.Usage, "sendTime: want a day like 2026-01-31, got %q", p.SendTime)
		}
	}
	if p.SessionType != 0 && p.SessionType != sessionSingle && p.SessionType != sessionGroup {
		return fault.New(fault.Usage, "sessionType: want 1 (single chats) or 3 (groups), got %d", p.SessionType)
	}
	for field, id := range map[string]string{"sendID": p.SendID, "recvID": p.RecvID} {
		if id != "" {
			if err := bindings.CheckID(field, id); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p SearchParams) body(number, size int64) *value.Object {
	o := value.NewObject("pagination", bindings.Pagination(number, size))
	for _, f := range []struct{ key, v string }{{"sendID", p.SendID}, {"recvID", p.RecvID}, {"sendTime", p.SendTime}} {
		if f.v != "" {
			o.Set(f.key, f.v)
		}
	}
	if p.ContentType != 0 {
		o.Set("contentType", p.ContentType)
	}
	if p.SessionType != 0 {
		o.Set("sessionType", p.SessionType)
	}
	return o
}

func runSearch(ctx context.Context, env *bindings.Env, p SearchParams) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		if err := p.check(); err != nil {
			yield(Message{}, err)
			return
		}
		rows := bindings.Pages(env, "search", searchPage,
			func(m Message) string { return fmt.Sprint(m.ConversationID, " ", m.Seq, " ", m.ServerMsgID) },
			func(number, size int64) ([]Message, int64, error) { return searchRows(ctx, env, p, number, size) })
		var found int64
		for m, err := range rows {
			if err == nil && !bindings.Holds(m.Text, p.Text) {
				continue
			}
			found++
			if !yield(m, err) || err != nil || found == p.Limit {
				return
			}
		}
	}
}

// searchRows gets one page. It gives no total: the server's own count is a lower bound.
func searchRows(ctx context.Context, env *bindings.Env, p SearchParams, number, size int64) ([]Message, int64, error) {
	// The server counts the offset in 32 bits and would begin again at the first row (SERVER-BEHAVIOUR §13).
	if number*size > math.MaxInt32 {
		return nil, 0, fault.New(fault.Unsupported, "the server can't show more than %d messages of one search", math.MaxInt32).
			WithHint("narrow it: sendID, recvID, or a day at a time with sendTime")
	}
	type row struct {
		ChatLog   Message `json:"chatLog"`
		IsRevoked bool    `json:"isRevoked"`
	}
	type answer struct {
		ChatLogs []row `json:"chatLogs"`
	}
	a, err := openim.Do[answer](ctx, env.API, "/msg/search_msg", p.body(number, size))
	out := make([]Message, len(a.ChatLogs))
	for i, r := range a.ChatLogs {
		out[i] = r.ChatLog
		out[i].finish("", false)
		out[i].IsRevoked = r.IsRevoked
	}
	return out, -1, err
}
