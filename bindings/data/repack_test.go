package data

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/openimsdk/imctl/bindings/archive"
)

// member is an entry of an archive's tar.
type member struct {
	name string
	kind byte
	body []byte
}

const (
	headMember     = "imctl/head.json"
	manifestMember = "imctl/manifest.json"
	userDocuments  = "openim_v3/user.bson"
	userMetadata   = "openim_v3/user.metadata.json"
)

// unpack reads what an archive holds.
func unpack(t testing.TB, file string) []member {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	z, err := zstd.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var out []member
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, member{h.Name, h.Typeflag, body})
	}
}

// pack writes an archive of members, cut after some of them when cut is not negative.
func pack(t testing.TB, file string, members []member, cut int) {
	t.Helper()
	var out bytes.Buffer
	z, err := zstd.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(z)
	for i, m := range members {
		if i == cut {
			break
		}
		h := &tar.Header{Name: m.name, Typeflag: m.kind, Mode: 0o600, Size: int64(len(m.body))}
		if m.kind != tar.TypeReg {
			h.Size, h.Linkname = 0, "/etc/passwd"
		}
		err := w.WriteHeader(h)
		if err == nil && m.kind == tar.TypeReg {
			_, err = w.Write(m.body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if cut >= 0 {
		err = w.Flush() // to a full block, without the end
	} else {
		err = w.Close()
	}
	if err = errors.Join(err, z.Close(), os.WriteFile(file, out.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func find(t testing.TB, members []member, name string) *member {
	t.Helper()
	i := slices.IndexFunc(members, func(m member) bool { return m.name == name })
	if i < 0 {
		t.Fatalf("the archive has no %s", name)
	}
	return &members[i]
}

// honest makes the manifest fit the members again, as somebody would who knows how.
func honest(t testing.TB, members []member, spoil func(*archive.Manifest)) {
	t.Helper()
	var m archive.Manifest
	at := find(t, members, manifestMember)
	if err := json.Unmarshal(at.body, &m); err != nil {
		t.Fatal(err)
	}
	old := m.Collections
	m.Files, m.Collections = nil, nil
	for _, one := range members {
		if one.name == manifestMember {
			continue
		}
		sum := sha256.Sum256(one.body)
		m.Files = append(m.Files, archive.File{Name: one.name, Size: int64(len(one.body)), SHA256: hex.EncodeToString(sum[:])})
		name, ok := strings.CutSuffix(strings.TrimPrefix(one.name, "openim_v3/"), ".bson")
		if !ok {
			continue
		}
		c := archive.Collection{Name: name, Bytes: int64(len(one.body))}
		for _, was := range old {
			if was.Name == name {
				c.Indexes = was.Indexes
			}
		}
		var content archive.Content
		for rest := one.body; len(rest) > 4; {
			n := binary.LittleEndian.Uint32(rest)
			if int64(n) > int64(len(rest)) || n < 5 {
				break
			}
			content.Add(rest[:n])
			rest = rest[n:]
		}
		c.Documents, c.Content = content.Count, content.String()
		m.Collections = append(m.Collections, c)
	}
	if spoil != nil {
		spoil(&m)
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	at.body = text
}
