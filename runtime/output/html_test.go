package output

import (
	"errors"
	"strings"
	"testing"
)

// kind is a text that is no string to Go.
type kind string

// TestHTMLValues: no value gets out of the text or the quoted attribute that it stands in.
func TestHTMLValues(t *testing.T) {
	for value, want := range map[any]string{
		`</script><script>x`:    `<a b="&lt;/script&gt;&lt;script&gt;x">&lt;/script&gt;&lt;script&gt;x</a>`,
		`" onload='x'`:          `<a b="&#34; onload=&#39;x&#39;">&#34; onload=&#39;x&#39;</a>`,
		kind(`<img onerror=x>`): `<a b="&lt;img onerror=x&gt;">&lt;img onerror=x&gt;</a>`,
		[1]string{`<!--`}:       `<a b="[&lt;!--]">[&lt;!--]</a>`,
		`&amp; 100% %s`:         `<a b="&amp;amp; 100% %s">&amp;amp; 100% %s</a>`,
		"Olá\n世界":               "<a b=\"Olá\n世界\">Olá\n世界</a>",
	} {
		var b strings.Builder
		h := NewHTML(&b)
		h.Add(`<a b="%v">%v</a>`, value, value)
		if err := h.Flush(); err != nil || b.String() != want {
			t.Errorf("%v: %v\n got %s\nwant %s", value, err, b.String(), want)
		}
	}
}

var errNoSpace = errors.New("no space")

type noSpace struct{}

func (noSpace) Write([]byte) (int, error) { return 0, errNoSpace }

// TestHTMLError: what could not be written is told at the end, however little or much it was.
func TestHTMLError(t *testing.T) {
	for _, n := range []int{1, 100_000} {
		h := NewHTML(noSpace{})
		h.Raw(strings.Repeat("x", n))
		h.Add("<p>%d</p>", n)
		if err := h.Flush(); !errors.Is(err, errNoSpace) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}
