package cli

import (
	"errors"
	"reflect"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/runtime/output"
)

// printer makes the printer that the flags ask for.
func (a *app) printer() (*output.Printer, error) {
	return output.New(output.Options{
		Format: a.g.output, Columns: a.g.columns, Query: a.g.query, NoHeaders: a.g.noHeaders, Out: a.sys.Stdout,
		Color: a.sys.ColorOut(a.g.color), Width: a.sys.Width, Moment: isMoment,
	})
}

// columnsOf are the columns of an operation's result.
func columnsOf(op bindings.Op) []output.Column {
	var cols []output.Column
	for _, f := range op.Result() {
		cols = append(cols, output.Column{Name: f.Name, Order: f.Column, Key: f.Key})
	}
	return cols
}

// printResult prints what an operation returned, and passes its error on: both may come, when only a part was done.
func (a *app) printResult(p *output.Printer, op bindings.Op, result any, err error) error {
	if rows, ok := result.(bindings.Rows); ok {
		return a.printRows(p, columnsOf(op), rows)
	}
	if planned, ok := result.(bindings.Planned); ok {
		a.note("dry run: nothing was sent")
		return errors.Join(p.Value(planned, nil), err)
	}
	if result == nil || err != nil && isZeroResult(result) {
		return err
	}
	if perr := p.Value(result, columnsOf(op)); perr != nil && err == nil {
		err = perr
	}
	return err
}

// printRows prints rows as they come. Rows that fail leave the document valid.
func (a *app) printRows(p *output.Printer, cols []output.Column, rows bindings.Rows) error {
	w := p.Rows(cols)
	for row, err := range rows {
		if err == nil {
			err = w.Add(row)
		}
		if err != nil {
			w.Abort()
			return err
		}
	}
	return w.Close()
}

func isZeroResult(result any) bool {
	v := reflect.ValueOf(result)
	return !v.IsValid() || v.IsZero()
}

// isMoment tells a moment by its name: OpenIM's members that end in Time hold one in ms, and operations give no other.
func isMoment(name string) bool { return strings.HasSuffix(name, "Time") }
