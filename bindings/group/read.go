package group

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// lookup is how many ids one reading call names.
const lookup = 500

// read returns the group, also a dismissed one. The server leaves an unknown one out of its answer.
func read(ctx context.Context, env *bindings.Env, groupID string) (Info, error) {
	type answer struct {
		GroupInfos []Info `json:"groupInfos"`
	}
	a, err := openim.Do[answer](ctx, env.API, "/group/get_groups_info",
		value.NewObject("groupIDs", value.List{groupID}))
	if err != nil {
		return Info{}, err
	}
	for _, g := range a.GroupInfos {
		if g.GroupID == groupID {
			return g, nil
		}
	}
	return Info{}, fault.New(fault.NotFound, "no group %q", groupID)
}

// alive returns the group and refuses a dismissed one, on which the server would act in odd ways or not at all.
func alive(ctx context.Context, env *bindings.Env, groupID string) (Info, error) {
	if err := bindings.CheckID("groupID", groupID); err != nil {
		return Info{}, err
	}
	g, err := read(ctx, env, groupID)
	if err == nil && g.dismissed() {
		return g, fault.New(fault.NotFound, "the group %q is dismissed", groupID).
			WithHint("nothing was sent; a dismissed group can't be changed, and its id stays taken")
	}
	return g, err
}

// present returns those of the ids that are members, by id.
func present(ctx context.Context, env *bindings.Env, groupID string, ids []string) (map[string]Member, error) {
	type answer struct {
		Members []Member `json:"members"`
	}
	out := map[string]Member{}
	for some := range slices.Chunk(ids, lookup) {
		a, err := openim.Do[answer](ctx, env.API, "/group/get_group_members_info",
			value.NewObject("groupID", groupID, "userIDs", some))
		if err != nil {
			return nil, err
		}
		for _, m := range a.Members {
			out[m.UserID] = m
		}
	}
	return out, nil
}

// among checks ids, and that the group can be changed, and returns the ids without repeats and those that are members.
func among(ctx context.Context, env *bindings.Env, groupID string, userIDs []string) ([]string, map[string]Member, error) {
	ids, err := bindings.CheckIDs("userIDs", userIDs)
	if err != nil {
		return nil, nil, err
	}
	if _, err := alive(ctx, env, groupID); err != nil {
		return nil, nil, err
	}
	members, err := present(ctx, env, groupID, ids)
	return ids, members, err
}

// owners returns the members with the owner's role: one, unless an earlier call went wrong. The server's member list
// begins with the highest role.
func owners(ctx context.Context, env *bindings.Env, groupID string) ([]string, error) {
	members, _, err := memberPage(ctx, env, groupID, 1, 10)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, m := range members {
		if m.RoleLevel == roleOwner {
			out = append(out, m.UserID)
		}
	}
	return out, nil
}
