package api

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
)

// schema is api.json.
type schema struct {
	Endpoints []*endpoint         `json:"endpoints"`
	Messages  map[string]*message `json:"messages"`

	byPath map[string]*endpoint
	forms  ruleForms
}

type endpoint struct {
	Path     string   `json:"path"`
	Area     string   `json:"area"`
	Method   string   `json:"method"`
	RPC      string   `json:"rpc"`
	Request  message  `json:"request"`
	Response message  `json:"response"`
	Required []string `json:"required"`
	Rules    []string `json:"rules"`
	Access   string   `json:"access"`
	Token    bool     `json:"token"`
	Since    string   `json:"since"`
	Notes    string   `json:"notes"`
}

type message struct {
	Message string  `json:"message"`
	Shape   string  `json:"shape"` // empty: an object with the fields
	Fields  []field `json:"fields"`
}

type field struct {
	Name     string `json:"name"`
	Type     string `json:"type"` // string, bool, int32, int64, uint32, uint64, message, map, …
	Message  string `json:"message"`
	Key      string `json:"key"`
	Encoding string `json:"encoding"`
	Repeated bool   `json:"repeated"`
	Nullable bool   `json:"nullable"`
}

func parseSchema(data []byte) (*schema, error) {
	s := &schema{forms: newRuleForms()}
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fault.New(fault.Internal, "the schema of the API can't be read: %w", err)
	}
	s.byPath = make(map[string]*endpoint, len(s.Endpoints))
	for _, e := range s.Endpoints {
		s.byPath[e.Path] = e
	}
	return s, nil
}

// find returns the endpoint at the path. Under GET the object route matches every object's name.
func (s *schema) find(path, method string) (*endpoint, error) {
	if e, ok := s.byPath[path]; ok {
		return e, nil
	}
	if method == http.MethodGet && strings.HasPrefix(path, "/object/") && len(path) > len("/object/") {
		return s.byPath["/object/*name"], nil
	}
	var paths []string
	for _, e := range s.Endpoints {
		paths = append(paths, e.Path)
	}
	hint := "api.endpoints lists the paths; raw=true sends to any path, unchecked"
	if path != "" && !strings.HasPrefix(path, "/") {
		if _, ok := s.byPath["/"+path]; ok {
			return nil, fault.New(fault.Usage, "no endpoint %s; did you mean /%s?", path, path).WithHint("%s", hint)
		}
	}
	return nil, fault.New(fault.Usage, "no endpoint %s%s", path, fault.DidYouMean(path, paths)).WithHint("%s", hint)
}

// foreign tells whether the path is like nothing that the server has: in none of its areas, and near to no path.
func (s *schema) foreign(path string) bool {
	if !strings.HasPrefix(path, "/") {
		return false
	}
	first, _, _ := strings.Cut(path[1:], "/")
	var paths []string
	for _, e := range s.Endpoints {
		if area, _, _ := strings.Cut(e.Path[1:], "/"); area == first {
			return false
		}
		paths = append(paths, e.Path)
	}
	return fault.Nearest(path, paths) == ""
}

// fields are the fields of a nested message.
func (s *schema) fields(name string) []field {
	if m, ok := s.Messages[name]; ok {
		return m.Fields
	}
	return nil
}

// kind is the type of a field as users read it.
func (f field) kind() string {
	t := f.Type
	switch f.Type {
	case "message":
		t = "object"
	case "map":
		t = "object of " + f.Message
		if f.Message == "any" {
			t = "object"
		}
	}
	if f.Encoding != "" {
		t += " (" + f.Encoding + ")"
	}
	if f.Repeated {
		t = "list of " + t
	}
	return t
}
