package sandbox

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/websocket"
	"github.com/openimsdk/protocol/sdkws"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Where targeted faults strike: REST answers, handshakes, connections, answers of
// requests, pushes.

// restFault is the failure that a REST call meets before its handler.
func (s *Server) restFault(c *call) (any, error, bool) {
	path := c.r.URL.Path
	if code, ok := s.faults.number("rest-errcode", path, c.userID); ok {
		return nil, injected(code), true
	}
	if status, ok := s.faults.number("rest-status", path, c.userID); ok {
		answer := rawAnswer{status: status}
		if status == http.StatusNotFound {
			answer = notFoundPage
		}
		return answer, nil, true
	}
	return nil, nil, false
}

func injected(code int) error { return fail(code, "fault injected") }

// spoil takes away what faults say from the data of an answer.
func (s *Server) spoil(c *call, data any) any {
	path := c.r.URL.Path
	if !s.faults.has("rest-") {
		return data
	}
	if s.faults.strikes("rest-nodata", path, c.userID) {
		return nil
	}
	drop, null := s.faults.hits("rest-drop", path, c.userID), s.faults.hits("rest-null", path, c.userID)
	if len(drop)+len(null) == 0 {
		return data
	}
	var fields map[string]json.RawMessage
	text, err := json.Marshal(data)
	if err != nil || json.Unmarshal(text, &fields) != nil {
		return data // no object: it has no fields
	}
	for _, name := range drop {
		delete(fields, name)
	}
	for _, name := range null {
		fields[name] = json.RawMessage("null")
	}
	return fields
}

// handshakeFault answers a handshake that is to fail outside of the WebSocket.
func (g *gateway) handshakeFault(w http.ResponseWriter, user string) bool {
	if g.faults.strikes("ws-hangup", "", user) {
		panic(http.ErrAbortHandler) // net/http closes the connection
	}
	if status, ok := g.faults.number("ws-status", "", user); ok {
		w.WriteHeader(status)
		return true
	}
	if code, ok := g.faults.number("ws-refuse-http", "", user); ok {
		g.refuse(w, injected(code))
		return true
	}
	return false
}

// suffer gives a new connection its faults.
func (c *session) suffer() {
	f := c.gw.faults
	if !f.has("ws-") {
		return
	}
	strikes := func(name string) bool { return f.strikes(name, "", c.userID) }
	if strikes("ws-plain") {
		c.out.gzip = false
	}
	if strikes("ws-wrong-encoding") {
		c.out.js = !c.out.js
	}
	c.quiet, c.noPong = strikes("ws-quiet"), strikes("ws-no-pong")
	if when, ok := f.hit("ws-cut-after", "", c.userID); ok {
		if n, err := strconv.Atoi(when); err == nil {
			c.cutAfter = n
		} else {
			c.later(when, c.end)
		}
	}
	if when, ok := f.hit("ws-text-ping", "", c.userID); ok {
		c.later(when, func() { c.send(outFrame{websocket.TextMessage, []byte(`{"type":"ping"}`)}) })
	}
	if when, ok := f.hit("ws-ping", "", c.userID); ok {
		c.later(when, func() { c.send(outFrame{websocket.PingMessage, nil}) })
	}
}

// later does something some time after the handshake, if the connection lives so long.
func (c *session) later(when string, do func()) {
	d, _ := time.ParseDuration(when) // it was checked
	c.timers = append(c.timers, time.AfterFunc(d, do))
}

// requestFault is what befalls a request: it is dropped, cuts the connection, or fails.
func (c *session) requestFault(id string) (dropped, cut bool, err error) {
	f := c.gw.faults
	if code, ok := f.number("ws-errcode", id, c.userID); ok {
		err = injected(code)
	}
	return f.strikes("ws-silent", id, c.userID), f.strikes("ws-cut", id, c.userID), err
}

// spoilAnswer takes away what faults say from the data of an answer.
func (c *session) spoilAnswer(id string, data []byte) []byte {
	f := c.gw.faults
	if f.strikes("ws-nodata", id, c.userID) {
		return nil
	}
	for _, name := range f.hits("ws-drop", id, c.userID) {
		data = withoutField(data, sendAnswerFields[name])
	}
	return data
}

// sendAnswerFields are the fields of msg.SendMsgResp.
var sendAnswerFields = map[string]protowire.Number{"serverMsgID": 1, "clientMsgID": 2, "sendTime": 3}

func withoutField(data []byte, field protowire.Number) []byte {
	out := []byte{}
	for len(data) > 0 {
		n, _, size := protowire.ConsumeField(data)
		if size < 0 {
			return out
		}
		if n != field {
			out = append(out, data[:size]...)
		}
		data = data[size:]
	}
	return out
}

// pushFault changes a message that is pushed to a user; false is that it isn't pushed.
func (g *gateway) pushFault(m *sdkws.MsgData, user string) bool {
	f := g.faults
	if f.strikes("push-lose", "", user) || user == m.SendID && f.strikes("push-not-sender", "", user) {
		return false
	}
	for _, name := range f.hits("push-off", "", user) {
		options := map[string]bool{name: false}
		for k, v := range m.Options {
			if k != name {
				options[k] = v
			}
		}
		m.Options = options
	}
	for _, name := range f.hits("push-drop", "", user) {
		r := m.ProtoReflect()
		if field := r.Descriptor().Fields().ByName(protoreflect.Name(name)); field != nil {
			r.Clear(field)
		}
	}
	return true
}
