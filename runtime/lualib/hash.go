package lualib

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"io"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
)

// algorithms are the hashes by name, in order.
func algorithms() []struct {
	name string
	make func() hash.Hash
} {
	return []struct {
		name string
		make func() hash.Hash
	}{{"md5", md5.New}, {"sha1", sha1.New}, {"sha256", sha256.New}, {"sha512", sha512.New}}
}

func (k *kit) hash() Module {
	m := Module{
		Name: "hash", Doc: "Checksums and signatures, in hexadecimal. md5 and sha1 are here for what others made with them, such as OpenIM's passwords.",
	}
	for i, a := range algorithms() {
		example := []string{
			"print(hash.md5(\"openIM123\"))  --> fb01f147b53025cb74aae37eb0a4f46e",
			"print(hash.sha1(\"\"))  --> da39a3ee5e6b4b0d3255bfef95601890afd80709",
			"print(hash.sha256(\"abc\"):sub(1, 16))  --> ba7816bf8f01cfea",
			"print(#hash.sha512(\"abc\"))  --> 128",
		}[i]
		m.Funcs = append(m.Funcs, Func{
			Name: a.name, Doc: "The " + strings.ToUpper(a.name) + " checksum of a text.", Example: example,
			Params: []Param{{Name: "text", Type: "string", Doc: "the bytes"}}, Returns: []Return{{"", "string", "hexadecimal"}},
			Run: func(c *Call) (any, error) {
				h := a.make()
				_, _ = io.WriteString(h, c.Text("text", "")) // a hash never fails
				return hex.EncodeToString(h.Sum(nil)), nil
			},
		})
	}
	m.Funcs = append(m.Funcs, Func{
		Name: "hmac", Doc: "The keyed checksum (HMAC) of a text.",
		Example: "print(hash.hmac(\"sha256\", \"key\", \"text\"):sub(1, 16))  --> 6afa9046a9579cad",
		Params: []Param{
			{Name: "algorithm", Type: "string", Doc: "md5, sha1, sha256 or sha512"}, {Name: "key", Type: "string", Doc: "the key"},
			{Name: "text", Type: "string", Doc: "the bytes"},
		},
		Returns: []Return{{"", "string", "hexadecimal"}},
		Run: func(c *Call) (any, error) {
			make, err := algorithm(c)
			if err != nil {
				return nil, err
			}
			h := hmac.New(make, []byte(c.Text("key", "")))
			_, _ = io.WriteString(h, c.Text("text", ""))
			return hex.EncodeToString(h.Sum(nil)), nil
		},
	}, Func{
		Name: "file", Doc: "The checksum of a file, read in pieces.",
		Example: "file.write(\"abc.txt\", \"abc\")\nprint(hash.file(\"md5\", \"abc.txt\"))  --> 900150983cd24fb0d6963f7d28e17f72",
		Params: []Param{
			{Name: "algorithm", Type: "string", Doc: "md5, sha1, sha256 or sha512"}, {Name: "path", Type: "string", Doc: "the file"},
		},
		Returns: []Return{{"", "string", "hexadecimal"}},
		Run: func(c *Call) (any, error) {
			make, err := algorithm(c)
			if err != nil {
				return nil, err
			}
			f, err := k.openFile(c.Text("path", ""))
			if err != nil {
				return nil, err
			}
			defer f.Close()
			h := make()
			if _, err := io.Copy(h, watched{c.Context(), f}); err != nil {
				return nil, fileFault("read", c.Text("path", ""), err)
			}
			return hex.EncodeToString(h.Sum(nil)), nil
		},
	})
	return m
}

// algorithm is the hash that the argument names.
func algorithm(c *Call) (func() hash.Hash, error) {
	name := c.Text("algorithm", "")
	var names []string
	for _, a := range algorithms() {
		if a.name == strings.ToLower(name) {
			return a.make, nil
		}
		names = append(names, a.name)
	}
	return nil, fault.New(fault.Usage, "no algorithm %q; there are %s", name, strings.Join(names, ", "))
}

// watched is a reader that ends when the context does.
type watched struct {
	ctx context.Context
	r   io.Reader
}

func (w watched) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.r.Read(p)
}
