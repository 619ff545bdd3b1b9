package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/output"
)

func (a *app) auditCommand() *cobra.Command {
	var since time.Duration
	var op string
	var failed bool
	cmd := &cobra.Command{
		Use: "audit", Short: "Show the writes that imctl made from this account", GroupID: "setup", Args: cobra.NoArgs,
		Long:    "Show the audit file: every write, when, in which context, from which script and line, with what outcome.",
		Example: "  imctl audit --since 24h\n  imctl audit --op 'user.*' --failed -o json",
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := path.Match(op, ""); err != nil {
				return fault.New(fault.Usage, "--op: %q is no pattern", op).WithHint("such as user.add or 'user.*'")
			}
			return a.showAudit(cmd.Context(), auditFilter{since: since, op: op, failed: failed, context: a.g.context})
		},
	}
	cmd.Flags().DurationVar(&since, "since", 0, "only the last so long (24h)")
	cmd.Flags().StringVar(&op, "op", "", "only these operations: a name or a pattern like 'user.*'")
	cmd.Flags().BoolVar(&failed, "failed", false, "only what failed")
	return cmd
}

type auditFilter struct {
	since       time.Duration
	op, context string
	failed      bool
}

func (f auditFilter) takes(r bindings.Record) bool {
	if f.op != "" {
		if ok, err := path.Match(f.op, r.Op); err != nil || !ok {
			return false
		}
	}
	return (f.context == "" || r.Context == f.context) && (!f.failed || r.Outcome != "done") &&
		(f.since == 0 || time.Since(r.Time) <= f.since)
}

// showAudit streams the audit file. A line that was cut by a crash is said and passed over.
func (a *app) showAudit(ctx context.Context, filter auditFilter) error {
	printer, err := a.printer()
	if err != nil {
		return err
	}
	f, err := os.Open(filepath.Join(a.statePath(), "audit.jsonl"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fault.New(fault.Usage, "can't read the audit file: %w", err)
	}
	cols := []output.Column{{Name: "time", Order: 1}, {Name: "context", Order: 2}, {Name: "op", Order: 3, Key: true}, {Name: "target", Order: 4},
		{Name: "source", Order: 5}, {Name: "outcome", Order: 6}, {Name: "effect"}, {Name: "params"}, {Name: "operationID"}}
	rows := printer.Rows(cols)
	if f == nil {
		return rows.Close()
	}
	defer f.Close()
	r := bufio.NewReader(f)
	for n := 1; ctx.Err() == nil; n++ {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return rows.Close()
		}
		if err != nil && !errors.Is(err, io.EOF) {
			rows.Abort()
			return fault.New(fault.Internal, "can't read the audit file: %w", err)
		}
		record, err := parseRecord(line)
		if err != nil {
			a.note("warning: line %d of the audit file is broken and left out", n)
			continue
		}
		if filter.takes(record) {
			if err := rows.Add(a.auditRow(record, printer.Format())); err != nil {
				rows.Abort()
				return err
			}
		}
	}
	rows.Abort()
	return context.Cause(ctx)
}

// auditRow is a record with what it acted on: the operation's positional arguments. Tables show the time shortly.
func (a *app) auditRow(r bindings.Record, format string) *value.Object {
	row := value.From(r).(*value.Object)
	if format == output.Table || format == output.Wide {
		row.Set("time", r.Time.Local().Format(time.DateTime))
	}
	row.Set("target", "")
	given, isObject := r.Params.(*value.Object)
	if op, err := bindings.FindOp(a.areas, r.Op); err == nil && isObject {
		var parts []string
		for place := 1; place <= 2; place++ {
			for _, p := range op.Params() {
				if v, ok := given.Get(p.Name); ok && p.Arg == place {
					parts = append(parts, value.Text(v))
				}
			}
		}
		row.Set("target", strings.Join(parts, " "))
	}
	return row
}

func parseRecord(line []byte) (bindings.Record, error) {
	var r bindings.Record
	plain, err := value.Parse(line)
	if err != nil {
		return r, err
	}
	o, ok := plain.(*value.Object)
	if !ok {
		return r, errors.New("no object")
	}
	text, _ := o.Get("time")
	stamp, _ := text.(string)
	if r.Time, err = time.Parse(time.RFC3339Nano, stamp); err != nil {
		return r, err
	}
	o.Delete("time")
	return r, value.Into(o, &r)
}
