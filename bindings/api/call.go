package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// CallParams is one call of the API.
type CallParams struct {
	Path       string            `json:"path" arg:"1,required" help:"the endpoint, such as /group/get_groups"`
	Body       *value.Object     `json:"body" arg:"2" help:"the request; left out: an empty one"`
	Raw        bool              `json:"raw" help:"send path and body as they are, unchecked"`
	Method     string            `json:"method" enum:"GET,POST" help:"the HTTP method; left out: the endpoint's own"`
	Query      map[string]string `json:"urlQuery" help:"URL query parameters"`
	As         *bindings.Secret  `json:"as" help:"a user's token to call with, in place of the admin's"`
	UserID     *string           `json:"userID" help:"call as this user, with a fresh token"`
	PlatformID int64             `json:"platformID" min:"1" help:"the platform of that token, 1 to 12; needed with userID"`
}

const callNotes = "The path and the body are checked against the server's schema before anything is sent: names, types, required fields, and the rules that can be checked. " +
	"raw=true sends both as they are. Data is exact: [], {}, null and 64-bit digits go out and come back as they are; an empty Lua table is sent as the list or the object that the field wants. " +
	"A path whose name reads (get_, search_, is_ …) counts as a read, one that deletes or ends something asks first, every other one is a write. " +
	"userID gets a fresh token, which ends the sessions that the user has on that platform: as= with a token that you hold does not. " +
	"/restart and /config/reset_config are expected to crash a server without etcd."

func callOp(load loader) bindings.Op {
	return bindings.Op{
		Name: "call", Effect: bindings.Write, EffectOf: effectOf,
		Doc:     "Call an endpoint of the API and return the data of its answer.",
		Example: `api.call("/group/get_groups_info", {groupIDs={"g1"}})`,
		Notes:   callNotes + " Data of an answer without any is nothing; a redirect gives {status, location}.",
		Preview: bindings.PreviewOf(previewCall),
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p CallParams) (any, error) {
			r, err := p.prepare(load, false)
			if err != nil {
				return nil, err
			}
			token, err := r.token(ctx, env)
			if err != nil {
				return nil, err
			}
			ans, err := r.send(ctx, env, token)
			if err != nil {
				return nil, err
			}
			if where := ans.Header.Get("Location"); where != "" && ans.Status >= 300 && ans.Status < 400 {
				return value.NewObject("status", int64(ans.Status), "location", where), nil
			}
			return plain(ans)
		}),
	}
}

func previewCall(_ context.Context, _ *bindings.Env, p CallParams) (bindings.Preview, error) {
	return bindings.Preview{Count: 1, Sample: []string{p.Path}, Text: "call " + p.Path}, nil
}

// effectOf is the effect of a call by its path.
func effectOf(params any) bindings.Effect {
	p := params.(*CallParams)
	switch {
	case p.Method == http.MethodGet || !openim.Writes(p.Path):
		if p.UserID != nil { // a fresh token ends the user's sessions on that platform
			return bindings.Write
		}
		return bindings.Read
	case destroys(p.Path):
		return bindings.Destroy
	}
	return bindings.Write
}

// destroys tells whether what a call does can't be undone by another call.
func destroys(path string) bool {
	last := path[strings.LastIndex(path, "/")+1:]
	for _, prefix := range []string{"delete_", "del_", "dismiss_", "clear_", "user_clear_", "revoke_", "reset_", "restart"} {
		if strings.HasPrefix(last, prefix) {
			return true
		}
	}
	return path == "/third/logs/delete"
}

// request is a call that was checked.
type request struct {
	CallParams
	get bool
}

// prepare checks the call. Lenient lets a path pass that is like none of the server's own.
func (p CallParams) prepare(load loader, lenient bool) (request, error) {
	r := request{CallParams: p, get: p.Method == http.MethodGet}
	switch {
	case p.As != nil && p.UserID != nil:
		return r, fault.New(fault.Usage, "as and userID are both given; a call has one token")
	case p.As != nil && strings.TrimSpace(string(*p.As)) == "":
		return r, fault.New(fault.Usage, "as is blank: nothing was sent, and not with the admin's token either")
	case p.UserID != nil && strings.TrimSpace(*p.UserID) == "":
		return r, fault.New(fault.Usage, "userID is blank: nothing was sent, and not with the admin's token either")
	case p.UserID != nil && p.PlatformID == 0:
		return r, fault.New(fault.Usage, "missing field platformID: the platform of the token for %s", *p.UserID).
			WithHint("a fresh token ends the sessions that the user has on that platform")
	case p.UserID == nil && p.PlatformID != 0:
		return r, fault.New(fault.Usage, "platformID goes with userID")
	case p.PlatformID > 12:
		return r, fault.New(fault.Usage, "platformID: want 1 to 12, got %d", p.PlatformID)
	}
	if r.Body == nil {
		r.Body = value.NewObject()
	}
	if p.Raw {
		return r, nil
	}
	s, err := load()
	if err != nil {
		return r, err
	}
	e, err := s.find(p.Path, p.Method)
	if err != nil {
		if lenient && s.foreign(p.Path) {
			return r, nil
		}
		return r, err
	}
	if p.Method != "" && p.Method != e.Method {
		return r, fault.New(fault.Usage, "%s is a %s, not a %s", e.Path, e.Method, p.Method)
	}
	if r.get = e.Method == http.MethodGet; strings.Contains(p.Path, "*") {
		return r, fault.New(fault.Usage, "%s stands for the objects' own names", p.Path).
			WithHint(`api.call("/object/alice/a.png", {}, {method="GET"})`)
	}
	if r.get {
		if r.Body.Len() > 0 {
			return r, fault.New(fault.Usage, "%s is a GET and takes no body", e.Path).WithHint("its parameters go into urlQuery")
		}
		return r, nil
	}
	r.Body, err = s.check(e, r.Body)
	return r, err
}

// send sends the call; the token is that of a user, or "" for the admin's.
func (r request) send(ctx context.Context, env *bindings.Env, token string) (*openim.Answer, error) {
	var opts []openim.Option
	if r.get {
		opts = append(opts, openim.Method(http.MethodGet))
	}
	if len(r.Query) > 0 {
		q := url.Values{}
		for k, v := range r.Query {
			q.Set(k, v)
		}
		opts = append(opts, openim.Query(q))
	}
	switch {
	case token != "":
		opts = append(opts, openim.As(token))
	case r.get: // the server never checks one on a GET
		opts = append(opts, openim.NoToken())
	}
	if r.get {
		return env.API.Call(ctx, r.Path, nil, opts...)
	}
	return env.API.Call(ctx, r.Path, r.Body, opts...)
}

// token is the user token to call with; "" means the admin's.
func (r request) token(ctx context.Context, env *bindings.Env) (string, error) {
	switch {
	case r.As != nil:
		return string(*r.As), nil
	case r.UserID == nil:
		return "", nil
	}
	type answer struct {
		Token string `json:"token"`
	}
	a, err := openim.Do[answer](ctx, env.API, "/auth/get_user_token",
		value.NewObject("userID", *r.UserID, "platformID", r.PlatformID))
	if err == nil && a.Token == "" {
		err = fault.New(fault.API, "the server gave an empty token for %s", *r.UserID)
	}
	return a.Token, err
}

// plain is the data of an answer; nil when it has none.
func plain(ans *openim.Answer) (any, error) {
	if len(ans.Data) == 0 {
		return nil, nil
	}
	v, err := value.Parse(ans.Data)
	if err != nil {
		return nil, fault.New(fault.API, "the answer's data can't be read: %w", err)
	}
	return v, nil
}
