package friend

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// UpdateParams names friends of an account and what to change on them; what is left out stays as it is.
type UpdateParams struct {
	OwnerUserID   string   `json:"ownerUserID" arg:"1,required" help:"the account whose list they are in"`
	FriendUserIDs []string `json:"friendUserIDs" arg:"2...,required" help:"the friends"`
	IsPinned      *bool    `json:"isPinned" help:"pin them to the top"`
	Remark        *string  `json:"remark" help:"what the owner calls them"`
	Ex            *string  `json:"ex" help:"extra data of the application"`
}

// RemarkParams names a friend of an account and what it is called.
type RemarkParams struct {
	OwnerUserID  string `json:"ownerUserID" arg:"1,required" help:"the account whose list it is in"`
	FriendUserID string `json:"friendUserID" arg:"2,required" help:"the friend"`
	Remark       string `json:"remark" arg:"3" help:"what the owner calls it; empty or left out: nothing"`
}

func updateOp() bindings.Op {
	return bindings.Op{
		Name: "update", Effect: bindings.Write,
		Doc:     "Change the remark, the pin or the extra data of friends in an account's list.",
		Example: `friend.update{ownerUserID="alice", friendUserIDs={"bob"}, isPinned=true, remark="Bobby"}`,
		Notes: "Only the fields that are named change; an empty text blanks one. The server leaves those out who are no friends and answers success all the same: " +
			"the list is read before and after: status `updated` or `failed`. Safe to repeat.",
		Run: bindings.Func(runUpdate),
		Preview: bindings.PreviewOf(func(_ context.Context, _ *bindings.Env, p UpdateParams) (bindings.Preview, error) {
			return bindings.PreviewAccounts("change in the list of "+p.OwnerUserID, p.FriendUserIDs), nil
		}),
		Before: bindings.BeforeOf(func(ctx context.Context, env *bindings.Env, p UpdateParams) ([]Friend, error) {
			return entries(ctx, env, p.OwnerUserID, p.FriendUserIDs)
		}),
	}
}

// entries returns those of the ids that are in the owner's list. The server leaves the others out.
func entries(ctx context.Context, env *bindings.Env, owner string, ids []string) ([]Friend, error) {
	type answer struct {
		FriendsInfo []Friend `json:"friendsInfo"`
	}
	out := []Friend{}
	for some := range slices.Chunk(ids, batch) {
		a, err := openim.Do[answer](ctx, env.API, "/friend/get_designated_friends",
			value.NewObject("ownerUserID", owner, "friendUserIDs", some))
		if err != nil {
			return nil, err
		}
		for _, f := range a.FriendsInfo {
			out = append(out, f.shown())
		}
	}
	return out, nil
}

// shown is the entry with what the server does not give in the row itself.
func (f Friend) shown() Friend {
	f.UserID, f.Nickname, f.FaceURL = profile(f.FriendUser)
	f.CreateTime = millis(f.CreateTime)
	return f
}

func (p UpdateParams) took(f Friend) bool {
	return (p.IsPinned == nil || *p.IsPinned == f.IsPinned) && (p.Remark == nil || *p.Remark == f.Remark) && (p.Ex == nil || *p.Ex == f.Ex)
}

func runUpdate(ctx context.Context, env *bindings.Env, p UpdateParams) ([]Row, error) {
	ids, err := checkList(p.OwnerUserID, "friendUserIDs", p.FriendUserIDs)
	if err != nil {
		return nil, err
	}
	if p.IsPinned == nil && p.Remark == nil && p.Ex == nil {
		return nil, fault.New(fault.Usage, "nothing to change: name isPinned, remark or ex").WithHint("nothing was sent")
	}
	there, err := byID(entries(ctx, env, p.OwnerUserID, ids))
	if err != nil {
		return nil, err
	}
	var rows []Row
	var todo []string
	for _, id := range ids {
		if _, in := there[id]; in {
			todo = append(todo, id)
			continue
		}
		rows = append(rows, failed(p.OwnerUserID, id, noFriend(p.OwnerUserID, id)))
	}
	bindings.Batches(todo, batch, func(some []string) error {
		body := value.NewObject("ownerUserID", p.OwnerUserID, "friendUserIDs", some)
		setOptional(body, "isPinned", p.IsPinned)
		setOptional(body, "remark", p.Remark)
		setOptional(body, "ex", p.Ex)
		_, err := env.API.Call(ctx, "/friend/update_friends", body)
		return err
	}, func(id string, err error) { rows = append(rows, outcome(p.OwnerUserID, id, "updated", err)) })
	bindings.Arrange(rows, ids, func(r Row) string { return r.UserID })
	if len(todo) == 0 {
		return rows, partial("updated", rows)
	}
	after, err := byID(entries(ctx, env, p.OwnerUserID, todo))
	if err != nil {
		env.Warning("the changes can't be read back: %v", err)
		return rows, partial("updated", rows)
	}
	for i, r := range rows {
		if f, in := after[r.UserID]; r.err == nil && (!in || !p.took(f)) {
			rows[i] = failed(p.OwnerUserID, r.UserID, fault.New(fault.Partial, "the server answered success, but did not take it"))
		}
	}
	return rows, partial("updated", rows)
}

func byID(list []Friend, err error) (map[string]Friend, error) {
	out := make(map[string]Friend, len(list))
	for _, f := range list {
		out[f.UserID] = f
	}
	return out, err
}

func setOptional[T any](body *value.Object, key string, v *T) {
	if v != nil {
		body.Set(key, *v)
	}
}

// noFriend is the error for an id that is not in a list.
func noFriend(owner, id string) *fault.Error {
	return fault.New(fault.NotFound, "%q is not in the friend list of %q", id, owner)
}

func setRemarkOp() bindings.Op {
	return bindings.Op{
		Name: "set_remark", Effect: bindings.Write,
		Doc:     "Set what an account calls one of its friends.",
		Example: `friend.set_remark{ownerUserID="alice", friendUserID="bob", remark="Bobby"}`,
		Notes:   "An empty remark blanks it. Who is no friend is an error of kind not_found. friend.update does it for many.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p RemarkParams) (Row, error) {
			if err := checkPair("ownerUserID", p.OwnerUserID, "friendUserID", p.FriendUserID); err != nil {
				return Row{}, err
			}
			_, err := env.API.Call(ctx, "/friend/set_friend_remark",
				value.NewObject("ownerUserID", p.OwnerUserID, "friendUserID", p.FriendUserID, "remark", p.Remark))
			if fault.Is(err, fault.NotFound) {
				e := *fault.From(err)
				e.Message = noFriend(p.OwnerUserID, p.FriendUserID).Message
				return Row{}, &e
			}
			if err != nil {
				return Row{}, err
			}
			return Row{OwnerUserID: p.OwnerUserID, UserID: p.FriendUserID, Status: "updated"}, nil
		}),
		Before: bindings.BeforeOf(func(ctx context.Context, env *bindings.Env, p RemarkParams) ([]Friend, error) {
			return entries(ctx, env, p.OwnerUserID, []string{p.FriendUserID})
		}),
	}
}
