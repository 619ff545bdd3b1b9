package message

import (
	"context"
	"encoding/base64"
	"net/url"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// SimpleParams describes the answer of a bot.
type SimpleParams struct {
	SendID   string `json:"sendID" arg:"1,required" help:"the account that answers"`
	RecvID   string `json:"recvID" arg:"2" help:"the account that gets the answer"`
	GroupID  string `json:"groupID" help:"the group that gets it, in place of an account"`
	Markdown string `json:"markdown" required:"true" help:"the answer, in markdown"`
	Ex       string `json:"ex" help:"extra data of the application"`
}

func sendSimpleOp() bindings.Op {
	return bindings.Op{
		Name: "send_simple", Effect: bindings.Write,
		Doc:     "Send a message by the call that bots use to answer a webhook.",
		Example: `message.send_simple{sendID="helpbot", recvID="alice", markdown="**done**"}`,
		Notes: "The call takes a key made of the message that is answered, so its sendID and recvID are the wrong way round; here sendID is who sends. " +
			"It always sends markdown. Each call sends again. message.send can do more. Servers up to 3.8.3 don't have the call: kind unsupported.",
		Run: bindings.Func(runSimple),
	}
}

func runSimple(ctx context.Context, env *bindings.Env, p SimpleParams) (Sent, error) {
	if err := bindings.CheckID("sendID", p.SendID); err != nil {
		return Sent{}, err
	}
	if (p.RecvID == "") == (p.GroupID == "") {
		return Sent{}, fault.New(fault.Usage, "want recvID or groupID, one of them")
	}
	// The key names the message that is answered: its sender gets the answer, its receiver gives it. In a group the body
	// names who answers, and the key's sender is not used but must be there (SERVER-BEHAVIOUR §6, send_simple_msg).
	key := value.NewObject("sendID", p.RecvID, "recvID", p.SendID)
	body := value.NewObject("content", p.Markdown)
	field, id, session := "recvID", p.RecvID, int64(sessionSingle)
	if p.GroupID != "" {
		key = value.NewObject("sendID", p.SendID, "groupID", p.GroupID)
		body.Set("sendID", p.SendID)
		field, id, session = "groupID", p.GroupID, sessionGroup
	}
	if err := bindings.CheckID(field, id); err != nil {
		return Sent{}, err
	}
	if p.Ex != "" {
		body.Set("ex", p.Ex)
	}
	text, err := value.Marshal(key)
	if err != nil {
		return Sent{}, err
	}
	query := url.Values{"key": {base64.StdEncoding.EncodeToString(text)}}
	out, err := openim.Do[Sent](ctx, env.API, "/msg/send_simple_msg", body, openim.Query(query))
	if err != nil {
		return Sent{}, explain(ctx, env, err)
	}
	out.ConversationID = conversationOf(session, p.SendID, p.RecvID, p.GroupID)
	return out, nil
}
