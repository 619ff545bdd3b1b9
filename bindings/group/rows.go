package group

import (
	"fmt"
	"strconv"
	"strings"

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

// fatal tells whether the error ends the whole call, because every further row would meet it too.
func fatal(err error) bool {
	switch fault.From(err).Kind {
	case fault.Unreachable, fault.Timeout, fault.Canceled, fault.Auth, fault.Denied, fault.Unsupported:
		return true
	}
	return false
}

func warn(env *bindings.Env, format string, args ...any) {
	if env.Warn != nil {
		env.Warn(format, args...)
	}
}

func itoa(i int) string { return strconv.Itoa(i) }
