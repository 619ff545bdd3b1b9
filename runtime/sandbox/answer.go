package sandbox

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// Codes that the server puts into errCode (SERVER-BEHAVIOUR §2).
const (
	codeInternal           = 500
	codeArgs               = 1001
	codeNoPermission       = 1002
	codeDuplicateKey       = 1003
	codeNotFound           = 1004
	codeUserIDNotFound     = 1101
	codeRegisteredAlready  = 1102
	codeGroupIDNotFound    = 1201
	codeGroupIDExisted     = 1202
	codeNotInGroup         = 1203
	codeDismissed          = 1204
	codeGroupTypeNoSupport = 1205
	codeGroupRequestDone   = 1206
	codeAddYourself        = 1301
	codeBlockedByPeer      = 1302
	codeNotPeersFriend     = 1303
	codeRelationExists     = 1304
	codeFriendRequestDone  = 1305
	codeMutedInGroup       = 1402
	codeMutedGroup         = 1403
	codeAlreadyRevoked     = 1404
	codeTokenExpired       = 1501
	codeTokenInvalid       = 1502
	codeTokenMalformed     = 1503
	codeTokenNotValidYet   = 1504
	codeTokenUnknown       = 1505
	codeTokenKicked        = 1506
	codeTokenNotExist      = 1507
	codeConnTooMany        = 1601
	codeConnArgs           = 1602
	codeFileExpired        = 1701
)

// errNames are the texts that go into errMsg.
var errNames = map[int]string{
	codeInternal:           "ServerInternalError",
	codeArgs:               "ArgsError",
	codeNoPermission:       "NoPermissionError",
	codeDuplicateKey:       "DuplicateKeyError",
	codeNotFound:           "RecordNotFoundError",
	codeUserIDNotFound:     "UserIDNotFoundError",
	codeRegisteredAlready:  "RegisteredAlreadyError",
	codeGroupIDNotFound:    "GroupIDNotFoundError",
	codeGroupIDExisted:     "GroupIDExisted",
	codeNotInGroup:         "NotInGroupYetError",
	codeDismissed:          "DismissedAlreadyError",
	codeGroupTypeNoSupport: "",
	codeGroupRequestDone:   "GroupRequestHandled",
	codeAddYourself:        "CanNotAddYourselfError",
	codeBlockedByPeer:      "BlockedByPeer",
	codeNotPeersFriend:     "NotPeersFriend",
	codeRelationExists:     "RelationshipAlreadyError",
	codeFriendRequestDone:  "FriendRequestHandled",
	codeMutedInGroup:       "MutedInGroup",
	codeMutedGroup:         "MutedGroup",
	codeAlreadyRevoked:     "MsgAlreadyRevoke",
	codeTokenExpired:       "TokenExpiredError",
	codeTokenInvalid:       "TokenInvalidError",
	codeTokenMalformed:     "TokenMalformedError",
	codeTokenNotValidYet:   "TokenNotValidYetError",
	codeTokenUnknown:       "TokenUnknownError",
	codeTokenKicked:        "TokenKickedError",
	codeTokenNotExist:      "TokenNotExistError",
	codeConnTooMany:        "ConnOverMaxNumLimit",
	codeConnArgs:           "ConnArgsErr",
	codeFileExpired:        "FileUploadedExpiredError",
}

// apiError is an error as the envelope tells it.
type apiError struct {
	status int // HTTP status; 0 is 200
	code   int
	msg    string // "" is the code's own text
	detail string
}

func (e *apiError) Error() string { return e.text() + ": " + e.detail }

func (e *apiError) text() string {
	if e.msg != "" {
		return e.msg
	}
	return errNames[e.code]
}

func fail(code int, detail string) error  { return &apiError{code: code, detail: detail} }
func argsError(detail string) error       { return fail(codeArgs, detail) }
func noPermission(detail string) error    { return fail(codeNoPermission, detail) }
func notFound(detail string) error        { return fail(codeNotFound, detail) }
func uncodedError(detail string) error    { return fail(codeInternal, detail) }
func duplicateKeyError(what string) error { return uncodedError("E11000 duplicate key error: " + what) }
func missingParameter(name string) error  { return argsError(name + " is empty") }
func repeatedParameter(name string) error { return argsError(name + " is repeated") }
func required(name, value string) error   { return requiredIf(value == "", name) }
func requiredIf(missing bool, name string) error {
	if missing {
		return missingParameter(name)
	}
	return nil
}

// first is the first error that isn't nil: checks are written one after the other.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// asAPIError is a copy of err as the envelope tells it: an error without a code is 500.
func asAPIError(err error) *apiError {
	var e *apiError
	if errors.As(err, &e) {
		copied := *e
		return &copied
	}
	return &apiError{code: codeInternal, detail: err.Error()}
}

// rawAnswer is an answer without an envelope.
type rawAnswer struct {
	status      int
	contentType string
	header      map[string]string
	body        string
}

// notFoundPage is the answer for an unknown path.
var notFoundPage = rawAnswer{status: http.StatusNotFound, contentType: "text/plain", body: "404 page not found"}

type envelope struct {
	ErrCode int    `json:"errCode"`
	ErrMsg  string `json:"errMsg"`
	ErrDlt  string `json:"errDlt"`
	Data    any    `json:"data,omitempty"`
}

func (s *Server) answer(c *call, data any, err error) {
	if err != nil {
		e := asAPIError(err)
		status := e.status
		if status == 0 {
			status = http.StatusOK
		}
		s.log.Printf("%s %s op=%s errCode=%d %s", c.r.Method, c.r.URL.Path, c.operationID, e.code, e.detail)
		s.writeJSON(c, status, envelope{ErrCode: e.code, ErrMsg: e.text(), ErrDlt: e.detail})
		return
	}
	if raw, ok := data.(rawAnswer); ok {
		for k, v := range raw.header {
			c.w.Header().Set(k, v)
		}
		if raw.contentType != "" {
			c.w.Header().Set("Content-Type", raw.contentType)
		}
		s.write(c, raw.status, []byte(raw.body))
		return
	}
	s.writeJSON(c, http.StatusOK, envelope{Data: s.spoil(c, data)})
}

func (s *Server) writeJSON(c *call, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		s.log.Printf("answer of %s: %v", c.r.URL.Path, err)
		c.w.WriteHeader(http.StatusInternalServerError)
		return
	}
	c.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	s.write(c, status, body)
}

// write sends a body, as gzip if the client takes it. The level is the shipped
// config's 0, stored without compression (SERVER-BEHAVIOUR §1).
func (s *Server) write(c *call, status int, body []byte) {
	if len(body) == 0 || !strings.Contains(c.r.Header.Get("Accept-Encoding"), "gzip") {
		c.w.WriteHeader(status)
		_, _ = c.w.Write(body) // the client may be gone
		return
	}
	h := c.w.Header()
	h.Set("Content-Encoding", "gzip")
	h.Set("Vary", "Accept-Encoding")
	c.w.WriteHeader(status)
	z, ok := s.gzips.Get().(*gzip.Writer)
	if !ok {
		z, _ = gzip.NewWriterLevel(io.Discard, gzip.NoCompression) // the level is a valid one
	}
	z.Reset(c.w)
	_, _ = z.Write(body)
	_ = z.Close()
	s.gzips.Put(z)
}
