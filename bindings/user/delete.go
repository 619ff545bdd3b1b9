package user

import (
	"context"
	"fmt"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// DeleteParams are the parameters of user.delete.
type DeleteParams struct {
	UserID     string `arg:"1,required" help:"the account"`
	Mode       string `default:"retire" enum:"retire,erase" help:"retire: make the account unusable; erase: remove its records"`
	TransferTo string `json:"transfer_to" help:"who becomes the owner of the groups that the account owns; must be a member of each"`
	Reason     string `default:"retired" help:"kept with the ban"`
	Clear      bool   `help:"empty its block list and its own view of its conversations too; the others keep theirs"`
}

// DeleteResult is the result of user.delete.
type DeleteResult struct {
	UserID  string `key:"true" column:"1" help:"the account"`
	Outcome string `column:"2" help:"retired, partly retired, or planned in a dry run; never deleted"`
	Steps   []Step `column:"3" help:"what was done, in order"`
	Kept    string `help:"what is still there"`
}

// Step is a step of user.delete.
type Step struct {
	Step    string `help:"disable, transfer group, leave group, unfriend, blank profile; unblock, clear messages, delete conversations"`
	Target  string `json:"target,omitempty" help:"the group or the friend"`
	Outcome string `help:"done, failed, skipped or planned"`
	Detail  string `json:"detail,omitempty" help:"why it failed, or more about it"`
}

const (
	noDelete = "OpenIM has no call that deletes an account"
	kept     = "the account's record with a blank name, its messages with its id as the sender, its conversations at other users, and black lists that name it; the id stays taken"
)

func deleteOp() bindings.Op {
	return bindings.Op{
		Name: "delete", Effect: bindings.Destroy,
		Doc: "Retire an account: disable it, take it out of its groups and friendships, blank its profile.",
		Notes: noDelete + ", on the message server or on the chat server. mode=\"retire\" (the default) does what the API can, and says retired, never deleted; " +
			"messages, the id and the record stay. clear=true also empties what only the account itself sees: its block list, its messages as it sees them, " +
			"its list of conversations. That is how a test takes back an account that it made. To only keep somebody out use user.disable, which user.enable takes back.\n" +
			"Groups that the account owns go to transfer_to; without it, or where that account is no member, nothing is done at all.\n" +
			"mode=\"erase\" would remove the records from MongoDB and Redis.\nIt asks before it acts; on the command line without a terminal it needs --yes.",
		Example: `user.delete{userID="alice", transfer_to="bob"}`,
		Preview: bindings.PreviewOf(previewDelete),
		Run:     bindings.Func(runDelete), OwnDryRun: true,
		Before: before(func(p DeleteParams) string { return p.UserID }),
	}
}

func previewDelete(_ context.Context, env *bindings.Env, p DeleteParams) (bindings.Preview, error) {
	if err := p.check(env); err != nil {
		return bindings.Preview{}, err
	}
	return bindings.Preview{
		Count: 1, Sample: []string{p.UserID},
		Text: fmt.Sprintf("retire %s: disable it, leave its groups, end its friendships, blank its profile "+
			"(%s; to only keep somebody out use user.disable)", p.UserID, noDelete),
	}, nil
}

func (p DeleteParams) check(env *bindings.Env) error {
	if err := checkIDs("userID", p.UserID); err != nil {
		return err
	}
	if p.Mode == "erase" {
		return fault.New(fault.Unsupported, "mode=erase needs the deployment's MongoDB and Redis, which this operation does not reach: %s", noDelete).
			WithHint("nothing was sent; mode=retire makes the account unusable, user.disable only keeps it out")
	}
	if p.TransferTo == p.UserID {
		return usage("transfer_to %q is the account itself", p.TransferTo)
	}
	return checkNotOwn(env, p.UserID)
}

func runDelete(ctx context.Context, env *bindings.Env, p DeleteParams) (DeleteResult, error) {
	if err := p.check(env); err != nil {
		return DeleteResult{}, err
	}
	if _, err := one(ctx, env, p.UserID); err != nil {
		return DeleteResult{}, err
	}
	groups, friends, err := planDelete(ctx, env, p)
	if err != nil {
		return DeleteResult{}, err
	}
	r := &retirement{ctx: ctx, env: env, res: DeleteResult{UserID: p.UserID, Outcome: "retired", Kept: kept}}
	if env.DryRun {
		r.res.Outcome, r.res.Kept = "planned", ""
	}
	var fatal error
	r.do("disable", "", func() error {
		_, err := disableOne(ctx, env, p.UserID, p.Reason, true)
		if !fault.Is(err, fault.Partial) { // disabled, but a session is still open: go on
			fatal = err
		}
		return err
	})
	if fatal != nil {
		return r.res, fault.New(fault.From(fatal).Kind, "%s was not retired, it could not be disabled: %w", p.UserID, fatal).
			WithHint("its groups, friends and profile were left alone")
	}
	for _, g := range groups {
		r.leave(g, p)
	}
	for _, friend := range friends {
		r.do("unfriend", friend, func() error { return unfriend(ctx, env, p.UserID, friend) })
	}
	if p.Clear {
		r.clear(p.UserID)
	}
	blank := ""
	r.do("blank profile", "", func() error {
		return updateIM(ctx, env, changes(p.UserID, &blank, &blank, &blank, nil))
	})
	if ctx.Err() != nil {
		return r.res, context.Cause(ctx)
	}
	if r.failed > 0 {
		r.res.Outcome = "partly retired"
		return r.res, fault.New(fault.Partial, "%d of %d steps failed: %s is disabled and only partly retired", r.failed, len(r.res.Steps), p.UserID).
			WithHint("the same call again does what is left")
	}
	return r.res, nil
}

// planDelete reads what there is to leave and refuses before anything is changed when an owned group has no heir.
func planDelete(ctx context.Context, env *bindings.Env, p DeleteParams) ([]groupOf, []string, error) {
	groups, err := joinedGroups(ctx, env, p.UserID)
	if err != nil {
		return nil, nil, err
	}
	var orphans, strangers []string
	for _, g := range groups {
		if g.OwnerUserID != p.UserID || g.Status == dismissed {
			continue
		}
		if p.TransferTo == "" {
			orphans = append(orphans, g.GroupID)
			continue
		}
		is, err := isMember(ctx, env, g.GroupID, p.TransferTo)
		if err != nil {
			return nil, nil, err
		}
		if !is {
			strangers = append(strangers, g.GroupID)
		}
	}
	switch {
	case len(orphans) > 0:
		return nil, nil, fault.New(fault.Denied, "%s owns %d groups that would be left without an owner: %s", p.UserID, len(orphans), sample(orphans)).
			WithHint("nothing was changed; name a member as transfer_to, or dismiss the groups first")
	case len(strangers) > 0:
		return nil, nil, fault.New(fault.Denied, "%s is no member of %s and can't become the owner", p.TransferTo, sample(strangers)).
			WithHint("nothing was changed; invite %s to them first, or name another member", p.TransferTo)
	}
	friends, err := friendIDs(ctx, env, p.UserID)
	return groups, friends, err
}

// retirement carries out the steps and keeps the record of them.
type retirement struct {
	ctx    context.Context
	env    *bindings.Env
	res    DeleteResult
	failed int
}

// do carries out one step. In a dry run, and when the call was interrupted, it only notes it.
func (r *retirement) do(step, target string, fn func() error) bool {
	s := Step{Step: step, Target: target, Outcome: "done"}
	switch {
	case r.env.DryRun:
		s.Outcome = "planned"
	case r.ctx.Err() != nil:
		s.Outcome, s.Detail = "skipped", "interrupted"
		r.failed++
	default:
		if err := fn(); err != nil {
			s.Outcome, s.Detail = "failed", err.Error()
			r.failed++
		}
	}
	r.res.Steps = append(r.res.Steps, s)
	return s.Outcome == "done" || s.Outcome == "planned"
}

// leave takes the account out of a group, which it first hands over when it owns it.
func (r *retirement) leave(g groupOf, p DeleteParams) {
	if g.Status == dismissed {
		r.res.Steps = append(r.res.Steps, Step{"leave group", g.GroupID, "skipped", "the group was dismissed"})
		return
	}
	if g.OwnerUserID == p.UserID &&
		!r.do("transfer group", g.GroupID, func() error { return transferGroup(r.ctx, r.env, g, p.TransferTo) }) {
		return
	}
	r.do("leave group", g.GroupID, func() error { return quitGroup(r.ctx, r.env, g.GroupID, p.UserID) })
}
