package user

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// dismissed is the status of a group that was dismissed (SERVER-BEHAVIOUR §6, group).
const dismissed = 2

// groupOf is a group that an account is in.
type groupOf struct {
	GroupID, GroupName, OwnerUserID string
	Status                          int32
}

// joinedGroups lists the groups of an account.
func joinedGroups(ctx context.Context, env *bindings.Env, id string) ([]groupOf, error) {
	type answer struct {
		Total  int64
		Groups []groupOf
	}
	var out []groupOf
	for g, err := range bindings.Pages(env, "groups of "+id, chunk, func(g groupOf) string { return g.GroupID },
		func(number, size int64) ([]groupOf, int64, error) {
			got, err := openim.Do[answer](ctx, env.API, "/group/get_joined_group_list",
				value.NewObject("fromUserID", id, "pagination", bindings.Pagination(number, size)))
			return got.Groups, got.Total, err
		}) {
		if err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	return out, nil
}

// isMember tells whether an account is in a group.
func isMember(ctx context.Context, env *bindings.Env, groupID, id string) (bool, error) {
	type answer struct{ Members []struct{ UserID string } }
	got, err := openim.Do[answer](ctx, env.API, "/group/get_group_members_info",
		value.NewObject("groupID", groupID, "userIDs", value.List{id}))
	if err != nil {
		return false, err
	}
	for _, m := range got.Members {
		if m.UserID == id {
			return true, nil
		}
	}
	return false, nil
}

// transferGroup makes another member the owner. The old owner named must be the real one: the server takes a wrong one
// from an admin, and the group then has two owners (SERVER-BEHAVIOUR §6).
func transferGroup(ctx context.Context, env *bindings.Env, g groupOf, to string) error {
	_, err := env.API.Call(ctx, "/group/transfer_group",
		value.NewObject("groupID", g.GroupID, "oldOwnerUserID", g.OwnerUserID, "newOwnerUserID", to))
	return err
}

// quitGroup takes an account out of a group; an owner is refused (1002).
func quitGroup(ctx context.Context, env *bindings.Env, groupID, id string) error {
	_, err := env.API.Call(ctx, "/group/quit_group", value.NewObject("groupID", groupID, "userID", id))
	return err
}

// friendIDs lists the friends of an account.
func friendIDs(ctx context.Context, env *bindings.Env, id string) ([]string, error) {
	type answer struct{ FriendIDs []string }
	got, err := openim.Do[answer](ctx, env.API, "/friend/get_friend_id", value.NewObject("userID", id))
	return got.FriendIDs, err
}

// unfriend ends a friendship both ways: the server's call ends one direction only, and succeeds for non-friends.
func unfriend(ctx context.Context, env *bindings.Env, a, b string) error {
	for _, pair := range [][2]string{{a, b}, {b, a}} {
		_, err := env.API.Call(ctx, "/friend/delete_friend", value.NewObject("ownerUserID", pair[0], "friendUserID", pair[1]))
		if err != nil {
			return err
		}
	}
	return nil
}
