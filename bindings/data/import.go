package data

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// ImportParams are the parameters of data.import.
type ImportParams struct {
	From string `arg:"1,required" help:"the folder that data.export wrote"`
	ImportOptions
}

// ImportOptions are how an import goes about it.
type ImportOptions struct {
	Kinds       []string `help:"only these kinds: users, friends, groups, members, messages, conversations"`
	OnConflict  string   `json:"on_conflict" default:"skip" enum:"skip,update,fail" help:"what is there already and was not made by this import: leave it alone, change it to what the row says, or count the row as failed"`
	Rejects     string   `help:"write the rows that failed to this folder, as an export that can be imported again"`
	Edited      bool     `help:"take files that were edited since they were exported"`
	Concurrency int      `default:"8" min:"1" help:"calls at the same time"`
}

// KindResult is what became of the rows of a kind.
type KindResult struct {
	Kind    string   `column:"1" key:"true" help:"the kind of rows"`
	Rows    int64    `column:"2" help:"rows in the file"`
	Done    int64    `column:"3" help:"made or changed"`
	Skipped int64    `column:"4" help:"left out: there already, or not possible through the API"`
	Failed  int64    `column:"5" help:"refused by the server"`
	Notes   []string `help:"why rows were skipped, with counts, and the first that failed"`
	Planned bool     `json:"planned,omitempty" help:"a dry run: nothing was written, the numbers say what would be"`
}

// importOrder is the order of an import, with what is set when all else is there.
func importNotes() string {
	return "All rows of all files are read before anything is sent; bad ones are named with file, line and field. " +
		"The order is users, friends, groups, members, messages, conversations, and then what would have refused messages: muted groups and members, accounts that receive none. " +
		"userIDs and groupIDs are taken over as they are.\n" +
		"An import can be repeated, and continued after it was interrupted, even by kill -9, by giving it again: what is there is known by its id, " +
		"a message by its conversation, sender, time, content and ex. (The server gives imported messages a clientMsgID of its own; the sendTime is kept.) " +
		"What was sent in the last moments before a kill is asked for by its operationID, which the server remembers for a day.\n" +
		"Messages go by /msg/send_msg, which takes text, pictures, voice, video, files, @-texts, custom, quotes, markdown and OA notifications; other types, system notifications, and revoked or deleted messages " +
		"are skipped and counted. A sender who is no member of the group any more is refused by the server: such a row fails. Phones get no offline push; who is online sees the messages come, since the server offers no way around. " +
		"Options, seqs, serverMsgID and create times are the server's own. Groups are made and filled without notices in the chat, but for those of an announcement, of a mute, and of becoming friends.\n" +
		"Memory holds the ids of groups, friendships until both their sides were read, and some 40 bytes for each message of the conversations that are being imported.\n" +
		"When a row failed the rest is done and the exit code is 5 (kind partial). --dry-run checks all of it and asks the server what is there."
}

func importOp() bindings.Op {
	return bindings.Op{
		Name: "import", Effect: bindings.Write,
		Doc:     "Put an export of data.export into a deployment, through the API alone.",
		Notes:   importNotes(),
		Example: `data.import{from="export-2026", on_conflict="skip", rejects="failed"}`,
		Run:     bindings.Func(runImport), OwnDryRun: true,
	}
}

func runImport(ctx context.Context, env *bindings.Env, p ImportParams) ([]KindResult, error) {
	kinds, err := chosenKinds(p.Kinds)
	if err != nil {
		return nil, err
	}
	im := &importer{env: env, p: p, oneSided: map[friendPair]bool{}, groups: map[string]bool{}}
	if im.man, im.sum, err = readManifest(env, p.From); err != nil {
		return nil, err
	}
	if err := im.allowed(kinds); err != nil {
		return nil, err
	}
	if err := im.check(ctx, kinds); err != nil {
		return nil, err
	}
	now, err := openim.Do[struct{ ServerTime int64 }](ctx, env.API, "/msg/get_server_time", value.NewObject())
	if err != nil {
		return nil, err
	}
	if err := im.begin(now.ServerTime); err != nil {
		return nil, err
	}
	defer im.mark.close()
	if err := im.openRejects(); err != nil {
		return nil, err
	}
	defer im.rejects.discard()
	return im.finish(im.run(ctx, kinds))
}

