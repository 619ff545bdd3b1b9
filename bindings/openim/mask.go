package openim

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Masked stands in place of what is hidden.
const Masked = "***"

// Mask hides in a text: the given secrets, the values of JSON members and query parameters whose names say that they
// are secret (also in JSON inside a JSON string, and in a text that was cut), passwords in addresses, and whatever
// looks like a JWT. An empty secret and an empty value mask nothing.
func Mask[T ~string | ~[]byte](text T, secrets ...string) string {
	s := maskSecrets(string(text), secrets)
	s = maskMembers(s)
	s = maskJWT(s)
	return maskAddress(s)
}

// Sensitive tells whether a member, header or parameter of that name holds a secret.
func Sensitive(name string) bool { return sensitive(name) }

// sensitive tells whether a member, header or parameter of that name holds a secret.
func sensitive(name string) bool {
	var lower [24]byte
	if len(name) > len(lower) {
		return false
	}
	for i := range len(name) {
		if lower[i] = name[i]; name[i] >= 'A' && name[i] <= 'Z' {
			lower[i] += 'a' - 'A'
		}
	}
	switch string(lower[:len(name)]) {
	case "token", "tokens", "secret", "password", "passwd", "newpassword", "currentpassword", "admintoken", "imtoken", "chattoken", "usertoken",
		"accesstoken", "fcmtoken", "authorization", "proxy-authorization", "cookie", "set-cookie", "verifycode",
		"accesskeyid", "accesskeysecret", "secretaccesskey", "secretkey", "secretid", "sessiontoken", "mastersecret", "appkey", "appsecret":
		return true
	}
	return false
}

func maskHeader(name, val string, secrets []string) string {
	if sensitive(name) && val != "" {
		return Masked
	}
	return Mask(val, secrets...)
}

// maskSecrets hides the secrets as they are and in their JSON and URL forms, the longest first. A very short one is
// hidden only where it stands alone: else it would blot out the whole text.
func maskSecrets(s string, secrets []string) string {
	forms := make([]string, 0, len(secrets))
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		forms = append(forms, secret)
		if quoted := jsonEscaped(secret); quoted != secret {
			forms = append(forms, quoted)
		}
		if escaped := url.QueryEscape(secret); escaped != secret {
			forms = append(forms, escaped)
		}
	}
	slices.SortFunc(forms, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, form := range forms {
		if len(form) >= 4 {
			s = strings.ReplaceAll(s, form, Masked)
		} else {
			s = replaceWord(s, form)
		}
	}
	return s
}

func jsonEscaped(s string) string {
	if !strings.ContainsAny(s, "\\\"\n\r\t") {
		return s
	}
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s)
}

