package client

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func object(pairs ...any) *value.Object { return value.NewObject(pairs...) }

// writers are kept, since each costs a megabyte.
var writers sync.Pool

func zipped(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, ok := writers.Get().(*gzip.Writer)
	if !ok {
		w = gzip.NewWriter(nil)
	}
	defer writers.Put(w)
	w.Reset(&b)
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err := w.Close()
	return b.Bytes(), err
}

func gunzip(data []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// unpack reads the form `v` of a handshake.
func (p *peer) unpack(v string) (resp bool) {
	text, err := base64.RawURLEncoding.DecodeString(v)
	if err != nil {
		return false
	}
	var in struct {
		Token, UserID, Compression, SDKType string
		PlatformID                          int
		SendResponse                        bool
	}
	if json.Unmarshal(text, &in) != nil {
		return false
	}
	p.token, p.user, p.platform, p.gzip = in.Token, in.UserID, fmt.Sprint(in.PlatformID), in.Compression == "gzip"
	if in.SDKType == "js" {
		p.encoding = openim.EncodingJS
	}
	return in.SendResponse
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("not in 5 s: %s", what)
}
