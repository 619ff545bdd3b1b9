package check

import (
	"testing"
)

// TestAgreesWithBind: the check has an error for a literal call exactly when the operation itself refuses it.
func TestAgreesWithBind(t *testing.T) {
	d := declarations()
	for _, source := range []string{
		`user.add{userID = "a"}`, `user.add("a", "b")`, `user.add("a", {nickname = "b"})`, `user.add{userID = "a", level = 0}`,
		`user.add{userID = "a", level = 1, admin = true, within = "1m", role = "owner"}`, `user.add{userID = "a", within = 1.5}`,
		`user.add{userID = "a", role = ""}`, `user.get("a", "b")`, `user.get({"a", "b"})`, `user.get{userIDs = {"a"}}`, `user.list()`, `user.list{}`,
		`user.register{users = {{userID = "a"}, {userID = "b", level = 2}}}`, `user.register{users = {{userID = "a", level = 0}}}`,
		`api.call("/a")`, `api.call("/a", {x = 1})`, `api.call("/a", {1, 2})`, `api.call{path = "/a", body = "x"}`, `api.call("/a", nil)`, `user.add("a", nil)`,

		`user.add("a", {})`, `user.add("a", "b", {})`, `api.call("/a", {})`, `user.get("a", {})`, `user.list({}, {})`,

		`user.add{}`, `user.add()`, `user.add{userID = " "}`, `user.add{userID = "a", level = -1}`, `user.add{userID = "a", level = "1"}`,
		`user.add{userID = "a", role = "x"}`, `user.add{userID = "a", within = "1 day"}`, `user.add{userID = true}`, `user.add("a", "b", "c")`,
		`user.add("a", {userID = "b"})`, `user.add{"a"}`, `user.get()`, `user.get{}`, `user.get{userIDs = "a"}`, `user.get{userIDs = {1}}`, `user.get("a", 1)`,
		`user.get({})`, `user.list{x = 1}`, `user.list("a")`, `user.register{users = {}}`, `user.register{users = {{}}}`, `user.register{users = {{userID = 1}}}`,
		`user.register{users = {{userID = "a", x = 1}}}`, `user.register{users = {userID = "a"}}`, `user.register{users = "a"}`, `user.register{users = {"a"}}`,
		`user.register({{userID = "a"}})`, `api.call{body = 1}`, `api.call(1)`, `api.call("/a", 1, 2)`,
	} {
		calls, err := Calls(source, "x", d.Areas)
		if err != nil || len(calls) != 1 || !calls[0].Literal {
			t.Errorf("%s is no literal call: %v %+v", source, err, calls)
			continue
		}
		op := newKnown(d).areas[calls[0].Area].ops[calls[0].Op]
		fields, err := op.Arguments(calls[0].Args)
		if err == nil {
			_, err = op.Bind(fields)
		}
		findings := Source(source, "x", d)
		if (Errors(findings, false) > 0) != (err != nil) {
			t.Errorf("%s: the operation says %v, the check %+v", source, err, findings)
		}
	}
}
