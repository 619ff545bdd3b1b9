package openim

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// recorded is a frame of a real client (REAL-CLIENTS §12).
type recorded struct {
	Client        string
	ReqIdentifier int32
	MsgIncr       string
	OperationID   string
	SendID        string
	Token         string
	PlainLen      int
	Data          map[string]any
	RawFrame      []byte

	file string
}

func traffic(t testing.TB) []recorded {
	files, err := filepath.Glob("../../testdata/traffic/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded traffic: %v", err)
	}
	var out []recorded
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var r recorded
			if !bytes.Contains(lines.Bytes(), []byte(`"rawFrame"`)) {
				continue
			}
			if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			r.file = filepath.Base(file)
			out = append(out, r)
		}
		_ = f.Close()
	}
	return out
}

func (r recorded) encoding() Encoding {
	if r.RawFrame[0] == '{' {
		return EncodingJS
	}
	return EncodingGo
}

func (r recorded) plain(t testing.TB) []byte {
	if r.encoding() == EncodingJS {
		return r.RawFrame
	}
	plain, err := new(zipper).unzip(r.RawFrame)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// TestRealFrames: every frame that real clients sent is read as what it is, and written again is the same request.
func TestRealFrames(t *testing.T) {
	frames := traffic(t)
	if len(frames) < 35 {
		t.Errorf("only %d frames", len(frames))
	}
	for _, r := range frames {
		t.Run(fmt.Sprintf("%s/%d", r.file, r.ReqIdentifier), func(t *testing.T) {
			plain := r.plain(t)
			if r.PlainLen != 0 && len(plain) != r.PlainLen {
				t.Errorf("%d bytes, want %d", len(plain), r.PlainLen)
			}
			f, err := r.encoding().Decode(plain)
			if err != nil {
				t.Fatal(err)
			}
			want := Frame{ReqIdentifier: r.ReqIdentifier, MsgIncr: r.MsgIncr, OperationID: r.OperationID, SendID: r.SendID, Token: r.Token, Data: f.Data}
			if !reflect.DeepEqual(f, want) {
				t.Errorf("got %+v, want %+v", f, want)
			}
			got, again := payload(t, r.ReqIdentifier, f.Data)
			if fmt.Sprint(got) != fmt.Sprint(r.Data) {
				t.Errorf("payload %v, want %v", got, r.Data)
			}
			if !bytes.Equal(again, f.Data) && (got["options"] == nil || len(again) != len(f.Data)) { // a map has no order
				t.Errorf("the payload written again is %x, was %x", again, f.Data)
			}
			for _, e := range []Encoding{EncodingGo, EncodingJS} {
				text, err := e.EncodeRequest(f)
				if err != nil {
					t.Fatal(err)
				}
				if back, err := e.Decode(text); err != nil || !reflect.DeepEqual(back, f) {
					t.Errorf("%s: %+v came back as %+v (%v)", e, f, back, err)
				}
				if e == EncodingJS && r.encoding() == e && !sameJSON(text, plain) {
					t.Errorf("written again: %s, was %s", text, plain)
				}
			}
		})
	}
}

func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// payload reads the data of a request into what the recording shows of it, and writes it again with our encoder.
func payload(t testing.TB, id int32, data []byte) (map[string]any, []byte) {
	t.Helper()
	switch id {
	case WSSend:
		m, err := DecodeGatewayMessage(data)
		if err != nil {
			t.Fatal(err)
		}
		return shownMessage(m), m.Encode()
	case WSPullByRange:
		user, desc, ranges, err := DecodePull(data)
		if err != nil {
			t.Fatal(err)
		}
		list := []any{}
		for _, r := range ranges {
			list = append(list, without(map[string]any{
				"conversationID": r.ConversationID, "begin": float64(r.Begin), "end": float64(r.End), "num": float64(r.Num)}))
		}
		shown := map[string]any{"userID": user, "seqRanges": list}
		if desc {
			shown["order"] = float64(1)
		}
		return without(shown), EncodePull(user, desc, ranges...)
	}
	texts, flag := map[int][]string{}, int64(0)
	inner := map[string]any{}
	if err := eachField(data, func(f wireField) error {
		if f.wire == wireVarint {
			flag = f.int()
			return nil
		}
		texts[f.field] = append(texts[f.field], f.text())
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	user := strings.Join(texts[1], ",")
	switch id {
	case WSNewestSeqs, WSReadSeqs:
		return map[string]any{"userID": user}, EncodeUserID(user)
	case WSLogout:
		return map[string]any{"userID": user, "platformID": float64(flag)}, EncodeLogout(user, int(flag))
	case WSBackground:
		return without(map[string]any{"userID": user, "isBackground": flag != 0}), EncodeBackground(user, flag != 0)
	case WSSubscribe:
		for n, name := range map[int]string{1: "subscribeUserID", 2: "unsubscribeUserID"} {
			if len(texts[n]) > 0 {
				var list []any
				for _, s := range texts[n] {
					list = append(list, s)
				}
				inner[name] = list
			}
		}
		return inner, EncodeSubscribe(texts[1], texts[2])
	case WSPullBySeqs: // we never send it: the shape alone
		return shownPullBySeqs(t, data), data
	}
	t.Fatalf("a request %d", id)
	return nil, nil
}

func shownPullBySeqs(t testing.TB, data []byte) map[string]any {
	shown, list := map[string]any{}, []any{}
	err := eachField(data, func(f wireField) error {
		switch f.field {
		case 1:
			shown["userID"] = f.text()
		case 2:
			c := map[string]any{}
			var seqs []int64
			err := eachField(f.data, func(f wireField) (err error) {
				if f.field == 2 {
					c["conversationID"] = f.text()
				} else {
					seqs, err = ints(f, seqs)
				}
				return err
			})
			var numbers []any
			for _, n := range seqs {
				numbers = append(numbers, float64(n))
			}
			c["seqs"] = numbers
			list = append(list, c)
			return err
		case 3:
			shown["order"] = float64(f.int())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	shown["conversations"] = list
	return shown
}

func shownMessage(m *GatewayMessage) map[string]any {
	shown := map[string]any{
		"sendID": m.SendID, "recvID": m.RecvID, "groupID": m.GroupID, "clientMsgID": m.ClientMsgID, "serverMsgID": m.ServerMsgID,
		"senderPlatformID": float64(m.SenderPlatformID), "senderNickname": m.SenderNickname, "senderFaceURL": m.SenderFaceURL,
		"sessionType": float64(m.SessionType), "msgFrom": float64(m.MsgFrom), "contentType": float64(m.ContentType),
		"content": string(m.Content), "seq": float64(m.Seq), "sendTime": float64(m.SendTime), "createTime": float64(m.CreateTime),
		"status": float64(m.Status), "isRead": m.IsRead, "attachedInfo": m.AttachedInfo, "ex": m.Ex,
	}
	if m.Options != nil {
		options := map[string]any{}
		for k, v := range m.Options {
			options[k] = v
		}
		shown["options"] = options
	}
	if o := m.OfflinePush; o != nil {
		shown["offlinePushInfo"] = without(map[string]any{
			"title": o.Title, "desc": o.Desc, "ex": o.Ex, "iOSPushSound": o.IOSPushSound, "iOSBadgeCount": o.IOSBadgeCount, "signalInfo": o.SignalInfo})
	}
	return without(shown)
}

// without leaves out what is zero, as the recording does.
func without(m map[string]any) map[string]any {
	for k, v := range m {
		if v == "" || v == float64(0) || v == false {
			delete(m, k)
		}
	}
	return m
}

// TestReplies: what a server sends is read in both encodings.
func TestReplies(t *testing.T) {
	for _, e := range []Encoding{EncodingGo, EncodingJS} {
		for _, f := range []Frame{
			{ReqIdentifier: WSKicked},
			{ReqIdentifier: WSSend, MsgIncr: "u_1", OperationID: "op", ErrCode: 1302, ErrMsg: "BlockedByPeer"},
			{ReqIdentifier: WSPush, OperationID: "op", Data: []byte{1, 2, 3}},
		} {
			text, err := e.EncodeReply(f)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := e.Decode(text); err != nil || !reflect.DeepEqual(got, f) {
				t.Errorf("%s: %+v came back as %+v (%v)", e, f, got, err)
			}
		}
	}
	if f, err := EncodingJS.Decode([]byte(`{"reqIdentifier":2002,"msgIncr":"","operationID":"","errCode":0,"errMsg":"","data":null}`)); err != nil || f.Data != nil {
		t.Errorf("a kick with null data: %+v %v", f, err)
	}
}

// TestKeptGob: frames that are written and read with kept tools are those of a fresh encoder, whatever came in between.
func TestKeptGob(t *testing.T) {
	codec := new(gobCodec)
	for i := range 50 {
		f := Frame{ReqIdentifier: int32(1000 + i), SendID: "u", OperationID: fmt.Sprint(i), MsgIncr: "u_1", Data: bytes.Repeat([]byte{1}, i*100)}
		kept, err := codec.encodeRequest(f)
		fresh, _ := EncodingGo.EncodeRequest(f)
		if err != nil || !bytes.Equal(kept, fresh) {
			t.Fatalf("frame %d: %x, fresh %x (%v)", i, kept, fresh, err)
		}
		reply, _ := EncodingGo.EncodeReply(Frame{ReqIdentifier: 2001, ErrCode: i, ErrMsg: "m"})
		for _, text := range [][]byte{kept, reply, reply[:len(reply)-1], nil, []byte("x")} {
			want, wrong := EncodingGo.Decode(text)
			if got, err := codec.decode(text); (err == nil) != (wrong == nil) || !reflect.DeepEqual(got, want) {
				t.Fatalf("frame %d: %+v (%v), want %+v (%v)", i, got, err, want, wrong)
			}
		}
	}
}

// TestBadFrames: what is no frame is an error that says so.
func TestBadFrames(t *testing.T) {
	for _, text := range []string{"", "x", "{", "{}", "[]", "null", `{"reqIdentifier":"1001"}`, `{"reqIdentifier":1001,"data":"%%"}`, strings.Repeat("[", 100000), "\x00\x01\x02", "\xff\xff\xff\xff\xff"} {
		for _, e := range []Encoding{EncodingGo, EncodingJS} {
			if f, err := e.Decode([]byte(text)); err == nil {
				t.Errorf("%s: %q was read as %+v", e, text, f)
			}
		}
	}
}

// TestGzipBomb: a frame that grows without end is refused, and so is what is no gzip or is cut.
func TestGzipBomb(t *testing.T) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	for range 100 {
		_, _ = w.Write(make([]byte, 1<<20))
	}
	_ = w.Close()
	z := new(zipper)
	for name, data := range map[string][]byte{"grows beyond": bomb.Bytes(), "not gzip": []byte("plain text, no gzip"), "broken gzip": bomb.Bytes()[:1000]} {
		if _, err := z.unzip(data); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("want %q, got %v", name, err)
		}
	}
	data, err := z.zip([]byte("hello"))
	if err != nil {
		t.Fatal(err)
	}
	if back, err := z.unzip(data); err != nil || string(back) != "hello" {
		t.Errorf("came back as %q (%v) after the bombs", back, err)
	}
}

// FuzzDecode: no bytes make the decoders fail otherwise than by an error, and what is read can be written and read again.
func FuzzDecode(f *testing.F) {
	for _, r := range traffic(f) {
		f.Add(r.plain(f))
	}
	for _, e := range []Encoding{EncodingGo, EncodingJS} {
		text, _ := e.EncodeReply(Frame{ReqIdentifier: WSPush, OperationID: "o", ErrCode: 1, ErrMsg: "m", Data: []byte("d")})
		f.Add(text)
	}
	codec := new(gobCodec)
	f.Add([]byte(base64.StdEncoding.EncodeToString([]byte("x"))))
	f.Fuzz(func(t *testing.T, text []byte) {
		plain, wrong := EncodingGo.Decode(text)
		for range 2 { // the second time with what was kept of the first
			if kept, err := codec.decode(text); (err == nil) != (wrong == nil) || !reflect.DeepEqual(kept, plain) {
				t.Fatalf("%+v (%v), with a kept decoder %+v (%v)", plain, wrong, kept, err)
			}
		}
		for _, e := range []Encoding{EncodingGo, EncodingJS} {
			got, err := e.Decode(text)
			if err != nil {
				continue
			}
			again, err := e.EncodeRequest(got)
			if err != nil {
				t.Fatal(err)
			}
			back, err := e.Decode(again)
			if err != nil || back.ReqIdentifier != got.ReqIdentifier || !bytes.Equal(back.Data, got.Data) {
				t.Fatalf("%+v came back as %+v (%v)", got, back, err)
			}
		}
	})
}

// FuzzPayload: no bytes make a decoder of a payload panic, and a message that is read is the same after a round trip.
func FuzzPayload(f *testing.F) {
	for _, r := range traffic(f) {
		frame, err := r.encoding().Decode(r.plain(f))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame.Data)
	}
	f.Add(EncodePulled([]PulledMessages{{ConversationID: "si_a_b", Messages: []*GatewayMessage{{SendID: "a", Seq: 1}}, IsEnd: true, EndSeq: 4}, {ConversationID: "n_a_a", Notifications: true}}))
	f.Add(EncodePresence([]Presence{{"a", []int64{5, 7}}}))
	f.Add(EncodeMaxSeqs(map[string]int64{"si_a_b": 1 << 62}))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = DecodeMaxSeqs(data)
		_, _ = DecodeReadSeqs(data)
		_, _ = DecodePresence(data)
		_, _ = DecodeSent(data)
		_, _, _, _ = DecodePull(data)
		if list, err := DecodePulled(data); err == nil {
			back, err := DecodePulled(EncodePulled(list))
			if err != nil || !reflect.DeepEqual(back, list) {
				t.Fatalf("%+v came back as %+v (%v)", list, back, err)
			}
		}
		if m, err := DecodeGatewayMessage(data); err == nil {
			back, err := DecodeGatewayMessage(m.Encode())
			if err != nil || !reflect.DeepEqual(norm(back), norm(m)) {
				t.Fatalf("%+v came back as %+v (%v)", m, back, err)
			}
		}
	})
}

// norm makes empty and absent the same.
func norm(m *GatewayMessage) *GatewayMessage {
	if len(m.Content) == 0 {
		m.Content = nil
	}
	return m
}
