package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"reflect"
	"testing"

	"google.golang.org/protobuf/proto"
)

// FuzzDecodeFrame: what decodes in one form decodes alike after being written again.
func FuzzDecodeFrame(f *testing.F) {
	var codec frameCodec
	for _, file := range trafficFiles {
		e := encodingOf(file)
		for _, r := range readTraffic(f, file) {
			if r.RawFrame != nil {
				f.Add(r.RawFrame, e.js, e.gzip)
			}
		}
	}
	f.Add([]byte("this is not a frame"), true, false)
	f.Add([]byte{0x1f, 0x8b}, false, true)
	f.Fuzz(func(t *testing.T, frame []byte, js, gzip bool) {
		req, err := codec.decode(encoding{js, gzip}, frame)
		if err != nil {
			return
		}
		c := &wsClient{js: js}
		again, err := c.encode(GeneralWsReq{int(req.ReqIdentifier), req.Token, req.SendID, req.OperationID, req.MsgIncr, req.Data})
		if err != nil {
			t.Fatal(err)
		}
		if gzip {
			again = zip(again)
		}
		second, err := codec.decode(encoding{js, gzip}, again)
		if len(req.Data) == 0 {
			req.Data, second.Data = nil, nil // none and an empty one are the same on the wire
		}
		if err != nil || !reflect.DeepEqual(req, second) {
			t.Fatalf("%+v\n%+v %v", req, second, err)
		}
	})
}

// FuzzRequestData: the readers of protobuf take or refuse anything.
func FuzzRequestData(f *testing.F) {
	var codec frameCodec
	for _, file := range trafficFiles {
		for _, r := range readTraffic(f, file) {
			if r.RawFrame != nil {
				if req, err := codec.decode(encodingOf(file), r.RawFrame); err == nil {
					f.Add(req.Data)
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var seqs seqMessagesReq
		if err := seqs.parse(data); err == nil {
			if m, err := newMessage("msg.GetSeqMessageReq"); err == nil && proto.Unmarshal(data, m) == nil {
				if n, _ := dig(plainMessage(m), "conversations"); len(n.([]any)) != len(seqs.conversations) {
					t.Errorf("%d conversations, want %d", len(seqs.conversations), len(n.([]any)))
				}
			}
		}
		_, _, _ = userAndTexts(data)
		_, _ = parseActive(data)
		_ = withoutField(data, 1)
		if m, err := parseMsgData(data); err == nil {
			if _, err := proto.Marshal(m.proto()); err != nil {
				t.Error(err)
			}
		}
	})
}

// FuzzHandshakeV: any v is either refused or says who connects.
func FuzzHandshakeV(f *testing.F) {
	for _, text := range []string{
		`{"token":"t","userID":"u1","platformID":1,"operationID":"o","sdkType":"js","background":false}`,
		`{"token":"t","userID":"u1","platformID":13,"operationID":"o"}`, `{"compression":"gzip"}`, `hello`, `{}`, `null`, `[]`,
	} {
		f.Add(base64.RawURLEncoding.EncodeToString([]byte(text)))
	}
	f.Add("e30=")
	f.Add("%")
	f.Fuzz(func(t *testing.T, v string) {
		r := httptest.NewRequest("GET", "/?"+url.Values{"v": {v}}.Encode(), nil)
		h, err := parseHandshake(r, GenerationMain)
		if err != nil {
			var env struct{ ErrCode int }
			if json.Unmarshal(handshakeAnswer(err), &env) != nil || env.ErrCode != codeConnArgs {
				t.Errorf("refusal %s", handshakeAnswer(err))
			}
			return
		}
		if h.token == "" || h.userID == "" || h.operationID == "" || platformNames[h.platformID] == "" {
			t.Errorf("%+v", h)
		}
	})
}
