package openim

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

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
		for _, id := range []int32{WSNewestSeqs, WSPullByRange, WSSend, WSReadSeqs, WSPush, WSLogout, WSBackground, WSSubscribe} {
			frame := Frame{ReqIdentifier: id, Data: data}
			_, _ = ReadableRequest(frame)
			text, err := ReadableReply(frame)
			if err != nil {
				continue
			}
			if back, err := WriteReply(id, text); err != nil || !sameReply(frame, Frame{ReqIdentifier: id, Data: back}) {
				t.Fatalf("%x came back as %x (%v) by %s", data, back, err, text)
			}
		}
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

// sameReply tells whether two replies show the same.
func sameReply(a, b Frame) bool {
	x, wrong := ReadableReply(a)
	y, err := ReadableReply(b)
	return wrong == nil && err == nil && bytes.Equal(x, y)
}

// norm makes empty and absent the same.
func norm(m *GatewayMessage) *GatewayMessage {
	if len(m.Content) == 0 {
		m.Content = nil
	}
	return m
}
