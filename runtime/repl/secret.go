package repl

import (
	"regexp"
	"strings"

	"github.com/openimsdk/imctl/bindings"
)

// secrets knows an input that holds a secret, which is kept nowhere.
type secrets struct{ patterns []*regexp.Regexp }

// newSecrets derives from the declarations which fields are secrets, and which calls take one by its place.
func newSecrets(areas []bindings.Area) *secrets {
	names := map[string]bool{}
	var calls []string
	for _, area := range areas {
		for _, op := range area.All() {
			for _, p := range op.Params() {
				if p.Type == bindings.Hidden && p.Arg > 0 {
					calls = append(calls, regexp.QuoteMeta(area.Name)+`\s*\.\s*`+regexp.QuoteMeta(op.Name))
				}
			}
			hiddenNames(op.Params(), names)
		}
	}
	words := []string{`\w*(?:password|passwd|secret|token)\w*`}
	for name := range names {
		words = append(words, regexp.QuoteMeta(name))
	}
	field := `(?i)\b(?:` + strings.Join(words, "|") + `)\b`
	s := &secrets{patterns: []*regexp.Regexp{
		regexp.MustCompile(field + `["']?\s*\]?\s*=(?:[^=]|$)`), // password = "x", t["password"] = "x"
		regexp.MustCompile(field + `\\?["']\s*:`),               // {"password": "x"}
		regexp.MustCompile(`\beyJ[\w-]{8,}`),                    // a JWT
		regexp.MustCompile(`(?i)\bbearer\s+\S`),
		regexp.MustCompile(`://[^/\s:@"']*:[^@\s"']+@`), // user:password@host
	}}
	if len(calls) > 0 { // by place: user.reset_password("a", "x"), not with a table of fields
		s.patterns = append(s.patterns, regexp.MustCompile(`\b(?:`+strings.Join(calls, "|")+`)\s*(?:\(\s*[^{)\s]|["'\[])`))
	}
	return s
}

func hiddenNames(params []bindings.Param, into map[string]bool) {
	for _, p := range params {
		if p.Type == bindings.Hidden {
			into[p.Name] = true
		}
		hiddenNames(p.Fields, into)
	}
}

// in tells whether text holds a secret.
func (s *secrets) in(text string) bool {
	for _, p := range s.patterns {
		if p.MatchString(text) {
			return true
		}
	}
	return false
}
