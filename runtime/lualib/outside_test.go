package lualib

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/vm"
)

func TestRestricted(t *testing.T) {
	o := Options{Restricted: true, Getenv: getenv}
	for source, want := range map[string]string{
		`shell.sh("true")`:       "shell.sh: a restricted script can't run programs",
		`shell.run({"true"})`:    "shell.run: a restricted script can't run programs",
		`env.get("HOST_X")`:      "env.get: a restricted script can't read the environment",
		`file.read("../../etc")`: "path escapes from parent",
	} {
		_, err := runLua(t, o, source)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", source, err)
		} else if !strings.Contains(want, "escapes") && !fault.Is(err, fault.Denied) {
			t.Errorf("%s: kind %s", source, fault.From(err).Kind)
		}
	}
	v := vm.New(t.Context(), vm.Options{Stdout: &bytes.Buffer{}, Modules: Modules(Options{})})
	defer v.Close(context.Background())
	for _, source := range []string{`file.read("x")`, `file.write("x", "")`, `file.list()`, `file.remove("x", {recursive = true})`, `file.exists("x")`, `csv.rows("x")`} {
		if _, err := v.Run(source, "t.lua"); !fault.Is(err, fault.Denied) {
			t.Errorf("%s without files: %v", source, err)
		}
	}
}

// TestFolder: nothing leads out of the folder of a profile, a link neither.
func TestFolder(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	secret := filepath.Join(outside, "secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	o := Options{Files: FolderFiles(root)}
	for _, source := range []string{
		`file.read("link/secret")`, `file.write("link/new", "")`, `file.append("link/secret", "y")`, `file.remove("link/secret")`, `file.list("link")`,
		`file.stat("link/secret")`, `file.mkdir("link/d")`, `file.remove("link/../../x", {recursive = true})`, `file.read("` + secret + `")`, `file.list("..")`,
	} {
		if got, err := runLua(t, o, source+" print('done')"); err == nil {
			t.Errorf("%s: %s", source, got)
		}
	}
	if text, err := os.ReadFile(secret); err != nil || string(text) != "x" {
		t.Errorf("the file outside has changed: %q %v", text, err)
	}
}

func TestAllFiles(t *testing.T) {
	dir := t.TempDir()
	got, err := runLua(t, Options{Files: AllFiles()}, `local d = "`+dir+`/"
		file.mkdir(d .. "a/b") file.write(d .. "a/x", "1") file.append(d .. "a/x", "2") file.append(d .. "a/y", "3")
		print(file.read(d .. "a/x"), str.join(file.list(d .. "a"), " "), file.stat(d .. "a/x").mode)
		file.remove(d .. "a/y") print((pcall(file.remove, d .. "a"))) file.remove(d .. "a", {recursive = true}) print(file.exists(d .. "a"))`)
	if want := "12\tb/ x y\t-rw-r--r--\nfalse\nfalse\n"; err != nil || got != want {
		t.Errorf("got %q, want %q (%v)", got, want, err)
	}
}

// TestFilesAreClosed: a file that an abandoned iterator holds open is closed with the VM.
func TestFilesAreClosed(t *testing.T) {
	dir := t.TempDir()
	open := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("no /proc")
		}
		n := 0
		for _, e := range entries {
			if to, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.HasPrefix(to, dir) {
				n++
			}
		}
		return n
	}
	v := vm.New(t.Context(), vm.Options{Stdout: &bytes.Buffer{}, Modules: Modules(Options{Files: AllFiles()})})
	_, err := v.Run(`local f = "`+dir+`/f.csv" file.write(f, "a\n1\n2\n")
		for l in file.lines(f) do local x = l break end for r in csv.rows(f) do local x = r break end for l in file.lines(f) do end for l in csv.rows(f) do end`, "t.lua")
	if err != nil {
		t.Fatal(err)
	}
	if n := open(); n != 2 {
		t.Errorf("%d files are open, want the two of the abandoned loops", n)
	}
	if err := v.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := open(); n != 0 {
		t.Errorf("%d files are still open", n)
	}
}

func TestLog(t *testing.T) {
	var out bytes.Buffer
	o := Options{
		Getenv: getenv, Log: func() zerolog.Logger { return zerolog.New(&out).Level(zerolog.InfoLevel) },
		Mask: func(text string) string { return strings.ReplaceAll(text, "of-the-program", "***") },
	}
	got, err := runLua(t, o, `log.debug("no") local t = env.get("API_TOKEN")
		log.info("hello " .. t, {z = 1, a = json.decode("9007199254740993"), password = "pw1", level = "x", list = {1, {t = t}}, nan = 0/0})
		log.warn("w of-the-program") log.error("e", {}) print(log.enabled("debug"), log.enabled("warn"))`)
	if err != nil || got != "false\ttrue\n" {
		t.Fatalf("%q %v", got, err)
	}
	want := `{"level":"info","z":1,"a":9007199254740993,"password":"***","level_":"x","list":[1,{"t":"***"}],"nan":"the number NaN","message":"hello ***"}
{"level":"warn","message":"w ***"}
{"level":"error","message":"e"}
`
	if out.String() != want {
		t.Errorf("got  %swant %s", out.String(), want)
	}
}

func TestShell(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ source, want string }{
		{`local r = shell.run({"cat"}, {stdin = "in"}) print(r.stdout, r.stderr == "", r.code)`, "in\ttrue\t0\n"},
		{`local r = shell.sh("echo $V; pwd; echo e >&2; exit 7", {env = {V = 5}, dir = "` + dir + `"}) print(r.code, r.stdout == "5\n` + dir + `\n", r.stderr)`, "7\ttrue\te\n\n"},
		{`print(shell.sh("kill -9 $$").code)`, "137\n"},
		{`print(shell.run({"printf", "%s|", "a b", "*", "$HOME"}).stdout)`, "a b|*|$HOME|\n"},
		{`local ok, e = pcall(shell.sh, "head -c 3000000 /dev/zero") print(ok, e.message)`, "false\t/bin/sh wrote more than 2 MiB\n"},
	} {
		got, err := runLua(t, Options{MaxBytes: 2 << 20}, c.source)
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, want %q (%v)", c.source, got, c.want, err)
		}
	}
}

// TestShellEndsAll: what the program has started ends with it.
func TestShellEndsAll(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "mark")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(150*time.Millisecond, cancel)
	_, err := runCtx(t, ctx, Options{}, `shell.sh("(trap '' TERM; sleep 1; echo late > `+mark+`) & wait")`)
	if !fault.Is(err, fault.Canceled) {
		t.Error(err)
	}
	time.Sleep(1200 * time.Millisecond)
	if _, err := os.Stat(mark); err == nil {
		t.Error("a child of the program went on after the cancel")
	}
}
