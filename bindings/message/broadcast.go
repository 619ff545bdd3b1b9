package message

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// castBatch is how many receivers one call names. The server sends to them one after the other before it answers.
const castBatch = 50

// BroadcastParams describes one message to many accounts.
type BroadcastParams struct {
	SendID  string   `json:"sendID" arg:"1,required" help:"the account that the message is from"`
	RecvIDs []string `json:"recvIDs" help:"the accounts it goes to"`
	All     bool     `json:"all" help:"to every account of level 0 and 1, but the sender and the one imctl runs as"`
	Content
	Options
}

// Receipt is the outcome for one receiver.
type Receipt struct {
	RecvID      string `json:"recvID" column:"1" key:"true" help:"the receiver"`
	Status      string `json:"status" column:"2" help:"sent, failed, or unknown: it may have been sent"`
	ServerMsgID string `json:"serverMsgID" column:"3" help:"the message's id, one for each receiver"`
	ClientMsgID string `json:"clientMsgID" help:"its other id; all receivers of one call of the server share it"`
	SendTime    int64  `json:"sendTime" help:"when it was sent, in ms"`
	Error       string `json:"error,omitempty" column:"4" help:"why it failed; absent when it did not"`

	err *fault.Error
}

func broadcastOp() bindings.Op {
	return bindings.Op{
		Name: "broadcast", Effect: bindings.Write,
		Doc:     "Send one message to many accounts, or to all; a row for each receiver.",
		Example: `message.broadcast{sendID="alice", recvIDs={"bob", "carol"}, text="maintenance at six"}`,
		Notes: "The server answers success even when every receiver failed, and gives no reason: each receiver is accounted for here, and the reason is looked up where that is possible. " +
			"`all` lists the accounts itself, because the server's own isSendAll reaches admins and notification accounts too and says nothing about single receivers. " +
			"A call whose answer does not come is never repeated: its receivers are `unknown`, and the rest are not tried. Not safe to repeat: each call sends again.",
		Run:     bindings.Func(runBroadcast),
		Preview: bindings.PreviewOf(previewBroadcast),
	}
}

func previewBroadcast(ctx context.Context, env *bindings.Env, p BroadcastParams) (bindings.Preview, error) {
	if !p.All {
		return bindings.PreviewAccounts("send a message to", p.RecvIDs), nil
	}
	ids, err := p.receivers(ctx, env)
	preview := bindings.PreviewAccounts("send a message to all", ids)
	preview.Bulk = true
	return preview, err
}

func runBroadcast(ctx context.Context, env *bindings.Env, p BroadcastParams) ([]Receipt, error) {
	if err := bindings.CheckID("sendID", p.SendID); err != nil {
		return nil, err
	}
	contentType, content, err := p.Content.build(false)
	if err != nil {
		return nil, err
	}
	session := int64(sessionSingle)
	if contentType == typeOA {
		session = sessionOA
	}
	body := value.NewObject("sendID", p.SendID, "contentType", contentType, "sessionType", session, "content", content)
	if err := p.Options.into(body); err != nil {
		return nil, err
	}
	ids, err := p.receivers(ctx, env)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, fault.New(fault.NotFound, "there is no account to send to")
	}
	rows := make([]Receipt, 0, len(ids))
	show, finish := progress(env, len(ids))
	defer finish()
	var stop error
	for some := range slices.Chunk(ids, castBatch) {
		if stop == nil {
			stop = cast(ctx, env, body, some, &rows)
			show(len(rows))
			continue
		}
		for _, id := range some {
			rows = append(rows, lost(id, "failed", fault.New(fault.From(stop).Kind, "not tried: %w", stop)))
		}
	}
	if err := reasons(ctx, env, rows); err != nil {
		env.Warning("why receivers failed can't be looked up: %v", err)
	}
	if stop != nil && !slices.ContainsFunc(rows, func(r Receipt) bool { return r.Status == "sent" }) {
		return rows, stop
	}
	return rows, partial(rows)
}

func (p BroadcastParams) receivers(ctx context.Context, env *bindings.Env) ([]string, error) {
	switch {
	case p.All && p.RecvIDs != nil:
		return nil, fault.New(fault.Usage, "recvIDs and all are both given")
	case p.All:
		return everyone(ctx, env, p.SendID)
	case len(p.RecvIDs) == 0:
		return nil, fault.New(fault.Usage, "recvIDs is missing or empty: name the receivers, or all=true").WithHint("nothing was sent")
	}
	return bindings.CheckIDs("recvIDs", p.RecvIDs)
}

// cast sends to one batch. The error it returns ends the broadcast.
func cast(ctx context.Context, env *bindings.Env, body *value.Object, ids []string, rows *[]Receipt) error {
	type answer struct {
		Results       []Receipt `json:"results"`
		FailedUserIDs []string  `json:"failedUserIDs"`
	}
	body.Set("recvIDs", ids)
	a, err := openim.Do[answer](ctx, env.API, "/msg/batch_send_msg", body)
	if err != nil {
		e := fault.From(err)
		status := "failed"
		if (e.Kind == fault.Unreachable || e.Kind == fault.Timeout || e.Kind == fault.Canceled) && !e.Retryable {
			status = "unknown"
		}
		for _, id := range ids {
			*rows = append(*rows, lost(id, status, err))
		}
		return err
	}
	got := map[string]Receipt{}
	for _, r := range a.Results {
		r.Status = "sent"
		got[r.RecvID] = r
	}
	for _, id := range a.FailedUserIDs {
		got[id] = lost(id, "failed", fault.New(fault.API, "refused by the server, which gives no reason").
			WithHint("message.send to this receiver alone shows it"))
	}
	for _, id := range ids {
		r, there := got[id]
		if !there {
			r = lost(id, "unknown", fault.New(fault.API, "the server said nothing of this receiver"))
		}
		*rows = append(*rows, r)
	}
	return nil
}

func lost(id, status string, err error) Receipt {
	e := fault.From(err)
	return Receipt{RecvID: id, Status: status, Error: e.Error(), err: e}
}
