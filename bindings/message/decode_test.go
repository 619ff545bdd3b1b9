package message

import (
	"encoding/base64"
	"io"
	"testing"
)

// decoded is the text of a standard base64 text.
func decoded(t *testing.T, text string) string {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Error(err)
	}
	return string(raw)
}

func read(t *testing.T, r io.Reader) string {
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Error(err)
	}
	return string(raw)
}
