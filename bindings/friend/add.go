package friend

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// AddParams describes a friend request.
type AddParams struct {
	FromUserID string `json:"fromUserID" arg:"1,required" help:"the account that asks"`
	ToUserID   string `json:"toUserID" arg:"2,required" help:"the account that is asked"`
	Accept     bool   `json:"accept" default:"true" help:"accept the request at once in the name of the one asked; false: only ask"`
	ReqMsg     string `json:"reqMsg" help:"words with the request"`
	Ex         string `json:"ex" help:"extra data of the application"`
}

// Outcome says how a friend request stands.
type Outcome struct {
	FromUserID string `json:"fromUserID" column:"1" help:"the account that asks"`
	ToUserID   string `json:"toUserID" column:"2" help:"the account that is asked"`
	Status     string `json:"status" column:"3" help:"requested, friends, refused, or already"`
}

func addOp() bindings.Op {
	return bindings.Op{
		Name: "add", Effect: bindings.Write,
		Doc:     "Make two accounts friends by a request and its acceptance, as their users would.",
		Example: `friend.add{fromUserID="alice", toUserID="bob", reqMsg="hello"}`,
		Notes: "accept=false only asks: status `requested`. Status `already` when they are friends both ways; nothing is sent then. " +
			"Asking again resets the earlier request, also one that was refused. friend.import makes friends without a request.",
		Run: bindings.Func(runAdd), Undo: bindings.UndoOf(undoAdd),
	}
}

func runAdd(ctx context.Context, env *bindings.Env, p AddParams) (Outcome, error) {
	if err := checkPair("fromUserID", p.FromUserID, "toUserID", p.ToUserID); err != nil {
		return Outcome{}, err
	}
	mine, theirs, err := friends(ctx, env, p.FromUserID, p.ToUserID)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{FromUserID: p.FromUserID, ToUserID: p.ToUserID, Status: "already"}
	if mine && theirs {
		return out, nil
	}
	body := value.NewObject("fromUserID", p.FromUserID, "toUserID", p.ToUserID, "reqMsg", p.ReqMsg)
	if p.Ex != "" {
		body.Set("ex", p.Ex)
	}
	if _, err := env.API.Call(ctx, "/friend/add_friend", body); err != nil {
		return Outcome{}, err
	}
	out.Status = "requested"
	if !p.Accept {
		return out, nil
	}
	if err := respond(ctx, env, p.FromUserID, p.ToUserID, 1, ""); err != nil {
		e := *fault.From(err)
		e.Kind = fault.Partial
		e.Message = "the request was made, but not accepted: " + e.Message
		return out, &e
	}
	out.Status = "friends"
	return out, nil
}

func respond(ctx context.Context, env *bindings.Env, from, to string, result int64, words string) error {
	_, err := env.API.Call(ctx, "/friend/add_friend_response", value.NewObject(
		"fromUserID", from, "toUserID", to, "handleResult", result, "handleMsg", words))
	return err
}
