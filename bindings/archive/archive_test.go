package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/openimsdk/imctl/bindings/fault"
)

var metadata = []byte(`{"options":{},"indexes":[{"v":{"$numberInt":"2"},"key":{"_id":{"$numberInt":"1"}},"name":"_id_"},` +
	`{"v":{"$numberInt":"2"},"key":{"user_id":{"$numberInt":"1"}},"name":"user_id_1","unique":true}],"collectionName":"user","type":"collection"}`)

func document(i int) []byte {
	doc, err := bson.Marshal(bson.D{
		{Key: "user_id", Value: fmt.Sprint("u", i)}, {Key: "nickname", Value: strings.Repeat("é", i%7)},
		{Key: "create_time", Value: time.UnixMilli(int64(i) * 1000)}, {Key: "level", Value: int32(i)}, {Key: "n", Value: int64(i)}, {Key: "nothing", Value: nil},
	})
	if err != nil {
		panic(err)
	}
	return doc
}

// write makes an archive with n documents; spoil may change the manifest before it is written.
func write(t testing.TB, n int, to Recipients, spoil func(*Manifest)) []byte {
	t.Helper()
	b, err := NewBuilder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	meta, err := b.Add(MetadataName("openim_v3", "user"), metadata)
	if err != nil {
		t.Fatal(err)
	}
	docs, err := b.Create(DocumentsName("openim_v3", "user"))
	if err != nil {
		t.Fatal(err)
	}
	var content Content
	for i := range n {
		content.Add(document(i))
		if _, err := docs.Write(document(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := docs.Finish(); err != nil {
		t.Fatal(err)
	}
	redis, err := b.Add(RedisName, []byte("{\"key\":\"a\"}\n{\"key\":\"b\"}\n"))
	if err != nil {
		t.Fatal(err)
	}
	m := &Manifest{
		Head:        Head{Format: Format, Tool: "imctl test", Created: time.Unix(1_700_000_000, 0).UTC(), Context: "here", Database: "openim_v3"},
		Consistency: InOrder, SeqHeads: map[string]int64{"si_a_b": 7}, RedisKeys: 2,
		Collections: []Collection{{Name: "user", Documents: content.Count, Bytes: docs.Size, Content: content.String(), Indexes: 1}},
	}
	if spoil != nil {
		spoil(m)
	}
	var out bytes.Buffer
	if err := b.Assemble(&out, to, m, []*Spool{meta, docs, redis}); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestScan(t *testing.T) {
	data := write(t, 1000, nil, nil)
	n, keys := 0, 0
	m, err := Scan(t.Context(), bytes.NewReader(data), nil, Visitor{
		Document: func(_ string, doc bson.Raw) error {
			if !bytes.Equal(doc, document(n)) {
				return fmt.Errorf("document %d is another one", n)
			}
			n++
			return nil
		},
		Redis: func([]byte) error { keys++; return nil },
	})
	if err != nil || n != 1000 || keys != 2 || m.SeqHeads["si_a_b"] != 7 {
		t.Fatalf("%d documents, %d keys, %v, %+v", n, keys, err, m)
	}
}

// TestPlainTools holds the layout: what zstd and tar make of an archive is the folder that mongorestore reads.
func TestPlainTools(t *testing.T) {
	var names []string
	_, err := Scan(t.Context(), bytes.NewReader(write(t, 3, nil, nil)), nil, Visitor{File: func(name string, r io.Reader) error {
		content, err := io.ReadAll(r)
		if name == "openim_v3/user.bson" && !bytes.Equal(content, bytes.Join([][]byte{document(0), document(1), document(2)}, nil)) {
			t.Errorf("%s is not the documents one after another", name)
		}
		if name == "openim_v3/user.metadata.json" && !bytes.Equal(content, metadata) {
			t.Errorf("the metadata is %s", content)
		}
		names = append(names, name)
		return err
	}})
	want := "imctl/head.json openim_v3/user.metadata.json openim_v3/user.bson imctl/redis.jsonl imctl/manifest.json"
	if got := strings.Join(names, " "); err != nil || got != want {
		t.Errorf("files %s, want %s; %v", got, want, err)
	}
}

func TestLyingManifest(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*Manifest)
		want  string
	}{
		"count":   {func(m *Manifest) { m.Collections[0].Documents++ }, "of user the manifest says"},
		"content": {func(m *Manifest) { m.Collections[0].Content = Content{}.String() }, "of user the manifest says"},
		"missing": {func(m *Manifest) { m.Collections = nil }, "names 0 collections, and there are 1"},
		"more":    {func(m *Manifest) { m.Collections = append(m.Collections, Collection{Name: "group"}) }, "names 2 collections"},
		"redis":   {func(m *Manifest) { m.RedisKeys = 3 }, "3 keys of Redis, and there are 2"},
		"format":  {func(m *Manifest) { m.Format = 2 }, "has format 2, and this imctl reads up to 1"},
		"none":    {func(m *Manifest) { m.Format = 0 }, "names no format"},
		"climbs":  {func(m *Manifest) { m.Database = "../etc" }, `"../etc" has a name`},
	} {
		_, err := Scan(t.Context(), bytes.NewReader(write(t, 5, nil, c.spoil)), nil, Visitor{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestTruncated cuts an archive at every byte.
func TestTruncated(t *testing.T) {
	data := write(t, 5, nil, nil)
	for n := range len(data) {
		if _, err := Scan(t.Context(), bytes.NewReader(data[:n]), nil, Visitor{}); err == nil {
			t.Errorf("cut to %d of %d bytes it still passes", n, len(data))
		}
	}
}

func TestMoreAfterTheEnd(t *testing.T) {
	data := write(t, 5, nil, nil)
	for _, more := range [][]byte{[]byte("x"), data, {0}, bytes.Repeat([]byte{0}, 5000)} {
		if _, err := Scan(t.Context(), bytes.NewReader(append(bytes.Clone(data), more...)), nil, Visitor{}); err == nil {
			t.Errorf("%d bytes after the end pass", len(more))
		}
	}
}

// TestMutated changes archives in many ways: each is refused, or holds just what it held.
func TestMutated(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 7))
	data := write(t, 40, nil, nil)
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	z, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	plain, err := z.DecodeAll(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	passed := 0
	for i := range 2000 {
		bad := mutate(rnd, data)
		if i%2 == 0 { // what somebody changed who then compressed it again
			bad = w.EncodeAll(mutate(rnd, plain), nil)
		}
		var content Content
		_, err := Scan(t.Context(), bytes.NewReader(bad), nil, Visitor{Document: func(_ string, doc bson.Raw) error {
			content.Add(doc)
			return nil
		}})
		var f *fault.Error
		switch {
		case err == nil:
			passed++
			var want Content
			for i := range 40 {
				want.Add(document(i))
			}
			if content != want {
				t.Fatalf("seed %d, mutation %d: it passes with other documents", seed, i)
			}
		case !errors.As(err, &f) || f.Kind == fault.Internal:
			t.Fatalf("seed %d, mutation %d: %v", seed, i, err)
		}
	}
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	t.Logf("%d of 2000 still hold what they held; %d MB of memory in the end", passed, after.Sys>>20)
	if passed > 400 {
		t.Errorf("%d of 2000 pass", passed)
	}
	if after.Sys > before.Sys+(256<<20) {
		t.Errorf("memory grew from %d to %d bytes", before.Sys, after.Sys)
	}
}

func mutate(rnd *rand.Rand, data []byte) []byte {
	bad := bytes.Clone(data)
	at := rnd.IntN(len(bad))
	n := min(1+rnd.IntN(64), len(bad)-at)
	switch rnd.IntN(6) {
	case 0:
		bad[at] ^= 1 << rnd.IntN(8)
	case 1:
		bad[at] = byte(rnd.IntN(256))
	case 2:
		bad = append(bad[:at], bad[at+n:]...)
	case 3:
		bad = append(bad[:at+n], data[at:]...) // a part twice
	case 4:
		for i := range n {
			bad[at+i] = byte(rnd.IntN(256))
		}
	case 5:
		other := rnd.IntN(len(bad) - n + 1)
		copy(bad[at:at+n], data[other:other+n])
	}
	return bad
}

func TestEncrypted(t *testing.T) {
	to, err := PassphraseRecipient("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	data := write(t, 5, to, nil)
	right, _ := PassphraseIdentity("correct horse")
	wrong, _ := PassphraseIdentity("battery staple")
	if m, err := Scan(t.Context(), bytes.NewReader(data), right, Visitor{}); err != nil || m.Collections[0].Documents != 5 {
		t.Errorf("%v", err)
	}
	for _, c := range []struct {
		ids  Identities
		want string
	}{{nil, "the archive is encrypted"}, {wrong, "no key given here opens it"}} {
		_, err := Scan(t.Context(), bytes.NewReader(data), c.ids, Visitor{})
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Auth || !strings.Contains(f.Message, c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	if _, err := Scan(t.Context(), bytes.NewReader(data[:len(data)-1]), right, Visitor{}); err == nil {
		t.Error("cut off it passes")
	}
	if _, err := ParseRecipients([]string{"age1nonsense"}); err == nil || !strings.Contains(err.Error(), "age1nonsense") {
		t.Errorf("%v", err)
	}
}

// TestBomb feeds gigabytes of zeros that a few kilobytes expand to, in a place where any size is allowed.
func TestBomb(t *testing.T) {
	b, err := NewBuilder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close() //nolint:errcheck // a test
	big, err := bson.Marshal(bson.D{{Key: "a", Value: make([]byte, 15<<20)}})
	if err != nil {
		t.Fatal(err)
	}
	meta, _ := b.Add(MetadataName("d", "user"), metadata)
	docs, _ := b.Create(DocumentsName("d", "user"))
	var content Content
	for range 40 {
		content.Add(big)
		_, _ = docs.Write(big)
	}
	if err := docs.Finish(); err != nil {
		t.Fatal(err)
	}
	m := &Manifest{Head: Head{Format: 1, Database: "d"}, Collections: []Collection{{Name: "user", Documents: 40, Bytes: docs.Size, Content: content.String(), Indexes: 1}}}
	var out bytes.Buffer
	if err := b.Assemble(&out, nil, m, []*Spool{meta, docs}); err != nil {
		t.Fatal(err)
	}
	if _, err := Scan(t.Context(), &out, nil, Visitor{}); err == nil || !strings.Contains(err.Error(), "it is a bomb") {
		t.Errorf("%d bytes: %v", out.Len(), err)
	}
}

func TestForeign(t *testing.T) {
	for _, text := range []string{"", "PK\x03\x04 a zip", "hello", "\x1f\x8b\x08\x00"} {
		if _, err := Scan(t.Context(), strings.NewReader(text), nil, Visitor{}); err == nil || !strings.Contains(err.Error(), "the archive is broken") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Scan(ctx, bytes.NewReader(write(t, 5, nil, nil)), nil, Visitor{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestLeftSpools holds that the folder of a killed process goes, and that of a living one stays.
func TestLeftSpools(t *testing.T) {
	dir := t.TempDir()
	living, err := NewBuilder(dir)
	if err != nil {
		t.Fatal(err)
	}
	dead := filepath.Join(dir, ".imctl-spool-1")
	if err := os.Mkdir(dead, 0o700); err != nil {
		t.Fatal(err)
	}
	b, err := NewBuilder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dead); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the dead one: %v", err)
	}
	if _, err := os.Stat(living.dir); err != nil {
		t.Errorf("the living one: %v", err)
	}
	if err := errors.Join(b.Close(), living.Close()); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

func FuzzScan(f *testing.F) {
	data := write(f, 3, nil, nil)
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		var f *fault.Error
		if _, err := Scan(t.Context(), bytes.NewReader(data), nil, Visitor{}); err != nil && (!errors.As(err, &f) || f.Kind == fault.Internal) {
			t.Fatal(err)
		}
	})
}
