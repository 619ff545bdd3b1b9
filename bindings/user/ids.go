package user

import (
	"strings"
	"unicode"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// flaw says what keeps an id from being the id of a new account, or "" when nothing does. The server takes letters and
// digits of any script and "_"; its own text for anything else is "userID is legal" (SERVER-BEHAVIOUR §6).
func flaw(id string) string {
	if strings.TrimSpace(id) == "" {
		return "userID is blank"
	}
	for _, r := range id {
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return "userID holds " + strconvRune(r) + "; only letters, digits and _ are taken"
		}
	}
	return ""
}

func strconvRune(r rune) string {
	switch {
	case r == ' ':
		return "a space"
	case r == unicode.ReplacementChar:
		return "bytes that are not UTF-8"
	case !unicode.IsPrint(r):
		return "a character that can't be shown"
	}
	return `"` + string(r) + `"`
}

// checkNewID refuses an id that no new account can have, before anything is sent.
func checkNewID(field, id string) error {
	if why := flaw(id); why != "" {
		return fault.New(fault.Usage, "%s %q: %s", field, id, strings.TrimPrefix(why, "userID "))
	}
	return nil
}

// checkIDs refuses blank ids of existing accounts. Their form is the server's matter: an account may have been made by
// other means.
func checkIDs(field string, ids ...string) error {
	for _, id := range ids {
		if strings.TrimSpace(id) == "" {
			return fault.New(fault.Usage, "%s is blank: an account's id is needed", field)
		}
	}
	return nil
}

// checkNotOwn refuses to act on the account that imctl is logged in as.
func checkNotOwn(env *bindings.Env, ids ...string) error {
	for _, id := range ids {
		if own(env, id) {
			return fault.New(fault.Denied, "%s is the account that imctl is logged in as", id).
				WithHint("nothing was sent; use another admin's context to change this account")
		}
	}
	return nil
}

func own(env *bindings.Env, id string) bool {
	return id != "" && (id == env.Target.Admin || id == env.API.AdminUserID())
}

// distinct drops repeated and keeps the order: the server refuses lists that name one id twice.
func distinct(ids []string) []string {
	seen := make(map[string]bool, len(ids))
	var out []string
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

// sample is the text of a few of many names.
func sample(names []string) string {
	const few = 5
	if len(names) > few {
		return strings.Join(names[:few], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}
