package friend

import (
	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// batch is how many ids one call names. The server takes 1000 (SERVER-BEHAVIOUR §4).
const batch = 500

// checkPair checks two ids that must name two accounts.
func checkPair(field1, id1, field2, id2 string) error {
	if err := bindings.CheckID(field1, id1); err != nil {
		return err
	}
	if err := bindings.CheckID(field2, id2); err != nil {
		return err
	}
	if id1 == id2 {
		return fault.New(fault.Usage, "%s and %s are both %q", field1, field2, id1)
	}
	return nil
}

// checkList checks the account whose list it is and the ids, of which it leaves out repeats.
func checkList(owner, field string, ids []string) ([]string, error) {
	if err := bindings.CheckID("ownerUserID", owner); err != nil {
		return nil, err
	}
	return bindings.CheckIDs(field, ids)
}
