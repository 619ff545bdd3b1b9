package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/output"
	"github.com/openimsdk/imctl/runtime/repl"
	"github.com/openimsdk/imctl/runtime/target"
)

// replHost is what the REPL asks of the program.
type replHost struct {
	*app
	terminal bool
	known    map[string]knownIDs // by area
}

// knownIDs are ids for completion; they are asked for anew after a while.
type knownIDs struct {
	ids []string
	at  time.Time
}

const idsLast = 30 * time.Second

// open opens the target for a person who can be asked. A question that is interrupted must not eat what is typed next.
func (h *replHost) open(ctx context.Context) error {
	s, err := h.app.open(ctx, h.terminal)
	if err != nil {
		return err
	}
	if s.env.Ask != nil {
		s.env.Ask = func(ctx context.Context, q bindings.Question) (bool, error) {
			return h.app.askFrom(ctx, repl.TerminalUntil(ctx), q)
		}
	}
	return nil
}

// Prompt is the prompt, which names the context.
func (h *replHost) Prompt() string {
	if h.session == nil {
		return "imctl> "
	}
	return "imctl:" + h.session.target.Name + "> "
}

// Forms lists the output forms.
func (h *replHost) Forms() []string { return output.Formats() }

func (h *replHost) printerTo(w io.Writer, form string, width int) (*output.Printer, error) {
	return output.New(output.Options{
		Format: form, Columns: h.g.columns, Query: h.g.query, NoHeaders: h.g.noHeaders, Out: w,
		Color: h.sys.ColorOut(h.g.color), Width: width, Moment: isMoment,
	})
}

// Print prints one value.
func (h *replHost) Print(w io.Writer, form string, width int, v any) error {
	p, err := h.printerTo(w, form, width)
	if err != nil {
		return err
	}
	return p.Value(v, nil)
}

// PrintRows prints rows as they come.
func (h *replHost) PrintRows(w io.Writer, form string, width int, op bindings.Op, rows bindings.Rows) error {
	p, err := h.printerTo(w, form, width)
	if err != nil {
		return err
	}
	return h.printRows(p, columnsOf(op), rows)
}

// Fail prints an error.
func (h *replHost) Fail(err error) { h.printError(err) }

// Note says something that is no result.
func (h *replHost) Note(text string) { h.note("%s", text) }

// Interrupt diverts Ctrl-C.
func (h *replHost) Interrupt(cancel func()) (done func()) { return h.interrupts.divert(cancel) }

// Contexts lists the names of the contexts.
func (h *replHost) Contexts() []string {
	names := []string{target.Sandbox}
	path, err := target.ConfigFile(h.sys.Getenv)
	if err != nil {
		return names
	}
	file, err := target.Load(path)
	if err != nil {
		return names
	}
	return append(names, file.Names()...)
}

// ShowContext returns the settings in force.
func (h *replHost) ShowContext() (any, error) {
	if h.session != nil {
		return h.session.target.Settings(), nil
	}
	t, err := h.resolve()
	if err != nil {
		return nil, err
	}
	return t.Settings(), nil
}

// SwitchContext goes to another context and returns the settings that changed. The flags that named parts of the
// deployment are about the old one, and don't count any more.
func (h *replHost) SwitchContext(ctx context.Context, name string) (any, error) {
	if h.g.plan != "" {
		return nil, fault.New(fault.Usage, "a plan is for one context").WithHint("leave, and write another plan")
	}
	old, flags := h.session, h.g
	before := map[string]string{}
	if old != nil {
		for _, s := range old.target.Settings() {
			before[s.Name] = s.Value
		}
	}
	h.session = nil
	h.g.context, h.g.server, h.g.gateway, h.g.admin, h.g.secretFile = name, "", "", "", ""
	if err := h.open(ctx); err != nil {
		h.session, h.g = old, flags
		return nil, err
	}
	h.known = map[string]knownIDs{}
	changes := value.List{}
	for _, s := range h.session.target.Settings() {
		if before[s.Name] != s.Value {
			changes = append(changes, value.NewObject("setting", s.Name, "before", before[s.Name], "now", s.Value, "source", s.Source))
		}
		delete(before, s.Name)
	}
	for _, s := range slices.Sorted(maps.Keys(before)) {
		changes = append(changes, value.NewObject("setting", s, "before", before[s], "now", "", "source", ""))
	}
	if old != nil {
		if old.child != nil {
			h.note("the sandbox that was started here has ended")
		}
		h.sayLeftOf(old)
		return changes, old.close(true)
	}
	return changes, nil
}

// IDs returns some ids of an area's things: those that come within the time that ctx leaves.
func (h *replHost) IDs(ctx context.Context, area string) []string {
	if known, ok := h.known[area]; ok && time.Since(known.at) < idsLast {
		return known.ids
	}
	if h.session == nil {
		return nil
	}
	ids := someIDs(ctx, h.session.env, h.areas, area, "")
	h.known[area] = knownIDs{ids, time.Now()}
	return ids
}

// Requests counts the requests from now on, and knows the last of them.
func (h *replHost) Requests() func() (int64, []string) {
	start, session := time.Now(), h.session
	var before int64
	if session != nil {
		before = session.budget.spent.Load()
	}
	return func() (int64, []string) {
		if h.session == nil {
			return 0, nil
		}
		if h.session != session { // it was opened since
			before = 0
		}
		var last []string
		for _, c := range h.session.calls.since(start) {
			line := fmt.Sprintf("%s %s  %s", c.Method, c.Path, c.Duration.Round(100*time.Microsecond))
			if c.Err != nil {
				line += "  " + strings.SplitN(c.Err.Error(), "\n", 2)[0]
			}
			last = append(last, line)
		}
		return max(h.session.budget.spent.Load()-before, int64(len(last))), last // a login spends nothing of the budget
	}
}
