package user

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
)

// CountParams are the parameters of user.count.
type CountParams struct {
	Keyword string `arg:"1" help:"count only accounts with this text in the userID or the nickname"`
	System  bool   `help:"count admins, notification accounts and robots too"`
}

// CountResult is the result of user.count.
type CountResult struct {
	Count int64  `column:"1" help:"how many accounts"`
	Of    string `column:"2" help:"what was counted"`
}

func countOp() bindings.Op {
	return bindings.Op{
		Name: "count", Effect: bindings.Read,
		Doc:     "Count the accounts.",
		Notes:   "The number is the server's own total. It leaves out admins, notification accounts and robots (levels 2 and up) unless system=true.",
		Example: `print(user.count().count)`,
		Run:     bindings.Func(runCount),
	}
}

func runCount(ctx context.Context, env *bindings.Env, p CountParams) (CountResult, error) {
	if p.System && p.Keyword == "" {
		_, total, err := idsPage(ctx, env, 1, 1)
		return CountResult{total, "accounts of all levels"}, err
	}
	if p.System {
		return CountResult{}, usage("system can't be joined with keyword: the server searches ordinary accounts only")
	}
	f, of := filter{}, "ordinary accounts"
	if p.Keyword != "" {
		text := FindParams{}.expression(p.Keyword)
		f, of = filter{text, text}, "ordinary accounts that match"
	}
	_, total, err := usersPage(ctx, env, f, 1, 1)
	return CountResult{total, of}, err
}
