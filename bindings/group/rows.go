package group

import (
	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// Row is the outcome for one member of a call on many.
type Row struct {
	UserID  string `json:"userID" column:"1" key:"true" help:"the account"`
	Status  string `json:"status" column:"2" help:"what became of it"`
	Error   string `json:"error,omitempty" column:"3" help:"why it failed; absent when it did not"`
	GroupID string `json:"groupID" help:"the group"`

	err *fault.Error
}

// failed is the row of one that was not done.
func failed(groupID, userID string, err error) Row {
	e := fault.From(err)
	return Row{GroupID: groupID, UserID: userID, Status: "failed", Error: e.Error(), err: e}
}

// outcome is the row of one that was done, unless err says why it was not.
func outcome(groupID, userID, status string, err error) Row {
	if err != nil {
		return failed(groupID, userID, err)
	}
	return Row{GroupID: groupID, UserID: userID, Status: status}
}

// partial is the error of a call with failed rows, nil when there is none.
func partial(verb string, rows []Row) error {
	return bindings.PartialError(rows, "not "+verb, func(r Row) (string, *fault.Error) { return r.UserID, r.err })
}

// order puts the rows into the order in which their ids were given.
func order(rows []Row, ids []string) {
	bindings.Arrange(rows, ids, func(r Row) string { return r.UserID })
}
