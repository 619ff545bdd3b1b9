package openim

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
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
			got, again := payload(t, f)
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
