package api

import (
	"context"
	"slices"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// EndpointsParams selects endpoints.
type EndpointsParams struct {
	Filter string `json:"filter" arg:"1" help:"only endpoints whose path, or a field of whose request, holds this text; case does not count"`
	Area   string `json:"area" help:"only endpoints of this part of the API: user, group, msg …"`
}

// Endpoint is a line of the list of endpoints.
type Endpoint struct {
	Path   string   `json:"path" column:"1" key:"true" help:"the path"`
	Area   string   `json:"area" help:"the part of the API"`
	Access string   `json:"access" column:"2" help:"who may call it"`
	Effect string   `json:"effect" column:"3" help:"read, write or destroy"`
	Fields []string `json:"fields" column:"4" help:"the fields of the request, required ones with a star"`
	Since  string   `json:"since,omitempty" help:"set when older servers lack it"`
	Method string   `json:"method" help:"GET or POST"`
}

func endpointsOp(load loader) bindings.Op {
	return bindings.Op{
		Name: "endpoints", Effect: bindings.Read,
		Doc:     "List the endpoints of the server's API.",
		Example: `api.endpoints("mute")`,
		Notes:   "The list is that of imctl's own schema, not of the server in use, which may lack some: `since` tells.",
		Run: bindings.Func(func(_ context.Context, _ *bindings.Env, p EndpointsParams) ([]Endpoint, error) {
			s, err := load()
			if err != nil {
				return nil, err
			}
			out := []Endpoint{}
			var areas []string
			for _, e := range s.Endpoints {
				if !slices.Contains(areas, e.Area) {
					areas = append(areas, e.Area)
				}
				if row := line(e); (p.Area == "" || e.Area == p.Area) && row.holds(p.Filter) {
					out = append(out, row)
				}
			}
			if p.Area != "" && !slices.Contains(areas, p.Area) {
				return nil, fault.New(fault.Usage, "area: %q is not one of %s%s", p.Area, strings.Join(areas, ", "), fault.DidYouMean(p.Area, areas))
			}
			return out, nil
		}),
	}
}

func line(e *endpoint) Endpoint {
	row := Endpoint{Path: e.Path, Area: e.Area, Access: e.Access, Effect: pathEffect(e), Since: e.Since, Method: e.Method, Fields: []string{}}
	for _, f := range e.Request.Fields {
		if slices.Contains(e.Required, f.Name) {
			f.Name += "*"
		}
		row.Fields = append(row.Fields, f.Name)
	}
	return row
}

func pathEffect(e *endpoint) string {
	switch {
	case e.Method == "GET" || !openim.Writes(e.Path):
		return bindings.Read.String()
	case destroys(e.Path):
		return bindings.Destroy.String()
	}
	return bindings.Write.String()
}

func (e Endpoint) holds(text string) bool {
	all := strings.ToLower(e.Path + " " + strings.Join(e.Fields, " "))
	return strings.Contains(all, strings.ToLower(text))
}
