package api

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
)

// DescribeParams names an endpoint.
type DescribeParams struct {
	Path string `json:"path" arg:"1,required" help:"the endpoint, such as /group/get_groups"`
}

// Description is all that the schema says of an endpoint.
type Description struct {
	Path     string   `json:"path" column:"1" key:"true" help:"the path"`
	Method   string   `json:"method" column:"2" help:"GET or POST"`
	Access   string   `json:"access" column:"3" help:"who may call it"`
	Effect   string   `json:"effect" column:"4" help:"read, write or destroy"`
	Area     string   `json:"area" help:"the part of the API"`
	Notes    string   `json:"notes,omitempty" help:"what is odd about it"`
	Since    string   `json:"since,omitempty" help:"set when older servers lack it"`
	RPC      string   `json:"rpc,omitempty" help:"the service's own name of it, as the server's logs have it"`
	Token    bool     `json:"token" help:"it needs a token"`
	Rules    []string `json:"rules" help:"conditions beside the required fields"`
	Request  []Field  `json:"request" help:"the fields of the request"`
	Shape    string   `json:"shape,omitempty" help:"what the answer's data is when it is no object"`
	Response []Field  `json:"response" help:"the fields of the answer's data"`
}

// Field is a field of a request or of an answer.
type Field struct {
	Name     string  `json:"name" help:"its name"`
	Type     string  `json:"type" help:"its type"`
	Required bool    `json:"required,omitempty" help:"the server refuses the request without it"`
	Nullable bool    `json:"nullable,omitempty" help:"null or left out means: leave unchanged"`
	Fields   []Field `json:"fields,omitempty" help:"the fields of an object"`
}

// maxNesting ends the description of messages that hold themselves.
const maxNesting = 5

func describeOp(load loader) bindings.Op {
	return bindings.Op{
		Name: "describe", Effect: bindings.Read,
		Doc:     "Show the request and the answer of an endpoint, with its rules and oddities.",
		Example: `api.describe("/group/create_group")`,
		Notes:   "It is the schema of imctl itself; the server isn't asked.",
		Run: bindings.Func(func(_ context.Context, _ *bindings.Env, p DescribeParams) (Description, error) {
			s, err := load()
			if err != nil {
				return Description{}, err
			}
			e, err := s.find(p.Path, "")
			if err != nil {
				return Description{}, err
			}
			return Description{
				Path: e.Path, Method: e.Method, Access: e.Access, Effect: pathEffect(e), Area: e.Area, Notes: e.Notes, Since: e.Since,
				RPC: e.RPC, Token: e.Token, Rules: e.Rules, Shape: e.Response.Shape,
				Request:  s.describe(e.Request.Fields, e.Required, "", 0),
				Response: s.describe(e.Response.Fields, nil, "", 0),
			}, nil
		}),
	}
}

func (s *schema) describe(fields []field, required []string, path string, depth int) []Field {
	out := []Field{}
	for _, f := range fields {
		at := join(path, f.Name)
		d := Field{Name: f.Name, Type: f.kind(), Nullable: f.Nullable, Required: slices.Contains(required, at)}
		if inner := s.fields(f.Message); len(inner) > 0 && depth < maxNesting {
			d.Fields = s.describe(inner, required, at, depth+1)
		}
		out = append(out, d)
	}
	return out
}
