package friend

import (
	"context"
	"iter"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// ListParams names an account.
type ListParams struct {
	UserID  string `json:"userID" arg:"1,required" help:"the account"`
	Keyword string `json:"keyword" help:"only those whose userID, name or remark holds this text; case does not count"`
}

// Friend is an entry of a friend list.
type Friend struct {
	UserID         string `json:"userID" column:"1" key:"true" help:"the friend"`
	Nickname       string `json:"nickname" column:"2" help:"its name"`
	Remark         string `json:"remark" column:"3" help:"what the owner calls it"`
	CreateTime     int64  `json:"createTime" column:"4" help:"since when, in ms (the server's list has seconds)"`
	OwnerUserID    string `json:"ownerUserID" help:"the account whose list it is"`
	FaceURL        string `json:"faceURL" help:"address of its picture"`
	AddSource      int64  `json:"addSource" help:"1 imported, 2 by request"`
	OperatorUserID string `json:"operatorUserID" help:"who made them friends"`
	IsPinned       bool   `json:"isPinned" help:"pinned to the top"`
	Ex             string `json:"ex" help:"extra data of the application"`

	FriendUser *value.Object `json:"friendUser" help:"the friend's account as the server gives it"`
	Rest       value.Rest    `json:"-"`
}

func listOp() bindings.Op {
	return bindings.Op{
		Name: "list", Effect: bindings.Read,
		Doc:     "List the friends of an account, pinned ones first.",
		Example: `friend.list("alice")`,
		Notes: "createTime is in milliseconds here; the server's own list has seconds. The keyword is looked for here, in the whole list. " +
			"An account that does not exist is an error of kind not_found; the server would answer with an empty list.",
		Run: bindings.Stream(runList),
	}
}

// profile takes out of an account what a row shows of it.
func profile(user *value.Object) (userID, nickname, faceURL string) {
	text := func(key string) string {
		if user == nil {
			return ""
		}
		v, _ := user.Get(key)
		s, _ := v.(string)
		return s
	}
	return text("userID"), text("nickname"), text("faceURL")
}

func runList(ctx context.Context, env *bindings.Env, p ListParams) iter.Seq2[Friend, error] {
	type answer struct {
		Total       int64    `json:"total"`
		FriendsInfo []Friend `json:"friendsInfo"`
	}
	next := func(number, size int64) ([]Friend, int64, error) {
		a, err := openim.Do[answer](ctx, env.API, "/friend/get_friend_list",
			value.NewObject("userID", p.UserID, "pagination", bindings.Pagination(number, size)))
		for i := range a.FriendsInfo {
			f := &a.FriendsInfo[i]
			f.UserID, f.Nickname, f.FaceURL = profile(f.FriendUser)
			f.CreateTime = millis(f.CreateTime)
		}
		return a.FriendsInfo, a.Total, err
	}
	return owned(ctx, env, p.UserID, bindings.Pages(env, "friends of "+p.UserID, bindings.PageSize, func(f Friend) string { return f.UserID }, next),
		func(f Friend) bool {
			return bindings.Holds(f.UserID, p.Keyword) || bindings.Holds(f.Nickname, p.Keyword) || bindings.Holds(f.Remark, p.Keyword)
		})
}

// owned streams the rows of an account's list that are wanted. When there are none at all it asks whether the account
// exists.
func owned[T any](ctx context.Context, env *bindings.Env, userID string, rows iter.Seq2[T, error], wanted func(T) bool) iter.Seq2[T, error] {
	if err := bindings.CheckID("userID", userID); err != nil {
		return bindings.Fails[T](err)
	}
	return bindings.Only(rows, wanted, func() error { return bindings.MustBeKnown(ctx, env, userID) })
}
