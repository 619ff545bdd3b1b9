package cli

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/target"
)

const (
	idsAtAll = 500                    // what one request brings, and more than anybody reads
	idsWait  = 300 * time.Millisecond // of a person who pressed Tab in a shell
)

// completing tells whether a shell asks what a word could become.
func (a *app) completing() bool {
	return len(a.sys.Args) > 0 && strings.HasPrefix(a.sys.Args[0], cobra.ShellCompRequestCmd)
}

// liveIDs are ids of an area's things that begin with a text, for a shell. No server is started for that, no person and no
// other program is asked, nothing is said, and whatever goes wrong there are none.
func (a *app) liveIDs(ctx context.Context, area, begun string) []string {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(a.g.requestTimeout, idsWait)) // --request-timeout is on this very line
	defer cancel()
	a.g.quiet = true
	if a.g.record != "" || a.g.replay != "" || a.g.plan != "" {
		return nil
	}
	t, err := a.resolve()
	if err != nil {
		return nil
	}
	if t.Sandbox {
		paths, err := target.FindPaths(a.sys.Getenv)
		if err != nil {
			return nil
		}
		if _, running := readSandbox(paths.State); !running {
			return nil
		}
	}
	s, err := a.open(ctx, false)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(someIDs(ctx, s.env, a.areas, area, begun), func(id string) bool { return !strings.HasPrefix(id, begun) })
}

// someIDs are ids of an area's things, at most a page of them: those that its find finds by the text, or when there is no
// text or no such find those that come first in its list. The time that ctx leaves may end it early.
func someIDs(ctx context.Context, env *bindings.Env, areas []bindings.Area, area, text string) []string {
	field := area + "ID"
	fields := value.NewObject()
	op, err := bindings.FindOp(areas, area+".find")
	if err == nil && text != "" && slices.ContainsFunc(op.Params(), func(p bindings.Param) bool { return p.Name == field }) {
		fields.Set(field, text)
	} else if op, err = bindings.FindOp(areas, area+".list"); err != nil {
		return nil
	}
	params, err := op.Bind(fields)
	if err != nil || op.Effect != bindings.Read {
		return nil
	}
	result, err := op.Invoke(ctx, env, params)
	rows, ok := result.(bindings.Rows)
	if err != nil || !ok {
		return nil
	}
	var ids []string
	for row, err := range rows {
		if err != nil {
			break
		}
		if o, ok := value.From(row).(*value.Object); ok {
			if id, ok := o.Get(field); ok {
				ids = append(ids, value.Text(id))
			}
		}
		if len(ids) == idsAtAll {
			break
		}
	}
	return ids
}