func replaceWord(s, word string) string {
	var b strings.Builder
	for from := 0; ; {
		i := strings.Index(s[from:], word)
		if i < 0 {
			if b.Len() == 0 {
				return s
			}
			b.WriteString(s)
			return b.String()
		}
		i += from
		end := i + len(word)
		if i > 0 && wordByte(s[i-1]) || end < len(s) && wordByte(s[end]) {
			from = end
			continue
		}
		b.WriteString(s[:i] + Masked)
		s, from = s[end:], 0
	}
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

// maskMembers hides the values of sensitive JSON members. It reads text, not JSON, so that it works on what was cut
// and on JSON inside a JSON string, whose quotes have backslashes before them.
func maskMembers(s string) string {
	var b strings.Builder
	for from := 0; ; {
		i := strings.IndexByte(s[from:], ':')
		if i < 0 {
			break
		}
		colon := from + i
		from = colon + 1
		name, slashes, ok := memberName(s[:colon])
		if !ok || !sensitive(name) {
			continue
		}
		start := skipSpace(s, colon+1)
		end, hide := valueEnd(s, start, slashes)
		if !hide {
			continue
		}
		quote := strings.Repeat(`\`, slashes) + `"`
		b.WriteString(s[:start] + quote + Masked + quote)
		s, from = s[end:], 0
	}
	if b.Len() == 0 {
		return s
	}
	b.WriteString(s)
	return b.String()
}

// memberName reads a quoted name backwards from the end of s; slashes is the number of backslashes before its quotes.
func memberName(s string) (name string, slashes int, ok bool) {
	s = strings.TrimRight(s, " \t\r\n")
	if !strings.HasSuffix(s, `"`) {
		return "", 0, false
	}
	s = s[:len(s)-1]
	bare := strings.TrimRight(s, `\`)
	slashes = len(s) - len(bare)
	open := strings.LastIndexByte(bare, '"')
	if open < 0 || len(bare)-open > 40 {
		return "", 0, false
	}
	return bare[open+1:], slashes, true
}

func skipSpace(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\r' || s[i] == '\n') {
		i++
	}
	return i
}

// valueEnd finds the end of a value that starts at i, and whether it is one to hide: not null, not empty, and not an
// object, whose members speak for themselves.
func valueEnd(s string, i, slashes int) (end int, hide bool) {
	quote := strings.Repeat(`\`, slashes) + `"`
	switch {
	case i >= len(s) || s[i] == '{' || strings.HasPrefix(s[i:], "null"):
		return i, false
	case strings.HasPrefix(s[i:], quote):
		start := i + len(quote)
		end, closed := stringEnd(s, start, slashes)
		return end, end > start+len(quote) || !closed && end > start
	case s[i] == '[':
		end = listEnd(s, i, slashes)
		return end, true
	}
	for end = i; end < len(s) && !strings.ContainsRune(",}] \t\r\n\\\"", rune(s[end])); end++ {
	}
	return end, end > i
}

// stringEnd is the place after the closing quote of a string that began before i. A quote closes when the backslashes
// before it are those of its level and whole escaped ones. One that is not closed ends with the text, or before the quote
// with fewer backslashes, which is that of the string around it.
func stringEnd(s string, i, slashes int) (end int, closed bool) {
	run := 0
	for ; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			run++
			continue
		case s[i] == '"' && run < slashes:
			return i - run, false
		case s[i] == '"' && (run-slashes)%(2*(slashes+1)) == 0:
			return i + 1, true
		}
		run = 0
	}
	return len(s), false
}

func listEnd(s string, i, slashes int) int {
	quote := strings.Repeat(`\`, slashes) + `"`
	for depth := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], quote):
			end, _ := stringEnd(s, i+len(quote), slashes)
			i = end - 1
		case s[i] == '[':
			depth++
		case s[i] == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

// maskJWT hides JWTs: their header begins with eyJ, the base64 of `{"`. So does the content of pulled messages, which
// is not hidden: hence a dot is asked for, or the first words of a JWT's header.
func maskJWT(s string) string {
	var b strings.Builder
	for from := 0; ; {
		i := strings.Index(s[from:], "eyJ")
		if i < 0 {
			break
		}
		start := from + i
		end, dots := start, 0
		for end < len(s) && (base64Byte(s[end]) || s[end] == '.' && dots < 2) {
			if s[end] == '.' {
				dots++
			}
			end++
		}
		word := s[start:end]
		if dots == 0 && !strings.HasPrefix(word, "eyJhbGci") && !strings.HasPrefix(word, "eyJ0eXAi") || dots > 0 && strings.HasPrefix(word[strings.IndexByte(word, '.'):], "..") {
			from = end
			continue
		}
		b.WriteString(s[:start] + Masked)
		s, from = s[end:], 0
	}
	if b.Len() == 0 {
		return s
	}
	b.WriteString(s)
	return b.String()
}

func base64Byte(c byte) bool { return wordByte(c) && c < 0x80 || c == '-' }

// maskAddress hides passwords in addresses (mongodb://u:p@host) and sensitive query parameters.
func maskAddress(s string) string {
	for from := 0; ; {
		i := strings.Index(s[from:], "://")
		if i < 0 {
			break
		}
		from += i + 3
		end := from + strings.IndexAny(s[from:]+" ", "/ \t\n\"'<>\\")
		host := s[from:end]
		at := strings.LastIndexByte(host, '@')
		user := strings.IndexByte(host, ':')
		if at > 0 && user >= 0 && user < at-1 {
			s = s[:from+user+1] + Masked + s[from+at:]
		}
	}
	for from := 0; ; {
		i := strings.IndexAny(s[from:], "?&")
		if i < 0 {
			return s
		}
		from += i + 1
		name, _, ok := strings.Cut(s[from:min(len(s), from+40)], "=")
		if !ok || !sensitive(name) {
			continue
		}
		start := from + len(name) + 1
		end := start + strings.IndexAny(s[start:]+" ", "& \t\n\"'<>#\\")
		if end > start {
			s = s[:start] + Masked + s[end:]
		}
	}
}

// snippet is the beginning of a body for people: masked, at most limit bytes, one line, and marked when it was cut.
// Masking is done on a longer piece, so that no secret is seen half.
func snippet(body []byte, limit int, secrets []string) string {
	piece, cut := body, false
	if window := limit + 1<<10; len(body) > window {
		piece, cut = body[:window], true
	}
	text := printable(strings.ToValidUTF8(Mask(piece, secrets...), "."))
	if cut {
		text = dropHalf(text, append(slices.Clip(secrets), "eyJhbGci"))
	}
	if len(text) > limit {
		text, cut = strings.ToValidUTF8(text[:limit], ""), true
	}
	if cut {
		text += "…"
	}
	return text
}

// dropHalf takes away the beginning of a secret at the end of a text.
func dropHalf(text string, secrets []string) string {
	for _, secret := range secrets {
		for n := min(len(secret)-1, len(text)); n > 0; n-- {
			if strings.HasSuffix(text, secret[:n]) {
				text = text[:len(text)-n]
				break
			}
		}
	}
	return text
}

// secretSet is the secrets a client has come to know.
type secretSet struct {
	mu  sync.RWMutex
	all []string
}

func (s *secretSet) add(secret string) {
	if secret == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.all, secret) {
		s.all = append(slices.Clip(s.all), secret) // list hands out the slice: never change it in place
	}
}

func (s *secretSet) list() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.all
}
