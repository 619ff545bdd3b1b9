package bindingtest

import (
	"context"
	"fmt"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// Now is the time that operations see, in ms: 2026-01-02 03:04:05 UTC.
const Now = 1767323045000

// Client is a client of the server at url, as imAdmin with a secret. The test closes it at its end.
func Client(t *testing.T, url string) *openim.Client {
	c := openim.New(openim.Config{
		API: openim.Setting{Value: url}, AdminUserID: "imAdmin",
		Secret: openim.Secret{Get: func(context.Context) (string, error) { return "secret", nil }},
	})
	t.Cleanup(c.Close)
	return c
}

// Env is an environment whose server expects the calls; at the end of the test it fails for any other. Warnings are
// added to warnings, unless that is nil.
func Env(t *testing.T, calls []Call, warnings *[]string) *bindings.Env {
	s := &script{calls: calls}
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		server.Close()
		for _, f := range s.faults() {
			t.Error(f)
		}
	})
	return &bindings.Env{
		API: Client(t, server.URL), Target: bindings.Target{Name: "test", Admin: "imAdmin"},
		Now: func() time.Time { return time.UnixMilli(Now) },
		Warn: func(format string, args ...any) {
			if warnings != nil {
				*warnings = append(*warnings, fmt.Sprintf(format, args...))
			}
		},
	}
}

// Invoke runs an operation as every surface does: parameters in JSON are bound, then the operation is invoked. The rows
// of a stream come as a list.
func Invoke(ctx context.Context, t *testing.T, area bindings.Area, env *bindings.Env, name, params string) (any, *fault.Error) {
	t.Helper()
	op, ok := area.Find(name)
	if !ok {
		t.Fatalf("no operation %s.%s", area.Name, name)
	}
	plain, err := value.Parse([]byte(params))
	if err != nil {
		t.Fatal(err)
	}
	p, err := op.Bind(plain.(*value.Object))
	if err != nil {
		return nil, fault.From(err)
	}
	result, err := op.Invoke(ctx, env, p)
	if rows, ok := result.(bindings.Rows); ok {
		list := value.List{}
		for row, err := range rows {
			if err != nil {
				return list, fault.From(err)
			}
			list = append(list, value.From(row))
		}
		return list, nil
	}
	return value.From(result), fault.From(err)
}

// Step is a row of a table of tests: an operation, what it sends, and what comes of it.
type Step struct {
	Name, Op, Params string
	Calls            []Call
	Want             string     // members that the result must hold, as JSON; "" = not looked at
	Kind             fault.Kind // of the error; "" = none
	Say              string     // the error's text or hint holds this
	Warn             string     // a warning holds this; "" = there must be none
}

// RunAll runs the steps on the operations of the area, each with a server of its own.
func RunAll(t *testing.T, area bindings.Area, steps []Step) {
	for _, s := range steps {
		t.Run(s.Op+" "+s.Name, func(t *testing.T) { s.run(t, area) })
	}
}

func (s Step) run(t *testing.T, area bindings.Area) {
	t.Helper()
	var warnings []string
	got, failure := Invoke(t.Context(), t, area, Env(t, s.Calls, &warnings), s.Op, s.Params)
	switch {
	case failure == nil && s.Kind != "":
		t.Errorf("no error, want kind %s; result %s", s.Kind, value.Text(got))
	case failure != nil && failure.Kind != s.Kind:
		t.Errorf("error kind %s (%v), want %q", failure.Kind, failure, s.Kind)
	case failure != nil && !strings.Contains(failure.Error()+" "+failure.Hint, s.Say):
		t.Errorf("error %q, hint %q; want %q in it", failure.Error(), failure.Hint, s.Say)
	}
	if all := strings.Join(warnings, "\n"); s.Warn == "" && all != "" || !strings.Contains(all, s.Warn) {
		t.Errorf("warnings %q, want %q", all, s.Warn)
	}
	if s.Want == "" {
		return
	}
	want, err := value.Parse([]byte(s.Want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := part(got, want, "result"); diff != "" {
		t.Errorf("%s\nin %s", diff, value.Text(got))
	}
}

// part says where got does not hold want; objects may have more members.
func part(got, want any, path string) string {
	switch w := want.(type) {
	case *value.Object:
		g, ok := got.(*value.Object)
		if !ok {
			return path + " is no object"
		}
		for _, k := range w.Keys() {
			a, _ := g.Get(k)
			b, _ := w.Get(k)
			if diff := part(a, b, path+"."+k); diff != "" {
				return diff
			}
		}
		return ""
	case value.List:
		g, ok := got.(value.List)
		if !ok || len(g) != len(w) {
			return fmt.Sprintf("%s: got %s, want %s", path, value.Text(got), value.Text(want))
		}
		for i := range w {
			if diff := part(g[i], w[i], fmt.Sprintf("%s[%d]", path, i+1)); diff != "" {
				return diff
			}
		}
		return ""
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Sprintf("%s: got %s, want %s", path, value.Text(got), value.Text(want))
	}
	return ""
}
