package client

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// TypingParams says to whom a user types.
type TypingParams struct {
	Client string `json:"client" arg:"1,required" help:"the connection; or an account, for which one is made for this call"`
	To     string `json:"to" arg:"2,required" help:"the account that sees it"`
	Stop   bool   `json:"stop" help:"the user stops typing"`
}

func typingOp() bindings.Op {
	return bindings.Op{
		Name: "typing", Effect: bindings.Write,
		Doc:     "Show somebody that the user is typing.",
		Example: `local c = client.connect("alice"); client.typing(c, "bob")`,
		Notes:   "It is a message of contentType 113 that is neither stored nor counted; the other side gets an event of type typing.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p TypingParams) (Sent, error) {
			c, done, err := open(ctx, env, p.Client)
			if err != nil {
				return Sent{}, err
			}
			defer done()
			id, err := freshID(env.Rand)
			if err != nil {
				return Sent{}, err
			}
			tips := `{"msgTips":"yes"}`
			if p.Stop {
				tips = `{"msgTips":"no"}`
			}
			m := &openim.GatewayMessage{
				RecvID: p.To, ClientMsgID: id, SessionType: sessionSingle, MsgFrom: fromUser, ContentType: typeTyping,
				Content: []byte(tips), SendTime: env.Now().UnixMilli(), Status: statusSending, Options: map[string]bool{},
			}
			for _, name := range []string{ // as real clients have it (REAL-CLIENTS §7)
				"history", "persistent", "unreadCount", "conversationUpdate", "senderSync", "senderConversationUpdate", "offlinePush",
			} {
				m.Options[name] = false
			}
			return c.send(ctx, m)
		}),
	}
}

// ReadParams says what was read.
type ReadParams struct {
	Client         string `json:"client" arg:"1,required" help:"the connection"`
	From           string `json:"from" arg:"2" help:"the account whose messages were read, in the chat of the two"`
	GroupID        string `json:"groupID" help:"the group whose messages were read"`
	ConversationID string `json:"conversationID" help:"the conversation that was read"`
	Seq            int64  `json:"seq" min:"1" help:"read up to here; left out: to the newest"`
}

// ReadResult is what is read now.
type ReadResult struct {
	ConversationID string `json:"conversationID" column:"1" key:"true" help:"the conversation"`
	HasReadSeq     int64  `json:"hasReadSeq" column:"2" help:"read up to here"`
	Seqs           int64  `json:"seqs" column:"3" help:"how many messages that makes read which were not"`
}

func readOp() bindings.Op {
	return bindings.Op{
		Name: "read", Effect: bindings.Write,
		Doc:     "Mark a conversation as read; the other side gets a receipt.",
		Example: `local c = client.connect("bob"); client.read(c, {from="alice"})`,
		Notes:   "It goes over the API with the user's own token, as apps do it. The other side of a chat of two gets an event of type read, from the reader.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p ReadParams) (ReadResult, error) {
			c, err := held(env, p.Client)
			if err != nil {
				return ReadResult{}, err
			}
			return c.markRead(ctx, env, p)
		}),
	}
}

// markRead marks one conversation as read.
func (c *conn) markRead(ctx context.Context, env *bindings.Env, p ReadParams) (ReadResult, error) {
	id, err := conversationID(c.login.UserID, p)
	if err != nil {
		return ReadResult{}, err
	}
	all, err := c.readSeqs(ctx)
	if err != nil {
		return ReadResult{}, err
	}
	i := slices.IndexFunc(all, func(s openim.ReadSeqs) bool { return s.ConversationID == id })
	if i < 0 || all[i].MaxSeq == 0 {
		return ReadResult{}, fault.New(fault.NotFound, "%s has no messages in %s", c.login.UserID, id).
			WithHint("a message is stored a moment after it was sent: expect it first")
	}
	upTo := all[i].MaxSeq
	if p.Seq > 0 {
		upTo = min(p.Seq, upTo)
	}
	seqs := value.List{}
	for n := max(all[i].HasReadSeq+1, upTo-pullBatch+1, 1); n <= upTo; n++ {
		seqs = append(seqs, n)
	}
	out := ReadResult{ConversationID: id, HasReadSeq: upTo, Seqs: int64(len(seqs))}
	_, err = env.API.Call(ctx, "/msg/mark_conversation_as_read", value.NewObject(
		"conversationID", id, "userID", c.login.UserID, "hasReadSeq", upTo, "seqs", seqs), openim.As(c.login.Token))
	return out, err
}

// conversationID is the conversation that was read.
func conversationID(self string, p ReadParams) (string, error) {
	given := 0
	for _, s := range []string{p.From, p.GroupID, p.ConversationID} {
		if s != "" {
			given++
		}
	}
	switch {
	case given != 1:
		return "", fault.New(fault.Usage, "want exactly one of from, groupID and conversationID")
	case p.ConversationID != "":
		return p.ConversationID, nil
	case p.GroupID != "":
		return openim.GroupConversation(openim.ChatConversation, p.GroupID), nil
	}
	return openim.PairConversation(openim.ChatConversation, self, p.From), nil
}

