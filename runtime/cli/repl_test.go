//go:build unix

package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const ctrlC, ctrlD, up, left, backspace, tab = "\x03", "\x04", "\x1b[A", "\x1b[D", "\x7f", "\t"

func TestConsolePaste(t *testing.T) {
	home := newHome(t)
	c := openConsole(t, home)
	block := "local list = {}\nlocal function note(x)\n\tlist[#list + 1] = x\nend\nnote(1)\nnote(2)\n\nfor i = 3, 5 do\n  note(i)\nend\n'sum ' .. #list\n"
	c.typed("\x1b[200~" + strings.ReplaceAll(block, "\n", "\r") + "\x1b[201~")
	c.expect("sum 5\r\n")
	c.prompt()
	c.input("#list", "5\r\n")
	// It comes back as one entry, and runs as one.
	c.typed(up + up)
	c.expect("local list = {}↵")
	c.typed(enter)
	c.expect("sum 5\r\n")
	c.prompt()
	// A paste without its last line's end waits for Enter.
	c.typed("\x1b[200~a = 20\rb = a + 1\x1b[201~")
	c.expect("b = a + 1")
	c.typed(" + 21" + enter)
	c.prompt()
	c.input("b", "42\r\n")
	// Lines that are no one piece of Lua run as if typed; an error stops them.
	c.typed("\x1b[200~:as json\r{1}\rerror('stop')\r'not reached'\r\x1b[201~")
	c.expect("[\r\n  1\r\n]\r\n")
	c.expect("stop")
	c.expect("input 6:3")
	c.prompt()
	c.typed(ctrlD)
	c.ends(0)
	history, err := os.ReadFile(filepath.Join(home, "XDG_STATE_HOME", "imctl", "history"))
	want := strings.ReplaceAll(strings.ReplaceAll(strings.TrimSuffix(block, "\n"), "\n", `\n`), "\t", `\t`)
	if err != nil || !strings.HasPrefix(string(history), want+"\n") {
		t.Errorf("history %q, %v", history, err)
	}
}

