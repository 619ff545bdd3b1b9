package lualib

import (
	"bytes"
	"errors"
	"strings"

	yamllib "github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/output"
)

func (k *kit) yaml() Module {
	text := Param{Name: "text", Type: "string", Doc: "the text"}
	return Module{
		Name: "yaml", Doc: "YAML: the order of fields and every digit of a number are kept, anchors, aliases and merge keys are resolved. Comments are lost; to change a " +
			"server's configuration in place, use the area config.",
		Funcs: []Func{
			{Name: "decode", Doc: "Reads one document, of at most 4 MiB.",
				Example: "local d = yaml.decode(\"api:\\n  port: 10002\\n  on: true\\n\")\nprint(d.api.port, d.api.on)  --> 10002\ttrue",
				Params:  []Param{text}, Returns: []Return{{"value", "any", ""}}, Run: func(c *Call) (any, error) {
					docs, err := yamlDocuments(c.Text("text", ""))
					if err != nil {
						return nil, err
					}
					switch len(docs) {
					case 0:
						return nil, nil
					case 1:
						return c.VM.Conv.ToLua(docs[0]), nil
					}
					return nil, fault.New(fault.Usage, "the text holds %d documents; use yaml.decode_all", len(docs))
				}},
			{Name: "decode_all", Doc: "Reads every document of a text, which --- separates.",
				Example: "print(#yaml.decode_all(\"a: 1\\n---\\na: 2\\n\"))  --> 2",
				Params:  []Param{text}, Returns: []Return{{"", "any[]", ""}}, Run: func(c *Call) (any, error) {
					docs, err := yamlDocuments(c.Text("text", ""))
					return docs, err
				}},
			{Name: "encode", Doc: "Writes a value as a YAML document.",
				Example: "io.write(yaml.encode({users = {\"a\", \"b\"}}))  --> users:\n-->   - a\n-->   - b",
				Params:  []Param{{Name: "value", Type: "any", Doc: "what to write"}}, Returns: []Return{{"text", "string", ""}}, Run: func(c *Call) (any, error) {
					var out bytes.Buffer
					p, err := output.New(output.Options{Format: output.YAML, Out: &out})
					if err == nil {
						err = p.Value(c.Plain("value"), nil)
					}
					return out.String(), err
				}},
		},
	}
}

// yamlDocuments reads every document of a text.
func yamlDocuments(text string) (docs value.List, err error) {
	defer func() {
		if recover() != nil { // the library panics on some texts that are no YAML
			docs, err = nil, fault.New(fault.Usage, "not valid YAML")
		}
	}()
	if len(text) > maxYAMLText {
		return nil, fault.New(fault.Usage, "the text is larger than %d MiB", maxYAMLText>>20).WithHint("large data is better kept as JSON or CSV")
	}
	// The library looks for keys that are there twice in quadratic time; mapping does it below.
	file, err := parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, yamlFault(err)
	}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			if len(file.Docs) > 1 {
				docs = append(docs, value.Null{})
			}
			continue
		}
		r := yamlReader{anchors: map[string]ast.Node{}}
		v, err := r.read(doc.Body, 0)
		if err != nil {
			return nil, err
		}
		docs = append(docs, v)
	}
	return docs, nil
}

// yamlFault says where a text stops being YAML.
func yamlFault(err error) error {
	var broken yamllib.Error
	if !errors.As(err, &broken) || broken.GetToken() == nil {
		return fault.New(fault.Usage, "not valid YAML: %s", strings.TrimSpace(err.Error()))
	}
	at := broken.GetToken().Position
	return fault.New(fault.Usage, "line %d, column %d: %s", at.Line, at.Column, broken.GetMessage())
}
