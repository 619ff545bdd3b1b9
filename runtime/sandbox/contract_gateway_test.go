package sandbox

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// wsCall is the WebSocket part of a gateway case; an `open` step is one too.
type wsCall struct {
	Query   map[string]any
	V       any
	Upgrade *bool
	Path    string
	Script  []wsStep
	Expect  map[string]any
}

type wsStep struct {
	Conn             string
	Open             *wsCall
	Send             *wsSendStep
	SendUncompressed bool
	Recv             map[string]any
	SendText         *string
	RecvText         any
	SendBinaryText   *string
	SendBinarySize   int
	SendControlPing  *string
	RecvControlPong  *string
	RecvClose        bool
	Close            bool
	NoFrame          map[string]any
	ForMS            int `json:"for_ms"`
	HTTP             *contractStep
	WaitMS           int `json:"wait_ms"`
}

type wsSendStep struct {
	GeneralWsReq
	PB *struct {
		Type   string
		Fields any
	}
	DataText *string
}

// gatewayRun is a gateway case at work.
type gatewayRun struct {
	*contractRun
	conns map[string]*wsClient
}

const contractWait = 5 * time.Second

func (run *contractRun) gateway(ctx context.Context, call wsCall, expect map[string]any) error {
	g := &gatewayRun{contractRun: run, conns: map[string]*wsClient{}}
	defer func() {
		for _, c := range g.conns {
			c.close()
		}
	}()
	call.Expect = expect
	if err := g.open(ctx, "", call); err != nil {
		return err
	}
	for i, s := range call.Script {
		if err := g.do(ctx, s); err != nil {
			return fmt.Errorf("script step %d: %w", i+1, err)
		}
	}
	return nil
}

func (g *gatewayRun) query(call wsCall) (url.Values, error) {
	query := url.Values{}
	for k, v := range call.Query {
		filled, err := g.fill(v)
		if err != nil {
			return nil, err
		}
		query.Set(k, fmt.Sprint(filled))
	}
	switch v := call.V.(type) {
	case nil:
	case string:
		query.Set("v", v)
	case map[string]any:
		if text, ok := v["$base64url"].(string); ok {
			query.Set("v", base64.RawURLEncoding.EncodeToString([]byte(text)))
			break
		}
		filled, err := g.fill(v)
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(filled)
		if err != nil {
			return nil, err
		}
		query.Set("v", base64.RawURLEncoding.EncodeToString(text))
	}
	return query, nil
}

func (g *gatewayRun) open(ctx context.Context, name string, call wsCall) error {
	query, err := g.query(call)
	if err != nil {
		return err
	}
	if call.Upgrade != nil && !*call.Upgrade {
		return g.plainGet(ctx, call, query)
	}
	c, resp, err := dialGateway(g.ready.Gateway, call.Path, query)
	if err != nil {
		return err
	}
	m := matcher{saved: g.saved, before: time.Now(), after: time.Now()}
	if c != nil {
		g.conns[name] = c
		if v, ok := call.V.(map[string]any); ok {
			c.js = v["sdkType"] == "js"
		}
	}
	if err := m.oneOfNumbers("httpStatus", call.Expect["httpStatus"], json.Number(fmt.Sprint(resp.StatusCode)), true); err != nil {
		return err
	}
	if want, ok := call.Expect["envelope"]; ok {
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		if err := matchJSON(m, "envelope", want, body); err != nil {
			return err
		}
	}
	if want, ok := call.Expect["firstText"]; ok {
		text, err := next(c.texts, contractWait)
		if err != nil {
			return err
		}
		if err := matchJSON(m, "firstText", want, []byte(text)); err != nil {
			return err
		}
	}
	if call.Expect["thenClose"] == true {
		_, err := next(c.closed, contractWait)
		return err
	}
	return nil
}

func (g *gatewayRun) plainGet(ctx context.Context, call wsCall, query url.Values) error {
	target := "http" + strings.TrimPrefix(g.ready.Gateway, "ws") + "/" + strings.TrimPrefix(call.Path, "/") + "?" + query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	resp, err := g.client.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	m := matcher{saved: g.saved}
	return m.oneOfNumbers("httpStatus", call.Expect["httpStatus"], json.Number(fmt.Sprint(resp.StatusCode)), true)
}

func matchJSON(m matcher, where string, want any, text []byte) error {
	var got any
	if err := decodeExact(text, &got); err != nil {
		return fmt.Errorf("%s %q: %w", where, text, err)
	}
	return m.match(where, want, got, true)
}