func TestConsoleCompletes(t *testing.T) {
	c := openConsole(t, newHome(t))
	if err := os.WriteFile(filepath.Join(c.home, "people.csv"), []byte("userID,nickname\nzoe,Zoë\nzora,Z\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.typed("user.imp" + tab)
	c.expect("user.import{")
	c.typed("fi" + tab)
	c.expect("file=")
	c.typed(`"peo` + tab)
	c.expect(`"people.csv"`)
	c.typed("}" + enter)
	c.expect("created")
	c.prompt()
	c.typed(`user.get("zo` + tab + tab)
	c.expect("zoe")
	c.expect("zora")
	c.typed("e" + tab)
	c.expect(`user.get("zoe"`)
	c.typed(")" + enter)
	c.expect("Zoë")
	c.prompt()
	c.input(`local c = client.connect("zoe")`)
	c.typed("c:se" + tab + tab)
	c.expect("send")
	c.expect("seqs")
	c.typed("n" + tab + "conten" + tab)
	c.expect("c:send{content")
	c.typed(ctrlC)
	c.prompt()
	c.input("help c:send", "c:send: Send a message over a connection")
	c.typed(":con" + tab + "sand" + tab)
	c.expect(":context sandbox")
	c.typed(enter)
	c.prompt()
	c.typed("exit" + enter)
	c.ends(0)
}

func TestConsoleInterrupts(t *testing.T) {
	c := openConsole(t, newHome(t))
	var b strings.Builder
	b.WriteString("userID,nickname\n")
	for i := range 600_000 {
		fmt.Fprintf(&b, "u%06d,n\n", i)
	}
	if err := os.WriteFile(filepath.Join(c.home, "big.csv"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, call := range []string{`user.import{file="big.csv"}`, "while true do end", "sleep(60)", `user.import{file="big.csv"}`} {
		c.typed(call + enter)
		c.expect("\n")
		time.Sleep(300 * time.Millisecond)
		start := time.Now()
		c.typed(ctrlC)
		c.expect("error: ")
		c.prompt()
		if took := time.Since(start); took > 700*time.Millisecond {
			t.Errorf("%s: the prompt came %v after Ctrl-C", call, took)
		}
	}
	c.input("6 * 7", "42\r\n")
	// It drops what is half typed, in a block and in a line.
	c.typed("for i = 1, 3 do" + enter)
	c.expect("......")
	c.typed("print('x')" + ctrlC)
	c.prompt()
	c.typed("half a line" + ctrlC)
	c.prompt()
	// From outside, too.
	c.typed("half")
	c.expect("half")
	_ = c.cmd.Process.Signal(os.Interrupt)
	c.prompt()
	c.input("'alive'", "alive\r\n")
	c.typed(ctrlD)
	c.ends(0)
}

func TestConsoleQuestion(t *testing.T) {
	c := openConsole(t, newHome(t))
	c.input(`for _, id in ipairs{"a", "b"} do user.add{userID=id} end`)
	c.typed(`user.delete("a")` + enter)
	c.expect("[y/N] ")
	c.typed("y" + enter)
	c.expect("retired")
	c.prompt()
	c.typed(`user.delete("b")` + enter)
	c.expect("[y/N] ")
	c.typed(ctrlC)
	c.expect("error: ")
	c.prompt()
	c.input("'the next input is whole'", "the next input is whole\r\n")
	c.typed(ctrlD)
	c.ends(0)
}

func TestConsoleHistoryAndWideCharacters(t *testing.T) {
	home := newHome(t)
	c := openConsole(t, home)
	c.typed(`"名前x" .. "好"`)
	c.expect("好")
	c.typed(strings.Repeat(left, 8) + backspace + "字" + enter) // x becomes 字
	c.expect("名前字好\r\n")
	c.prompt()
	c.input(`password = "hunter2"`)
	c.input(`user.token`)
	c.typed(ctrlD)
	c.ends(0)
	path := filepath.Join(home, "XDG_STATE_HOME", "imctl", "history")
	text, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(text), "hunter2") || !strings.HasPrefix(string(text), `"名前字" .. "好"`+"\n") {
		t.Errorf("history %q, %v", text, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := os.WriteFile(path, append([]byte("\xff bad\n"), text...), 0o600); err != nil {
		t.Fatal(err)
	}
	c = openConsole(t, home)
	c.typed(up + up)
	c.expect("名前字")
	c.typed(enter)
	c.expect("名前字好\r\n")
	c.prompt()
	c.typed(ctrlD)
	c.ends(0)
}

func TestConsolePages(t *testing.T) {
	c := openConsole(t, newHome(t), "PAGER=cat > paged")
	c.input("for i = 1, 10000 do end x = {} for i = 1, 10000 do x[i] = {n=i, name='row ' .. i} end")
	c.input("x")
	text, err := os.ReadFile(filepath.Join(c.home, "paged"))
	if err != nil || strings.Count(string(text), "\n") != 10001 {
		t.Errorf("%d lines were paged, %v", strings.Count(string(text), "\n"), err)
	}
	if shown := c.input("{1, 2, 3}", "3"); !strings.Contains(shown, "1\r\n2\r\n") {
		t.Errorf("a short value is not on the screen: %q", shown)
	}
	c.typed(ctrlD)
	c.ends(0)

	// A pager that is left ends a stream that would never end, and is no error.
	var b strings.Builder
	b.WriteString("userID,nickname\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "u%06d,n\n", i)
	}
	c = openConsole(t, newHome(t), "PAGER=head -n 3")
	if err := os.WriteFile(filepath.Join(c.home, "u.csv"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	c.input(`user.import{file="u.csv"}`, "10000")
	if shown := c.input("user.list()", "userID"); strings.Contains(shown, "error") || strings.Count(shown, "\n") > 4 {
		t.Errorf("got %q", shown)
	}
	c.typed(ctrlD)
	c.ends(0)
}

func TestConsoleCommands(t *testing.T) {
	c := openConsole(t, newHome(t), "EDITOR=sed -i s/2/40/")
	c.input("2 + 2", "4\r\n")
	c.input(":edit", "40 + 2\r\n", "42\r\n")
	c.input("help user.import", "Fields:", "on_conflict")
	c.input(":as yaml")
	c.input("{a={1}}", "a:\r\n")
	c.input(":as chart")
	c.input("{1, 9, 4}", "┤", "3 points")
	c.input(":context", "sandbox")
	c.input(":contexts", "did you mean :context?")
	c.input(":time on")
	c.input("user.count()", "2 requests\r\n", "POST /user/get_users")
	c.input(":save s.lua", "wrote")
	c.input("os.getenv('HOME')", c.home)
	if text, err := os.ReadFile(filepath.Join(c.home, "s.lua")); err != nil || !strings.Contains(string(text), "print(40 + 2)\n") {
		t.Errorf("saved %q, %v", text, err)
	}
	c.typed("os.exit(9)" + enter)
	c.ends(9)
}

func TestConsoleSignals(t *testing.T) {
	home := newHome(t)
	c := openConsole(t, home)
	c.typed("half a li")
	c.expect("half a li")
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	c.ends(130)
	c = openConsole(t, home)
	c.typed("while true do end" + enter)
	c.expect("\n")
	time.Sleep(100 * time.Millisecond)
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	c.ends(130)
}

func TestConsoleDumb(t *testing.T) {
	c := openConsole(t, newHome(t), "TERM=dumb")
	c.typed("1 + 1\n")
	c.expect("\n2\r\n")
	c.prompt()
	c.typed("for i = 1, 2 do\n")
	c.expect("....")
	c.typed(ctrlC)
	c.prompt()
	c.typed("'on'\n")
	c.expect("\non\r\n")
	c.prompt()
	if strings.Contains(c.text, "\x1b") {
		t.Errorf("escape codes on a dumb terminal: %q", c.text)
	}
	c.typed(ctrlD)
	c.ends(0)
}

func TestEval(t *testing.T) {
	bin, home := binaries(t), newHome(t)
	for _, c := range []struct {
		args           string
		stdout, stderr string
		code           int
	}{
		{"1 + 1", "2\n", "", 0},
		{"user.count().count|-o|json", "0\n", "", 0},
		{"1, 'a', nil|-o|json", "[\n  1,\n  \"a\",\n  null\n]\n", "", 0},
		{"local n = 4; return n * 2", "8\n", "", 0},
		{"user.list()|-o|jsonl", "", "", 0},
		{"print('x')", "x\n", "", 0},
		{"nil|-o|json", "null\n", "", 0},
		{"os.exit(7)", "", "", 7},
		{"user.cuont()", "", "did you mean user.count?", 1},
		{"1 +", "", "syntax error", 1},
		{"while true do end|--timeout|200ms", "", "time limit", 124},
		{"1|-o|jsn", "", "did you mean json?", 2},
		{"", "", "eval needs an expression", 2},
	} {
		cmd := exec.Command(filepath.Join(bin, "imctl"), append([]string{"eval", "-q"}, strings.Split(c.args, "|")...)...)
		cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, _ := cmd.Output()
		if code := cmd.ProcessState.ExitCode(); code != c.code || string(out) != c.stdout || !strings.Contains(stderr.String(), c.stderr) {
			t.Errorf("%s: code %d, %q, %q", c.args, code, out, stderr.String())
		}
	}
}
