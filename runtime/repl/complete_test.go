package repl

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"users.csv", "users.xlsx", ".hidden"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h := &fakeHost{}
	v := newVM(t, &h.out)
	s := &session{Options: Options{Host: h, Areas: testAreas(), Getenv: func(string) string { return "" }}, v: v, root: context.Background()}
	s.lua = v.NewInputs(s.show)
	if _, err := s.lua.Run("mine = {alpha=1, alps=2, [1]=3}; local nested = {deep={value=1}}; local c = line.open('a'); nested.c = c; function mine.call() end", "input 1"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ before, line, want string }{
		{"", "us", "user."},
		{"", "user.", "add count list"},
		{"", "user.ad", "user.add{"},
		{"", "user.co", "user.count()"},
		{"", "x = user.ad", "x = user.add{"},
		{"", "user.add{", "userID mode deep pin file profile"},
		{"", "user.add{ mo", "user.add{ mode="},
		{"", `user.add{userID="a", `, "mode deep pin file profile"},
		{"", `user.add({userID="a", fi`, `user.add({userID="a", file=`},
		{"user.add{", "  mo", "  mode="},
		{"", "user.add{deep=", "true false"},
		{"", "user.add{mode=", `"fast" "slow"`},
		{"", `user.add{mode="f`, `user.add{mode="fast"`},
		{"", `user.add{userID="al`, "alice alina"},
		{"", `user.add("b`, `user.add("bob"`},
		{"", `user.add "b`, `user.add "bob"`},
		{"", `user.add{profile={ni`, `user.add{profile={nickname=`},
		{"", `user.add{file="` + dir + `/users.c`, `user.add{file="` + dir + `/users.csv"`},
		{"", `:load ` + dir + `/us`, dir + "/users.csv " + dir + "/users.xlsx"},
		{"", "mine.al", "alpha alps"},
		{"", "nested.deep.v", "nested.deep.value"},
		{"", "mine.c", "mine.call("},
		{"", "string.fo", "string.format("},
		{"", ":co", ":context "},
		{"", ":context p", ":context prod"},
		{"", ":as ch", ":as chart"},
		{"", "help user.a", "help user.add"},
		{"", `print("us`, ""},
		{"", "-- us", ""},
		{"", "1 .. us", "1 .. user."},
		{"", "名前 = user.ad", "名前 = user.add{"},
		{"", "whi", "while"},
		{"", "line.", "open say shut"},
		{"", "c:", "say shut"},
		{"", "c:sh", "c:shut()"},
		{"", "c:sa", "c:say{"},
		{"", "c.u", "c.userID"},
		{"", "x = nested.c:sa", "x = nested.c:say{"},
		{"", "c:say{", "text alsoToUserID"},
		{"", "c:say{te", "c:say{text="},
		{"", `c:say{alsoToUserID="al`, "alice alina"},
		{"", "line.say{", "line text alsoToUserID"},
		{"", "mine:", "mine:call("},
		{"", "help c:s", "c:say c:shut"},
	} {
		term := &terminal{s: s, before: c.before}
		head, items, _ := term.complete(c.line, len([]rune(c.line)))
		got := strings.Join(items, " ")
		if len(items) == 1 {
			got = head + items[0]
		}
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.line, got, c.want)
		}
	}
	head, items, tail := (&terminal{s: s}).complete("user.ad tail", 7)
	if head != "user." || len(items) != 1 || items[0] != "add{" || tail != " tail" {
		t.Errorf("in the middle: %q %q %q", head, items, tail)
	}
}
