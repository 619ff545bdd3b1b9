package lualib

import (
	"github.com/openimsdk/imctl/bindings/value"
)

func (k *kit) http() Module {
	url := Param{Name: "url", Type: "string", Doc: "the address"}
	common := []Param{
		{Name: "headers", Type: "table<string, any>", Optional: true, Doc: "headers to send"},
		{Name: "query", Type: "table<string, any>", Optional: true, Doc: "parameters to add to the address"},
		{Name: "timeout", Type: "duration", Optional: true, Doc: "the limit of the whole exchange, by default 30s"},
		{Name: "follow", Type: "boolean", Optional: true, Doc: "follow redirects: the default"},
	}
	sending := append([]Param{
		{Name: "body", Type: "string", Optional: true, Doc: "what to send, as it is"},
		{Name: "json", Type: "any", Optional: true, Doc: "what to send as JSON"},
		{Name: "form", Type: "table<string, any>", Optional: true, Doc: "what to send as a form"},
	}, common...)
	response := []Return{{"response", "http.Response", ""}}
	data := Param{Name: "data", Type: "any", Optional: true, Doc: "a text to send as it is, or a table to send as JSON"}
	m := Module{
		Name: "http", Doc: "HTTP to any address. An answer with an error status is an answer, not an error; an address that can't be reached is an error of kind " +
			"unreachable. Answers are at most 64 MiB. --trace shows each exchange, with secrets masked; --dry-run and --read-only refuse all but GET, HEAD and OPTIONS.",
		Classes: []Class{{"http.Response", "An answer.", []Param{
			{Name: "status", Type: "integer", Doc: "200, 404 and so on"}, {Name: "ok", Type: "boolean", Doc: "whether the status is 200 to 299"},
			{Name: "headers", Type: "table<string, string>", Doc: "by their names in small letters; several of one name are joined by a comma"},
			{Name: "body", Type: "string", Doc: "the body, decompressed"}, {Name: "url", Type: "string", Doc: "the address that answered, after redirects"},
			{Name: "ms", Type: "number", Doc: "how long it took"}, {Name: "json", Type: "fun(): any", Doc: "reads the body as JSON"},
		}}},
		Funcs: []Func{
			{Name: "request", Doc: "Sends a request.",
				Example: "local r = http.request{method = \"POST\", url = URL, json = {userID = \"a\"}}\nprint(r.status, r.json().userID)  --> 200\ta",
				Params: []Param{{Name: "request", Type: "table", Doc: "the request", Fields: append([]Param{
					{Name: "url", Type: "string", Doc: "the address"}, {Name: "method", Type: "string", Optional: true, Doc: "by default GET, or POST when there is something to send"},
				}, sending...)}}, Returns: response,
				Run: func(c *Call) (any, error) { return k.httpRequest(c, c.Text("method", "")) }},
			{Name: "get", Doc: "Asks for an address.", Example: "print(http.get(URL, {query = {page = 2}}).status)  --> 200",
				Params: []Param{url, {Name: "options", Type: "table", Optional: true, Doc: "more of the request", Fields: common}}, Returns: response,
				Run: func(c *Call) (any, error) { return k.httpRequest(c, "GET") }},
		},
	}
	for _, method := range []struct{ name, verb, doc string }{
		{"post", "POST", "Posts a text or a table to an address."}, {"put", "PUT", "Puts a text or a table to an address."},
		{"delete", "DELETE", "Deletes what an address names."},
	} {
		m.Funcs = append(m.Funcs, Func{
			Name: method.name, Doc: method.doc, Example: "print(http." + method.name + "(URL, {userID = \"a\"}).json().userID)  --> a",
			Params: []Param{url, data, {Name: "options", Type: "table", Optional: true, Doc: "more of the request", Fields: common}}, Returns: response,
			Run: func(c *Call) (any, error) { return k.httpRequest(c, method.verb) },
		})
	}
	return m
}

// httpBody is what a call sends, and its content type.
func httpBody(c *Call) (body []byte, contentType string, err error) {
	has := func(name string) bool { return c.declares(name) && c.Given(name) }
	var sent []string
	for _, name := range []string{"body", "json", "form", "data"} {
		if has(name) {
			sent = append(sent, name)
		}
	}
	if len(sent) == 0 {
		return nil, "", nil
	}
	if len(sent) > 1 {
		return nil, "", c.Wrong(sent[1], "%s is there too, and only one body can be sent", sent[0])
	}
	switch v := c.Plain(sent[0]); {
	case sent[0] == "form":
		return []byte(queryOf(c.Object("form")).Encode()), "application/x-www-form-urlencoded", nil
	case sent[0] == "json":
		body, err = value.Marshal(v)
	default:
		if text, ok := v.(string); ok {
			return []byte(text), "text/plain; charset=utf-8", nil
		}
		body, err = value.Marshal(v)
	}
	if err != nil {
		return nil, "", c.Wrong(sent[0], "%w", err)
	}
	return body, "application/json", nil
}
