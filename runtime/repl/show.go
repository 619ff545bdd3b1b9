package repl

import (
	"errors"
	"io"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/value"
)

// keptRows is how many rows of a stream `_` holds.
const keptRows = 1000

// show prints values, and makes the first of them `_`. nil prints nothing.
func (s *session) show(values []lua.LValue) error {
	values = trimNils(values)
	if len(values) == 0 {
		return nil
	}
	s.lua.Set("_", values[0])
	for _, v := range values {
		if err := s.paged(func(w io.Writer, width int) error { return s.print(w, width, v) }); err != nil {
			return err
		}
	}
	return nil
}

// print writes one value in the form in force: data in that form, a stream row by row, anything else by its name.
func (s *session) print(w io.Writer, width int, v lua.LValue) error {
	if rows, op, ok := s.v.Rows(v); ok {
		s.lua.Set("_", lua.LNil)
		var kept value.List
		err := s.printRows(w, width, op, func(yield func(any, error) bool) {
			for row, err := range rows {
				if err == nil && len(kept) <= keptRows {
					kept = append(kept, value.From(row))
				}
				if !yield(row, err) {
					return
				}
			}
		})
		if err == nil && len(kept) <= keptRows {
			s.lua.Set("_", s.v.Conv.ToLua(kept))
		}
		return err
	}
	if e := s.v.Conv.Fault(v); e != nil {
		return s.Host.Print(w, s.plainForm(), width, e.Error())
	}
	plain, err := s.v.Conv.FromLua(v)
	if err != nil { // a function, a thread: there is only its name
		name := s.v.NameOf(v)
		if name == "" {
			return s.Host.Print(w, s.plainForm(), width, s.v.Text(v))
		}
		return s.help(w, width, name)
	}
	if s.v.NameOf(v) != "" {
		return s.help(w, width, s.v.NameOf(v))
	}
	if s.Form == chartForm {
		return s.chart(w, width, plain)
	}
	return s.Host.Print(w, s.Form, width, plain)
}

// paged lets fn write to standard output, on a terminal through the pager when it is too much for the screen.
func (s *session) paged(fn func(w io.Writer, width int) error) error {
	if s.term == nil {
		return fn(s.Stdout, 0)
	}
	width, height := s.term.size()
	p := newPage(s.Stdout, width, height, s.Form == "wide", s.pager())
	cancel := s.cancel
	p.ctx, p.lent, p.left = s.root, &s.lent, func() { cancel(errQuit) }
	printed := width
	if s.Form == "wide" {
		printed = 0
	}
	err := fn(p, printed)
	if cerr := p.close(); err == nil {
		err = cerr
	}
	if errors.Is(err, errQuit) || p.started() && s.ctx.Err() != nil { // enough was seen
		return nil
	}
	return err
}
