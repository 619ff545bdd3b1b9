package repl

import (
	"bufio"
	"io"
	"strings"

	"github.com/openimsdk/imctl/runtime/vm"
)

// reader gives one complete input at a time.
type reader interface {
	block() (string, error)
	close()
}

// pipe reads from what is no terminal: no prompt, nothing but values goes out.
type pipe struct{ r *bufio.Reader }

func newPipe(r io.Reader) *pipe { return &pipe{bufio.NewReader(r)} }

func (p *pipe) block() (string, error) {
	var g growing
	for {
		line, err := p.r.ReadString('\n')
		g.add(line)
		if err != nil || !g.incomplete() {
			return strings.TrimSuffix(g.text.String(), "\n"), err
		}
	}
}

func (p *pipe) close() {}

// longBlock is the number of lines from which on an input is parsed only when its brackets and blocks are closed: a
// parse after each line of a long one would cost the square of its length.
const longBlock = 30

// growing is an input that comes line by line.
type growing struct {
	text  strings.Builder
	lines int
	scan  scanner
}

// add adds a line with its end.
func (g *growing) add(line string) {
	g.text.WriteString(line)
	g.lines++
	g.scan.feed(line)
}

// incomplete tells whether the input only lacks its end.
func (g *growing) incomplete() bool {
	if g.lines > longBlock && g.scan.open() {
		return true
	}
	return incomplete(g.text.String())
}

func incomplete(text string) bool {
	if _, _, ok := commandOf(text); ok || vm.CheckInput(text) == nil {
		return false
	}
	return vm.IsIncomplete(text) || vm.IsIncomplete("return "+text)
}

// unit is a part of an input that runs by itself, with the number of lines before it.
type unit struct {
	text string
	line int
}

// units is the whole input if it is one piece of Lua. If not, it is taken line by line, as if it had been typed: that is
// how a pasted session runs whose lines are expressions and commands. When there is no sense in that either, the part
// that is wrong stands alone, so that nothing runs and the error names its line.
func units(text string) []unit {
	whole := []unit{{text, 0}}
	if _, _, ok := commandOf(text); ok || vm.CheckInput(text) == nil || !strings.Contains(strings.TrimSpace(text), "\n") {
		return whole
	}
	var out []unit
	lines := strings.Split(text, "\n")
	for start := 0; start < len(lines); {
		var g growing
		end := start
		for more := true; more && end < len(lines); more = g.incomplete() {
			g.add(lines[end] + "\n")
			end++
		}
		part := strings.TrimSuffix(g.text.String(), "\n")
		if strings.TrimSpace(part) != "" {
			u := unit{part, start}
			if _, _, ok := commandOf(part); !ok && vm.CheckInput(part) != nil {
				if len(out) == 0 {
					return whole
				}
				return []unit{u}
			}
			out = append(out, u)
		}
		start = end
	}
	return out
}

// commandOf splits ":as json" and "help user.add" into the command and what follows it.
func commandOf(text string) (word, arg string, ok bool) {
	text = strings.TrimSpace(text)
	if strings.Contains(text, "\n") {
		return "", "", false
	}
	if rest, found := strings.CutPrefix(text, ":"); found {
		word, arg, _ = strings.Cut(rest, " ")
		return word, strings.TrimSpace(arg), true
	}
	word, arg, _ = strings.Cut(text, " ")
	arg = strings.TrimSpace(arg)
	if word == "help" && !strings.HasPrefix(arg, "=") && !strings.HasPrefix(arg, "(") && !strings.HasPrefix(arg, "{") {
		return word, strings.Trim(arg, `"'`), true
	}
	return "", "", false
}
