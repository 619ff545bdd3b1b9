package user

import (
	"context"
	"fmt"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// DisableParams are the parameters of user.disable.
type DisableParams struct {
	UserID  string   `arg:"1" help:"the account to disable"`
	UserIDs []string `arg:"2..." help:"more accounts to disable"`
	All     bool     `help:"disable every ordinary account but the one that imctl runs as"`
	Reason  string   `help:"kept with the ban; a chat server shows it to the user at login"`
	Kick    bool     `default:"true" help:"end the sessions the account has now; a chat server always does"`
}

// Disabling says what was done to one account.
type Disabling struct {
	UserID     string   `json:"userID,omitempty" key:"true" column:"1" help:"the account"`
	Disabled   bool     `column:"2" help:"whether the account is disabled now"`
	Already    bool     `column:"3" help:"whether it was before"`
	Means      []string `column:"4" help:"what keeps the account out"`
	NotCovered string   `help:"what the means do not prevent"`
	Verified   string   `help:"what was seen of its sessions and tokens afterwards"`
	Planned    bool     `json:"planned,omitempty" help:"a dry run: nothing was done"`
	Error      string   `json:"error,omitempty" help:"why it failed"`
}

// DisableResult is the result of user.disable. With several accounts the single fields are empty and accounts has a
// row for each.
type DisableResult struct {
	Disabling
	Count    int         `help:"how many accounts are disabled now"`
	Accounts []Disabling `json:"accounts,omitempty" help:"with several accounts: a row for each"`
}

const (
	notCoveredChat = "the message server knows nothing of the block: whoever holds its secret can still make a token for the account, " +
		"messages to it are still stored, and its chat token (profile search and the like) is good until it ends"
	notCoveredIM = "the message server has no bans: whoever issues tokens can log the account in again at once, and then its messages are taken. " +
		"Stop issuing tokens for it; messages to it are still stored"
)

func disableOp() bindings.Op {
	return bindings.Op{
		Name: "disable", Effect: bindings.Write,
		Doc: "Disable an account: it can no longer log in.",
		Notes: "With a chat server the account is blocked there (login answers 20012 with the reason) and logged out everywhere. " +
			"The message server itself has no such thing: without a chat server the account is logged out on every platform and put on imctl's own ban list. " +
			"means says which it was, notCovered what it does not prevent.\nAn account that is disabled already is a success. " +
			"all=true leaves out the account that imctl runs as, and asks first.",
		Example: `user.disable{userID="alice", reason="spam"}`,
		Preview: bindings.PreviewOf(previewDisable),
		Run:     bindings.Func(runDisable), OwnDryRun: true, Undo: bindings.UndoOf(undoDisable),
		Before: before(func(p DisableParams) string { return p.UserID }),
	}
}

func previewDisable(ctx context.Context, env *bindings.Env, p DisableParams) (bindings.Preview, error) {
	ids, err := chosen{p.UserID, p.UserIDs, p.All}.accounts(ctx, env, everyOrdinary)
	if err != nil {
		return bindings.Preview{}, err
	}
	return previewOf("disable", ids, p.All), nil
}

func runDisable(ctx context.Context, env *bindings.Env, p DisableParams) (DisableResult, error) {
	ids, err := chosen{p.UserID, p.UserIDs, p.All}.accounts(ctx, env, everyOrdinary)
	if err == nil && !p.All {
		err = mustExist(ctx, env, ids) // a ban of an id that nobody has would only look like one
	}
	if err != nil {
		return DisableResult{}, err
	}
	if env.DryRun {
		res := DisableResult{}
		for _, id := range ids {
			res.Accounts = append(res.Accounts, Disabling{UserID: id, Planned: true})
		}
		return res, nil
	}
	if len(ids) == 1 && !p.All {
		one, err := disableOne(ctx, env, ids[0], p.Reason, p.Kick)
		if err != nil && !fault.Is(err, fault.Partial) {
			return DisableResult{}, err
		}
		return DisableResult{Disabling: one, Count: 1}, err
	}
	return disableMany(ctx, env, ids, p)
}

func disableMany(ctx context.Context, env *bindings.Env, ids []string, p DisableParams) (DisableResult, error) {
	before, err := readBans(env)
	if err != nil {
		return DisableResult{}, err
	}
	was := bannedIDs(before)
	if !env.API.HasChat() {
		// One write of the list for all of them: nobody is kicked before the ban that shall keep them out is kept.
		if err := addBans(ctx, env, ids, p.Reason); err != nil {
			return DisableResult{}, err
		}
	}
	res := DisableResult{Accounts: each(ctx, ids, func(id string) Disabling {
		row, err := disableOne(ctx, env, id, p.Reason, p.Kick)
		if err != nil {
			row.UserID, row.Error = id, err.Error()
		}
		if !env.API.HasChat() {
			_, row.Already = was[id]
		}
		return row
	})}
	failed, name, why := len(ids)-len(res.Accounts), "", ""
	for _, row := range res.Accounts {
		if row.Disabled {
			res.Count++
		}
		if row.Error != "" {
			if failed++; name == "" {
				name, why = row.UserID, row.Error
			}
		}
	}
	if ctx.Err() != nil {
		return res, context.Cause(ctx)
	}
	return res, partly(failed, len(ids), "disabled", name, why)
}

// disableOne disables one account by the means of the deployment and looks at what became of its sessions.
func disableOne(ctx context.Context, env *bindings.Env, id, reason string, kick bool) (Disabling, error) {
	row := Disabling{UserID: id}
	before, unknown := connections(ctx, env, []string{id})
	var err error
	if env.API.HasChat() {
		row.Means, row.NotCovered = []string{"block at the chat server"}, notCoveredChat
		row.Already, err = block(ctx, env, id, reason)
		kick = true
	} else {
		row.Means, row.NotCovered = []string{"imctl's ban list"}, notCoveredIM
		row.Already, err = banOne(ctx, env, id, reason)
	}
	if err != nil {
		return row, sayWho(err, id)
	}
	row.Disabled = true
	if !kick {
		row.Verified = "sessions were left alone (kick=false)"
		return row, nil
	}
	// The chat server has done this too, but it ignores errors.
	if err := forceLogoutAll(ctx, env, id); err != nil {
		row.Verified = "the sessions could not be ended: " + err.Error()
		return row, fault.New(fault.Partial, "%s is disabled, but its sessions could not be ended: %w", id, err)
	}
	row.Means = append(row.Means, "logged out on all platforms")
	return verified(ctx, env, row, before, unknown)
}

func banOne(ctx context.Context, env *bindings.Env, id, reason string) (already bool, err error) {
	bans, err := readBans(env)
	if err != nil {
		return false, err
	}
	if _, already = bannedIDs(bans)[id]; already {
		return true, nil
	}
	return false, addBans(ctx, env, []string{id}, reason)
}

// verified looks whether the sessions are closed and their tokens dead.
func verified(ctx context.Context, env *bindings.Env, row Disabling, before []connection, unknown error) (Disabling, error) {
	open, live, err := gone(ctx, env, row.UserID, before)
	if unknown == nil {
		unknown = err
	}
	switch {
	case unknown != nil:
		row.Verified = "the gateways did not say what is open: " + unknown.Error()
		return row, nil
	case len(open) > 0 || len(live) > 0:
		var where []int32
		for _, c := range append(open, live...) {
			where = append(where, c.PlatformID)
		}
		row.Verified = "still logged in on " + strings.Join(distinct(platformNames(where)), ", ")
		return row, fault.New(fault.Partial, "%s is disabled, but %s", row.UserID, row.Verified).
			WithHint("the server answered success; look at its gateways, or try again")
	case len(before) == 0:
		row.Verified = "no session was open"
	default:
		row.Verified = fmt.Sprintf("%d sessions closed, their tokens are dead", len(before))
	}
	return row, nil
}
