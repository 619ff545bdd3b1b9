package bindings

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// CheckID refuses an id that no account or group can have, before anything is sent.
func CheckID(field, id string) error {
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

// CheckIDs checks a list of ids and leaves out repeats; an empty list is refused.
func CheckIDs(field string, ids []string) ([]string, error) {
	if len(ids) == 0 {
		return nil, fault.New(fault.Usage, "%s is an empty list", field).WithHint("nothing was sent")
	}
	seen := make(map[string]bool, len(ids))
	out := make([]string, 0, len(ids))
	for i, id := range ids {
		if err := CheckID(fmt.Sprintf("%s[%d]", field, i+1), id); err != nil {
			return nil, err
		}
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out, nil
}

// lookup is how many ids one reading call names. The server takes 1000 (SERVER-BEHAVIOUR §4).
const lookup = 500

// KnownAccounts tells which of the ids are accounts.
func KnownAccounts(ctx context.Context, env *Env, ids []string) (map[string]bool, error) {
	type account struct {
		UserID string `json:"userID"`
	}
	type answer struct {
		UsersInfo []account `json:"usersInfo"`
	}
	out := map[string]bool{}
	for some := range slices.Chunk(ids, lookup) {
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

// MustBeKnown is an error of kind not_found when one of the ids is no account.
func MustBeKnown(ctx context.Context, env *Env, ids ...string) error {
	accounts, err := KnownAccounts(ctx, env, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if !accounts[id] {
			return NoAccount(id)
		}
	}
	return nil
}

// NoAccount is the error for an id that no account has.
func NoAccount(id string) *fault.Error { return fault.New(fault.NotFound, "no account %q", id) }
