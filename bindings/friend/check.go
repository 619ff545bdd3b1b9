package friend

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// batch is how many ids one call names. The server takes 1000 (SERVER-BEHAVIOUR §4).
const batch = 500

// checkID refuses an id that no account can have, before anything is sent.
func checkID(field, id string) error {
	switch {
	case strings.TrimSpace(id) == "":
		return fault.New(fault.Usage, "%s is blank", field)
	case strings.TrimSpace(id) != id:
		return fault.New(fault.Usage, "%s: %q has white space around it; did you mean %q?", field, id, strings.TrimSpace(id))
	case strings.ContainsFunc(id, unicode.IsControl):
		return fault.New(fault.Usage, "%s: %q holds a control character", field, id)
	}
	return nil
}

// checkPair checks two ids that must name two accounts.
func checkPair(field1, id1, field2, id2 string) error {
	if err := checkID(field1, id1); err != nil {
		return err
	}
	if err := checkID(field2, id2); err != nil {
		return err
	}
	if id1 == id2 {
		return fault.New(fault.Usage, "%s and %s are both %q", field1, field2, id1)
	}
	return nil
}

// checkIDs checks a list of ids and leaves out repeats; an empty list is refused.
func checkIDs(field string, ids []string) ([]string, error) {
	if len(ids) == 0 {
		return nil, fault.New(fault.Usage, "%s is an empty list", field).WithHint("nothing was sent")
	}
	seen := make(map[string]bool, len(ids))
	out := make([]string, 0, len(ids))
	for i, id := range ids {
		if err := checkID(field+"["+itoa(i+1)+"]", id); err != nil {
			return nil, err
		}
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out, nil
}

// known returns which of the ids are accounts.
func known(ctx context.Context, env *bindings.Env, ids []string) (map[string]bool, error) {
	type account struct {
		UserID string `json:"userID"`
	}
	type answer struct {
		UsersInfo []account `json:"usersInfo"`
	}
	out := map[string]bool{}
	for some := range slices.Chunk(ids, batch) {
		a, err := openim.Do[answer](ctx, env.API, "/user/get_users_info", value.NewObject("userIDs", some))
		if err != nil {
			return nil, err
		}
		for _, u := range a.UsersInfo {
			out[u.UserID] = true
		}
	}
	return out, nil
}

// mustBeKnown is an error of kind not_found when one of the ids is no account.
func mustBeKnown(ctx context.Context, env *bindings.Env, ids ...string) error {
	accounts, err := known(ctx, env, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if !accounts[id] {
			return noAccount(id)
		}
	}
	return nil
}

func noAccount(id string) *fault.Error { return fault.New(fault.NotFound, "no account %q", id) }
