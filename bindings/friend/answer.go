package friend

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// AnswerParams names a friend request.
type AnswerParams struct {
	FromUserID string `json:"fromUserID" arg:"1,required" help:"the account that asked"`
	ToUserID   string `json:"toUserID" arg:"2,required" help:"the account that was asked, and answers"`
	HandleMsg  string `json:"handleMsg" help:"words with the answer"`
}

const answerNotes = "The request is looked up first: the server names neither a missing request nor one that was answered before in a way that tells them from other errors. " +
	"Status `already` when it was answered so before: safe to repeat. A request answered the other way is an error; friend.add asks again."

func acceptOp() bindings.Op {
	return bindings.Op{
		Name: "accept", Effect: bindings.Write,
		Doc:     "Accept a friend request.",
		Example: `friend.accept{fromUserID="alice", toUserID="bob"}`,
		Notes:   answerNotes,
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p AnswerParams) (Outcome, error) {
			return answerRequest(ctx, env, p, 1, "friends")
		}),
		Undo: bindings.UndoOf(undoAccept),
	}
}

func refuseOp() bindings.Op {
	return bindings.Op{
		Name: "refuse", Effect: bindings.Write,
		Doc:     "Refuse a friend request.",
		Example: `friend.refuse{fromUserID="alice", toUserID="bob", handleMsg="sorry"}`,
		Notes:   answerNotes,
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p AnswerParams) (Outcome, error) {
			return answerRequest(ctx, env, p, -1, "refused")
		}),
	}
}

func answerRequest(ctx context.Context, env *bindings.Env, p AnswerParams, result int64, status string) (Outcome, error) {
	if err := checkPair("fromUserID", p.FromUserID, "toUserID", p.ToUserID); err != nil {
		return Outcome{}, err
	}
	r, err := request(ctx, env, p.FromUserID, p.ToUserID)
	switch {
	case err != nil:
		return Outcome{}, err
	case r.HandleResult == result:
		return Outcome{FromUserID: p.FromUserID, ToUserID: p.ToUserID, Status: "already"}, nil
	case r.HandleResult != 0:
		was := "accepted"
		if r.HandleResult < 0 {
			was = "refused"
		}
		return Outcome{}, fault.New(fault.API, "the request of %q to %q was %s before", p.FromUserID, p.ToUserID, was).
			WithHint("nothing was sent; friend.add asks again, friend.delete ends a friendship")
	}
	if err := respond(ctx, env, p.FromUserID, p.ToUserID, result, p.HandleMsg); err != nil {
		return Outcome{}, err
	}
	return Outcome{FromUserID: p.FromUserID, ToUserID: p.ToUserID, Status: status}, nil
}

// request finds the request of one account to another. The server lists both directions.
func request(ctx context.Context, env *bindings.Env, from, to string) (Request, error) {
	type answer struct {
		FriendRequests []Request `json:"friendRequests"`
	}
	a, err := openim.Do[answer](ctx, env.API, "/friend/get_designated_friend_apply",
		value.NewObject("fromUserID", from, "toUserID", to))
	if err != nil {
		return Request{}, err
	}
	missing := fault.New(fault.NotFound, "no request of %q to %q", from, to)
	for _, r := range a.FriendRequests {
		switch {
		case r.FromUserID == from && r.ToUserID == to:
			return r, nil
		case r.FromUserID == to && r.ToUserID == from:
			missing = missing.WithHint("there is one of %q to %q: fromUserID is the one who asked", to, from)
		}
	}
	return Request{}, missing
}
