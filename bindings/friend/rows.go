package friend

import (
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

// outcome is the row of one that was done, unless err says why it was not.
func outcome(owner, userID, status string, err error) Row {
	if err != nil {
		return failed(owner, userID, err)
	}
	return Row{OwnerUserID: owner, UserID: userID, Status: status}
}

// partial is the error of a call with failed rows, nil when there is none.
func partial(verb string, rows []Row) error {
	return bindings.PartialError(rows, "not "+verb, func(r Row) (string, *fault.Error) { return r.UserID, r.err })
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
		if rows[i] = outcome(owner, id, status, err); err != nil && bindings.Fatal(err) {
			stop = err
		}
	}
	return rows
}
