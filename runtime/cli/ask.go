package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// ask shows what an operation would touch and waits for a yes. Without a terminal nobody can answer: it refuses
// unless --yes was given.
func (a *app) ask(ctx context.Context, q bindings.Question) (bool, error) {
	return a.askFrom(ctx, a.sys.Stdin, q)
}

func (a *app) askFrom(ctx context.Context, in io.Reader, q bindings.Question) (bool, error) {
	if a.g.yes || a.closing {
		return true, nil
	}
	what := q.Preview.Text
	if what == "" {
		what = "run " + q.Op
	}
	if !a.sys.StdinIsTerminal {
		return false, fault.New(fault.Denied, "would %s in context %q, and nobody can be asked here", what, q.Context).
			WithHint("nothing was sent; give --yes to do it, or --dry-run to see what it would do")
	}
	fmt.Fprintf(a.sys.Stderr, "%s in context %q?", capital(what), q.Context)
	if n := len(q.Preview.Sample); n > 0 {
		more := ""
		if q.Preview.Count > n {
			more = fmt.Sprintf(" and %d more", q.Preview.Count-n)
		}
		fmt.Fprintf(a.sys.Stderr, "\n  %s%s\n", strings.Join(q.Preview.Sample, ", "), more)
	}
	fmt.Fprint(a.sys.Stderr, " [y/N] ")
	answer := make(chan string, 1)
	go func() { // ends with the process when nobody answers: a read of a terminal can't be cancelled
		line, _ := bufio.NewReader(in).ReadString('\n')
		answer <- line
	}()
	select {
	case line := <-answer:
		line = strings.ToLower(strings.TrimSpace(line))
		return line == "y" || line == "yes", nil
	case <-ctx.Done():
		return false, context.Cause(ctx)
	}
}

func capital(s string) string {
	return strings.ToUpper(s[:1]) + s[1:]
}
