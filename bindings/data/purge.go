package data

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// PurgeParams are the parameters of data.purge.
type PurgeParams struct {
	What           string   `arg:"1,required" enum:"messages,groups,accounts" help:"messages: old ones; groups: dismissed, empty or silent ones; accounts: idle ones"`
	Before         string   `help:"what is older than this time: 2025-06-30, 2025-06-30T12:00:00Z, or milliseconds"`
	OlderThan      string   `json:"older_than" help:"what is older than so long: 365d, 12h"`
	ConversationID []string `json:"conversationID" help:"messages: of these conversations only"`
	List           bool     `help:"only list what would go, all of it"`
	Limit          int      `default:"100000" min:"1" help:"the most conversations, groups or accounts of one call; a further call goes on"`
	BackupNeeded

	listed []Purge // what the preview showed, and so what goes
	more   bool
	before int64 // ms
}

// Purge is something that goes.
type Purge struct {
	What     string `json:"what" column:"1" help:"messages, group or account"`
	ID       string `json:"id" column:"2" key:"true" help:"the conversation, the group, the account"`
	Messages int64  `json:"messages" column:"3" help:"of a conversation: how many messages go"`
	UpTo     int64  `json:"upTo,omitempty" help:"of a conversation: the highest seq that goes"`
	Why      string `json:"why" column:"4" help:"why it goes"`
	Outcome  string `json:"outcome" column:"5" help:"listed; purged; changed: it is used again, or has changed, and was left alone; failed"`
	Left     string `json:"left,omitempty" help:"what stays"`
	Error    string `json:"error,omitempty" column:"6" help:"why it failed, or what changed"`

	docs []oldDocument // of a conversation
}

func purgeOp() bindings.Op {
	return bindings.Op{
		Name: "purge", Effect: bindings.Destroy,
		Doc: "Remove old messages, dead groups or idle accounts, exactly those that it listed.",
		Notes: "It lists first what would go: list=true, or a dry run, shows all of it; otherwise count and a sample are shown, and then that same list goes, a row for each. " +
			"Interrupted it stops between two rows; the same call again lists what is left. It needs a backup that verifies, or without_backup=true. MongoDB must be configured.\n" +
			"messages: of each conversation the messages before the first one that is young enough, as the server's own nightly job removes them: seq.min_seq is raised, documents whose " +
			"messages are all old are removed, and old messages in the document at the border are emptied in their places. It writes to MongoDB and not through the API: " +
			"/msg/delete_msg_physical deletes nothing, and /msg/delete_msg_phsical_by_seq leaves min_seq and the documents. An old message behind a younger one stays. Numbers are never given out again.\n" +
			"groups: those that are dismissed, have no members, or had no message and nobody who joined in that time. One that is alive is dismissed through the API first, members are told. " +
			"Then its record, members, requests and version log go. Its messages and the conversations of its members stay; purge those as messages.\n" +
			"accounts: ordinary accounts (level 0 and 1) that were made, and last sent a message, before that time; never the account that imctl runs as. With Redis those that are online now stay, " +
			"with a chat server those that logged in since. One that owns a group stays. It is logged out, leaves its groups and friends through the API, and then its records go (DATA-MODEL, Removing a user). " +
			"Messages stay, and what other people's conversations show of it; the id should never be used again.",
		Example:  `data.purge{what="messages", older_than="365d", backup="before.tar.zst"}`,
		EffectOf: func(params any) bindings.Effect { return params.(*PurgeParams).effect() },
		Preview: func(ctx context.Context, env *bindings.Env, params any) (bindings.Preview, error) {
			return previewPurge(ctx, env, params.(*PurgeParams))
		},
		Run: bindings.Stream(runPurge), OwnDryRun: true,
	}
}

func (p *PurgeParams) effect() bindings.Effect {
	if p.List {
		return bindings.Read
	}
	return bindings.Destroy
}

func previewPurge(ctx context.Context, env *bindings.Env, p *PurgeParams) (bindings.Preview, error) {
	if err := p.list(ctx, env); err != nil {
		return bindings.Preview{}, err
	}
	preview := bindings.Preview{Count: len(p.listed)}
	var messages int64
	for _, row := range p.listed {
		messages += row.Messages
		if len(preview.Sample) < 5 {
			preview.Sample = append(preview.Sample, row.ID+" ("+row.Why+")")
		}
	}
	preview.Text = fmt.Sprintf("remove %d %s for good", len(p.listed), p.What)
	if p.What == "messages" {
		preview.Text = fmt.Sprintf("remove %d messages of %d conversations for good", messages, len(p.listed))
	}
	if p.more {
		preview.Text += "; there are more, which a further call removes"
	}
	return preview, nil
}

