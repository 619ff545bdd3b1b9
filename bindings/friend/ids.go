package friend

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// UserParams names an account.
type UserParams struct {
	UserID string `json:"userID" arg:"1,required" help:"the account"`
}

// ID is the id of an account.
type ID struct {
	UserID string `json:"userID" column:"1" key:"true" help:"the friend"`
}

func idsOp() bindings.Op {
	return bindings.Op{
		Name: "ids", Effect: bindings.Read,
		Doc:     "List the ids of the friends of an account.",
		Example: `friend.ids("alice")`,
		Notes: "All in one call, without names: the cheap way to count or compare. An account that does not exist is an error of kind not_found; " +
			"the server would answer with an empty list.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p UserParams) ([]ID, error) {
			type answer struct {
				FriendIDs []string `json:"friendIDs"`
			}
			if err := bindings.CheckID("userID", p.UserID); err != nil {
				return nil, err
			}
			a, err := openim.Do[answer](ctx, env.API, "/friend/get_friend_id", value.NewObject("userID", p.UserID))
			if err == nil && len(a.FriendIDs) == 0 {
				err = bindings.MustBeKnown(ctx, env, p.UserID)
			}
			out := make([]ID, len(a.FriendIDs))
			for i, id := range a.FriendIDs {
				out[i].UserID = id
			}
			return out, err
		}),
	}
}

func requestsBetweenOp() bindings.Op {
	return bindings.Op{
		Name: "requests_between", Effect: bindings.Read,
		Doc:     "List the friend requests between two accounts, in both directions.",
		Example: `friend.requests_between("alice", "bob")`,
		Notes:   "At most two: a new request takes the place of an older one in the same direction. An account that does not exist is an error of kind not_found.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p CheckParams) ([]Request, error) {
			type answer struct {
				FriendRequests []Request `json:"friendRequests"`
			}
			if err := checkPair("userID1", p.UserID1, "userID2", p.UserID2); err != nil {
				return nil, err
			}
			a, err := openim.Do[answer](ctx, env.API, "/friend/get_designated_friend_apply",
				value.NewObject("fromUserID", p.UserID1, "toUserID", p.UserID2))
			if err == nil && len(a.FriendRequests) == 0 {
				err = bindings.MustBeKnown(ctx, env, p.UserID1, p.UserID2)
			}
			return a.FriendRequests, err
		}),
	}
}

// UnhandledParams names an account.
type UnhandledParams struct {
	UserID string `json:"userID" arg:"1,required" help:"the account"`
	Since  int64  `json:"since" min:"1" help:"only requests made after this time, in ms"`
}

// Unhandled is how many requests wait.
type Unhandled struct {
	UserID string `json:"userID" column:"1" key:"true" help:"the account"`
	Count  int64  `json:"count" column:"2" help:"friend requests to it that wait for an answer"`
}

func unhandledCountOp() bindings.Op {
	return bindings.Op{
		Name: "unhandled_count", Effect: bindings.Read,
		Doc:     "Count the friend requests to an account that wait for an answer.",
		Example: `friend.unhandled_count("bob")`,
		Notes:   "friend.requests with handled=\"pending\" lists them. An account that does not exist is an error of kind not_found; the server would count 0.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p UnhandledParams) (Unhandled, error) {
			if err := bindings.CheckID("userID", p.UserID); err != nil {
				return Unhandled{}, err
			}
			out, err := openim.Do[Unhandled](ctx, env.API, "/friend/get_self_unhandled_apply_count",
				value.NewObject("userID", p.UserID, "time", p.Since))
			if err == nil && out.Count == 0 {
				err = bindings.MustBeKnown(ctx, env, p.UserID)
			}
			out.UserID = p.UserID
			return out, err
		}),
	}
}
