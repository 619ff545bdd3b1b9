package sandbox

import (
	"bytes"
	"compress/gzip"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// Kinds of frames (SERVER-BEHAVIOUR §9, the table of ids).
const (
	wsNewestSeq   = 1001
	wsPullRange   = 1002
	wsSend        = 1003
	wsSignal      = 1004
	wsPullSeqs    = 1005
	wsReadAndMax  = 1006
	wsLastMessage = 1007 // not on the 3.8.3 generation
	wsPush        = 2001
	wsKicked      = 2002
	wsLogout      = 2003
	wsBackground  = 2004
	wsSubscribe   = 2005
)

// maxPlainFrame bounds what a compressed frame may become; the real server has no bound.
const maxPlainFrame = 8 << 20

// wsRequest is a frame of a client. data is protobuf in both encodings.
type wsRequest struct {
	ReqIdentifier int32  `json:"reqIdentifier"`
	Token         string `json:"token"` // not looked at
	SendID        string `json:"sendID"`
	OperationID   string `json:"operationID"`
	MsgIncr       string `json:"msgIncr"`
	Data          []byte `json:"data"`
}

// wsReply is an answer or a push; it has no errDlt.
type wsReply struct {
	ReqIdentifier int32  `json:"reqIdentifier"`
	MsgIncr       string `json:"msgIncr"`
	OperationID   string `json:"operationID"`
	ErrCode       int    `json:"errCode"`
	ErrMsg        string `json:"errMsg"`
	Data          []byte `json:"data"`
}

// encoding is how a connection writes its BINARY frames: JSON or a complete gob stream
// each, gzipped whole or not (SERVER-BEHAVIOUR §9, frames).
type encoding struct{ js, gzip bool }

// frameCodec reads and writes frames; it keeps the big buffers of gzip.
type frameCodec struct{ readers, writers sync.Pool }

func (f *frameCodec) decode(e encoding, frame []byte) (wsRequest, error) {
	var req wsRequest
	if e.gzip {
		var err error
		if frame, err = f.unzip(frame); err != nil {
			return req, err
		}
	}
	if e.js {
		return req, json.Unmarshal(frame, &req)
	}
	return req, gob.NewDecoder(bytes.NewReader(frame)).Decode(&req)
}

func (f *frameCodec) unzip(frame []byte) ([]byte, error) {
	z, ok := f.readers.Get().(*gzip.Reader)
	if !ok {
		z = new(gzip.Reader)
	}
	defer f.readers.Put(z)
	if err := z.Reset(bytes.NewReader(frame)); err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(io.LimitReader(z, maxPlainFrame+1))
	if err == nil && len(plain) > maxPlainFrame {
		err = fmt.Errorf("a frame of more than %d bytes", maxPlainFrame)
	}
	return plain, err
}

func (f *frameCodec) encode(e encoding, r wsReply) ([]byte, error) {
	var plain bytes.Buffer
	if e.js {
		text, err := json.Marshal(r)
		if err != nil {
			return nil, err
		}
		plain = *bytes.NewBuffer(text)
	} else if err := gob.NewEncoder(&plain).Encode(r); err != nil {
		return nil, err
	}
	if !e.gzip {
		return plain.Bytes(), nil
	}
	z, ok := f.writers.Get().(*gzip.Writer)
	if !ok {
		z, _ = gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is a valid one
	}
	defer f.writers.Put(z)
	var out bytes.Buffer
	z.Reset(&out)
	if _, err := z.Write(plain.Bytes()); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// encodings is one reply in each of the forms that its receivers want, encoded once.
type encodings struct {
	reply wsReply
	done  map[encoding][]byte
}

func (f *frameCodec) cached(e encoding, r *encodings) ([]byte, error) {
	if frame, ok := r.done[e]; ok {
		return frame, nil
	}
	frame, err := f.encode(e, r.reply)
	if err != nil {
		return nil, err
	}
	if r.done == nil {
		r.done = map[encoding][]byte{}
	}
	r.done[e] = frame
	return frame, nil
}
