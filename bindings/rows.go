package bindings

import (
	"fmt"
	"slices"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Warning tells the user something that is no result.
func (e *Env) Warning(format string, args ...any) {
	if e.Warn != nil {
		e.Warn(format, args...)
	}
}

// PartialError is the error of a call on many whose rows say what became of each; nil when none failed. The failure of
// a call on one is its own. what says what the failed ones are, as in "not kicked"; failure returns a row's name
// and why it failed, nil when it did not.
func PartialError[R any](rows []R, what string, failure func(R) (id string, err *fault.Error)) error {
	var bad []string
	for _, r := range rows {
		id, err := failure(r)
		if err == nil {
			continue
		}
		if len(rows) == 1 {
			return err
		}
		bad = append(bad, id+": "+err.Error())
	}
	if len(bad) == 0 {
		return nil
	}
	first := strings.Join(bad[:min(len(bad), 5)], "; ")
	if len(bad) > 5 {
		first += fmt.Sprintf("; and %d more", len(bad)-5)
	}
	return fault.New(fault.Partial, "%d of %d %s: %s", len(bad), len(rows), what, first)
}

// Fatal tells whether the error ends a call on many, because every further row would meet it too.
func Fatal(err error) bool {
	switch fault.From(err).Kind {
	case fault.Unreachable, fault.Timeout, fault.Canceled, fault.Auth, fault.Denied, fault.Unsupported:
		return true
	}
	return false
}

// Batches sends ids, size at a time, and tells what became of each. An error that is fatal ends the sending, and is
// that of the ids left.
func Batches(ids []string, size int, send func(some []string) error, became func(id string, err error)) {
	var stop error
	for some := range slices.Chunk(ids, size) {
		failure := stop
		if stop == nil {
			if failure = send(some); failure != nil && Fatal(failure) {
				stop = failure
			}
		}
		for _, id := range some {
			became(id, failure)
		}
	}
}

// Arrange puts rows into the order in which their ids were given.
func Arrange[R any](rows []R, ids []string, id func(R) string) {
	place := make(map[string]int, len(ids))
	for i, given := range ids {
		place[given] = i
	}
	slices.SortStableFunc(rows, func(a, b R) int { return place[id(a)] - place[id(b)] })
}

// PreviewAccounts is the preview of a call on accounts; verb says what it does to them.
func PreviewAccounts(verb string, ids []string) Preview {
	return Preview{Count: len(ids), Sample: ids[:min(len(ids), 5)], Text: fmt.Sprintf("%s %d accounts", verb, len(ids))}
}
