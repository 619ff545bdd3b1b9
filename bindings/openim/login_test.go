package openim

import (
	"net/http"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings/fault"
)

// TestLoginAtAnotherAddress: a server that wants a token for the login is not at the API's address; no admin is wrong.
func TestLoginAtAnotherAddress(t *testing.T) {
	for _, c := range []struct {
		name, path string
		words      []string
	}{
		{"a path too many", "/x", []string{"wants a token at", "/x/auth/get_admin_token", `/x (from context "test")`, "leave out its path /x"}},
		{"another server", "", []string{`(from context "test")`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			say := func(w http.ResponseWriter) { refuse(w, codeArgs, "ArgsError", "header must have token") }
			s := newStub(t, func(_ int64, w http.ResponseWriter, _ *http.Request) { say(w) })
			s.login = func(w http.ResponseWriter, _ *http.Request) { say(w) }
			_, err := client(t, config(s.URL+c.path)).Call(t.Context(), "/user/get_users", nil)
			e := failed(t, err, fault.Auth, c.words...)
			if strings.Contains(e.Error()+e.Hint, "admin user") {
				t.Errorf("%v (%s) is about the admin user", e, e.Hint)
			}
		})
	}
}
