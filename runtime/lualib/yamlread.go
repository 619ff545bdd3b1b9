package lualib

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// Bounds of a YAML text and of what it may grow to: aliases of aliases can make a few lines into gigabytes, and the
// library's time grows with the square of the number of keys.
const (
	maxYAMLText   = 4 << 20
	maxYAMLValues = 5_000_000
	maxYAMLDepth  = 200
)

// bareExponent matches numbers such as 1e3, which the library takes for text.
var bareExponent = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[-+]?[0-9]+[eE][-+]?[0-9]+$`) })

// yamlReader turns the nodes of one document into plain data.
type yamlReader struct {
	anchors map[string]ast.Node
	open    []string // the aliases that are being followed
	values  int
}

func (r *yamlReader) fault(node ast.Node, format string, args ...any) error {
	e := fault.New(fault.Usage, format, args...)
	if t := node.GetToken(); t != nil && t.Position != nil {
		e = fault.New(fault.Usage, "line %d, column %d: %w", t.Position.Line, t.Position.Column, e)
	}
	return e
}

func (r *yamlReader) read(node ast.Node, depth int) (any, error) {
	if r.values++; r.values > maxYAMLValues || depth > maxYAMLDepth {
		return nil, fault.New(fault.Usage, "the document is too large or too deep")
	}
	switch n := node.(type) {
	case nil, *ast.NullNode:
		return value.Null{}, nil
	case *ast.StringNode:
		if n.Token.Type == token.StringType && bareExponent().MatchString(n.Value) {
			return value.ParseNumber(strings.TrimPrefix(n.Value, "+")), nil
		}
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.BoolNode:
		return n.Value, nil
	case *ast.IntegerNode:
		return r.integer(n)
	case *ast.FloatNode:
		return n.Value, nil
	case *ast.InfinityNode:
		return n.Value, nil
	case *ast.NanNode:
		return math.NaN(), nil
	case *ast.SequenceNode:
		list := value.List{}
		for _, item := range n.Values {
			v, err := r.read(item, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case *ast.MappingNode:
		return r.mapping(n.Values, depth)
	case *ast.MappingValueNode:
		return r.mapping([]*ast.MappingValueNode{n}, depth)
	case *ast.AnchorNode:
		r.anchors[n.Name.GetToken().Value] = n.Value
		return r.read(n.Value, depth)
	case *ast.AliasNode:
		return r.alias(n, depth)
	case *ast.TagNode:
		return r.tagged(n, depth)
	}
	return nil, r.fault(node, "a %s can't be read", node.Type().String())
}

// integer reads a whole number; one beyond 64 bits keeps its digits.
func (r *yamlReader) integer(n *ast.IntegerNode) (any, error) {
	switch v := n.Value.(type) {
	case int64:
		return v, nil
	case uint64:
		if v <= math.MaxInt64 {
			return int64(v), nil
		}
		return v, nil
	}
	text := strings.TrimPrefix(strings.ReplaceAll(n.Token.Value, "_", ""), "+")
	if strings.Trim(strings.TrimPrefix(text, "-"), "0123456789") == "" {
		return value.ParseNumber(text), nil
	}
	return nil, r.fault(n, "the number %s is too large", text)
}

func (r *yamlReader) alias(n *ast.AliasNode, depth int) (any, error) {
	name := n.Value.GetToken().Value
	target, ok := r.anchors[name]
	if !ok {
		return nil, r.fault(n, "no anchor &%s before this alias", name)
	}
	if slices.Contains(r.open, name) {
		return nil, r.fault(n, "the alias *%s holds itself", name)
	}
	r.open = append(r.open, name)
	defer func() { r.open = r.open[:len(r.open)-1] }()
	return r.read(target, depth+1)
}

// tagged reads a value with a tag; !!str takes it as it is written.
func (r *yamlReader) tagged(n *ast.TagNode, depth int) (any, error) {
	if _, scalar := n.Value.(ast.ScalarNode); scalar && n.Start.Value == "!!str" {
		if _, text := n.Value.(*ast.StringNode); !text {
			return n.Value.GetToken().Value, nil
		}
	}
	return r.read(n.Value, depth)
}

func (r *yamlReader) mapping(members []*ast.MappingValueNode, depth int) (any, error) {
	o := value.NewObject()
	merged := map[string]bool{}
	for _, m := range members {
		v, err := r.read(m.Value, depth+1)
		if err != nil {
			return nil, err
		}
		if _, merge := m.Key.(*ast.MergeKeyNode); merge {
			if err := r.merge(o, merged, m, v); err != nil {
				return nil, err
			}
			continue
		}
		key, err := r.key(m.Key, depth)
		if err != nil {
			return nil, err
		}
		if _, there := o.Get(key); there && !merged[key] {
			return nil, r.fault(m.Key, "the key %q is there twice", key)
		}
		delete(merged, key)
		o.Set(key, v)
	}
	return o, nil
}

// merge adds the members of a mapping, or of several, that are not there yet.
func (r *yamlReader) merge(o *value.Object, merged map[string]bool, at *ast.MappingValueNode, v any) error {
	sources, ok := v.(value.List)
	if !ok {
		sources = value.List{v}
	}
	for _, s := range sources {
		from, ok := s.(*value.Object)
		if !ok {
			return r.fault(at, "<< wants a mapping, got %s", value.Describe(s))
		}
		for _, k := range from.Keys() {
			if _, there := o.Get(k); !there {
				e, _ := from.Get(k)
				o.Set(k, e)
				merged[k] = true
			}
		}
	}
	return nil
}

// key is the text of a mapping's key: a number or a word as it is written.
func (r *yamlReader) key(node ast.MapKeyNode, depth int) (string, error) {
	var n ast.Node = node
	if m, ok := n.(*ast.MappingKeyNode); ok {
		n = m.Value
	}
	v, err := r.read(n, depth+1)
	if err != nil {
		return "", err
	}
	switch v.(type) {
	case string:
		return v.(string), nil
	case value.List, *value.Object:
		return "", r.fault(n, "a key must be a single value")
	}
	return n.GetToken().Value, nil
}
