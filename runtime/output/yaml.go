package output

import (
	"math"
	"regexp"
	"strings"
	"sync"

	"github.com/openimsdk/imctl/bindings/value"
)

// The YAML is written here, and read back with goccy/go-yaml in the tests: that library's encoder drops carriage
// returns and tabs, and leaves ".nan" and keys of several lines unquoted.

// appendYAML writes plain data as block YAML. inline says that the cursor stands behind "key:" or "-".
func appendYAML(b []byte, v any, depth int, inline bool) ([]byte, error) {
	switch v := v.(type) {
	case *value.Object:
		if v.Len() == 0 {
			return append(space(b, inline), "{}\n"...), nil
		}
		return appendObject(b, v, depth, inline)
	case value.List:
		if len(v) == 0 {
			return append(space(b, inline), "[]\n"...), nil
		}
		if inline {
			b = append(b, '\n')
		}
		for _, item := range v {
			var err error
			if b, err = appendItem(b, item, depth); err != nil {
				return nil, err
			}
		}
		return b, nil
	}
	text, err := yamlScalar(v)
	if err != nil {
		return nil, err
	}
	return append(append(space(b, inline), text...), '\n'), nil
}

func space(b []byte, inline bool) []byte {
	if inline {
		return append(b, ' ')
	}
	return b
}

func appendObject(b []byte, obj *value.Object, depth int, inline bool) ([]byte, error) {
	if inline {
		b = append(b, '\n')
	}
	for _, key := range obj.Keys() {
		b = append(b, strings.Repeat("  ", depth)...)
		member, _ := obj.Get(key)
		var err error
		if b, err = appendMember(b, key, member, depth); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func appendMember(b []byte, key string, member any, depth int) ([]byte, error) {
	name, err := yamlString(key)
	if err != nil {
		return nil, err
	}
	if len(name) > 1000 { // YAML reads no longer key without a question mark
		b = append(b, "? "...)
		b = append(append(b, name...), '\n')
		b = append(b, strings.Repeat("  ", depth)...)
		name = nil
	}
	b = append(append(b, name...), ':')
	return appendYAML(b, member, depth+1, true)
}

// appendItem writes a list item; an object starts on the line of its dash.
func appendItem(b []byte, item any, depth int) ([]byte, error) {
	b = append(b, strings.Repeat("  ", depth)...)
	b = append(b, '-')
	obj, ok := item.(*value.Object)
	if !ok || obj.Len() == 0 {
		return appendYAML(b, item, depth+1, true)
	}
	for i, key := range obj.Keys() {
		if i == 0 {
			b = append(b, ' ')
		} else {
			b = append(b, strings.Repeat("  ", depth+1)...)
		}
		member, _ := obj.Get(key)
		var err error
		if b, err = appendMember(b, key, member, depth+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func yamlScalar(v any) ([]byte, error) {
	switch v := v.(type) {
	case string:
		return yamlString(v)
	case float64:
		switch {
		case math.IsNaN(v):
			return []byte(".nan"), nil
		case math.IsInf(v, 1):
			return []byte(".inf"), nil
		case math.IsInf(v, -1):
			return []byte("-.inf"), nil
		}
	}
	return compact(v)
}

// plainYAML matches strings that every YAML reader takes as that string without quotes: they start with a letter,
// hold nothing that YAML gives a meaning to, and are none of its words.
var plainYAML = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\p{L}_/][\p{L}\p{M}\p{N} _./@+=()-]*$`) })

var wordsYAML = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)^(y|n|yes|no|on|off|true|false|null|nan|inf)$`) })

func yamlString(s string) ([]byte, error) {
	if plainYAML().MatchString(s) && !wordsYAML().MatchString(s) && !strings.HasSuffix(s, " ") {
		return []byte(s), nil
	}
	return compact(s) // a JSON string is a YAML string
}

// yamlSink writes a stream as one YAML list.
type yamlSink struct {
	p    *Printer
	cols []Column
	n    int
}

func (s *yamlSink) start(cols []Column, _ []any) error {
	s.cols = cols
	return nil
}

func (s *yamlSink) row(v any) error {
	text, err := appendItem(nil, narrow(v, s.cols), 0)
	if err != nil {
		return err
	}
	s.n++
	return s.p.write(text)
}

func (s *yamlSink) end() error {
	if s.n == 0 {
		return s.p.write([]byte("[]\n"))
	}
	return nil
}
