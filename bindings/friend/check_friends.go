package friend

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// CheckParams names two accounts.
type CheckParams struct {
	UserID1 string `json:"userID1" arg:"1,required" help:"one account"`
	UserID2 string `json:"userID2" arg:"2,required" help:"the other"`
}

// CheckResult says who has whom in the friend list.
type CheckResult struct {
	UserID1        string `json:"userID1" column:"1" help:"one account"`
	UserID2        string `json:"userID2" column:"2" help:"the other"`
	Friends        bool   `json:"friends" column:"3" help:"each has the other in its list"`
	InUser1Friends bool   `json:"inUser1Friends" column:"4" help:"userID2 is in the list of userID1"`
	InUser2Friends bool   `json:"inUser2Friends" column:"5" help:"userID1 is in the list of userID2"`
}

func checkOp() bindings.Op {
	return bindings.Op{
		Name: "check", Effect: bindings.Read,
		Doc:     "Tell whether two accounts are friends, in each direction.",
		Example: `friend.check("alice", "bob")`,
		Notes:   "The server answers false for accounts that don't exist; here that is an error of kind not_found.",
		Run:     bindings.Func(runCheck),
	}
}

func runCheck(ctx context.Context, env *bindings.Env, p CheckParams) (CheckResult, error) {
	if err := checkPair("userID1", p.UserID1, "userID2", p.UserID2); err != nil {
		return CheckResult{}, err
	}
	mine, theirs, err := friends(ctx, env, p.UserID1, p.UserID2)
	if err == nil && !mine && !theirs {
		err = bindings.MustBeKnown(ctx, env, p.UserID1, p.UserID2)
	}
	if err != nil {
		return CheckResult{}, err
	}
	return CheckResult{UserID1: p.UserID1, UserID2: p.UserID2, Friends: mine && theirs, InUser1Friends: mine, InUser2Friends: theirs}, nil
}

// friends tells whether b is in the list of a, and a in the list of b.
func friends(ctx context.Context, env *bindings.Env, a, b string) (mine, theirs bool, err error) {
	type answer struct {
		InUser1Friends bool `json:"inUser1Friends"`
		InUser2Friends bool `json:"inUser2Friends"`
	}
	r, err := openim.Do[answer](ctx, env.API, "/friend/is_friend", value.NewObject("userID1", a, "userID2", b))
	return r.InUser1Friends, r.InUser2Friends, err
}
