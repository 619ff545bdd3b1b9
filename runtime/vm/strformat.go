package vm

import (
	"math/big"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/value"
)

// spec is one conversion of string.format: its flags, width and precision (-1 when there is none).
type spec struct {
	minus, plus, blank, sharp, zero bool
	width, precision                int
}

func strFormat(c call) int {
	format := c.str(1)
	out := make([]byte, 0, len(format)+32)
	largest := c.v.maxString()
	arg := 1
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			out = append(out, format[i])
			continue
		}
		if i++; i < len(format) && format[i] == '%' {
			out = append(out, '%')
			continue
		}
		if arg++; arg > c.GetTop() {
			c.bad(arg, "no value")
		}
		var s spec
		s, i = c.spec(format, i)
		if i == len(format) {
			c.RaiseError("invalid option '%c' to 'format'", '%')
		}
		out = c.convert(out, s, format[i], arg)
		if len(out) > largest {
			c.RaiseError("resulting string too large")
		}
	}
	c.pushStr(string(out))
	return 1
}

// spec reads the flags, the width and the precision at i.
func (c call) spec(format string, i int) (spec, int) {
	s := spec{precision: -1}
	start := i
flags:
	for ; i < len(format); i++ {
		switch format[i] {
		case '-':
			s.minus = true
		case '+':
			s.plus = true
		case ' ':
			s.blank = true
		case '#':
			s.sharp = true
		case '0':
			s.zero = true
		default:
			break flags
		}
	}
	if i-start > 5 {
		c.RaiseError("invalid format (repeated flags)")
	}
	number := func() int {
		n := 0
		for k := 0; k < 2 && i < len(format) && isDigit(format[i]); k++ {
			n = n*10 + int(format[i]-'0')
			i++
		}
		return n
	}
	s.width = number()
	if i < len(format) && format[i] == '.' {
		i++
		s.precision = number()
	}
	if i < len(format) && isDigit(format[i]) {
		c.RaiseError("invalid format (width or precision too long)")
	}
	return s, i
}

// convert adds argument n by one conversion.
func (c call) convert(out []byte, s spec, verb byte, n int) []byte {
	switch verb {
	case 'c':
		return s.pad(out, "", string([]byte{byte(c.int(n))}), false)
	case 'd', 'i':
		sign, digits := c.integer(n, 10)
		return s.integer(out, sign, digits, "")
	case 'u':
		_, digits := c.unsigned(n, 10)
		return s.integer(out, "", digits, "")
	case 'o', 'x', 'X':
		base := 16
		if verb == 'o' {
			base = 8
		}
		zero, digits := c.unsigned(n, base)
		prefix := ""
		switch {
		case s.sharp && verb == 'o' && digits[0] != '0':
			digits = "0" + digits
		case s.sharp && verb != 'o' && !zero:
			prefix = "0" + string(verb)
		}
		if verb == 'X' {
			digits = strings.ToUpper(digits)
		}
		s.plus, s.blank = false, false
		return s.integer(out, "", digits, prefix)
	case 'e', 'E', 'f', 'g', 'G':
		return s.float(out, c.num(n), verb)
	case 'q':
		return quote(out, c.str(n))
	case 's':
		text := c.formatText(n)
		if s.precision >= 0 && s.precision < len(text) {
			text = text[:s.precision]
		}
		s.zero = false
		return s.pad(out, "", text, false)
	}
	c.RaiseError("invalid option '%%%c' to 'format'", verb)
	return nil
}

// formatText is argument n for %s: a text, or what has a __tostring.
func (c call) formatText(n int) string {
	lv := c.Get(n)
	if s, ok := plainText(lv); ok {
		return s
	}
	if c.GetMetaField(lv, "__tostring") != lua.LNil {
		return c.v.text(c.LState, lv)
	}
	c.badType(n, "string")
	return ""
}