// PullParams names messages of a conversation.
type PullParams struct {
	Client         string `json:"client" arg:"1,required" help:"the connection; or an account, for which one is made for this call"`
	ConversationID string `json:"conversationID" arg:"2,required" help:"the conversation"`
	Begin          int64  `json:"begin" default:"1" min:"1" help:"the first seq"`
	End            int64  `json:"end" min:"1" help:"the last seq; left out: the newest"`
}

func pullOp() bindings.Op {
	return bindings.Op{
		Name: "pull", Effect: bindings.Read,
		Doc:     "Read stored messages of a conversation over a connection, in the order of their seqs.",
		Example: `client.pull("alice", "si_alice_bob", {begin=1})`,
		Notes:   "The server leaves out what the account has deleted or cleared, and gives nothing, without an error, for a conversation that the account is not in. What is pulled is no event.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p PullParams) ([]Event, error) {
			c, done, err := open(ctx, env, p.Client)
			if err != nil {
				return nil, err
			}
			defer done()
			if p.End == 0 {
				newest, err := c.newest(ctx)
				if err != nil {
					return nil, err
				}
				p.End = newest[p.ConversationID]
			}
			out := []Event{}
			for from := p.Begin; from <= p.End; from += pullBatch {
				list, err := c.pull(ctx, p.ConversationID, from, min(from+pullBatch-1, p.End))
				if err != nil {
					return nil, err
				}
				for _, l := range list {
					for _, m := range l.Messages {
						e := event{n: m.Seq, kind: kindMessage, at: env.Now(), conversation: l.ConversationID, msg: m, pulled: true}
						if l.Notifications {
							e.kind = kindNotification
						}
						out = append(out, e.row())
					}
				}
			}
			slices.SortStableFunc(out, func(a, b Event) int { return int(a.Seq - b.Seq) })
			return out, nil
		}),
	}
}

// SeqRow are the seqs of a conversation.
type SeqRow struct {
	ConversationID string `json:"conversationID" column:"1" key:"true" help:"the conversation"`
	MaxSeq         int64  `json:"maxSeq" column:"2" help:"number of its newest message"`
	HasReadSeq     int64  `json:"hasReadSeq" column:"3" help:"number of the newest message that the account has read"`
	MaxSeqTime     int64  `json:"maxSeqTime" column:"4" help:"when the newest message was sent, in ms; 0 when the server does not say"`
}

func seqsOp() bindings.Op {
	return bindings.Op{
		Name: "seqs", Effect: bindings.Read,
		Doc:     "List the conversations of a connection's account with their newest and read seq.",
		Example: `client.seqs("alice")`,
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p SeqsParams) ([]SeqRow, error) {
			c, done, err := open(ctx, env, p.Client)
			if err != nil {
				return nil, err
			}
			defer done()
			all, err := c.readSeqs(ctx)
			if err != nil {
				return nil, err
			}
			out := make([]SeqRow, len(all))
			for i, s := range all {
				out[i] = SeqRow(s)
			}
			slices.SortFunc(out, func(a, b SeqRow) int { return compare(a.ConversationID, b.ConversationID) })
			return out, nil
		}),
	}
}

// SeqsParams names a connection or an account.
type SeqsParams struct {
	Client string `json:"client" arg:"1,required" help:"the connection; or an account, for which one is made for this call"`
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (c *conn) readSeqs(ctx context.Context) ([]openim.ReadSeqs, error) {
	f, err := c.request(ctx, call{id: openim.WSReadSeqs, what: "read seqs", data: openim.EncodeUserID(c.login.UserID)})
	if err != nil {
		return nil, err
	}
	all, err := openim.DecodeReadSeqs(f.Data)
	return all, badAnswer("read seqs", err)
}

// SubscribeParams names accounts.
type SubscribeParams struct {
	Client      string   `json:"client" arg:"1,required" help:"the connection"`
	UserIDs     []string `json:"userIDs" arg:"2" help:"whose presence to be told"`
	Unsubscribe []string `json:"unsubscribe" help:"whose presence no longer to be told"`
}

// PresenceRow says where a user is online.
type PresenceRow struct {
	UserID    string   `json:"userID" column:"1" key:"true" help:"the account"`
	Platforms []string `json:"platforms" column:"2" help:"where it is online; none is offline"`
}

func subscribeOp() bindings.Op {
	return bindings.Op{
		Name: "subscribe", Effect: bindings.Read,
		Doc:     "Be told when accounts come online or go; returns where they are now.",
		Example: `local c = client.connect("bob"); client.subscribe(c, {"alice"})`,
		Notes:   "Changes come as events of type presence.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p SubscribeParams) ([]PresenceRow, error) {
			if len(p.UserIDs)+len(p.Unsubscribe) == 0 {
				return nil, fault.New(fault.Usage, "missing field userIDs: whose presence to be told")
			}
			c, err := held(env, p.Client)
			if err != nil {
				return nil, err
			}
			f, err := c.request(ctx, call{id: openim.WSSubscribe, what: "subscribe", data: openim.EncodeSubscribe(p.UserIDs, p.Unsubscribe)})
			if err != nil {
				return nil, err
			}
			list, err := openim.DecodePresence(f.Data)
			if err != nil {
				return nil, badAnswer("subscribe", err)
			}
			out := make([]PresenceRow, len(list))
			for i, p := range list {
				out[i] = PresenceRow{UserID: p.UserID, Platforms: platformNames(p.PlatformIDs)}
			}
			return out, nil
		}),
	}
}
