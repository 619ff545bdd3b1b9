package friend

import (
	"context"
	"iter"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// BlockParams names an account and those it blocks.
type BlockParams struct {
	OwnerUserID  string   `json:"ownerUserID" arg:"1,required" help:"the account that blocks"`
	BlackUserIDs []string `json:"blackUserIDs" arg:"2...,required" help:"the accounts to block"`
	Ex           string   `json:"ex" help:"extra data of the application"`
}

// UnblockParams names an account and those it no longer blocks.
type UnblockParams struct {
	OwnerUserID  string   `json:"ownerUserID" arg:"1,required" help:"the account that blocked"`
	BlackUserIDs []string `json:"blackUserIDs" arg:"2...,required" help:"the accounts to unblock"`
}

// BlockedParams names an account.
type BlockedParams struct {
	UserID string `json:"userID" arg:"1,required" help:"the account whose block list it is"`
}

// Blocked is an entry of a block list.
type Blocked struct {
	UserID         string `json:"userID" column:"1" key:"true" help:"the blocked account"`
	Nickname       string `json:"nickname" column:"2" help:"its name"`
	CreateTime     int64  `json:"createTime" column:"3" help:"since when, in ms (the server's list has seconds)"`
	OwnerUserID    string `json:"ownerUserID" help:"the account that blocks"`
	FaceURL        string `json:"faceURL" help:"address of its picture"`
	AddSource      int64  `json:"addSource" help:"how it came into the list"`
	OperatorUserID string `json:"operatorUserID" help:"who put it there"`
	Ex             string `json:"ex" help:"extra data of the application"`

	BlackUserInfo *value.Object `json:"blackUserInfo" help:"the blocked account as the server gives it"`
	Rest          value.Rest    `json:"-"`
}

func blockOp() bindings.Op {
	return bindings.Op{
		Name: "block", Effect: bindings.Write,
		Doc:     "Put accounts on an account's block list: their messages to it are refused.",
		Example: `friend.block{ownerUserID="alice", blackUserIDs={"dave"}}`,
		Notes: "One direction: the blocking account may still write to the blocked one, and a friendship stays. Accounts of level 2 and above can write all the same. " +
			"The server answers a second block with an error 500, so the list is read first: status `blocked`, `already`, `skipped` (the account imctl runs as, in a list of several) or `failed`.",
		Run: bindings.Func(runBlock), Undo: bindings.UndoOf(undoBlock),
		Preview: bindings.PreviewOf(func(_ context.Context, _ *bindings.Env, p BlockParams) (bindings.Preview, error) {
			return bindings.PreviewAccounts("block for "+p.OwnerUserID, p.BlackUserIDs), nil
		}),
	}
}

func runBlock(ctx context.Context, env *bindings.Env, p BlockParams) ([]Row, error) {
	ids, there, err := blockList(ctx, env, p.OwnerUserID, p.BlackUserIDs)
	if err != nil {
		return nil, err
	}
	accounts, err := bindings.KnownAccounts(ctx, env, append([]string{p.OwnerUserID}, ids...))
	if err != nil {
		return nil, err
	}
	if !accounts[p.OwnerUserID] {
		return nil, bindings.NoAccount(p.OwnerUserID)
	}
	rows := each(p.OwnerUserID, ids, func(id string) (string, error) {
		switch {
		case id == p.OwnerUserID:
			return "", fault.New(fault.Usage, "%q can't block itself", id)
		case len(ids) > 1 && id == env.Target.Admin:
			return "skipped", nil
		case there[id]:
			return "already", nil
		case !accounts[id]:
			return "", bindings.NoAccount(id)
		}
		body := value.NewObject("ownerUserID", p.OwnerUserID, "blackUserID", id)
		if p.Ex != "" {
			body.Set("ex", p.Ex)
		}
		_, err := env.API.Call(ctx, "/friend/add_black", body)
		return "blocked", err
	})
	return rows, partial("blocked", rows)
}

func unblockOp() bindings.Op {
	return bindings.Op{
		Name: "unblock", Effect: bindings.Write,
		Doc:     "Take accounts off an account's block list.",
		Example: `friend.unblock{ownerUserID="alice", blackUserIDs={"dave"}}`,
		Notes:   "Status `unblocked`, or `not_blocked` when there was nothing to do: safe to repeat.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p UnblockParams) ([]Row, error) {
			ids, there, err := blockList(ctx, env, p.OwnerUserID, p.BlackUserIDs)
			if err != nil {
				return nil, err
			}
			rows := each(p.OwnerUserID, ids, func(id string) (string, error) {
				if !there[id] {
					return "not_blocked", nil
				}
				_, err := env.API.Call(ctx, "/friend/remove_black",
					value.NewObject("ownerUserID", p.OwnerUserID, "blackUserID", id))
				return "unblocked", err
			})
			return rows, partial("unblocked", rows)
		}),
		Preview: bindings.PreviewOf(func(_ context.Context, _ *bindings.Env, p UnblockParams) (bindings.Preview, error) {
			return bindings.PreviewAccounts("unblock for "+p.OwnerUserID, p.BlackUserIDs), nil
		}),
	}
}

// blockList checks the ids and returns which of them are on the block list.
func blockList(ctx context.Context, env *bindings.Env, owner string, blackUserIDs []string) ([]string, map[string]bool, error) {
	ids, err := checkList(owner, "blackUserIDs", blackUserIDs)
	if err != nil {
		return nil, nil, err
	}
	type answer struct {
		Blacks []Blocked `json:"blacks"`
	}
	there := map[string]bool{}
	for some := range slices.Chunk(ids, batch) {
		a, err := openim.Do[answer](ctx, env.API, "/friend/get_specified_blacks",
			value.NewObject("ownerUserID", owner, "userIDList", some))
		if err != nil {
			return nil, nil, err
		}
		for _, b := range a.Blacks {
			id, _, _ := profile(b.BlackUserInfo)
			there[id] = true
		}
	}
	return ids, there, nil
}

func blockedOp() bindings.Op {
	return bindings.Op{
		Name: "blocked", Effect: bindings.Read,
		Doc:     "List the accounts on an account's block list.",
		Example: `friend.blocked("alice")`,
		Notes:   "createTime is in milliseconds here; the server's own list has seconds.",
		Run: bindings.Stream(func(ctx context.Context, env *bindings.Env, p BlockedParams) iter.Seq2[Blocked, error] {
			type answer struct {
				Total  int64     `json:"total"`
				Blacks []Blocked `json:"blacks"`
			}
			next := func(number, size int64) ([]Blocked, int64, error) {
				a, err := openim.Do[answer](ctx, env.API, "/friend/get_black_list",
					value.NewObject("userID", p.UserID, "pagination", bindings.Pagination(number, size)))
				for i := range a.Blacks {
					b := &a.Blacks[i]
					b.UserID, b.Nickname, b.FaceURL = profile(b.BlackUserInfo)
					b.CreateTime = millis(b.CreateTime)
				}
				return a.Blacks, a.Total, err
			}
			return owned(ctx, env, p.UserID, bindings.Pages(env, "blocked ones of "+p.UserID, bindings.PageSize,
				func(b Blocked) string { return b.UserID }, next), func(Blocked) bool { return true })
		}),
	}
}
