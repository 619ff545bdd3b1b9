package group

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
)

// GroupParams names one group.
type GroupParams struct {
	GroupID string `json:"groupID" arg:"1,required" help:"the group"`
}

func getOp() bindings.Op {
	return bindings.Op{
		Name: "get", Effect: bindings.Read,
		Doc:     "Show one group.",
		Example: `group.get("g1")`,
		Notes:   "A dismissed group is shown too, with status 2. One that never was is an error of kind not_found.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p GroupParams) (Info, error) {
			if err := bindings.CheckID("groupID", p.GroupID); err != nil {
				return Info{}, err
			}
			return read(ctx, env, p.GroupID)
		}),
	}
}
