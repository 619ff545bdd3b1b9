package conversation

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// groupMustBeKnown is an error of kind not_found when there is no such group.
func groupMustBeKnown(ctx context.Context, env *bindings.Env, groupID string) error {
	type group struct {
		GroupID string `json:"groupID"`
	}
	type answer struct {
		GroupInfos []group `json:"groupInfos"`
	}
	a, err := openim.Do[answer](ctx, env.API, "/group/get_groups_info", value.NewObject("groupIDs", value.List{groupID}))
	if err == nil && !slices.Contains(a.GroupInfos, group{groupID}) {
		err = fault.New(fault.NotFound, "no group %q", groupID)
	}
	return err
}
