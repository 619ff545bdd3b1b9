package message

import (
	"context"
	"strings"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// The pauses between two looks for a message: the server stores in batches of about 100 ms (SERVER-BEHAVIOUR §7).
const (
	firstPause = 50 * time.Millisecond
	lastPause  = 500 * time.Millisecond
)

// lookBack is how many seqs before the newest one the first look covers.
const lookBack = 100

// WaitParams says which message to wait for, and in which conversation.
type WaitParams struct {
	SendID         string        `json:"sendID" help:"the account that sent it"`
	RecvID         string        `json:"recvID" help:"the account it went to"`
	GroupID        string        `json:"groupID" help:"the group it went to"`
	ConversationID string        `json:"conversationID" arg:"1" help:"the conversation, in place of accounts or a group"`
	UserID         string        `json:"userID" help:"the account in whose view to look; needed with conversationID"`
	ClientMsgID    string        `json:"clientMsgID" help:"the message's id, as message.send gave it"`
	Text           string        `json:"text" help:"its text holds this; case counts"`
	ContentType    int64         `json:"contentType" min:"1" help:"its type"`
	Since          int64         `json:"since" min:"1" help:"it was sent at this time or later, in ms"`
	Begin          int64         `json:"begin" min:"1" help:"look from this seq on; left out: from 100 before the newest"`
	Within         time.Duration `json:"within" default:"10s" help:"how long to wait"`
}

func waitOp() bindings.Op {
	return bindings.Op{
		Name: "wait", Effect: bindings.Read,
		Doc:     "Wait until a message that matches is stored, and return it.",
		Example: `message.wait{sendID="alice", recvID="bob", text="hello", within="5s"}`,
		Notes: "The conversation is named by sendID and recvID (the sender's direction only), by groupID, or by conversationID and userID. " +
			"Messages that are there already count, so a text that is not unique may match an older message: name clientMsgID, or since. " +
			"A time limit that passes is an error of kind timeout. Messages sent with isOnlineOnly are never stored.",
		Run: bindings.Func(runWait),
	}
}

func runWait(ctx context.Context, env *bindings.Env, p WaitParams) (Message, error) {
	if p.Within <= 0 {
		return Message{}, fault.New(fault.Usage, "within: want a duration above 0, got %s", p.Within)
	}
	conversation, reader, err := p.where(ctx, env)
	if err != nil {
		return Message{}, err
	}
	if p.ClientMsgID == "" && p.Text == "" && p.ContentType == 0 && p.Since == 0 && p.Begin == 0 {
		return Message{}, fault.New(fault.Usage, "nothing to wait for: give clientMsgID, text, contentType, since or begin")
	}
	w := watch{conversation: conversation, reader: reader, next: p.Begin}
	return w.until(ctx, env, p.Within, p.wants)
}

func (p WaitParams) where(ctx context.Context, env *bindings.Env) (conversation, reader string, err error) {
	for _, f := range []struct{ field, id string }{
		{"sendID", p.SendID}, {"recvID", p.RecvID}, {"groupID", p.GroupID}, {"conversationID", p.ConversationID}, {"userID", p.UserID},
	} {
		if f.id != "" {
			if err := bindings.CheckID(f.field, f.id); err != nil {
				return "", "", err
			}
		}
	}
	reader = p.UserID
	switch {
	case p.ConversationID != "":
		if p.GroupID != "" || p.RecvID != "" {
			return "", "", fault.New(fault.Usage, "conversationID names the conversation already; leave groupID and recvID out")
		}
		if reader == "" {
			return "", "", fault.New(fault.Usage, "missing field userID: an account that is in the conversation")
		}
		return p.ConversationID, reader, nil
	case p.GroupID != "":
		if p.RecvID != "" {
			return "", "", fault.New(fault.Usage, "recvID and groupID are both given; a message goes to one of them")
		}
		if reader == "" {
			reader, err = groupOwner(ctx, env, p.GroupID)
		}
		return openim.GroupConversation(openim.ChatConversation, p.GroupID), reader, err
	case p.SendID != "" && p.RecvID != "":
		if reader == "" {
			reader = p.RecvID
		}
		return openim.PairConversation(openim.ChatConversation, p.SendID, p.RecvID), reader, nil
	}
	return "", "", fault.New(fault.Usage, "name the conversation: sendID and recvID, or groupID, or conversationID and userID")
}

// groupOwner is a member in whose view a group's messages can be read.
func groupOwner(ctx context.Context, env *bindings.Env, groupID string) (string, error) {
	type group struct {
		OwnerUserID string `json:"ownerUserID"`
	}
	type answer struct {
		GroupInfos []group `json:"groupInfos"`
	}
	a, err := openim.Do[answer](ctx, env.API, "/group/get_groups_info", value.NewObject("groupIDs", value.List{groupID}))
	switch {
	case err != nil:
		return "", err
	case len(a.GroupInfos) == 0:
		return "", fault.New(fault.NotFound, "no group %q", groupID)
	case a.GroupInfos[0].OwnerUserID == "":
		return "", fault.New(fault.Usage, "missing field userID: the group %q has no owner in whose view to look", groupID)
	}
	return a.GroupInfos[0].OwnerUserID, nil
}

func (p WaitParams) wants(m Message) bool {
	return (p.SendID == "" || m.SendID == p.SendID) && (p.ClientMsgID == "" || m.ClientMsgID == p.ClientMsgID) &&
		strings.Contains(m.Text, p.Text) && (p.ContentType == 0 || m.ContentType == p.ContentType) && m.SendTime >= p.Since
}

// watch looks at a conversation again and again, at each message once.
type watch struct {
	conversation, reader string
	next                 int64 // the first seq not seen; 0: look back from the newest
	polls, seen          int
}

// until returns the first message that is wanted; when none comes within the limit, an error of kind timeout.
func (w *watch) until(ctx context.Context, env *bindings.Env, within time.Duration, wanted func(Message) bool) (Message, error) {
	inner, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for pause := firstPause; ; pause = min(pause*3/2, lastPause) {
		m, found, err := w.look(inner, env, wanted)
		if found {
			return m, nil
		}
		if err != nil && inner.Err() == nil {
			return Message{}, err
		}
		if err == nil {
			err = bindings.Wait(inner, pause)
		}
		if ctx.Err() != nil {
			return Message{}, context.Cause(ctx)
		}
		if err != nil {
			return Message{}, fault.New(fault.Timeout, "no such message in %s within %s: looked %d times, saw %d others",
				w.conversation, within, w.polls, w.seen).
				WithHint("the message may not have been sent, or %s may not be in the conversation", w.reader)
		}
	}
}

func (w *watch) look(ctx context.Context, env *bindings.Env, wanted func(Message) bool) (Message, bool, error) {
	newest, err := maxSeqs(ctx, env, w.reader)
	if err != nil {
		return Message{}, false, err
	}
	w.polls++
	last := newest[w.conversation]
	if w.next == 0 && last > 0 {
		w.next = max(1, last-lookBack+1)
	}
	for from := w.next; from > 0 && from <= last; {
		end := min(from+pullBatch-1, last)
		rows, err := pull(ctx, env, w.conversation, w.reader, from, end)
		if err != nil {
			return Message{}, false, err
		}
		from = end + 1
		if len(rows) == 0 { // deleted, or not yet there: the seq can show before the messages do
			continue
		}
		for _, m := range rows {
			if wanted(m) {
				return m, true, nil
			}
		}
		w.seen += len(rows)
		w.next = rows[len(rows)-1].Seq + 1
		from = w.next
	}
	return Message{}, false, nil
}
