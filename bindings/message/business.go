package message

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// BusinessParams describes a notification of the application.
type BusinessParams struct {
	SendUserID       string `json:"sendUserID" arg:"1,required" help:"the account that it is from"`
	RecvUserID       string `json:"recvUserID" arg:"2" help:"the account it goes to"`
	RecvGroupID      string `json:"recvGroupID" help:"the group it goes to, in place of an account"`
	Key              string `json:"key" required:"true" help:"what it is about, for the application"`
	Data             string `json:"data" help:"its data, a text that the application reads"`
	SendMsg          bool   `json:"sendMsg" help:"show it in the chat too"`
	ReliabilityLevel int64  `json:"reliabilityLevel" default:"1" min:"1" help:"1: only who is online gets it; 2: it is stored for who is not"`
}

func businessOp() bindings.Op {
	return bindings.Op{
		Name: "business_notification", Effect: bindings.Write,
		Doc:     "Send a notification of the application to an account or to the members of a group.",
		Example: `message.business_notification{sendUserID="alice", recvUserID="bob", key="order", data="{\"n\":7}", reliabilityLevel=2}`,
		Notes: "Its content type is 2001, its content key and data. With the server's default reliabilityLevel of 1 it is lost for who is offline. " +
			"The server does not look the receiver up: an unknown account is an error of kind not_found here. key and data are texts; a table is sent with json.encode.",
		Run: bindings.Func(runBusiness),
	}
}

func runBusiness(ctx context.Context, env *bindings.Env, p BusinessParams) (Sent, error) {
	if err := bindings.CheckID("sendUserID", p.SendUserID); err != nil {
		return Sent{}, err
	}
	if (p.RecvUserID == "") == (p.RecvGroupID == "") {
		return Sent{}, fault.New(fault.Usage, "want recvUserID or recvGroupID, one of them")
	}
	if p.ReliabilityLevel > 2 {
		return Sent{}, fault.New(fault.Usage, "reliabilityLevel: want 1 or 2, got %d", p.ReliabilityLevel)
	}
	body := value.NewObject("sendUserID", p.SendUserID, "key", p.Key, "data", p.Data, "sendMsg", p.SendMsg, "reliabilityLevel", p.ReliabilityLevel)
	if p.RecvGroupID != "" {
		if err := bindings.CheckID("recvGroupID", p.RecvGroupID); err != nil {
			return Sent{}, err
		}
		body.Set("recvGroupID", p.RecvGroupID)
	} else {
		if err := bindings.CheckID("recvUserID", p.RecvUserID); err != nil {
			return Sent{}, err
		}
		if err := bindings.MustBeKnown(ctx, env, p.RecvUserID); err != nil {
			return Sent{}, err
		}
		body.Set("recvUserID", p.RecvUserID)
	}
	out, err := openim.Do[Sent](ctx, env.API, "/msg/send_business_notification", body)
	if err != nil {
		return Sent{}, err
	}
	kind := openim.NotificationConversation
	if p.SendMsg {
		kind = openim.ChatConversation
	}
	if p.RecvGroupID != "" {
		out.ConversationID = openim.GroupConversation(kind, p.RecvGroupID)
	} else {
		out.ConversationID = openim.PairConversation(kind, p.SendUserID, p.RecvUserID)
	}
	return out, nil
}
