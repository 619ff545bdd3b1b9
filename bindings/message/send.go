package message

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// SendParams describes one message.
type SendParams struct {
	SendID  string `json:"sendID" arg:"1,required" help:"the account that the message is from"`
	RecvID  string `json:"recvID" arg:"2" help:"the account it goes to"`
	GroupID string `json:"groupID" help:"the group it goes to, in place of an account"`
	Content
	Options
}

// Options are what a message carries beside its content.
type Options struct {
	SenderNickname   string       `json:"senderNickname" help:"the name shown with it; else the account's own"`
	SenderFaceURL    string       `json:"senderFaceURL" help:"the picture shown with it"`
	SenderPlatformID int64        `json:"senderPlatformID" help:"the platform it seems to come from, 1 to 12"`
	IsOnlineOnly     bool         `json:"isOnlineOnly" help:"only for who is online: not stored, no seq"`
	NotOfflinePush   bool         `json:"notOfflinePush" help:"no push to phones"`
	OfflinePushInfo  *OfflinePush `json:"offlinePushInfo" help:"what a push to phones shows"`
	SendTime         int64        `json:"sendTime" help:"a time of sending to pretend, in ms"`
	Ex               string       `json:"ex" help:"extra data of the application"`
}

// OfflinePush is what a push to phones shows.
type OfflinePush struct {
	Title         string `json:"title" help:"its title"`
	Desc          string `json:"desc" help:"its text"`
	Ex            string `json:"ex,omitempty" help:"extra data of the application"`
	IOSPushSound  string `json:"iOSPushSound,omitempty" help:"sound on iOS"`
	IOSBadgeCount bool   `json:"iOSBadgeCount,omitempty" help:"count on the app's icon"`
}

// Sent is a message that the server took.
type Sent struct {
	ClientMsgID    string `json:"clientMsgID" column:"1" key:"true" help:"the message's id, made by the server"`
	ServerMsgID    string `json:"serverMsgID" column:"2" help:"its other id"`
	SendTime       int64  `json:"sendTime" column:"3" help:"when it was sent, in ms"`
	ConversationID string `json:"conversationID" column:"4" help:"the conversation it is in"`

	Rest value.Rest `json:"-"`
}

func sendOp() bindings.Op {
	return bindings.Op{
		Name: "send", Effect: bindings.Write,
		Doc:     "Send a message from one account to another, or to a group.",
		Example: `message.send{sendID="alice", recvID="bob", text="hello"}`,
		Notes: "Exactly one content, and recvID or groupID. The server checks the sender, not the caller: blocked, muted, not in the group and so on are errors for it; an admin as the sender passes most of them. " +
			"The answer comes before the message is stored and has no seq: message.wait waits for it. " +
			"A send is never repeated once it may have arrived, since each call is a message of its own; after a broken connection the error says whether the server knows of it. " +
			"All three sizes of a picture are the given one. An OA notification is content with contentType=1400, from an account of level 2 or above.",
		Run: bindings.Func(runSend),
	}
}

func runSend(ctx context.Context, env *bindings.Env, p SendParams) (Sent, error) {
	contentType, content, err := p.Content.build(p.GroupID != "")
	if err != nil {
		return Sent{}, err
	}
	session, err := p.session(contentType)
	if err != nil {
		return Sent{}, err
	}
	body := value.NewObject("sendID", p.SendID, "contentType", contentType, "sessionType", session, "content", content)
	if p.GroupID != "" {
		body.Set("groupID", p.GroupID)
	} else {
		body.Set("recvID", p.RecvID)
	}
	if err := p.Options.into(body); err != nil {
		return Sent{}, err
	}
	out, err := openim.Do[Sent](ctx, env.API, "/msg/send_msg", body)
	if err != nil {
		return Sent{}, explain(ctx, env, err)
	}
	out.ConversationID = conversationOf(session, p.SendID, p.RecvID, p.GroupID)
	return out, nil
}

func (p SendParams) session(contentType int64) (int64, error) {
	if err := bindings.CheckID("sendID", p.SendID); err != nil {
		return 0, err
	}
	switch {
	case p.RecvID != "" && p.GroupID != "":
		return 0, fault.New(fault.Usage, "recvID and groupID are both given; a message goes to one of them")
	case p.RecvID == "" && p.GroupID == "":
		return 0, fault.New(fault.Usage, "missing field recvID or groupID: where the message goes")
	case contentType == typeOA && p.GroupID != "":
		return 0, fault.New(fault.Usage, "an OA notification goes to an account (recvID), not to a group")
	case p.GroupID != "":
		return sessionGroup, bindings.CheckID("groupID", p.GroupID)
	case contentType == typeOA:
		return sessionOA, bindings.CheckID("recvID", p.RecvID)
	}
	return sessionSingle, bindings.CheckID("recvID", p.RecvID)
}

// into puts the options that were given into a request.
func (o Options) into(body *value.Object) error {
	if o.SenderPlatformID < 0 || o.SenderPlatformID > 12 {
		return fault.New(fault.Usage, "senderPlatformID: want 1 to 12, got %d", o.SenderPlatformID)
	}
	if o.SendTime < 0 || o.SendTime > 0 && o.SendTime < 100_000_000_000 {
		return fault.New(fault.Usage, "sendTime: %d is no time in milliseconds", o.SendTime).WithHint("a time in seconds times 1000")
	}
	all := value.From(o).(*value.Object)
	for _, k := range all.Keys() {
		switch v, _ := all.Get(k); v {
		case "", int64(0), false, value.Null{}:
		default:
			body.Set(k, v)
		}
	}
	return nil
}

// explain adds to the error of a send that may have arrived all the same what the server knows of it: it keeps the
// outcome of a send under its operationID for a day (SERVER-BEHAVIOUR §6, check_msg_is_send_success).
func explain(ctx context.Context, env *bindings.Env, err error) error {
	e := *fault.From(err)
	if e.Kind != fault.Unreachable && e.Kind != fault.Timeout || e.OperationID == "" || e.Retryable || ctx.Err() != nil {
		return err
	}
	type answer struct {
		Status int64 `json:"status"`
	}
	a, asked := openim.Do[answer](ctx, env.API, "/msg/check_msg_is_send_success", nil, openim.OperationID(e.OperationID))
	switch {
	case asked != nil:
		e.Hint = "it may have been sent all the same: look with message.search before sending it again"
	case a.Status == 2:
		e.Hint = "the server says that it was sent: don't send it again"
	default:
		e.Hint = "the server does not know of it yet: look with message.search before sending it again"
	}
	return &e
}
