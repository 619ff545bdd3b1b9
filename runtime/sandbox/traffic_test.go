package sandbox

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// record is one line of testdata/traffic: what real clients did against a stub (the
// page REAL-CLIENTS tells how it was taken). Answers in it are the stub's.
type record struct {
	N             int
	Kind, Dir     string
	User          string
	Conn          int
	Params        map[string]string
	Refused       string
	ReqIdentifier int
	SendID, Token string
	MsgIncr       string
	OperationID   string
	Opcode        string
	Text, Payload string
	RawFrame      []byte
	Data          any
	Method, Path  string
	Body          json.RawMessage
	Headers       map[string]any
	Resp          any
}

var trafficFiles = []string{
	"native-3.8.3-patch.15", "wasm-3.8.5", "wasm-3.8.5-reconnect-refused", "js-0.0.14", "js-0.0.14-more", "login-sync-chat",
}

func readTraffic(t testing.TB, name string) []record {
	t.Helper()
	text, err := os.ReadFile("../../testdata/traffic/" + name + ".jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var records []record
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r record
		if err := decodeExact(lines.Bytes(), &r); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		records = append(records, r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return records
}

// encodingOf is what a client asked for in its handshake.
func encodingOf(file string) encoding {
	if strings.HasPrefix(file, "js-") {
		return encoding{js: true}
	}
	return encoding{gzip: true}
}

// requestTypes and answerTypes are the protobuf types of each request.
var (
	requestTypes = map[int]string{
		wsNewestSeq: "sdkws.GetMaxSeqReq", wsPullRange: "sdkws.PullMessageBySeqsReq", wsSend: "sdkws.MsgData",
		wsPullSeqs: "msg.GetSeqMessageReq", wsReadAndMax: "msg.GetConversationsHasReadAndMaxSeqReq",
		wsLogout: "push.DelUserPushTokenReq", wsBackground: "sdkws.SetAppBackgroundStatusReq", wsSubscribe: "sdkws.SubUserOnlineStatus",
	}
	answerTypes = map[int]string{
		wsNewestSeq: "sdkws.GetMaxSeqResp", wsPullRange: "sdkws.PullMessageBySeqsResp", wsSend: "msg.SendMsgResp",
		wsPullSeqs: "msg.GetSeqMessageResp", wsReadAndMax: "msg.GetConversationsHasReadAndMaxSeqResp",
		wsSubscribe: "sdkws.SubUserOnlineStatusTips", wsPush: "sdkws.PushMessages",
	}
)

// alike compares decoded protobuf with a record of it, where zero values are left out
// and 64-bit numbers may be text.
func alike(got, want any) error {
	switch g := got.(type) {
	case map[string]any:
		w, ok := want.(map[string]any)
		if !ok && want != nil {
			return fmt.Errorf("%s, recorded %s", brief(got), brief(want))
		}
		for k := range w {
			if _, ok := g[k]; !ok {
				return fmt.Errorf("no field %s", k)
			}
		}
		for k, v := range g {
			if err := alike(v, w[k]); err != nil {
				return fmt.Errorf("%s: %w", k, err)
			}
		}
		return nil
	case []any:
		w, _ := want.([]any)
		if len(g) != len(w) {
			return fmt.Errorf("%s, recorded %s", brief(got), brief(want))
		}
		for i := range g {
			if err := alike(g[i], w[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if want == nil && (got == nil || got == false || got == "" || got == json.Number("0")) || fmt.Sprint(got) == fmt.Sprint(want) {
		return nil
	}
	return fmt.Errorf("%s, recorded %s", brief(got), brief(want))
}

func TestFramesOfRealClients(t *testing.T) {
	t.Parallel()
	var f frameCodec
	for _, file := range trafficFiles {
		frames := 0
		for _, r := range readTraffic(t, file) {
			if r.RawFrame == nil {
				continue
			}
			frames++
			req, err := f.decode(encodingOf(file), r.RawFrame)
			if err != nil {
				t.Errorf("%s %d: %v", file, r.N, err)
				continue
			}
			if int(req.ReqIdentifier) != r.ReqIdentifier || req.SendID != r.SendID || req.MsgIncr != r.MsgIncr ||
				req.OperationID != r.OperationID || req.Token != r.Token {
				t.Errorf("%s %d: %+v", file, r.N, req)
			}
			data, err := decodeMessage(requestTypes[r.ReqIdentifier], req.Data)
			if err == nil {
				err = alike(data, r.Data)
			}
			if err != nil {
				t.Errorf("%s %d, request %d: %v", file, r.N, r.ReqIdentifier, err)
			}
		}
		if frames == 0 {
			t.Errorf("%s has no frames", file)
		}
	}
}

// TestFramesForClients has what the sandbox writes read by the tests' own decoder.
func TestFramesForClients(t *testing.T) {
	t.Parallel()
	var f frameCodec
	for _, reply := range []wsReply{
		{},
		{ReqIdentifier: wsKicked},
		{ReqIdentifier: wsPush, OperationID: "op", Data: []byte{}},
		{ReqIdentifier: wsSend, MsgIncr: "u1_7", OperationID: "öp", Data: bytes.Repeat([]byte{0, 255, 10}, 40000)},
		{ReqIdentifier: wsPullRange, MsgIncr: "1", OperationID: "o", ErrCode: 1002, ErrMsg: "NoPermissionError"},
	} {
		for _, e := range []encoding{{}, {js: true}, {gzip: true}, {true, true}} {
			for range 2 { // the second time with a used gzip writer
				frame, err := f.encode(e, reply)
				if err != nil {
					t.Fatal(err)
				}
				got, err := (&wsClient{js: e.js, gzip: e.gzip}).decode(frame)
				want := wsAnswer{int(reply.ReqIdentifier), reply.ErrCode, reply.ErrMsg, reply.MsgIncr, reply.OperationID, reply.Data}
				if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%+v: %v\n got %.200v\nwant %.200v", e, err, got, want)
				}
			}
		}
	}
}

// TestReplays plays what each client did, in its order, against the sandbox.
func TestReplays(t *testing.T) {
	t.Parallel()
	for _, file := range trafficFiles[:5] {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			r := newReplay(t, file)
			for _, rec := range readTraffic(t, file) {
				if err := r.play(rec); err != nil {
					t.Errorf("%d, %s %s of %s: %v", rec.N, rec.Kind, cmpPath(rec), rec.User, err)
				}
			}
			for _, c := range r.conns {
				c.close()
			}
			t.Logf("%d requests over WebSocket, %d over REST, %d pushes, %d preflights", r.asked, r.called, r.pushed, r.preflights)
		})
	}
}

func cmpPath(r record) string {
	if r.Path != "" {
		return r.Path
	}
	return fmt.Sprintf("%s %d %s", r.Dir, r.ReqIdentifier, r.Opcode)
}

func (r *replay) play(rec record) error {
	switch {
	case rec.Kind == "handshake" && rec.Refused == "":
		return r.dial(rec)
	case rec.Kind == "rest":
		return r.call(rec)
	case rec.Kind != "ws":
		return nil
	}
	c := r.conns[rec.Conn]
	if rec.Dir == "end" {
		if c != nil {
			delete(r.conns, rec.Conn)
			c.close()
		}
		return nil
	}
	if c == nil {
		return nil // opened before the recording began
	}
	switch {
	case rec.Dir == "s2c" && rec.ReqIdentifier == wsPush:
		return r.push(c, rec)
	case rec.Dir == "s2c" && rec.ReqIdentifier == wsKicked:
		return r.kick(c, rec)
	case rec.Dir != "c2s":
		return nil
	case rec.Opcode == "binary":
		return r.ask(c, rec)
	case rec.Opcode == "ping":
		if err := c.write(websocket.PingMessage, []byte(rec.Payload)); err != nil {
			return err
		}
		data, err := next(c.pongs, contractWait)
		if err == nil && data != rec.Payload {
			err = fmt.Errorf("pong %q", data)
		}
		return err
	case rec.Opcode == "text":
		if err := c.write(websocket.TextMessage, []byte(rec.Text)); err != nil {
			return err
		}
		text, err := next(c.texts, contractWait)
		if err == nil && !strings.Contains(text, `"type":"pong"`) {
			err = fmt.Errorf("answer %s", text)
		}
		return err
	}
	return nil
}

func fromBase64(v any) ([]byte, error) { return base64.StdEncoding.DecodeString(fmt.Sprint(v)) }
