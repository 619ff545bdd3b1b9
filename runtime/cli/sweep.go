package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/journal"
	"github.com/openimsdk/imctl/runtime/output"
)

const sweepHelp = "With --sweep no test runs: what killed runs made in this context and did not remove is removed, from the journals that they\n" +
	"left; with --dry-run it is only listed. What a run that goes on made is left alone. Code 0: nothing is left; 5: something is."

// sweepRow is a row of what a sweep prints.
type sweepRow struct {
	Run     string          `json:"run"`
	Op      string          `json:"op"` // that removes it
	Params  any             `json:"params"`
	Outcome journal.Outcome `json:"outcome"`
	Detail  string          `json:"detail"`
}

// sweep takes back what earlier runs made in the context in force and left.
func (a *app) sweep(ctx context.Context) error {
	if a.g.plan != "" || a.g.replay != "" {
		return fault.New(fault.Usage, "--sweep does its work at once: neither --plan nor --replay goes with it").WithHint("--dry-run lists what it would do")
	}
	printer, err := a.printer()
	if err != nil {
		return err
	}
	ctx, cancel := a.limited(ctx)
	defer cancel()
	t, err := a.resolve()
	if err != nil {
		return err
	}
	folder := journalFolder(filepath.Join(a.statePath(), "contexts", t.Name))
	paths, err := journal.List(folder)
	if err != nil {
		return fault.New(fault.Usage, "the journals can't be read: %w", err)
	}
	if len(paths) == 0 {
		a.note("nothing to remove: no run left a journal in context %s", t.Name)
		return nil
	}
	if _, running := readSandbox(a.statePath()); t.Sandbox && !running {
		a.note("%s left something on a sandbox that does not run: it is gone, unless the sandbox kept it with --data; start that again then",
			plural(len(paths), "run"))
		return nil
	}
	s, err := a.open(ctx, false)
	if err != nil {
		return err
	}
	rows := printer.Rows([]output.Column{{Name: "run", Order: 1}, {Name: "op", Order: 2}, {Name: "params", Order: 3}, {Name: "outcome", Order: 4, Key: true}, {Name: "detail", Order: 5}})
	sum := sweepSum{}
	for _, path := range paths {
		if err == nil {
			err = a.sweepOne(ctx, s, path, &sum, func(r sweepRow) error { return rows.Add(r) })
		}
	}
	if cerr := rows.Close(); err == nil {
		err = cerr
	}
	if err == nil && sum.left > 0 && !a.g.dryRun {
		err = fault.New(fault.Partial, "%d of %d were not removed", sum.left, sum.all)
	}
	return err
}

type sweepSum struct{ all, left int }

// sweepOne takes back what is left in one journal, the last thing first.
func (a *app) sweepOne(ctx context.Context, s *session, path string, sum *sweepSum, tell func(sweepRow) error) error {
	j, c, err := journal.Open(path)
	switch {
	case errors.Is(err, journal.ErrLives):
		a.note("%s: its run goes on, and is left alone", path)
		return nil
	case errors.Is(err, os.ErrNotExist): // another sweep was faster
		return nil
	case err != nil:
		a.note("warning: %s: %v", path, err)
		sum.all, sum.left = sum.all+1, sum.left+1
		return nil
	}
	if !s.target.Sandbox && j.Head.API != s.env.API.API() { // the sandbox may have come back at another address
		a.note("%s: it is about the server at %s, and context %s is at %s now; it is left alone", path, j.Head.API, s.target.Name, s.env.API.API())
		return j.Leave()
	}
	if c.Bad > 0 {
		a.note("warning: %s: %s can't be read; look into it, and delete it then", path, plural(c.Bad, "line"))
		sum.all, sum.left = sum.all+c.Bad, sum.left+c.Bad
	}
	err = a.sweepIntents(ctx, s.env, j, c.Intents, sum, tell)
	if a.g.dryRun {
		return errors.Join(err, j.Leave())
	}
	if err == nil && j.Left() > 0 {
		a.note("%s keeps what is left, and the same command tries again; delete the file when you have seen to it yourself", path)
	}
	return errors.Join(err, j.Close())
}

func (a *app) sweepIntents(ctx context.Context, env *bindings.Env, j *journal.Journal, intents []*journal.Intent, sum *sweepSum, tell func(sweepRow) error) error {
	taker := journal.Taker{Areas: a.areas, Env: env}
	tellAll := func(steps []journal.Step, err error) error {
		for _, step := range steps {
			if err == nil {
				err = tell(sum.count(step))
			}
		}
		return err
	}
	for _, in := range slices.Backward(intents) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if in.Waits() { // for the end
			continue
		}
		if err := tellAll(taker.TakeBack(ctx, j, in)); err != nil {
			return err
		}
	}
	return tellAll(taker.Finish(ctx, j))
}

// count is the row of a step, which it counts.
func (s *sweepSum) count(step journal.Step) sweepRow {
	s.all++
	if step.Outcome != journal.Done && step.Outcome != journal.Gone {
		s.left++
	}
	row := sweepRow{Run: step.Run, Op: step.Undo.Op, Params: step.Undo.Params, Outcome: step.Outcome}
	if step.Err != nil {
		row.Detail = step.Err.Error()
		if step.Err.Hint != "" {
			row.Detail += "; " + step.Err.Hint
		}
	}
	return row
}
