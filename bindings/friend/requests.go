package friend

import (
	"context"
	"iter"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// RequestsParams selects friend requests of an account.
type RequestsParams struct {
	UserID  string `json:"userID" arg:"1,required" help:"the account"`
	Sent    bool   `json:"sent" help:"the requests it made, in place of those it got"`
	Handled string `json:"handled" enum:"pending,accepted,refused" help:"only requests with this outcome"`
}

// Request is a friend request.
type Request struct {
	FromUserID    string `json:"fromUserID" column:"1" key:"true" help:"the account that asks"`
	FromNickname  string `json:"fromNickname" help:"its name"`
	FromFaceURL   string `json:"fromFaceURL" help:"address of its picture"`
	ToUserID      string `json:"toUserID" column:"2" help:"the account that is asked"`
	ToNickname    string `json:"toNickname" help:"its name"`
	ToFaceURL     string `json:"toFaceURL" help:"address of its picture"`
	HandleResult  int64  `json:"handleResult" column:"3" help:"0 pending, 1 accepted, -1 refused"`
	ReqMsg        string `json:"reqMsg" column:"4" help:"words with the request"`
	CreateTime    int64  `json:"createTime" column:"5" help:"when it was made, in ms"`
	HandleMsg     string `json:"handleMsg" help:"words of the answer"`
	HandlerUserID string `json:"handlerUserID" help:"who answered"`
	HandleTime    int64  `json:"handleTime" help:"when, in ms"`
	Ex            string `json:"ex" help:"extra data of the application"`

	Rest value.Rest `json:"-"`
}

func requestsOp() bindings.Op {
	return bindings.Op{
		Name: "requests", Effect: bindings.Read,
		Doc:     "List the friend requests that an account got, or made.",
		Example: `friend.requests{userID="bob", handled="pending"}`,
		Notes:   "createTime and handleTime are in milliseconds, as the server has them here.",
		Run:     bindings.Stream(runRequests),
	}
}

func runRequests(ctx context.Context, env *bindings.Env, p RequestsParams) iter.Seq2[Request, error] {
	type answer struct {
		Total    int64     `json:"total"`
		Received []Request `json:"FriendRequests"` // the two calls differ in the case of this name
		Sent     []Request `json:"friendRequests"`
	}
	path := "/friend/get_friend_apply_list"
	if p.Sent {
		path = "/friend/get_self_friend_apply_list"
	}
	want, filtered := map[string]int64{"pending": 0, "accepted": 1, "refused": -1}[p.Handled]
	next := func(number, size int64) ([]Request, int64, error) {
		body := value.NewObject("userID", p.UserID, "pagination", bindings.Pagination(number, size))
		if filtered {
			body.Set("handleResults", value.List{want})
		}
		a, err := openim.Do[answer](ctx, env.API, path, body)
		return append(a.Received, a.Sent...), a.Total, err
	}
	return owned(ctx, env, p.UserID, bindings.Pages(env, "requests of "+p.UserID, bindings.PageSize,
		func(r Request) string { return r.FromUserID + " " + r.ToUserID }, next),
		func(r Request) bool { return !filtered || r.HandleResult == want })
}
