package cli

import (
	"regexp"

	"github.com/openimsdk/imctl/bindings/openim"
)

// mask hides secrets in a text: those that the client knows, and what looks like one.
func (a *app) mask(text string) string {
	if session := a.opened(); session != nil {
		return session.env.API.Mask(text)
	}
	return openim.Mask(text)
}

var (
	luaMember = regexp.MustCompile(`([A-Za-z_]\w*)(\s*=\s*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')`)
	luaPath   = regexp.MustCompile(`^(at (?:.*\.)?([A-Za-z_]\w*): )(got|missing, want|unexpected) .*`)
)

// maskReport hides secrets in what a report says of a test: beside what mask hides, the members of Lua tables whose names
// say that they are secret, as `password = "x"`, and the lines of a difference that are about such a member.
func (a *app) maskReport(text string) string {
	text = a.mask(text)
	text = luaMember.ReplaceAllStringFunc(text, func(found string) string {
		m := luaMember.FindStringSubmatch(found)
		if !openim.Sensitive(m[1]) || len(m[3]) == 2 {
			return found
		}
		return m[1] + m[2] + `"` + openim.Masked + `"`
	})
	if m := luaPath.FindStringSubmatch(text); m != nil && openim.Sensitive(m[2]) {
		return m[1] + openim.Masked
	}
	return text
}