// integer is argument n as the sign and the digits of a whole number, its fraction cut off.
func (c call) integer(n, base int) (sign, digits string) {
	if wide, ok := wideInt(c.Get(n)); ok {
		if b, ok := new(big.Int).SetString(value.Text(wide), 10); ok {
			if b.Sign() < 0 {
				sign = "-"
			}
			return sign, b.Abs(b).Text(base)
		}
	}
	f := c.num(n)
	if !(f < 1<<63 && f >= -1<<63) {
		c.bad(n, "number has no integer representation")
	}
	i := int64(f)
	if i < 0 {
		return "-", strconv.FormatUint(-uint64(i), base)
	}
	return "", strconv.FormatInt(i, base)
}

// unsigned is argument n as the digits of an unsigned 64-bit number; negative ones wrap around.
func (c call) unsigned(n, base int) (zero bool, digits string) {
	if f, ok := c.Get(n).(lua.LNumber); ok && f >= 1<<63 && f < 1<<64 {
		return false, strconv.FormatUint(uint64(f), base)
	}
	sign, digits := c.integer(n, base)
	if sign == "-" {
		u, err := strconv.ParseUint(digits, base, 64)
		if err != nil {
			c.bad(n, "number has no integer representation")
		}
		digits = strconv.FormatUint(-u, base)
	}
	return digits == "0", digits
}

// integer adds the digits of a whole number with sign, precision and padding.
func (s spec) integer(out []byte, sign, digits, prefix string) []byte {
	if s.precision >= 0 {
		s.zero = false
		if s.precision == 0 && digits == "0" {
			digits = ""
		}
		if n := s.precision - len(digits); n > 0 {
			digits = strings.Repeat("0", n) + digits
		}
	}
	return s.pad(out, s.sign(sign)+prefix, digits, s.zero)
}

func (s spec) sign(sign string) string {
	switch {
	case sign != "":
		return sign
	case s.plus:
		return "+"
	case s.blank:
		return " "
	}
	return ""
}

// float adds a number by %e, %f or %g.
func (s spec) float(out []byte, f float64, verb byte) []byte {
	sign, text := "", numberText(f)
	if strings.HasPrefix(text, "-") {
		sign = "-"
	}
	if text = strings.TrimPrefix(text, "-"); text == "inf" || text == "nan" {
		if verb < 'a' {
			text = strings.ToUpper(text)
		}
		return s.pad(out, s.sign(sign), text, false)
	}
	precision := s.precision
	if precision < 0 {
		precision = 6
	}
	if verb|0x20 == 'g' && precision == 0 {
		precision = 1
	}
	text = strings.TrimPrefix(strconv.FormatFloat(f, verb, precision, 64), "-")
	if s.sharp {
		text = keepPoint(text, verb, precision)
	}
	return s.pad(out, s.sign(sign), text, s.zero)
}

// keepPoint gives a number the point, and for %g the zeros, that the flag # asks for.
func keepPoint(text string, verb byte, precision int) string {
	digits, exponent := text, ""
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		digits, exponent = text[:i], text[i:]
	}
	if !strings.Contains(digits, ".") {
		digits += "."
	}
	if verb|0x20 == 'g' {
		have := len(strings.TrimLeft(strings.Replace(digits, ".", "", 1), "0"))
		if strings.Trim(digits, "0.") == "" {
			have = len(digits) - 1
		}
		if precision > have {
			digits += strings.Repeat("0", precision-have)
		}
	}
	return digits + exponent
}

// pad adds sign and text, filled up to the width with zeros between them or with blanks.
func (s spec) pad(out []byte, sign, text string, zeros bool) []byte {
	fill := s.width - len(sign) - len(text)
	blanks := func() {
		for ; fill > 0; fill-- {
			out = append(out, ' ')
		}
	}
	if !s.minus && !zeros {
		blanks()
	}
	out = append(out, sign...)
	if zeros && !s.minus {
		for ; fill > 0; fill-- {
			out = append(out, '0')
		}
	}
	out = append(out, text...)
	blanks()
	return out
}

// quote adds a text so that the Lua reader gives it back.
func quote(out []byte, s string) []byte {
	out = append(out, '"')
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"', '\\', '\n':
			out = append(out, '\\', s[i])
		case '\r':
			out = append(out, `\r`...)
		case 0:
			out = append(out, `\000`...)
		default:
			out = append(out, s[i])
		}
	}
	return append(out, '"')
}
