package openim

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/openimsdk/imctl/bindings/fault"
)

// shown is how much of a bad answer an error shows, in bytes.
const shown = 200

type tooLargeError struct{ limit int64 }

func (e *tooLargeError) Error() string {
	return fmt.Sprintf("the answer is longer than %d bytes", e.limit)
}

// readBody reads the whole answer, decompressed and up to the cap. The transport has undone gzip already, unless the
// caller's own transport leaves that to us.
func (c *Client) readBody(res *http.Response) ([]byte, error) {
	defer res.Body.Close()
	var from io.Reader = res.Body
	size := res.ContentLength
	if res.Header.Get("Content-Encoding") == "gzip" && !res.Uncompressed {
		zr, err := gzip.NewReader(res.Body)
		if err != nil {
			return nil, err
		}
		defer zr.Close()
		from, size = zr, -1
	}
	if size > c.maxAnswer {
		return nil, &tooLargeError{c.maxAnswer}
	}
	if size >= 0 && size <= 1<<20 {
		buf := make([]byte, size)
		n, err := io.ReadFull(from, buf)
		return buf[:n], err
	}
	buf := bytes.NewBuffer(make([]byte, 0, 4<<10))
	_, err := buf.ReadFrom(io.LimitReader(from, c.maxAnswer+1))
	if err == nil && int64(buf.Len()) > c.maxAnswer {
		return nil, &tooLargeError{c.maxAnswer}
	}
	return buf.Bytes(), err
}

// judge tells a good answer from an error answer and from no answer of OpenIM at all (SERVER-BEHAVIOUR §2). Nothing is
// read out of a body before the whole of it is valid JSON: a cut one would give an errCode of 0.
func (c *Client) judge(r *request, res *http.Response, body []byte) (*Answer, *failure) {
	ans := &Answer{OperationID: r.operationID, Status: res.StatusCode, Header: res.Header}
	if r.bare && res.StatusCode < 400 {
		if res.StatusCode >= 300 && res.Header.Get("Location") != "" {
			return ans, nil
		}
		if !validJSON(body) {
			return nil, c.badAnswer(r, res, body, "not JSON")
		}
		ans.Data = body
		return ans, nil
	}
	env, flaw := parseEnvelope(body)
	switch {
	case res.StatusCode == http.StatusTooManyRequests:
		return nil, c.tooMany(r, res, env)
	case flaw != "":
		return nil, c.badAnswer(r, res, body, flaw)
	case env.code != 0:
		return nil, &failure{err: c.apiError(r, res, env)}
	case res.StatusCode >= 300:
		return nil, c.badAnswer(r, res, body, "errCode 0 with an error status")
	}
	ans.Data = env.data
	return ans, nil
}

type envelope struct {
	code     int
	msg, dlt string
	data     json.RawMessage
}

// parseEnvelope reads the envelope; flaw says what makes the body none.
func parseEnvelope(body []byte) (env envelope, flaw string) {
	head := bytes.TrimLeft(body, " \t\r\n")
	switch {
	case len(head) == 0:
		return env, "an empty body"
	case !validJSON(body) && (head[0] == '{' || head[0] == '['):
		return env, "broken or cut JSON"
	case head[0] == '{':
	case validJSON(body):
		return env, "JSON without an envelope"
	default:
		return env, "not JSON"
	}
	flaw = "JSON without errCode"
	gjson.ParseBytes(body).ForEach(func(k, v gjson.Result) bool {
		switch k.Str {
		case "errCode":
			code, err := strconv.Atoi(v.Raw)
			if err != nil || v.Type != gjson.Number {
				flaw = "an errCode that is no whole number"
				return false
			}
			env.code, flaw = code, ""
		case "errMsg":
			env.msg = v.String()
		case "errDlt":
			env.dlt = v.String()
		case "data":
			env.data = body[v.Index : v.Index+len(v.Raw)]
		}
		return true
	})
	return env, flaw
}

// validJSON also refuses what is nested so deep that reading it would exhaust the stack.
func validJSON(body []byte) bool {
	if len(body) > 64<<10 && deeperThan(body, 10_000) {
		return false
	}
	return gjson.ValidBytes(body)
}

func deeperThan(body []byte, limit int) bool {
	depth, inString := 0, false
	for i := 0; i < len(body); i++ {
		switch b := body[i]; {
		case inString && b == '\\':
			i++
		case b == '"':
			inString = !inString
		case inString:
		case b == '{' || b == '[':
			if depth++; depth > limit {
				return true
			}
		case b == '}' || b == ']':
			depth--
		}
	}
	return false
}

// apiError is the server's own refusal.
func (c *Client) apiError(r *request, res *http.Response, env envelope) *fault.Error {
	info, _ := Explain(env.code)
	e := &fault.Error{
		Kind: kindOf(env, info), Code: env.code, Message: printable(c.Mask(env.msg)), Detail: printable(c.Mask(env.dlt)),
		OperationID: r.operationID, Status: res.StatusCode, Hint: info.Hint,
	}
	if e.Message == "" {
		if e.Message = info.Name; e.Message == "" {
			e.Message = "the server refused without a message"
		}
	}
	if e.Detail == e.Message {
		e.Detail = ""
	}
	if e.Kind == fault.NotFound && env.code == codeInternal {
		e.Hint = "" // the hint of 500 is about faults of the server, and this is none
	}
	return e
}

// tooMany is the answer of a rate limiter, the server's or a proxy's: the request was refused unread.
func (c *Client) tooMany(r *request, res *http.Response, env envelope) *failure {
	f := &failure{repeat: always, after: retryAfter(res.Header.Get("Retry-After"), time.Now())}
	f.err = &fault.Error{
		Kind: fault.API, Code: env.code, Message: "too many requests", Detail: printable(c.Mask(env.msg)),
		OperationID: r.operationID, Status: res.StatusCode,
		Hint: "send fewer requests at a time (--rate), or raise the server's rate limit",
	}
	if f.err.Code == 0 {
		f.err.Code = http.StatusTooManyRequests
	}
	if f.after > 0 {
		f.err.Hint = fmt.Sprintf("the server asks to wait %s; ", f.after) + f.err.Hint
	}
	return f
}

// retryAfter reads the header's seconds or date; 0 when it has none.
func retryAfter(text string, now time.Time) time.Duration {
	if s, err := strconv.ParseUint(strings.TrimSpace(text), 10, 31); err == nil {
		return time.Duration(s) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now).Round(time.Second))
	}
	return 0
}
