package output

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
	"github.com/openimsdk/imctl/bindings/value"
)

// cell is the text of a value in a table: one line, without anything that a terminal would act on.
func cell(v any) string { return Escape(value.Text(v), false) }

// firstMoment and lastMoment bound the numbers that can be a moment in ms, 1973 to 2286: others, as 0 for never, stay
// numbers.
const (
	firstMoment = 100_000_000_000
	lastMoment  = 9_999_999_999_999
)

// cell is the text of a member in a table.
func (p *Printer) cell(name string, v any) string {
	if ms, ok := v.(int64); ok && ms >= firstMoment && ms <= lastMoment && p.moment(name) {
		return time.UnixMilli(ms).Format(time.DateTime)
	}
	return cell(v)
}

func (p *Printer) moment(name string) bool {
	return p.opts.Moment != nil && p.opts.Moment(name[strings.LastIndexByte(name, '.')+1:])
}

// Escape writes control characters, escape sequences, marks that turn the direction of text, and what is no character or no
// UTF-8 as Go writes it. With lines, line breaks and tabs stay.
func Escape(s string, lines bool) string {
	if strings.IndexFunc(s, unsafe) < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !unsafe(r) || lines && (r == '\n' || r == '\t'):
			b.WriteString(s[i : i+size])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		i += size
	}
	return b.String()
}

// unsafe tells whether a rune must not reach a terminal as it is.
func unsafe(r rune) bool {
	switch {
	case r < 0x20 || r >= 0x7f && r < 0xa0:
		return true
	case r < 0x2000:
		return r == 0x061c
	case r&0xfffe == 0xfffe: // no characters
		return true
	case r == utf8.RuneError, r == 0xfeff, r == 0x2028, r == 0x2029, r == 0x200e, r == 0x200f:
		return true
	}
	return unicode.Is(unicode.Bidi_Control, r)
}

// measure is the rule for the width of text: East Asian letters and emoji take two columns, marks none.
func measure() *runewidth.Condition { return &runewidth.Condition{StrictEmojiNeutral: true} }

func width(s string) int { return measure().StringWidth(s) }

// cut shortens text to a width, with an ellipsis.
func cut(s string, w int) string { return measure().Truncate(s, w, "…") }
