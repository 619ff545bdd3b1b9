// Package fault is the error value of imctl: one type with a kind, a cause and a hint, which Lua scripts read as a
// table and which decides the exit code of the process. Everything below runtime returns its errors as *Error.
package fault

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Kind says what sort of failure an error is. Scripts branch on it (`e.kind == "not_found"`).
type Kind string

// The kinds. Each has one exit code (ExitCode).
const (
	Usage       Kind = "usage"       // the call itself is wrong: a field, a flag, a name
	Auth        Kind = "auth"        // credentials are missing or were refused
	NotFound    Kind = "not_found"   // the thing named does not exist
	Exists      Kind = "exists"      // the thing to make is there already
	Denied      Kind = "denied"      // refused for safety, by a guard of ours or by the server
	API         Kind = "api"         // the server refused for a reason of its own
	Unreachable Kind = "unreachable" // no OpenIM server answered at the address
	Timeout     Kind = "timeout"     // a time limit ended it
	Partial     Kind = "partial"     // some rows were done, some were not
	Unsupported Kind = "unsupported" // this server or this configuration can't do it
	Canceled    Kind = "canceled"    // interrupted by the user
	Script      Kind = "script"      // a Lua script raised it or failed by itself
	Internal    Kind = "internal"    // a fault of imctl
)

// Error is the error value. Only Kind and Message are always set.
type Error struct {
	Kind        Kind   `json:"kind"`
	Op          string `json:"op,omitempty"`          // the operation, "user.add"
	Code        int    `json:"code,omitempty"`        // the server's errCode (SERVER-BEHAVIOUR §2)
	Message     string `json:"message"`               // what failed, in lower case
	Detail      string `json:"detail,omitempty"`      // the server's errDlt, or the first bytes of a bad answer
	OperationID string `json:"operationID,omitempty"` // the request id to look for in the server's logs
	Status      int    `json:"status,omitempty"`      // the HTTP status
	Retryable   bool   `json:"retryable,omitempty"`   // the same call may succeed later
	Hint        string `json:"hint,omitempty"`        // what the user can do about it
	Cause       error  `json:"-"`
}

// New makes an error of a kind; the format may hold %w.
func New(kind Kind, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: kind, Message: err.Error(), Cause: errors.Unwrap(err)}
}

// WithHint sets the hint and returns the error, for use in a return statement.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// Error is the one-line text: what failed, with the server's code and words, and the operationID.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Op != "" {
		b.WriteString(e.Op + ": ")
	}
	b.WriteString(e.Message)
	if e.Code != 0 {
		fmt.Fprintf(&b, " (errCode %d)", e.Code)
	}
	if e.Detail != "" && !strings.Contains(e.Message, e.Detail) {
		b.WriteString(": " + e.Detail)
	}
	if e.Status != 0 && e.Status != 200 {
		fmt.Fprintf(&b, " [HTTP %d]", e.Status)
	}
	if e.OperationID != "" {
		b.WriteString(" [operationID " + e.OperationID + "]")
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Cause }

// From turns any error into an *Error: a context's end becomes timeout or canceled, anything unknown is internal.
// nil stays nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		if err == error(e) {
			return e
		}
		copied := *e
		copied.Message, copied.Cause = strings.TrimSuffix(err.Error(), e.Error())+e.Message, err
		return &copied
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Kind: Timeout, Message: "time limit reached", Detail: detail(err, context.DeadlineExceeded), Cause: err}
	case errors.Is(err, context.Canceled):
		return &Error{Kind: Canceled, Message: "interrupted", Detail: detail(err, context.Canceled), Cause: err}
	}
	return &Error{Kind: Internal, Message: err.Error(), Cause: err}
}

func detail(err, base error) string {
	if err.Error() == base.Error() {
		return ""
	}
	return err.Error()
}

// Is tells whether err is an *Error of the kind.
func Is(err error, kind Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}
