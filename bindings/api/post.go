package api

import (
	"context"
	"encoding/json"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// Envelope is the server's answer as a whole.
type Envelope struct {
	ErrCode     int             `json:"errCode" column:"1" help:"0: done"`
	ErrMsg      string          `json:"errMsg" column:"2" help:"the error's name"`
	ErrDlt      string          `json:"errDlt" column:"3" help:"the error's detail; builds of the server differ in it"`
	Data        json.RawMessage `json:"data,omitempty" column:"4" help:"the data; absent when the answer has none"`
	Status      int             `json:"status" help:"the HTTP status"`
	OperationID string          `json:"operationID" help:"the id of the request, to look for in the server's logs"`
}

func postOp(load loader) bindings.Op {
	return bindings.Op{
		Name: "post", Effect: bindings.Write, EffectOf: effectOf,
		Doc:     "Call an endpoint of the API and return its whole answer, errors of the server included.",
		Example: `api.post("/group/get_groups_info", {groupIDs={"g1"}})`,
		Notes: "Like api.call, for tests of errors: an errCode other than 0 is a result, not an error. A call that no server answers, or that imctl can't log in for, is an error all the same. " +
			"A path that is in none of the API's areas and like none of its paths (an extension's own) is sent unchecked. " + callNotes,
		Preview: bindings.PreviewOf(previewCall),
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p CallParams) (Envelope, error) {
			r, err := p.prepare(load, true)
			if err != nil {
				return Envelope{}, err
			}
			token, err := r.token(ctx, env)
			if err != nil {
				return Envelope{}, err
			}
			ans, err := r.send(ctx, env, token)
			if err == nil {
				return Envelope{Data: ans.Data, Status: ans.Status, OperationID: ans.OperationID}, nil
			}
			e := fault.From(err)
			tokenFree := r.Path == "/auth/get_admin_token" || r.Path == "/auth/parse_token"
			if e.Code == 0 || e.Kind == fault.Auth && token == "" && !tokenFree {
				return Envelope{}, err
			}
			return Envelope{ErrCode: e.Code, ErrMsg: e.Message, ErrDlt: e.Detail, Status: e.Status, OperationID: e.OperationID}, nil
		}),
	}
}
