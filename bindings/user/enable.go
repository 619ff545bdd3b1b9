package user

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
)

// EnableParams are the parameters of user.enable.
type EnableParams struct {
	UserID  string   `arg:"1" help:"the account to enable"`
	UserIDs []string `arg:"2..." help:"more accounts to enable"`
	All     bool     `help:"enable every account that is disabled"`
}

// Enabling says what was done to one account.
type Enabling struct {
	UserID  string   `json:"userID,omitempty" key:"true" column:"1" help:"the account"`
	Enabled bool     `column:"2" help:"whether the account can log in again"`
	Already bool     `column:"3" help:"whether it was not disabled at all"`
	Means   []string `column:"4" help:"what kept the account out until now"`
	Error   string   `json:"error,omitempty" help:"why it failed"`
}

// EnableResult is the result of user.enable. With several accounts the single fields are empty and accounts has a row
// for each.
type EnableResult struct {
	Enabling
	Count    int        `help:"how many accounts are enabled now"`
	Accounts []Enabling `json:"accounts,omitempty" help:"with several accounts: a row for each"`
}

func enableOp() bindings.Op {
	return bindings.Op{
		Name: "enable", Effect: bindings.Write,
		Doc: "Let a disabled account log in again.",
		Notes: "Lifts the chat server's block and takes the account off imctl's own ban list. Tokens that were ended stay dead: the person logs in anew.\n" +
			"An account that is not disabled is a success.",
		Example: `user.enable("alice")`,
		Preview: bindings.PreviewOf(previewEnable),
		Run:     bindings.Func(runEnable),
		Before:  before(func(p EnableParams) string { return p.UserID }),
	}
}

func previewEnable(ctx context.Context, env *bindings.Env, p EnableParams) (bindings.Preview, error) {
	ids, err := chosen{p.UserID, p.UserIDs, p.All}.accounts(ctx, env, everyDisabled)
	if err != nil {
		return bindings.Preview{}, err
	}
	return previewOf("enable", ids, p.All), nil
}

func runEnable(ctx context.Context, env *bindings.Env, p EnableParams) (EnableResult, error) {
	ids, err := chosen{p.UserID, p.UserIDs, p.All}.accounts(ctx, env, everyDisabled)
	if err != nil {
		return EnableResult{}, err
	}
	bans, err := readBans(env)
	if err != nil {
		return EnableResult{}, err
	}
	on := bannedIDs(bans)
	type outcome struct {
		row Enabling
		err error
	}
	outcomes := each(ctx, ids, func(id string) outcome {
		row, err := enableOne(ctx, env, id, on)
		return outcome{row, err}
	})
	res := EnableResult{}
	failed, name, why := len(ids)-len(outcomes), "", ""
	for _, o := range outcomes {
		if o.err != nil {
			o.row.Error = o.err.Error()
			if failed++; name == "" {
				name, why = o.row.UserID, o.row.Error
			}
		} else {
			res.Count++
		}
		res.Accounts = append(res.Accounts, o.row)
	}
	if err := dropEnabled(ctx, env, res.Accounts, on); err != nil {
		return EnableResult{}, err
	}
	if ctx.Err() != nil {
		return res, context.Cause(ctx)
	}
	if len(ids) == 1 && !p.All {
		if err := outcomes[0].err; err != nil {
			return EnableResult{}, sayWho(err, ids[0])
		}
		res.Enabling, res.Accounts = outcomes[0].row, nil
	}
	return res, partly(failed, len(ids), "enabled", name, why)
}

// enableOne lifts the block at the chat server; the ban list is changed for all rows at once.
func enableOne(ctx context.Context, env *bindings.Env, id string, on map[string]ban) (Enabling, error) {
	row := Enabling{UserID: id}
	if env.API.HasChat() {
		is, err := blocked(ctx, env, id)
		if err == nil && is {
			row.Means = append(row.Means, "block at the chat server")
			err = unblock(ctx, env, []string{id})
		}
		if err != nil {
			return row, err
		}
	}
	if _, listed := on[id]; listed {
		row.Means = append(row.Means, "imctl's ban list")
	}
	if row.Already = len(row.Means) == 0; row.Already {
		if err := mustExist(ctx, env, []string{id}); err != nil {
			return row, err
		}
	}
	row.Enabled = true
	return row, nil
}

// dropEnabled takes off the list what was enabled.
func dropEnabled(ctx context.Context, env *bindings.Env, rows []Enabling, on map[string]ban) error {
	var drop []string
	for _, row := range rows {
		if _, listed := on[row.UserID]; listed && row.Error == "" {
			drop = append(drop, row.UserID)
		}
	}
	if len(drop) == 0 {
		return nil
	}
	return dropBans(ctx, env, drop)
}