// list checks the parameters, and finds what would go.
func (p *PurgeParams) list(ctx context.Context, env *bindings.Env) error {
	var err error
	if p.before, err = cutoff(p.Before, p.OlderThan, env.Now()); err != nil {
		return err
	}
	if len(p.ConversationID) > 0 && p.What != "messages" {
		return fault.New(fault.Usage, "conversationID goes with what=messages only")
	}
	if !p.List && !env.DryRun {
		if err := p.BackupNeeded.check(ctx, env); err != nil {
			return err
		}
	}
	db, err := wholeDatabase(ctx, env)
	if err != nil {
		return err
	}
	p.listed, p.more = []Purge{}, false
	for row, err := range p.finds()(ctx, env, db, p) {
		if err != nil {
			return err
		}
		if len(p.listed) == p.Limit {
			p.more = true
			break
		}
		p.listed = append(p.listed, row)
	}
	return nil
}

// purgeable is how a kind of thing is found and removed.
func (p *PurgeParams) finds() func(context.Context, *bindings.Env, *mongo.Database, *PurgeParams) iter.Seq2[Purge, error] {
	switch p.What {
	case "groups":
		return deadGroups
	case "accounts":
		return idleAccounts
	}
	return oldMessages
}

// cutoff is the time, in milliseconds, before which things are old.
func cutoff(before, olderThan string, now time.Time) (int64, error) {
	switch {
	case before != "" && olderThan != "":
		return 0, fault.New(fault.Usage, "before and older_than exclude each other")
	case before == "" && olderThan == "":
		return 0, fault.New(fault.Usage, "say what is old: before or older_than").WithHint(`older_than="365d", or before="2025-06-30"`)
	case olderThan != "":
		age, err := age(olderThan)
		if err != nil {
			return 0, err
		}
		return now.Add(-age).UnixMilli(), nil
	}
	at, err := moment(before)
	if err != nil {
		return 0, err
	}
	if at > now.UnixMilli() {
		return 0, fault.New(fault.Usage, "before: %s is in the future", before)
	}
	return at, nil
}

// moment reads a time: a day (UTC), RFC 3339, or milliseconds.
func moment(text string) (int64, error) {
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil && ms > 1e11 {
		return ms, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UnixMilli(), nil
		}
	}
	return 0, fault.New(fault.Usage, "before: %q is no time; write 2025-06-30, 2025-06-30T12:00:00Z, or milliseconds", text)
}

// age reads a duration in which a day is 24 h.
func age(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n < 100_000 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return d, nil
	}
	return 0, fault.New(fault.Usage, "older_than: %q is no length of time; write 365d or 12h", text)
}

func runPurge(ctx context.Context, env *bindings.Env, p PurgeParams) iter.Seq2[Purge, error] {
	return func(yield func(Purge, error) bool) {
		if p.listed == nil {
			if err := p.list(ctx, env); err != nil {
				yield(Purge{}, err)
				return
			}
		}
		bad, err := p.run(ctx, env, yield)
		switch {
		case err != nil:
			yield(Purge{}, err)
		case bad > 0:
			yield(Purge{}, fault.New(fault.Partial, "%d of %d were not purged", bad, len(p.listed)).
				WithHint("the rows say why; the same call again lists what is left"))
		case p.more && !p.List:
			env.Warning("there is more: call it again")
		}
	}
}

// run removes what was listed, one after the other, and tells each. It ends where nobody takes the rows.
func (p *PurgeParams) run(ctx context.Context, env *bindings.Env, yield func(Purge, error) bool) (bad int, err error) {
	e := &purger{env: env, before: p.before, now: env.Now()}
	if e.db, err = wholeDatabase(ctx, env); err != nil {
		return 0, err
	}
	remove := map[string]func(context.Context, *Purge) error{"messages": e.messages, "groups": e.group, "accounts": e.account}[p.What]
	progress := track(env, "purging "+p.What)
	defer progress.Finish("")
	for i, row := range slices.Clone(p.listed) {
		row.Outcome = "listed"
		if !p.List && !env.DryRun {
			if ctx.Err() != nil {
				return bad, context.Cause(ctx)
			}
			row.Outcome = "purged"
			if err := remove(ctx, &row); err != nil {
				bad++
				row.Error = err.Error()
				if row.Outcome == "purged" {
					row.Outcome = "failed"
				}
				if bindings.Fatal(err) {
					yield(row, nil)
					return bad, err
				}
			}
		}
		progress.Set(int64(i+1), int64(len(p.listed)))
		if !yield(row, nil) {
			return 0, nil
		}
	}
	return bad, nil
}

// purger removes what was listed.
type purger struct {
	env    *bindings.Env
	db     *mongo.Database
	before int64
	now    time.Time
	noted  bool // that there is no Redis
}

// changed is the error of a row that is no longer as it was listed.
func (r *Purge) changed(format string, args ...any) error {
	r.Outcome = "changed"
	return fault.New(fault.Partial, format, args...)
}
