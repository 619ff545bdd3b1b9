package target

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/openimsdk/imctl/bindings/fault"
)

const maxYAML = 4 << 20

// document is a YAML file of which single values are read, with the line each stands in.
type document struct {
	path string
	root ast.Node // nil if the file is empty
}

// scalar is a value read from a document; a missing one has no text and line 0.
type scalar struct {
	text string
	line int
}

func readDocument(path string) (*document, error) {
	text, err := readFile(path, maxYAML)
	if err != nil {
		return nil, err
	}
	return parseDocument(path, text)
}

func parseDocument(path string, text []byte) (*document, error) {
	doc := &document{path: path}
	err := guarded(func() error {
		file, err := parser.ParseBytes(text, 0)
		if err == nil && len(file.Docs) > 0 {
			doc.root = file.Docs[0].Body
		}
		return err
	})
	if err != nil {
		return nil, yamlFault(path, err)
	}
	return doc, nil
}

// guarded calls the YAML library, which panics on some texts that are no YAML.
func guarded(do func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("not valid YAML")
		}
	}()
	return do()
}

// yamlFault says where a YAML file is broken and what is wrong. The library's excerpt of the source is left out, and
// so are the words it quotes: the line may hold a secret.
func yamlFault(path string, err error) *fault.Error {
	var broken yaml.Error
	if !errors.As(err, &broken) || broken.GetToken() == nil {
		return fault.New(fault.Usage, "%s: not valid YAML", path)
	}
	message := regexp.MustCompile(`"[^"]*"`).ReplaceAllString(broken.GetMessage(), `"…"`)
	at := broken.GetToken().Position
	return fault.New(fault.Usage, "%s:%d:%d: %s", path, at.Line, at.Column, message)
}

func (d *document) fault(node ast.Node, format string, args ...any) *fault.Error {
	at := node.GetToken().Position
	return fault.New(fault.Usage, "%s:%d:%d: %s", d.path, at.Line, at.Column, fmt.Sprintf(format, args...))
}

// find follows a dotted path; as for the server itself, case does not matter. nil is "not there".
func (d *document) find(path string) (ast.Node, error) {
	node := d.root
	for name := range strings.SplitSeq(path, ".") {
		mapping, ok := bare(node).(*ast.MappingNode)
		if !ok {
			if node == nil || isNull(node) {
				return nil, nil
			}
			return nil, d.fault(node, "want a mapping with %s", path)
		}
		node = nil
		for _, member := range mapping.Values {
			if strings.EqualFold(keyText(member), name) {
				node = member.Value
			}
		}
	}
	if node != nil && isNull(node) {
		return nil, nil
	}
	return node, nil
}

func keyText(member *ast.MappingValueNode) string {
	if key, ok := member.Key.(ast.Node).(*ast.StringNode); ok {
		return key.Value
	}
	return member.Key.String()
}

// bare is the node without an anchor or a tag.
func bare(node ast.Node) ast.Node {
	switch n := node.(type) {
	case *ast.AnchorNode:
		return bare(n.Value)
	case *ast.TagNode:
		return bare(n.Value)
	case *ast.MappingValueNode:
		return ast.Mapping(n.Start, false, n)
	}
	return node
}

func isNull(node ast.Node) bool {
	_, null := bare(node).(*ast.NullNode)
	return null
}

// text reads a scalar as it is written, so that a secret of digits keeps its zeros.
func (d *document) text(path string) (scalar, error) {
	node, err := d.find(path)
	if err != nil || node == nil {
		return scalar{}, err
	}
	return d.scalar(node, path)
}

func (d *document) scalar(node ast.Node, path string) (scalar, error) {
	line := node.GetToken().Position.Line
	switch n := bare(node).(type) {
	case *ast.StringNode:
		return scalar{n.Value, line}, nil
	case *ast.LiteralNode:
		return scalar{strings.TrimRight(n.Value.Value, "\n"), line}, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return scalar{n.GetToken().Value, line}, nil
	case *ast.NullNode:
		return scalar{"", line}, nil
	}
	return scalar{}, d.fault(node, "want a single value for %s", path)
}

// list reads a list of scalars; a single scalar is a list of one.
func (d *document) list(path string) ([]string, int, error) {
	node, err := d.find(path)
	if err != nil || node == nil {
		return nil, 0, err
	}
	line := node.GetToken().Position.Line
	sequence, ok := bare(node).(*ast.SequenceNode)
	if !ok {
		one, err := d.scalar(node, path)
		return splitList(one.text), line, err
	}
	var out []string
	for _, item := range sequence.Values {
		v, err := d.scalar(item, path)
		if err != nil {
			return nil, line, err
		}
		if v.text != "" {
			out = append(out, v.text)
		}
	}
	return out, line, nil
}

// splitList reads a list out of one text, as the server does with a list from the environment.
func splitList(text string) []string {
	return strings.FieldsFunc(strings.Trim(text, "[]"), func(r rune) bool { return r == ',' || r == ' ' })
}

// at is "share.yml line 3".
func (d *document) at(line int) string { return fmt.Sprintf("%s line %d", filepath.Base(d.path), line) }
