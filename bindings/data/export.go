package data

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// ExportParams are the parameters of data.export.
type ExportParams struct {
	To     string   `arg:"1,required" help:"the folder to write; it is made, and must hold no export yet"`
	Kinds  []string `help:"only these kinds: users, friends, groups, members, messages, conversations"`
	Users  []string `help:"only these accounts, and of others what they have to do with: their friends, the members of their groups, those they have chats with"`
	Since  string   `help:"only messages sent since: a day (2026-01-31, UTC), a time (RFC 3339), or an age like 720h"`
	Format string   `default:"jsonl" enum:"jsonl,csv" help:"the format of the files"`
}

// ExportResult is the result of data.export.
type ExportResult struct {
	To      string      `column:"1" key:"true" help:"the folder that was written"`
	Rows    int64       `column:"2" help:"rows in all its files"`
	Files   []KindCount `column:"3" help:"its files"`
	LeftOut []string    `json:"left_out" help:"what is not in it"`
}

// KindCount is a file of an export.
type KindCount struct {
	Kind string `json:"kind" help:"what is in it"`
	Rows int64  `json:"rows" help:"how many"`
}

func exportOp() bindings.Op {
	return bindings.Op{
		Name: "export", Effect: bindings.Read,
		Doc: "Write users, friends, groups, members, conversations and messages to a folder, through the API alone.",
		Notes: "For migration (data.import takes it back) and audit; it is no backup for a disaster: what the API does not give is listed in left_out. " +
			"One file a kind, and manifest.json with counts and sums, which is written last: a folder without it is an export that was never finished. Files appear whole.\n" +
			"The folder holds all messages in clear: keep it where only you can read it. " +
			"A message is read as up to eight of those in its conversation see it, until one sees it: what all of these have deleted is lost, and of a revoked message the server gives only that it was revoked.\n" +
			"Memory holds some 40 bytes for each conversation, nothing for messages.",
		Example: `data.export{to="export-2026", since="2026-01-01"}`,
		Run:     bindings.Func(runExport),
	}
}

// leftOut is what no export through the API holds (DATA-MODEL "What the REST API alone can back up").
func leftOut() []string {
	return []string{
		"passwords, login names and bans (the chat server's)", "tokens, sessions and push tokens", "black lists, requests to join or to be friends",
		"files: messages hold their addresses only", "hidden notification conversations", "version logs", "who has deleted which message for himself",
		"create times (written for the record; a server stamps what is imported itself)",
	}
}

func runExport(ctx context.Context, env *bindings.Env, p ExportParams) (ExportResult, error) {
	kinds, err := chosenKinds(p.Kinds)
	if err != nil {
		return ExportResult{}, err
	}
	since, err := sinceTime(p.Since, env.Now())
	if err != nil {
		return ExportResult{}, err
	}
	if len(p.Users) > 0 {
		if p.Users, err = bindings.CheckIDs("users", p.Users); err != nil {
			return ExportResult{}, err
		}
		if err := bindings.MustBeKnown(ctx, env, p.Users...); err != nil {
			return ExportResult{}, err
		}
	}
	generation, err := env.API.Generation(ctx)
	if err != nil {
		return ExportResult{}, err
	}
	if err := newFolder(env, p.To, "to"); err != nil {
		return ExportResult{}, err
	}
	e := &exporter{env: env, users: p.Users, since: since, out: map[string]*rowWriter{}, seen: map[[16]byte]bool{}, groups: map[string]bool{}, others: map[string]bool{}}
	defer e.discard()
	for _, k := range kinds {
		f, err := env.Create(filepath.Join(p.To, k.name+"."+p.Format))
		if err != nil {
			return ExportResult{}, err
		}
		if e.out[k.name], err = newRowWriter(f, k, p.Format); err != nil {
			f.Discard()
			return ExportResult{}, err
		}
	}
	if env.Track != nil {
		e.progress = env.Track("export to " + p.To)
		defer e.progress.Finish("")
	}
	if err := e.walk(ctx); err != nil {
		return ExportResult{}, err
	}
	m := exportManifest{
		Form: manifestForm, Context: env.Target.Name, Generation: string(generation), Time: env.Now().UTC().Format(time.RFC3339),
		Format: p.Format, Part: len(p.Users) > 0, Users: p.Users, Since: since, LeftOut: append(leftOut(), e.lost()...),
	}
	res := ExportResult{To: p.To, LeftOut: m.LeftOut}
	for _, k := range kinds {
		f, err := e.out[k.name].commit()
		if err != nil {
			return ExportResult{}, err
		}
		m.Files = append(m.Files, f)
		res.Files = append(res.Files, KindCount{f.Kind, f.Rows})
		res.Rows += f.Rows
	}
	return res, writeManifest(env, p.To, m)
}

// sinceTime is the time that a text names, in ms; "" is 0.
func sinceTime(text string, now time.Time) (int64, error) {
	if text == "" {
		return 0, nil
	}
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(form, text); err == nil {
			return at.UnixMilli(), nil
		}
	}
	if age, err := time.ParseDuration(text); err == nil && age > 0 {
		return now.Add(-age).UnixMilli(), nil
	}
	return 0, fault.New(fault.Usage, "since: %q is no day (2026-01-31), time (2026-01-31T10:00:00Z) or age (720h)", text)
}

// lost says what the export could not find of what it looked for.
func (e *exporter) lost() []string {
	var out []string
	if e.holes > 0 {
		out = append(out, fmt.Sprintf("%d messages that were removed, or that nobody who was asked may see", e.holes))
	}
	if e.erased > 0 {
		out = append(out, fmt.Sprintf("the content of %d messages that all who were asked have deleted", e.erased))
	}
	if e.revoked > 0 {
		out = append(out, fmt.Sprintf("the content of %d revoked messages", e.revoked))
	}
	return out
}
