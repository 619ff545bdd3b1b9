package archive

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
)

// counter counts what was read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// tail hands on what it reads, stops at bombs and at the end of the context, and remembers the last bytes, since the end
// of a tar must be there and nothing may follow it.
type tail struct {
	r    io.Reader
	in   *counter
	ctx  context.Context
	n    int64
	last [2 * tarBlock]byte
}

func (t *tail) Read(p []byte) (int, error) {
	if err := t.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := t.r.Read(p)
	t.n += int64(n)
	if n >= len(t.last) {
		copy(t.last[:], p[n-len(t.last):n])
	} else {
		copy(t.last[:], t.last[n:])
		copy(t.last[len(t.last)-n:], p[:n])
	}
	if t.n > bombFrom && t.n/bombRatio > t.in.n {
		return n, broken("%d bytes of it have become %d: it is a bomb", t.in.n, t.n)
	}
	return n, err
}

// drain reads what follows the last member: the end of the tar and nothing else.
func (t *tail) drain() error {
	buf := make([]byte, 4096)
	for {
		n, err := t.Read(buf)
		if bytes.Trim(buf[:n], "\x00") != nil && len(bytes.Trim(buf[:n], "\x00")) > 0 {
			return broken("something follows its end")
		}
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
	}
	if t.n < int64(len(t.last)) || !bytes.Equal(t.last[:], make([]byte, len(t.last))) {
		return broken("its end is missing: it was cut off")
	}
	return nil
}

// lines reads lines of at most maxMeta bytes.
type lines struct{ s *bufio.Scanner }

func newLines(r io.Reader) *lines {
	s := bufio.NewScanner(r)
	s.Buffer(nil, maxMeta)
	return &lines{s}
}

func (l *lines) next() ([]byte, error) {
	if l.s.Scan() {
		return l.s.Bytes(), nil
	}
	if err := l.s.Err(); err != nil {
		return nil, err
	}
	return nil, io.EOF
}
