package openim

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
)

// The requests and pushes of the gateway by their reqIdentifier (SERVER-BEHAVIOUR §9).
const (
	WSNewestSeqs  = 1001
	WSPullByRange = 1002
	WSSend        = 1003
	WSPullBySeqs  = 1005
	WSReadSeqs    = 1006
	WSPush        = 2001
	WSKicked      = 2002
	WSLogout      = 2003
	WSBackground  = 2004
	WSSubscribe   = 2005
)

// Frame is a BINARY frame of the gateway: a request has Token and SendID, an answer or a push has ErrCode and ErrMsg.
type Frame struct {
	ReqIdentifier int32
	Token         string
	SendID        string
	OperationID   string
	MsgIncr       string // of a request; the answer repeats it, a push has none
	ErrCode       int
	ErrMsg        string
	Data          []byte // protobuf
}

// Encoding is how frames are written: js is JSON with base64, go is a gob stream of its own for each frame. Data is
// protobuf in both.
type Encoding string

// The encodings, by the sdkType that asks for them.
const (
	EncodingGo Encoding = "go"
	EncodingJS Encoding = "js"
)

// gobRequest and gobReply have the names and the order of the server's structs (internal/msggateway: Req, Resp); a gob
// stream carries them.
type gobRequest struct {
	ReqIdentifier int32
	Token         string
	SendID        string
	OperationID   string
	MsgIncr       string
	Data          []byte
}

type gobReply struct {
	ReqIdentifier int32
	MsgIncr       string
	OperationID   string
	ErrCode       int
	ErrMsg        string
	Data          []byte
}

type jsonRequest struct {
	ReqIdentifier int32  `json:"reqIdentifier"`
	Token         string `json:"token,omitempty"` // real clients leave it out (REAL-CLIENTS §5)
	SendID        string `json:"sendID"`
	OperationID   string `json:"operationID"`
	MsgIncr       string `json:"msgIncr"`
	Data          []byte `json:"data"`
}

type jsonReply struct {
	ReqIdentifier int32  `json:"reqIdentifier"`
	MsgIncr       string `json:"msgIncr"`
	OperationID   string `json:"operationID"`
	ErrCode       int    `json:"errCode"`
	ErrMsg        string `json:"errMsg"`
	Data          []byte `json:"data"`
}

// EncodeRequest writes a frame as a client sends it.
func (e Encoding) EncodeRequest(f Frame) ([]byte, error) {
	if e == EncodingJS {
		return json.Marshal(jsonRequest{f.ReqIdentifier, f.Token, f.SendID, f.OperationID, f.MsgIncr, f.Data})
	}
	return gobBytes(gobRequest{f.ReqIdentifier, f.Token, f.SendID, f.OperationID, f.MsgIncr, f.Data})
}

// EncodeReply writes a frame as a server sends it, for servers in tests.
func (e Encoding) EncodeReply(f Frame) ([]byte, error) {
	if e == EncodingJS {
		return json.Marshal(jsonReply{f.ReqIdentifier, f.MsgIncr, f.OperationID, f.ErrCode, f.ErrMsg, f.Data})
	}
	return gobBytes(gobReply{f.ReqIdentifier, f.MsgIncr, f.OperationID, f.ErrCode, f.ErrMsg, f.Data})
}

func gobBytes(v any) ([]byte, error) {
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(v)
	return b.Bytes(), err
}

// wholeFrame takes both requests and answers: a field that a frame lacks stays zero.
type wholeFrame struct {
	ReqIdentifier int32  `json:"reqIdentifier"`
	Token         string `json:"token"`
	SendID        string `json:"sendID"`
	OperationID   string `json:"operationID"`
	MsgIncr       string `json:"msgIncr"`
	ErrCode       int    `json:"errCode"`
	ErrMsg        string `json:"errMsg"`
	Data          []byte `json:"data"`
}

// Decode reads a frame, a request or an answer. Text that is no frame is an error that shows how it begins.
func (e Encoding) Decode(text []byte) (f Frame, err error) {
	defer recoverFrame(&err)
	var w wholeFrame
	if e == EncodingJS {
		err = json.Unmarshal(text, &w)
	} else {
		err = gob.NewDecoder(bytes.NewReader(text)).Decode(&w)
	}
	return finish(e, w, err)
}

func finish(e Encoding, w wholeFrame, err error) (Frame, error) {
	if err == nil && w.ReqIdentifier == 0 {
		err = errors.New("it has no reqIdentifier")
	}
	if err != nil {
		return Frame{}, fmt.Errorf("not a frame in the %s encoding: %w", e, err)
	}
	return Frame(w), nil
}
