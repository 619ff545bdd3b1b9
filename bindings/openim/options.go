package openim

import (
	"net/http"
	"net/url"
	"time"
)

// Option changes one call.
type Option func(*request)

// As sends the call with a user's token in place of the admin token. Such a token is never renewed.
func As(token string) Option {
	return func(r *request) { r.auth, r.token = authGiven, token }
}

// NoToken sends the call without a token.
func NoToken() Option {
	return func(r *request) { r.auth = authNone }
}

// Header sets a request header; an empty value leaves the header out, also one that the client sets by itself.
func Header(key, val string) Option {
	return func(r *request) {
		if r.header == nil {
			r.header = http.Header{}
		}
		r.header.Set(key, val)
	}
}

// Query adds a query string.
func Query(q url.Values) Option {
	return func(r *request) { r.query = q.Encode() }
}

// WithTimeout limits each try of this call, in place of Config.Timeout.
func WithTimeout(d time.Duration) Option {
	return func(r *request) { r.timeout, r.timeoutSource = d, "set for this call" }
}

// Method sends another method than POST. A GET has no body and counts as a read.
func Method(m string) Option {
	return func(r *request) { r.method = m }
}

// OperationID sets the request id, in place of a fresh one.
func OperationID(id string) Option {
	return func(r *request) { r.operationID = id }
}

// Bare says that the answer has no envelope: Answer.Data is the whole body, which must be JSON, and a redirect is an
// answer (its Location is in Answer.Header). GET routes are bare by themselves.
func Bare() Option {
	return func(r *request) { r.bare = true }
}
