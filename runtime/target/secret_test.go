package target

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

func TestSecretSources(t *testing.T) {
	dir := folderOf(t, `
-- plain --
openIM123
-- share.yml --
Secret: openIM123
digits: 0123
quoted: "with # and : "
block: |
  openIM123
deep:
  er: x
tagged: !!str 007
anchored: &a openIM123
one: {two: {three: inner}}
empty:
-- mongodb.yml --
uri: mongodb://root:open%2FIM@h1:1,h2:2/db?a=b
-- long --
a
b
-- nothing --
`)
	in := func(name string) string { return filepath.Join(dir, name) }
	getenv := env(map[string]string{"PW": "from env", "URI": "mongodb://u:p@h/db", "HOME": dir})
	for _, c := range []struct {
		ref  SecretRef
		want string
	}{
		{SecretRef{Env: "PW"}, "from env"},
		{SecretRef{Env: "URI"}, "p"},
		{SecretRef{File: in("plain")}, "openIM123"},
		{SecretRef{File: "~/plain"}, "openIM123"},
		{SecretRef{File: in("share.yml"), Key: "secret"}, "openIM123"},
		{SecretRef{File: in("share.yml"), Key: "digits"}, "0123"},
		{SecretRef{File: in("share.yml"), Key: "quoted"}, "with # and : "},
		{SecretRef{File: in("share.yml"), Key: "block"}, "openIM123"},
		{SecretRef{File: in("share.yml"), Key: "deep.er"}, "x"},
		{SecretRef{File: in("share.yml"), Key: "tagged"}, "007"},
		{SecretRef{File: in("share.yml"), Key: "anchored"}, "openIM123"},
		{SecretRef{File: in("share.yml"), Key: "one.two.three"}, "inner"},
		{SecretRef{File: in("mongodb.yml"), Key: "uri"}, "open/IM"},
		{SecretRef{Command: "printf 'openIM123\\r\\nuser: x\\n'"}, "openIM123"},
		{Held("known", "the sandbox"), "known"},
	} {
		got, err := c.ref.Get(t.Context(), getenv)
		if err != nil || got != c.want {
			t.Errorf("%v: got %q, %v", c.ref, got, err)
		}
	}
	for _, c := range []struct {
		ref  SecretRef
		kind fault.Kind
		want string
	}{
		{SecretRef{}, fault.Auth, "IMCTL_SECRET"},
		{SecretRef{Env: "NOSUCH"}, fault.Auth, "environment variable NOSUCH is not set"},
		{SecretRef{File: in("nosuch")}, fault.Usage, "no such file"},
		{SecretRef{File: in("long")}, fault.Usage, "several lines"},
		{SecretRef{File: in("nothing")}, fault.Auth, "is empty"},
		{SecretRef{File: dir}, fault.Usage, "is a folder"},
		{SecretRef{File: in("share.yml"), Key: "scret"}, fault.Auth, "no value under the key scret"},
		{SecretRef{File: in("share.yml"), Key: "empty"}, fault.Auth, "no value under the key empty"},
		{SecretRef{File: in("share.yml"), Key: "deep"}, fault.Usage, "want a single value for deep"},
		{SecretRef{File: in("share.yml"), Key: "digits.x"}, fault.Usage, "want a mapping"},
		{SecretRef{Command: "echo openIM123 >&2; echo openIM123; exit 3"}, fault.Auth, "exit status 3"},
		{SecretRef{Command: "true"}, fault.Auth, "is empty"},
		{SecretRef{Command: "x", Env: "y"}, fault.Usage, "two sources"},
	} {
		got, err := c.ref.Get(t.Context(), getenv)
		wantFault(t, err, c.kind, c.want)
		if e := fault.From(err); got != "" || strings.Contains(fmt.Sprintf("%v %s %+v", e, e.Hint, *e), "openIM123") {
			t.Errorf("%v: the secret shows: %q, %v", c.ref, got, err)
		}
	}
}

func TestSecretCommandEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	started := time.Now()
	_, err := SecretRef{Command: "sleep 30 & sleep 30"}.Get(ctx, noEnv)
	wantFault(t, err, fault.Timeout)
	if time.Since(started) > 5*time.Second {
		t.Errorf("took %v", time.Since(started))
	}
}

func TestNothingShowsASecret(t *testing.T) {
	refs := []SecretRef{Held("openIM123", "the sandbox"), {Command: "TOKEN=openIM123 fetch --token openIM123"}, {Env: "X"}}
	for _, ref := range refs {
		c := Context{Name: "x", API: "http://h:1", Secret: ref, Chat: Chat{Password: ref}}
		target := &Target{Context: c}
		for _, text := range []string{
			ref.Source(), ref.String(), fmt.Sprint(ref), fmt.Sprintf("%v %+v %#v %s %q", ref, ref, ref, ref, ref),
			fmt.Sprintf("%v %+v", c, c), fmt.Sprintf("%v %+v", target, *target), fmt.Sprint(target.Settings()),
		} {
			if strings.Contains(text, "openIM123") {
				t.Errorf("the secret shows in %q", text)
			}
		}
	}
}

func TestBrokenSecretFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "share.yml")
	for _, text := range []string{"secret: *openIM123", "secret: 'openIM123", "secret: [openIM123", "secret: {a: openIM123", "secret: !openIM123 x: y",
		"secret: openIM123: x", "\tsecret: openIM123", "secret: \"openIM123\nx: \\q\"", "openIM123: 1\nopenIM123: 2"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := SecretRef{File: path, Key: "secret"}.Get(t.Context(), noEnv)
		if err == nil {
			t.Errorf("%q was read", text)
			continue
		}
		e := fault.From(err)
		if strings.Contains(fmt.Sprintf("%v %s", e, e.Hint), "openIM123") {
			t.Errorf("the secret is in %q", e)
		}
	}
}

func FuzzSplitPassword(f *testing.F) {
	f.Add("mongodb://u:p@h1:1,h2/db?x=y")
	f.Add("mongodb://u:p/q@h")
	f.Add("://:@")
	f.Fuzz(func(t *testing.T, uri string) {
		without, password := splitPassword(uri)
		if password == "" {
			return
		}
		if _, again := splitPassword(without); again != "" {
			t.Errorf("%q still holds %q", without, again)
		}
	})
}

// FuzzDocument: no text breaks the reading of single values.
func FuzzDocument(f *testing.F) {
	for _, s := range []string{"a:\n  b: x\n", "a: !", "a: !x", "a: &y", "a: &y {b: 1}", "- a", "a: {b: [x, {}]}", "? {a: b}\n: c", "<<: {a: {b: c}}", "a: *y", "a:\n !# t"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := parseDocument("share.yml", []byte(text))
		if err != nil {
			return
		}
		for _, path := range []string{"a", "a.b", "a.b.c"} {
			_, _ = doc.text(path)
			_, _, _ = doc.list(path)
		}
	})
}
