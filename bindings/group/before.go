package group

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
)

// before reads the group that a write would change, for the fingerprint of a plan.
func before[P any](groupID func(P) string) bindings.Beforer {
	return bindings.BeforeOf(func(ctx context.Context, env *bindings.Env, p P) (Info, error) {
		return read(ctx, env, groupID(p))
	})
}
