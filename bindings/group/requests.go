package group

import (
	"context"
	"iter"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// RequestsParams selects requests to enter a group.
type RequestsParams struct {
	GroupID string `json:"groupID" arg:"1,required" help:"the group"`
	Handled string `json:"handled" enum:"pending,accepted,refused" help:"only requests with this outcome"`
}

// Request is a request to enter a group.
type Request struct {
	UserID        string `json:"userID" column:"1" key:"true" help:"the account that asks"`
	Nickname      string `json:"nickname" column:"2" help:"its name"`
	HandleResult  int64  `json:"handleResult" column:"3" help:"0 pending, 1 accepted, -1 refused"`
	ReqMsg        string `json:"reqMsg" column:"4" help:"its words"`
	ReqTime       int64  `json:"reqTime" column:"5" help:"when it asked, in ms"`
	GroupID       string `json:"groupID" help:"the group"`
	HandleMsg     string `json:"handleMsg" help:"the words of the one who answered"`
	HandleUserID  string `json:"handleUserID" help:"who answered"`
	HandleTime    int64  `json:"handleTime" help:"when, in ms; 0 never"`
	JoinSource    int64  `json:"joinSource" help:"2 invited, 3 by search, 4 by QR code"`
	InviterUserID string `json:"inviterUserID" help:"who invited it"`
	Ex            string `json:"ex" help:"extra data of the application"`

	UserInfo *value.Object `json:"userInfo" help:"the account as the server gives it"`
	Rest     value.Rest    `json:"-"`
}

func requestsOp() bindings.Op {
	return bindings.Op{
		Name: "requests", Effect: bindings.Read,
		Doc:     "List the requests to enter a group, newest first.",
		Example: `group.requests{groupID="g1", handled="pending"}`,
		Notes:   "The server lists the requests of an owner's groups; they are asked for in the name of the group's owner.",
		Run:     bindings.Stream(runRequests),
	}
}

func runRequests(ctx context.Context, env *bindings.Env, p RequestsParams) iter.Seq2[Request, error] {
	type row struct {
		Request
		GroupInfo Info `json:"groupInfo"`
	}
	type answer struct {
		Total         int64 `json:"total"`
		GroupRequests []row `json:"groupRequests"`
	}
	return func(yield func(Request, error) bool) {
		g, err := alive(ctx, env, p.GroupID)
		if err == nil && g.OwnerUserID == "" {
			err = fault.New(fault.API, "the group %q has no owner, in whose name its requests are listed", p.GroupID)
		}
		if err != nil {
			yield(Request{}, err)
			return
		}
		want, filtered := map[string]int64{"pending": 0, "accepted": 1, "refused": -1}[p.Handled]
		next := func(number, size int64) ([]Request, int64, error) {
			body := value.NewObject("fromUserID", g.OwnerUserID, "groupIDs", value.List{p.GroupID}, "pagination", bindings.Pagination(number, size))
			if filtered {
				body.Set("handleResults", value.List{want})
			}
			a, err := openim.Do[answer](ctx, env.API, "/group/get_recv_group_applicationList", body)
			out := make([]Request, len(a.GroupRequests))
			for i, r := range a.GroupRequests {
				out[i] = r.Request
				out[i].GroupID = r.GroupInfo.GroupID
				if r.UserInfo != nil {
					out[i].UserID, out[i].Nickname = text(r.UserInfo, "userID"), text(r.UserInfo, "nickname")
				}
			}
			return out, a.Total, err
		}
		rows := bindings.Pages(env, "requests to "+p.GroupID, bindings.PageSize, func(r Request) string { return r.UserID }, next)
		bindings.Only(rows, func(r Request) bool {
			return r.GroupID == p.GroupID && (!filtered || r.HandleResult == want)
		}, nil)(yield)
	}
}

// AnswerParams names a request to enter a group.
type AnswerParams struct {
	GroupID    string `json:"groupID" arg:"1,required" help:"the group"`
	UserID     string `json:"userID" arg:"2,required" help:"the account that asked"`
	HandledMsg string `json:"handledMsg" help:"words to the account"`
}

func acceptOp() bindings.Op {
	return bindings.Op{
		Name: "accept", Effect: bindings.Write,
		Doc:     "Accept a request to enter a group.",
		Example: `group.accept{groupID="g1", userID="dave"}`,
		Notes:   "Status `accepted`, or `already` for one who is in the group. A request that was answered before is refused by the server.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p AnswerParams) (Row, error) {
			return answerRequest(ctx, env, p, 1, "accepted")
		}),
		Undo: bindings.UndoOf(undoAccept),
	}
}

func refuseOp() bindings.Op {
	return bindings.Op{
		Name: "refuse", Effect: bindings.Write,
		Doc:     "Refuse a request to enter a group.",
		Example: `group.refuse{groupID="g1", userID="dave", handledMsg="not now"}`,
		Notes:   "A request that was answered before is refused by the server.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p AnswerParams) (Row, error) {
			return answerRequest(ctx, env, p, -1, "refused")
		}),
	}
}

func answerRequest(ctx context.Context, env *bindings.Env, p AnswerParams, result int64, status string) (Row, error) {
	_, row, in, err := one(ctx, env, p.GroupID, p.UserID)
	if err != nil {
		return Row{}, err
	}
	if in {
		if result < 0 {
			return Row{}, fault.New(fault.Usage, "%q is in the group already", p.UserID).WithHint("group.kick takes it out")
		}
		row.Status = "already"
		return row, nil
	}
	_, err = env.API.Call(ctx, "/group/group_application_response", value.NewObject(
		"groupID", p.GroupID, "fromUserID", p.UserID, "handleResult", result, "handledMsg", p.HandledMsg))
	if fault.Is(err, fault.NotFound) {
		e := *fault.From(err)
		e.Hint = "group.requests lists who asked to enter"
		return Row{}, &e
	}
	if err != nil {
		return Row{}, err
	}
	row.Status = status
	return row, nil
}

func text(o *value.Object, key string) string {
	v, _ := o.Get(key)
	s, _ := v.(string)
	return s
}
