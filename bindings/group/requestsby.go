package group

import (
	"context"
	"iter"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// RequestsByParams selects the requests that an account made.
type RequestsByParams struct {
	UserID   string   `json:"userID" arg:"1,required" help:"the account that asked"`
	GroupIDs []string `json:"groupIDs" help:"only requests to enter these groups"`
	Handled  string   `json:"handled" enum:"pending,accepted,refused" help:"only requests with this outcome"`
}

// RequestParams names a request to enter a group.
type RequestParams struct {
	GroupID string   `json:"groupID" arg:"1,required" help:"the group"`
	UserIDs []string `json:"userIDs" arg:"2...,required" help:"the accounts that asked"`
}

// OneRequestParams names one request to enter a group.
type OneRequestParams struct {
	GroupID string `json:"groupID" arg:"1,required" help:"the group"`
	UserID  string `json:"userID" arg:"2,required" help:"the account that asked"`
}

// requestAnswer is the server's answer in every call for requests.
type requestAnswer struct {
	Total         int64 `json:"total"`
	GroupRequests []struct {
		Request
		GroupInfo Info `json:"groupInfo"`
	} `json:"groupRequests"`
}

// rows are the requests; asked is the account that asked where the server does not say it.
func (a requestAnswer) rows(asked string) []Request {
	out := make([]Request, len(a.GroupRequests))
	for i, r := range a.GroupRequests {
		out[i] = r.Request
		out[i].GroupID = r.GroupInfo.GroupID
		if out[i].UserID = asked; r.UserInfo != nil {
			out[i].UserID, out[i].Nickname = text(r.UserInfo, "userID"), text(r.UserInfo, "nickname")
		}
	}
	return out
}

func requestsByOp() bindings.Op {
	return bindings.Op{
		Name: "requests_by", Effect: bindings.Read,
		Doc:     "List the requests to enter groups that an account made.",
		Example: `group.requests_by{userID="dave", handled="pending"}`,
		Notes:   "An account that does not exist is an error of kind not_found. group.requests lists those to one group.",
		Run: bindings.Stream(func(ctx context.Context, env *bindings.Env, p RequestsByParams) iter.Seq2[Request, error] {
			if err := bindings.CheckID("userID", p.UserID); err != nil {
				return bindings.Fails[Request](err)
			}
			body := value.NewObject("userID", p.UserID)
			if p.GroupIDs != nil {
				ids, err := bindings.CheckIDs("groupIDs", p.GroupIDs)
				if err != nil {
					return bindings.Fails[Request](err)
				}
				body.Set("groupIDs", ids)
			}
			if p.Handled != "" {
				body.Set("handleResults", value.List{map[string]int64{"pending": 0, "accepted": 1, "refused": -1}[p.Handled]})
			}
			return bindings.Pages(env, "requests of "+p.UserID, bindings.PageSize, func(r Request) string { return r.GroupID },
				func(number, size int64) ([]Request, int64, error) {
					body.Set("pagination", bindings.Pagination(number, size))
					a, err := openim.Do[requestAnswer](ctx, env.API, "/group/get_user_req_group_applicationList", body)
					return a.rows(p.UserID), a.Total, err
				})
		}),
	}
}

func requestOp() bindings.Op {
	return bindings.Op{
		Name: "request", Effect: bindings.Read,
		Doc:     "Show the request of one account to enter a group.",
		Example: `group.request("g1", "dave")`,
		Notes:   "The group is looked up first: an unknown one, or one without an owner, makes the server panic. No request is an error of kind not_found.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p OneRequestParams) (Request, error) {
			if err := groupAndUser(ctx, env, p.GroupID, p.UserID); err != nil {
				return Request{}, err
			}
			a, err := openim.Do[requestAnswer](ctx, env.API, "/group/get_specified_user_group_request_info",
				value.NewObject("groupID", p.GroupID, "userID", p.UserID))
			if err == nil && len(a.GroupRequests) == 0 {
				err = fault.New(fault.NotFound, "no request of %q to enter the group %q", p.UserID, p.GroupID)
			}
			if err != nil {
				return Request{}, err
			}
			return a.rows(p.UserID)[0], nil
		}),
	}
}

func groupAndUser(ctx context.Context, env *bindings.Env, groupID, userID string) error {
	if err := bindings.CheckID("groupID", groupID); err != nil {
		return err
	}
	if err := bindings.CheckID("userID", userID); err != nil {
		return err
	}
	g, err := read(ctx, env, groupID)
	if err == nil && g.OwnerUserID == "" {
		err = fault.New(fault.API, "the group %q has no owner, and the server fails on the requests to enter such a group", groupID)
	}
	return err
}

func requestsOfOp() bindings.Op {
	return bindings.Op{
		Name: "requests_of", Effect: bindings.Read,
		Doc:     "List the requests of several accounts to enter a group.",
		Example: `group.requests_of{groupID="g1", userIDs={"dave", "erin"}}`,
		Notes: "The server's answer to several accounts never says who asked (its userInfo is always null), so there is one call for each. " +
			"An account without a request has no row.",
		Run: bindings.Stream(func(ctx context.Context, env *bindings.Env, p RequestParams) iter.Seq2[Request, error] {
			return func(yield func(Request, error) bool) {
				ids, err := bindings.CheckIDs("userIDs", p.UserIDs)
				if err == nil {
					err = groupAndUser(ctx, env, p.GroupID, ids[0])
				}
				if err != nil {
					yield(Request{}, err)
					return
				}
				for _, id := range ids {
					a, err := openim.Do[requestAnswer](ctx, env.API, "/group/get_group_users_req_application_list",
						value.NewObject("groupID", p.GroupID, "userIDs", value.List{id}))
					if err != nil {
						yield(Request{}, err)
						return
					}
					for _, r := range a.rows(id) {
						if !yield(r, nil) {
							return
						}
					}
				}
			}
		}),
	}
}
