package friend

import (
	"context"
	"slices"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// FindParams names accounts that may be friends of an account.
type FindParams struct {
	OwnerUserID string   `json:"ownerUserID" arg:"1,required" help:"the account"`
	UserIDs     []string `json:"userIDs" arg:"2...,required" help:"the other accounts"`
}

// Relation is what an account has to do with another.
type Relation struct {
	UserID     string `json:"userID" column:"1" key:"true" help:"the other account"`
	Nickname   string `json:"nickname" column:"2" help:"its name"`
	IsFriend   bool   `json:"isFriend" column:"3" help:"it is in the friend list"`
	IsBlocked  bool   `json:"isBlocked" column:"4" help:"it is in the block list"`
	Remark     string `json:"remark" column:"5" help:"what the account calls it"`
	FriendTime int64  `json:"friendTime" help:"since when it is a friend, in ms; 0: it is none"`
	BlockTime  int64  `json:"blockTime" help:"since when it is blocked, in ms; 0: it is not"`

	UserInfo   *value.Object `json:"userInfo" help:"the account as the server gives it"`
	FriendInfo *value.Object `json:"friendInfo" help:"the entry in the friend list as the server gives it; null: there is none"`
	BlackInfo  *value.Object `json:"blackInfo" help:"the entry in the block list as the server gives it; null: there is none"`
}

func findOp() bindings.Op {
	return bindings.Op{
		Name: "find", Effect: bindings.Read,
		Doc:     "Show those of the named accounts that are friends of an account.",
		Example: `friend.find{ownerUserID="alice", userIDs={"bob", "carol"}}`,
		Notes:   "The server leaves out who is no friend; that is said on stderr. createTime is in milliseconds here; the server's own has seconds.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p FindParams) ([]Friend, error) {
			ids, err := checkList(p.OwnerUserID, "userIDs", p.UserIDs)
			if err != nil {
				return nil, err
			}
			rows, err := entries(ctx, env, p.OwnerUserID, ids)
			if err == nil && len(rows) == 0 {
				err = bindings.MustBeKnown(ctx, env, p.OwnerUserID)
			}
			if err != nil {
				return nil, err
			}
			id := func(f Friend) string { return f.UserID }
			warnMissing(env, p.OwnerUserID+" has no friend", ids, rows, id)
			bindings.Arrange(rows, ids, id)
			return rows, nil
		}),
	}
}

// warnMissing says which ids no row has.
func warnMissing[R any](env *bindings.Env, what string, ids []string, rows []R, id func(R) string) {
	var missing []string
	for _, want := range ids {
		if !slices.ContainsFunc(rows, func(r R) bool { return id(r) == want }) {
			missing = append(missing, want)
		}
	}
	if len(missing) > 0 {
		env.Warning("%s %s", what, strings.Join(missing, ", "))
	}
}

func relationsOp() bindings.Op {
	return bindings.Op{
		Name: "relations", Effect: bindings.Read,
		Doc:     "Show what an account has to do with others: friend, blocked, both or neither.",
		Example: `friend.relations{ownerUserID="alice", userIDs={"bob", "dave"}}`,
		Notes: "The view of the one account; friend.check shows both directions. The server gives these times in milliseconds, and those of its lists in seconds. " +
			"It leaves out accounts that don't exist; that is said on stderr.",
		Run: bindings.Func(runRelations),
	}
}

func runRelations(ctx context.Context, env *bindings.Env, p FindParams) ([]Relation, error) {
	ids, err := checkList(p.OwnerUserID, "userIDs", p.UserIDs)
	if err != nil {
		return nil, err
	}
	type answer struct {
		Infos []Relation `json:"infos"`
	}
	rows := []Relation{}
	for some := range slices.Chunk(ids, batch) {
		a, err := openim.Do[answer](ctx, env.API, "/friend/get_specified_friends_info",
			value.NewObject("ownerUserID", p.OwnerUserID, "userIDList", some))
		if err != nil {
			return nil, err
		}
		for _, r := range a.Infos {
			rows = append(rows, r.shown())
		}
	}
	if err := bindings.MustBeKnown(ctx, env, p.OwnerUserID); err != nil {
		return nil, err
	}
	id := func(r Relation) string { return r.UserID }
	warnMissing(env, "no account", ids, rows, id)
	bindings.Arrange(rows, ids, id)
	return rows, nil
}

func (r Relation) shown() Relation {
	r.UserID, r.Nickname, _ = profile(r.UserInfo)
	if r.IsFriend = r.FriendInfo != nil; r.IsFriend {
		remark, _ := r.FriendInfo.Get("remark")
		r.Remark, _ = remark.(string)
		r.FriendTime = timeOf(r.FriendInfo)
	}
	if r.IsBlocked = r.BlackInfo != nil; r.IsBlocked {
		r.BlockTime = timeOf(r.BlackInfo)
	}
	return r
}

func timeOf(entry *value.Object) int64 {
	at, _ := entry.Get("createTime")
	t, _ := at.(int64)
	return millis(t)
}
