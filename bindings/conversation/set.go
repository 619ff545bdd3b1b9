package conversation

import (
	"context"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// SetParams holds the settings to change; what is left out stays as it is.
type SetParams struct {
	OwnerUserID string `json:"ownerUserID" arg:"1,required" help:"the account whose list it is in"`
	Which
	Settings
}

// Settings are what can be set on a conversation.
type Settings struct {
	IsPinned        *bool   `json:"isPinned" help:"pin it to the top"`
	RecvMsgOpt      *int64  `json:"recvMsgOpt" help:"0 receive, 1 do not receive, 2 receive without notification"`
	IsPrivateChat   *bool   `json:"isPrivateChat" help:"messages vanish once they are read; on both sides of a single chat"`
	BurnDuration    *int64  `json:"burnDuration" help:"how long after reading they vanish, in seconds"`
	IsMsgDestruct   *bool   `json:"isMsgDestruct" help:"clear old messages"`
	MsgDestructTime *int64  `json:"msgDestructTime" help:"how old, in seconds"`
	GroupAtType     *int64  `json:"groupAtType" help:"0 none, 1 the owner is named, 2 all are, 3 both, 4 an announcement"`
	AttachedInfo    *string `json:"attachedInfo" help:"data of the client library"`
	Ex              *string `json:"ex" help:"extra data of the application"`
}

func setOp() bindings.Op {
	return bindings.Op{
		Name: "set", Effect: bindings.Write,
		Doc:     "Change settings of a conversation in the list of one account.",
		Example: `conversation.set{ownerUserID="alice", userID="bob", isPinned=true}`,
		Notes: "Only the fields that are named change; an empty text blanks one. The server makes a conversation that is missing and checks neither its id nor the accounts or the group: " +
			"the id is made by its rule here, and accounts and group are looked up. isPrivateChat is set on both sides, all else only for the owner. " +
			"The conversation is read back, and what did not take is an error of kind partial; one that this call made may read as missing for up to 60 seconds.",
		Run:    bindings.Func(runSet),
		Undo:   bindings.UndoOf(undoSet),
		Before: before(func(p SetParams) (string, Which) { return p.OwnerUserID, p.Which }),
	}
}

func runSet(ctx context.Context, env *bindings.Env, p SetParams) (Conversation, error) {
	settings, err := p.Settings.given()
	if err != nil {
		return Conversation{}, err
	}
	c, there, err := target(ctx, env, p.OwnerUserID, p.Which)
	if err != nil {
		return Conversation{}, err
	}
	if c.ConversationType == typeGroup && p.IsPrivateChat != nil {
		return Conversation{}, fault.New(fault.Usage, "isPrivateChat is for chats of two; the server drops it in a group").WithHint("nothing was sent")
	}
	body := value.NewObject("conversationID", c.ConversationID, "conversationType", c.ConversationType, "userID", c.UserID, "groupID", c.GroupID)
	for _, k := range settings.Keys() {
		v, _ := settings.Get(k)
		body.Set(k, v)
	}
	if _, err := env.API.Call(ctx, "/conversation/set_conversations",
		value.NewObject("userIDs", value.List{p.OwnerUserID}, "conversation", body)); err != nil {
		return Conversation{}, err
	}
	after, err := one(ctx, env, p.OwnerUserID, c.ConversationID)
	if fault.Is(err, fault.NotFound) && !there {
		// The server deletes a wrong cache key when it makes one (SERVER-BEHAVIOUR §13).
		env.Warning("%s was made and can't be read back yet; the server may take up to 60 seconds", c.ConversationID)
		return c, nil
	}
	if err != nil {
		return Conversation{}, err
	}
	if missed := differs(settings, value.From(after).(*value.Object)); len(missed) > 0 {
		return after, fault.New(fault.Partial, "the server answered success, but did not take %s", strings.Join(missed, ", "))
	}
	return after, nil
}

// given are the settings that are named.
func (s Settings) given() (*value.Object, error) {
	for _, r := range []struct {
		field   string
		v       *int64
		highest int64
	}{
		{"recvMsgOpt", s.RecvMsgOpt, 2}, {"groupAtType", s.GroupAtType, 4},
		{"burnDuration", s.BurnDuration, 1<<31 - 1}, {"msgDestructTime", s.MsgDestructTime, 1<<62 - 1},
	} {
		if r.v != nil && (*r.v < 0 || *r.v > r.highest) {
			return nil, fault.New(fault.Usage, "%s: want 0 to %d, got %d", r.field, r.highest, *r.v)
		}
	}
	all := value.From(s).(*value.Object)
	out := value.NewObject()
	for _, k := range all.Keys() {
		if v, _ := all.Get(k); v != (value.Null{}) {
			out.Set(k, v)
		}
	}
	if out.Len() == 0 {
		return nil, fault.New(fault.Usage, "nothing to change: name at least one setting").WithHint("nothing was sent")
	}
	return out, nil
}

// differs lists the members of want that got does not hold.
func differs(want, got *value.Object) []string {
	var out []string
	for _, k := range want.Keys() {
		w, _ := want.Get(k)
		if g, _ := got.Get(k); g != w {
			out = append(out, k)
		}
	}
	return out
}
