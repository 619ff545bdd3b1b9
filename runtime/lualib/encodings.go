package lualib

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
)

func (k *kit) base64() Module {
	return Module{
		Name: "base64", Doc: "Base64 in its standard and its URL alphabet.",
		Funcs: []Func{
			{
				Name: "encode", Doc: "Writes bytes as base64.",
				Example: "print(base64.encode(\"hello?\"))  --> aGVsbG8/\nprint(base64.encode(\"hello?\", {url = true}))  --> aGVsbG8_",
				Params: []Param{
					{Name: "text", Type: "string", Doc: "the bytes"},
					{Name: "options", Type: "table", Optional: true, Doc: "which form", Fields: []Param{
						{Name: "url", Type: "boolean", Optional: true, Doc: "the alphabet for URLs and file names, without padding"},
						{Name: "pad", Type: "boolean", Optional: true, Doc: "= signs at the end: by default in the standard alphabet only"},
					}},
				},
				Returns: []Return{{"", "string", ""}},
				Run: func(c *Call) (any, error) {
					enc := base64.StdEncoding
					if c.Bool("url", false) {
						enc = base64.URLEncoding
					}
					if !c.Bool("pad", !c.Bool("url", false)) {
						enc = enc.WithPadding(base64.NoPadding)
					}
					return enc.EncodeToString([]byte(c.Text("text", ""))), nil
				},
			},
			{
				Name: "decode", Doc: "Reads base64 in either alphabet, with or without padding; line breaks are passed over.",
				Example: "print(base64.decode(\"aGVsbG8/\"), base64.decode(\"aGVsbG8_\"))  --> hello?\thello?",
				Params:  []Param{{Name: "text", Type: "string", Doc: "the base64"}},
				Returns: []Return{{"", "string", "the bytes"}}, Run: base64Decode,
			},
		},
	}
}

func base64Decode(c *Call) (any, error) {
	text := strings.NewReplacer("\r", "", "\n", "", "-", "+", "_", "/").Replace(c.Text("text", ""))
	out, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return nil, fault.New(fault.Usage, "not base64: %s", strings.TrimPrefix(err.Error(), "illegal base64 data "))
	}
	return string(out), nil
}

func (k *kit) uuid() Module {
	return Module{
		Name: "uuid", Doc: "Unique identifiers (RFC 9562), from the system's random source.",
		Funcs: []Func{
			{
				Name: "v4", Doc: "Makes a random identifier.", Example: "print(#uuid.v4(), uuid.valid(uuid.v4()))  --> 36\ttrue",
				Returns: []Return{{"", "string", ""}},
				Run:     func(*Call) (any, error) { return k.newUUID(4) },
			},
			{
				Name: "v7", Doc: "Makes an identifier that begins with the time, so that later ones sort behind earlier ones.",
				Example: "print(uuid.v7():sub(15, 15))  --> 7",
				Returns: []Return{{"", "string", ""}},
				Run:     func(*Call) (any, error) { return k.newUUID(7) },
			},
			{
				Name: "valid", Doc: "Tells whether a text is an identifier in the usual form with four dashes.",
				Example: "print(uuid.valid(\"6ba7b810-9dad-11d1-80b4-00c04fd430c8\"), uuid.valid(\"alice\"))  --> true\tfalse",
				Params:  []Param{{Name: "text", Type: "string", Doc: "what is asked about"}},
				Returns: []Return{{"", "boolean", ""}},
				Run: func(c *Call) (any, error) {
					s := c.Text("text", "")
					ok := len(s) == 36
					for i := 0; ok && i < 36; i++ {
						if i == 8 || i == 13 || i == 18 || i == 23 {
							ok = s[i] == '-'
						} else {
							ok = strings.IndexByte("0123456789abcdefABCDEF", s[i]) >= 0
						}
					}
					return ok, nil
				},
			},
		},
	}
}

// newUUID makes a UUID of version 4 or 7.
func (k *kit) newUUID(version byte) (string, error) {
	var b [16]byte
	if _, err := k.Rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("reading random bytes: %w", err)
	}
	if version == 7 {
		ms := k.Now().UnixMilli()
		for i := range 6 {
			b[i] = byte(ms >> (40 - 8*i))
		}
	}
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}
