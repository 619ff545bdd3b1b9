package friend

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// Row is the outcome for one account of a call on many.
type Row struct {
	UserID      string `json:"userID" column:"1" key:"true" help:"the other account"`
	Status      string `json:"status" column:"2" help:"what became of it"`
	Error       string `json:"error,omitempty" column:"3" help:"why it failed; absent when it did not"`
	OwnerUserID string `json:"ownerUserID" help:"the account whose list it is"`

	err *fault.Error
}

// failed is the row of one that was not done.
func failed(owner, userID string, err error) Row {
	e := fault.From(err)
	return Row{OwnerUserID: owner, UserID: userID, Status: "failed", Error: e.Error(), err: e}
}

// partial is the error of a call with failed rows, nil when there is none. The failure of a call on one is its own.
func partial(verb string, rows []Row) error {
	var bad []string
	for _, r := range rows {
		if r.err == nil {
			continue
		}
		if len(rows) == 1 {
			return r.err
		}
		bad = append(bad, r.UserID+": "+r.Error)
	}
	if len(bad) == 0 {
		return nil
	}
	first := strings.Join(bad[:min(len(bad), 5)], "; ")
	if len(bad) > 5 {
		first += fmt.Sprintf("; and %d more", len(bad)-5)
	}
	return fault.New(fault.Partial, "%d of %d not %s: %s", len(bad), len(rows), verb, first)
}

// each calls do for each id; an error that every further one would meet too ends the calls, and their rows say so.
func each(owner string, ids []string, do func(id string) (status string, err error)) []Row {
	rows := make([]Row, len(ids))
	var stop error
	for i, id := range ids {
		if stop != nil {
			rows[i] = failed(owner, id, fault.New(fault.From(stop).Kind, "not tried: %w", stop))
			continue
		}
		status, err := do(id)
		if rows[i] = (Row{OwnerUserID: owner, UserID: id, Status: status}); err != nil {
			rows[i] = failed(owner, id, err)
			if fatal(err) {
				stop = err
			}
		}
	}
	return rows
}

// fatal tells whether the error ends the whole call, because every further row would meet it too.
func fatal(err error) bool {
	switch fault.From(err).Kind {
	case fault.Unreachable, fault.Timeout, fault.Canceled, fault.Auth, fault.Denied, fault.Unsupported:
		return true
	}
	return false
}

// order puts the rows into the order in which their ids were given.
func order(rows []Row, ids []string) {
	place := make(map[string]int, len(ids))
	for i, id := range ids {
		place[id] = i
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return place[a.UserID] - place[b.UserID] })
}

func preview(verb string, ids []string) bindings.Preview {
	return bindings.Preview{Count: len(ids), Sample: ids[:min(len(ids), 5)], Text: verb + " " + itoa(len(ids)) + " accounts"}
}

func itoa(i int) string { return strconv.Itoa(i) }
