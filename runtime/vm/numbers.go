package vm

import (
	"math"
	"strconv"
	"strings"
)

// maxExact is the number up to which every integer is a double. Integers up to there print with all their digits; Lua
// 5.1 would cut them to 14, which loses digits of an ID without a word. All other numbers print as in Lua 5.1.
const maxExact = 1 << 53

// numberText is the text of a number, by "%.14g".
func numberText(f float64) string {
	if i := int64(f); float64(i) == f && i <= maxExact && i >= -maxExact {
		if i == 0 && math.Signbit(f) {
			return "-0"
		}
		return strconv.FormatInt(i, 10)
	}
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case f != f && math.Signbit(f):
		return "-nan"
	case f != f:
		return "nan"
	}
	return strconv.FormatFloat(f, 'g', 14, 64)
}

// parseNumber reads a number as Lua does: blanks around it, a sign, decimal or hexadecimal. The words inf and nan are
// no numbers.
func parseNumber(s string) (float64, bool) {
	s = strings.TrimFunc(s, func(r rune) bool { return r < 128 && isSpace(byte(r)) })
	if s == "" || len(s) > 4096 {
		return 0, false
	}
	digits, negative := s, false
	if digits[0] == '-' || digits[0] == '+' {
		digits, negative = digits[1:], digits[0] == '-'
	}
	if len(digits) > 2 && digits[0] == '0' && digits[1]|0x20 == 'x' {
		f, ok := parseHex(digits[2:])
		if negative {
			f = -f
		}
		return f, ok
	}
	whole := len(digits) > 0 && len(digits) < 16
	for i := 0; i < len(digits); i++ {
		c := digits[i]
		if !isDigit(c) {
			whole = false
			if c != '.' && c|0x20 != 'e' && c != '-' && c != '+' {
				return 0, false
			}
		}
	}
	if whole {
		n := 0
		for i := 0; i < len(digits); i++ {
			n = n*10 + int(digits[i]-'0')
		}
		if negative && n > 0 {
			return float64(-n), true
		} else if !negative {
			return float64(n), true
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return f, true
}

// parseHex reads the digits behind 0x, with a point and a binary exponent if there are.
func parseHex(s string) (float64, bool) {
	plain := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '_' || c == '+' && i == 0 || c == '-' && i == 0 {
			return 0, false
		}
		plain = plain && (isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f')
	}
	if plain && len(s) <= 16 {
		n, err := strconv.ParseUint(s, 16, 64)
		return float64(n), err == nil
	}
	if !strings.ContainsAny(s, "pP") {
		s += "p0"
	}
	f, err := strconv.ParseFloat("0x"+s, 64)
	return f, err == nil || math.IsInf(f, 0)
}

// parseBase reads an integer in a base from 2 to 36.
func parseBase(s string, base int) (float64, bool) {
	s = strings.ToLower(strings.TrimFunc(s, func(r rune) bool { return r < 128 && isSpace(byte(r)) }))
	digits, negative := strings.CutPrefix(s, "-")
	if !negative {
		digits = strings.TrimPrefix(digits, "+")
	}
	if base == 16 {
		digits = strings.TrimPrefix(digits, "0x")
	}
	f := 0.0
	for i := 0; i < len(digits); i++ {
		d := base
		switch c := digits[i]; {
		case isDigit(c):
			d = int(c - '0')
		case c >= 'a' && c <= 'z':
			d = int(c-'a') + 10
		}
		if d >= base {
			return 0, false
		}
		f = f*float64(base) + float64(d)
	}
	if negative {
		f = -f
	}
	return f, digits != ""
}
