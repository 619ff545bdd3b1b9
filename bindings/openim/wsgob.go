package openim

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"sync"
)

// maxHead is the longest description of types that is worth keeping, in bytes.
const maxHead = 4 << 10

// gobCodec writes and reads frames of the go encoding. Each frame is a stream of its own that begins with the description of
// its type, and learning that costs far more than the values behind it. So the tools that know it are kept, and the
// description is put in front, or taken off, as bytes. What is written and read is the same as without.
type gobCodec struct {
	encoders, decoders sync.Pool
}

type gobEncoder struct {
	head []byte // the description
	out  bytes.Buffer
	enc  *gob.Encoder
}

type gobDecoder struct {
	head []byte
	in   bytes.Buffer
	dec  *gob.Decoder
}

func newGobEncoder() (*gobEncoder, error) {
	e := &gobEncoder{}
	e.enc = gob.NewEncoder(&e.out)
	if err := e.enc.Encode(gobRequest{}); err != nil {
		return nil, err
	}
	first := bytes.Clone(e.out.Bytes())
	e.out.Reset()
	if err := e.enc.Encode(gobRequest{}); err != nil { // now without the description
		return nil, err
	}
	e.head = first[:len(first)-e.out.Len()]
	return e, nil
}

func (g *gobCodec) encodeRequest(f Frame) ([]byte, error) {
	e, ok := g.encoders.Get().(*gobEncoder)
	if !ok {
		var err error
		if e, err = newGobEncoder(); err != nil {
			return nil, err
		}
	}
	e.out.Reset()
	if err := e.enc.Encode(gobRequest{f.ReqIdentifier, f.Token, f.SendID, f.OperationID, f.MsgIncr, f.Data}); err != nil {
		return nil, err
	}
	text := append(bytes.Clone(e.head), e.out.Bytes()...)
	g.encoders.Put(e)
	return text, nil
}

func (g *gobCodec) decode(text []byte) (f Frame, err error) {
	defer recoverFrame(&err)
	n := headLength(text)
	if n <= 0 || n > maxHead {
		return EncodingGo.Decode(text)
	}
	d, ok := g.decoders.Get().(*gobDecoder)
	if ok && bytes.Equal(d.head, text[:n]) {
		d.in.Reset()
		d.in.Write(text[n:])
	} else {
		d = &gobDecoder{head: bytes.Clone(text[:n])}
		d.dec = gob.NewDecoder(&d.in)
		d.in.Write(text)
	}
	var w wholeFrame
	if err = d.dec.Decode(&w); err == nil && d.in.Len() == 0 { // else it may have learned what is no part of the head
		g.decoders.Put(d)
	}
	return finish(EncodingGo, w, err)
}

// recoverFrame turns a panic of a decoder into an error: what a frame holds comes from outside.
func recoverFrame(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("not a frame: %v", r)
	}
}

// headLength is how many bytes of a gob stream are descriptions of types: messages with a length and a negative type id.
// It is negative for what is no gob stream.
func headLength(text []byte) int {
	at := 0
	for at < len(text) {
		size, n := gobUint(text[at:])
		if n == 0 || size > uint64(len(text)-at-n) {
			return -1
		}
		id, m := gobUint(text[at+n : at+n+int(size)])
		if m == 0 {
			return -1
		}
		if id&1 == 0 { // the sign is the lowest bit
			return at
		}
		at += n + int(size)
	}
	return -1
}

// gobUint reads an unsigned number as gob writes it, and how many bytes it takes; 0 when it is none.
func gobUint(b []byte) (v uint64, n int) {
	if len(b) == 0 {
		return 0, 0
	}
	if b[0] < 128 {
		return uint64(b[0]), 1
	}
	size := -int(int8(b[0]))
	if size > 8 || len(b) < 1+size {
		return 0, 0
	}
	for _, c := range b[1 : 1+size] {
		v = v<<8 | uint64(c)
	}
	return v, 1 + size
}
