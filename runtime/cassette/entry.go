// Package cassette records the traffic of a run, masked, and plays it back without a server: HTTP exchanges and the
// connections of virtual users to the WebSocket gateway. What a run draws by chance - unique names, the time - is recorded
// with it, so that a replayed run asks the same questions.
//
// A recording is JSON lines, in the order in which things happened. The line of an HTTP exchange stands where its answer
// came, and says how many lines there were when its request was sent. A connection to the gateway has a line when it is
// dialled, one for each frame either way, and one for its end; heartbeats are left out.
package cassette

import (
	"encoding/json"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

const version = 1

// maxLine is the most one recorded exchange may take, in bytes.
const maxLine = 256 << 20

// entry is a line of a recording.
type entry struct {
	Cassette int       `json:"imctlCassette,omitempty"` // of the first line: the version
	Start    time.Time `json:"start,omitzero"`          // of the first line: when the run began

	Method string `json:"method,omitempty"`
	URL    string `json:"url,omitempty"` // path and query
	Body   string `json:"body,omitempty"`
	Status int    `json:"status,omitempty"`
	Type   string `json:"type,omitempty"` // Content-Type of the answer
	Wait   string `json:"wait,omitempty"` // Retry-After of the answer
	Answer string `json:"answer,omitempty"`
	Failed string `json:"failed,omitempty"` // no answer came: why
	Began  int    `json:"began,omitempty"`  // how many lines there were when the request was sent

	Draw  string `json:"draw,omitempty"` // what kind of chance
	Value string `json:"value,omitempty"`

	WS    step         `json:"ws,omitempty"`
	Conn  int          `json:"conn,omitempty"` // which connection to the gateway: numbered as they were dialled
	Login *login       `json:"login,omitempty"`
	Frame *frame       `json:"frame,omitempty"`
	How   string       `json:"how,omitempty"` // how a connection ended, what is wrong with a frame, or what was waited for
	Error *fault.Error `json:"error,omitempty"`
}

// step is what happened on a connection to the gateway.
type step string

const (
	wsDial    step = "dial"    // the handshake was sent
	wsOpen    step = "open"    // the server took it
	wsRefused step = "refused" // it came to nothing: Error says how
	wsOut     step = "out"     // a request
	wsUnsent  step = "unsent"  // the request could not be written: Error says why
	wsGaveUp  step = "gaveUp"  // nobody waits any longer for the answer to the request
	wsIn      step = "in"      // an answer or a push
	wsBad     step = "bad"     // what came was no frame
	wsEnd     step = "end"     // the connection ended from the other side
	wsClose   step = "close"   // imctl closed it
	wsCut     step = "cut"     // imctl cut it without a word
	wsWaited  step = "waited"  // of no connection: a wait of the script ended without what it waited for
)

// login is a handshake.
type login struct {
	UserID      string `json:"userID"`
	PlatformID  int    `json:"platformID"`
	Token       string `json:"token"`
	SDKType     string `json:"sdkType"`
	Compression bool   `json:"compression,omitempty"`
	MsgResp     bool   `json:"isMsgResp,omitempty"`
	Packed      bool   `json:"packed,omitempty"` // the form `v` of the query
	Background  bool   `json:"isBackground,omitempty"`
	OperationID string `json:"operationID"`
}

// frame is a frame of the gateway.
type frame struct {
	ReqIdentifier int32           `json:"reqIdentifier"`
	Token         string          `json:"token,omitempty"`
	SendID        string          `json:"sendID,omitempty"`
	OperationID   string          `json:"operationID,omitempty"`
	MsgIncr       string          `json:"msgIncr,omitempty"`
	ErrCode       int             `json:"errCode,omitempty"`
	ErrMsg        string          `json:"errMsg,omitempty"`
	Data          json.RawMessage `json:"data,omitempty"` // what the protobuf says
	Raw           []byte          `json:"raw,omitempty"`  // the protobuf itself, where imctl can't read it
}

// shown is a frame as a recording has it, not masked but for raw data. asked tells a request from what a server sent.
func shown(f openim.Frame, asked bool) *frame {
	out := &frame{
		ReqIdentifier: f.ReqIdentifier, Token: f.Token, SendID: f.SendID, OperationID: f.OperationID, MsgIncr: f.MsgIncr,
		ErrCode: f.ErrCode, ErrMsg: f.ErrMsg,
	}
	if len(f.Data) == 0 {
		return out
	}
	read := openim.ReadableReply
	if asked {
		read = openim.ReadableRequest
	}
	var err error
	if out.Data, err = read(f); err != nil {
		out.Data, out.Raw = nil, blank(f.Data)
	}
	return out
}

// whole is the frame that was received.
func (f *frame) whole() (openim.Frame, error) {
	out := openim.Frame{
		ReqIdentifier: f.ReqIdentifier, SendID: f.SendID, OperationID: f.OperationID, MsgIncr: f.MsgIncr,
		ErrCode: f.ErrCode, ErrMsg: f.ErrMsg, Data: f.Raw,
	}
	if len(f.Data) == 0 {
		return out, nil
	}
	var err error
	out.Data, err = openim.WriteReply(f.ReqIdentifier, f.Data)
	return out, err
}
