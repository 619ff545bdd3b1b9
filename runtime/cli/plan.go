package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/output"
)

// planHead is the first line of a plan file.
type planHead struct {
	Plan    int       `json:"imctlPlan"` // the format, 1
	Context string    `json:"context"`
	Time    time.Time `json:"time"`
}

// planFile takes the writes that a run would make, as JSON lines; it appears whole when the run has ended well.
type planFile struct {
	file bindings.File
	name string
	n    int
}

func (a *app) openPlan(name, contextName string) (*planFile, error) {
	f, err := a.createFile(name)
	if err != nil {
		return nil, err
	}
	p := &planFile{file: f, name: name}
	if err := p.line(planHead{Plan: 1, Context: contextName, Time: time.Now().UTC()}); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *planFile) line(v any) error {
	text, err := value.Marshal(v)
	if err != nil {
		return err
	}
	_, err = p.file.Write(append(text, '\n'))
	return err
}

// add writes one planned write. A secret can't be kept in a file, so a write with one can't be planned.
func (p *planFile) add(w bindings.Planned) error {
	text, err := w.ParamsText()
	if err != nil {
		return err
	}
	if strings.Contains(text, `"`+bindings.Secret("x").String()+`"`) || openim.Mask(text) != text {
		return fault.New(fault.Unsupported, "%s can't be planned: it takes a secret, and a plan holds none", w.Op)
	}
	p.n++
	return p.line(w)
}

func (p *planFile) close(ok bool) error {
	if !ok {
		p.file.Discard()
		return nil
	}
	return p.file.Commit()
}

// said is the note at the end of a run that made a plan.
func (p *planFile) said() string {
	if p.n == 1 {
		return "plan " + p.name + ": 1 write; imctl apply " + p.name + " does it"
	}
	return fmt.Sprintf("plan %s: %d writes; imctl apply %s does them", p.name, p.n, p.name)
}

func (a *app) applyCommand() *cobra.Command {
	var skipMoved bool
	cmd := &cobra.Command{
		Use: "apply PLAN", Short: "Do the writes of a plan that --plan made", GroupID: "run", Args: exactly("PLAN"),
		Long: "Do the writes that a run with --plan FILE listed, in their order. What has moved since the plan was made is refused:\n" +
			"the object that a write would change must be as it was. An operation that can't tell is done and marked unchecked.",
		Example: "  imctl run cleanup.lua --plan cleanup.plan\n  imctl apply cleanup.plan",
		RunE:    func(cmd *cobra.Command, args []string) error { return a.apply(cmd.Context(), args[0], skipMoved) },
	}
	cmd.Flags().BoolVar(&skipMoved, "skip-moved", false, "leave out what has moved instead of stopping there")
	return cmd
}

func (a *app) apply(ctx context.Context, name string, skipMoved bool) error {
	printer, err := a.printer()
	if err != nil {
		return err
	}
	head, writes, err := a.readPlan(name)
	if err != nil {
		return err
	}
	ctx, cancel := a.limited(ctx)
	defer cancel()
	s, err := a.open(ctx, true)
	if err != nil {
		return err
	}
	if head.Context != s.target.Name {
		return fault.New(fault.Denied, "the plan was made for context %q, this is %q", head.Context, s.target.Name).
			WithHint("nothing was sent; name the context: --context %s", head.Context)
	}
	question := bindings.Question{Op: "apply", Context: s.target.Name, Preview: bindings.Preview{
		Count: len(writes), Text: fmt.Sprintf("do %d writes of the plan", len(writes)),
	}}
	if !a.g.dryRun {
		if yes, err := a.ask(ctx, question); err != nil {
			return err
		} else if !yes {
			return fault.New(fault.Denied, "not confirmed").WithHint("nothing was sent")
		}
	}
	env := *s.env
	env.Ask = nil // asked once, for the whole plan
	steps, first := a.checkPlan(ctx, &env, writes, skipMoved)
	for i := range steps {
		if first == nil && steps[i].Status != "moved" {
			first = steps[i].do(ctx, &env)
		}
	}
	if err := printer.Value(steps, []output.Column{{Name: "op", Order: 1, Key: true}, {Name: "status", Order: 2}, {Name: "detail", Order: 3}}); err != nil {
		return err
	}
	return first
}

// step is one write of a plan and what became of it.
type step struct {
	Op     string `json:"op"`
	Status string `json:"status"` // not_run, moved, done, unchecked, failed
	Detail string `json:"detail"`

	op      bindings.Op
	params  any
	checked bool
}

// checkPlan binds every write and compares what it would change with the plan, before anything is done: the writes of
// one plan may change the same object one after the other.
func (a *app) checkPlan(ctx context.Context, env *bindings.Env, writes []bindings.Planned, skipMoved bool) ([]step, error) {
	steps := make([]step, len(writes))
	var first error
	for i, w := range writes {
		s := &steps[i]
		s.Op, s.Status, s.Detail = w.Op, "not_run", value.Text(w.Params)
		err := s.check(ctx, env, a.areas, w)
		if err != nil {
			s.Detail = fault.From(err).Message
			if first == nil && (s.Status != "moved" || !skipMoved) {
				first = err
			}
		}
	}
	return steps, first
}

func (s *step) check(ctx context.Context, env *bindings.Env, areas []bindings.Area, w bindings.Planned) error {
	var err error
	if s.op, err = bindings.FindOp(areas, w.Op); err != nil {
		return err
	}
	fields, ok := w.Params.(*value.Object)
	if !ok {
		return fault.New(fault.Usage, "%s: its params are no object", w.Op)
	}
	if s.params, err = s.op.Bind(fields); err != nil || w.Before == "" {
		return err
	}
	s.checked = true
	now, err := s.op.Fingerprint(ctx, env, s.params)
	if err == nil && now != w.Before {
		s.Status = "moved"
		err = fault.New(fault.Denied, "%s: what it would change has moved since the plan was made", w.Op).
			WithHint("nothing was sent; make a new plan, or leave it out with --skip-moved")
	}
	return err
}

func (s *step) do(ctx context.Context, env *bindings.Env) error {
	if _, err := s.op.Invoke(ctx, env, s.params); err != nil {
		s.Status, s.Detail = "failed", fault.From(err).Message
		return err
	}
	s.Status = "done"
	if !s.checked && !env.DryRun {
		s.Status = "unchecked"
	}
	return nil
}

// readPlan reads a plan file whole before anything of it is done.
func (a *app) readPlan(name string) (planHead, []bindings.Planned, error) {
	var head planHead
	f, err := a.openFile(name)
	if err != nil {
		return head, nil, err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	var writes []bindings.Planned
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			break
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return head, nil, fault.New(fault.Usage, "can't read the plan: %w", err)
		}
		if n == 1 {
			if err := json.Unmarshal(line, &head); err != nil || head.Plan != 1 {
				return head, nil, fault.New(fault.Usage, "%s is no plan of imctl", name)
			}
			continue
		}
		var w bindings.Planned
		plain, perr := value.Parse(line)
		if perr == nil {
			perr = value.IntoStrict(plain, &w)
		}
		if perr != nil {
			return head, nil, fault.New(fault.Usage, "%s:%d: %w", name, n, perr)
		}
		writes = append(writes, w)
	}
	if head.Plan != 1 {
		return head, nil, fault.New(fault.Usage, "%s is no plan of imctl", name)
	}
	return head, writes, nil
}