// allowed applies the context's limit of objects in one call.
func (im *importer) allowed(kinds []rowKind) error {
	var rows int64
	for _, k := range kinds {
		file, _ := im.man.file(k.name)
		rows += file.Rows
	}
	if t := im.env.Target; t.MaxObjects > 0 && rows > int64(t.MaxObjects) {
		return fault.New(fault.Denied, "this would touch %d objects, and context %q allows %d in one call", rows, t.Name, t.MaxObjects).
			WithHint("nothing was sent; max_objects is set in the context")
	}
	return nil
}

// check reads all files before anything is sent.
func (im *importer) check(ctx context.Context, kinds []rowKind) error {
	var flaws []string
	for _, k := range kinds {
		file, there := im.man.file(k.name)
		if !there {
			continue
		}
		bad, err := checkFile(im.env, im.p.From, im.man.Format, k, file, im.p.Edited, func(r row) {
			switch r := r.(type) {
			case *FriendRow:
				im.noteDirection(r)
			case *GroupRow:
				im.groups[r.GroupID] = r.Status != groupDismissed
			}
		})
		if err != nil {
			return err
		}
		if flaws = append(flaws, bad...); len(flaws) > shownFlaws {
			break
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	if len(flaws) > 0 {
		return badRows(flaws)
	}
	return nil
}

// friendPair is one direction of a friendship.
type friendPair struct{ owner, friend string }

// noteDirection leaves in oneSided the directions whose opposite is not in the file.
func (im *importer) noteDirection(f *FriendRow) {
	opposite := friendPair{f.FriendUserID, f.OwnerUserID}
	if im.man.Part {
		return // what is not in the file may exist
	}
	if im.oneSided[opposite] {
		delete(im.oneSided, opposite)
		return
	}
	im.oneSided[friendPair{f.OwnerUserID, f.FriendUserID}] = true
}

// finish makes the result. Failed rows are a partial failure; an interruption leaves the mark for the next run.
func (im *importer) finish(err error) ([]KindResult, error) {
	out := []KindResult{}
	var failed, rows int64
	for _, t := range im.tallies {
		r := t.result(im.env.DryRun)
		failed, rows = failed+r.Failed, rows+r.Rows
		out = append(out, r)
	}
	if err != nil {
		return out, err
	}
	if failed > 0 {
		if err := im.rejects.commit(im); err != nil {
			return out, err
		}
	}
	if err := im.mark.remove(); err != nil {
		return out, err
	}
	if failed == 0 {
		return out, nil
	}
	e := fault.New(fault.Partial, "%d of %d rows failed: %s", failed, rows, im.firstFailure)
	if im.p.Rejects != "" {
		return out, e.WithHint("they are in %s, with the reasons in %s", im.p.Rejects, filepath.Join(im.p.Rejects, reasonsName))
	}
	return out, e.WithHint("rejects=FOLDER keeps them, to be imported again")
}

// tally counts what becomes of the rows of a kind.
type tally struct {
	KindResult
	why    []string // reasons of skipped rows in the order of their first
	counts map[string]int64
	first  []string // of those that failed
}

// add counts a row that is settled.
func (t *tally) add(it *item) {
	t.Rows++
	switch it.outcome {
	case done:
		t.Done++
	case skipped:
		t.Skipped++
		if t.counts[it.reason] == 0 {
			t.why = append(t.why, it.reason)
		}
		t.counts[it.reason]++
	case failed:
		t.Failed++
		if len(t.first) < 5 {
			t.first = append(t.first, fmt.Sprintf("%s:%d: %s", it.file, it.line, it.reason))
		}
	}
}

func (t *tally) result(planned bool) KindResult {
	r := t.KindResult
	r.Planned, r.Notes = planned, []string{}
	for _, why := range t.why {
		r.Notes = append(r.Notes, fmt.Sprintf("%d skipped: %s", t.counts[why], why))
	}
	r.Notes = append(r.Notes, t.first...)
	return r
}

// slack is how far, in ms, the time at which an import began is set back: asking for it takes a while too, and the
// server's friends have their times in seconds.
const slack = 2 * time.Second