func (g *gatewayRun) do(ctx context.Context, s wsStep) error {
	switch {
	case s.WaitMS > 0:
		time.Sleep(time.Duration(s.WaitMS) * time.Millisecond)
		return nil
	case s.HTTP != nil:
		expect := s.HTTP.Expect
		if expect == nil {
			expect = map[string]any{"status": json.Number("200"), "errCode": json.Number("0")}
		}
		return g.step(ctx, *s.HTTP, expect, s.HTTP.Eventually)
	case s.Open != nil:
		return g.open(ctx, s.Conn, *s.Open)
	}
	c := g.conns[s.Conn]
	if c == nil {
		return fmt.Errorf("no connection %q", s.Conn)
	}
	switch {
	case s.Send != nil:
		return g.send(c, s)
	case s.Recv != nil:
		return g.receive(c, s)
	case s.SendText != nil:
		return c.write(websocket.TextMessage, []byte(*s.SendText))
	case s.RecvText != nil:
		text, err := next(c.texts, contractWait)
		if err != nil {
			return err
		}
		return matchJSON(matcher{saved: g.saved}, "text", s.RecvText, []byte(text))
	case s.SendBinaryText != nil:
		return c.write(websocket.BinaryMessage, []byte(*s.SendBinaryText))
	case s.SendBinarySize > 0:
		return c.write(websocket.BinaryMessage, make([]byte, s.SendBinarySize))
	case s.SendControlPing != nil:
		return c.write(websocket.PingMessage, []byte(*s.SendControlPing))
	case s.RecvControlPong != nil:
		data, err := next(c.pongs, contractWait)
		if err == nil && data != *s.RecvControlPong {
			err = fmt.Errorf("pong %q, want %q", data, *s.RecvControlPong)
		}
		return err
	case s.RecvClose:
		_, err := next(c.closed, contractWait)
		return err
	case s.Close:
		c.close()
		return nil
	case s.NoFrame != nil:
		_, err := c.receive(time.Duration(s.ForMS)*time.Millisecond, func(a wsAnswer) error {
			return matcher{}.match("reqIdentifier", s.NoFrame["reqIdentifier"], json.Number(fmt.Sprint(a.ReqIdentifier)), true)
		})
		if err == nil {
			return errors.New("such a frame came")
		}
		return nil
	}
	return errors.New("unknown step")
}

func (g *gatewayRun) send(c *wsClient, s wsStep) error {
	r := s.Send.GeneralWsReq
	if s.Send.DataText != nil {
		r.Data = []byte(*s.Send.DataText)
	}
	if pb := s.Send.PB; pb != nil {
		fields, err := g.fill(keepBytes(pb.Fields))
		if err != nil {
			return err
		}
		if r.Data, err = encodeMessage(pb.Type, fields); err != nil {
			return err
		}
	}
	if s.SendUncompressed {
		plain, err := c.encode(r)
		if err != nil {
			return err
		}
		return c.write(websocket.BinaryMessage, plain)
	}
	return c.request(r)
}

// keepBytes makes bytes survive the filling of templates.
func keepBytes(v any) any {
	switch x := v.(type) {
	case []any:
		for i := range x {
			x[i] = keepBytes(x[i])
		}
	case map[string]any:
		if text, ok := x["$utf8"].(string); ok {
			return base64.StdEncoding.EncodeToString([]byte(text))
		}
		for k := range x {
			x[k] = keepBytes(x[k])
		}
	}
	return v
}

// asText takes bytes in a pattern as text, as decodeMessage gives them.
func asText(v any) any {
	switch x := v.(type) {
	case []any:
		for i := range x {
			x[i] = asText(x[i])
		}
	case map[string]any:
		if text, ok := x["$utf8"].(string); ok {
			return escaped{text}
		}
		for k := range x {
			x[k] = asText(x[k])
		}
	}
	return v
}

func (g *gatewayRun) receive(c *wsClient, s wsStep) error {
	within := contractWait
	if ms, ok := s.Recv["within_ms"].(json.Number); ok { // it stands beside the pattern
		n, err := ms.Int64()
		if err != nil {
			return err
		}
		within = time.Duration(n) * time.Millisecond
	}
	m := matcher{saved: g.saved, before: time.Now(), after: time.Now()}
	want := map[string]any{"errCode": json.Number("0")}
	for k, v := range s.Recv {
		want[k] = v
	}
	pb, _ := want["pb"].(map[string]any)
	delete(want, "pb")
	delete(want, "within_ms")
	fields := asText(pb["fields"])
	_, err := c.receive(within, func(a wsAnswer) error {
		got := map[string]any{
			"reqIdentifier": json.Number(fmt.Sprint(a.ReqIdentifier)), "errCode": json.Number(fmt.Sprint(a.ErrCode)),
			"errMsg": a.ErrMsg, "msgIncr": a.MsgIncr, "operationID": a.OperationID, "data": string(a.Data),
		}
		if err := m.match("frame", want, got, true); err != nil || pb == nil {
			return err
		}
		message, err := decodeMessage(fmt.Sprint(pb["type"]), a.Data)
		if err != nil {
			return err
		}
		m.after = time.Now()
		return m.match("pb", fields, message, true)
	})
	return err
}
