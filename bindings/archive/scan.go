package archive

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Limits of what is read into memory, bytes.
const (
	maxWindow = 64 << 20 // of zstd
	maxJSON   = 256 << 20
	maxMeta   = 16 << 20
)

// A bomb: more than this much that expands more than so many times. The best that compression does to real data is far below.
const (
	bombFrom  = 256 << 20
	bombRatio = 1000
)

// Visitor is told what an archive holds while it is read. All but Manifest may still prove broken: only when Scan returned
// without an error is anything of it known to be right.
type Visitor struct {
	Head       func(Head) error
	Collection func(name string, meta Metadata) error      // before its documents
	Document   func(collection string, doc bson.Raw) error // valid for the time of the call
	Redis      func(line []byte) error                     // likewise
	File       func(name string, content io.Reader) error  // when it is set, it gets each file as it stands, and must read all of it
}

// Scan reads an archive to its last byte and returns its manifest, when everything fits: the sums, the counts, each
// document's form, nothing missing, nothing besides. Memory stays flat. Errors: usage for an archive that is broken,
// unsupported for one of a later format, auth for one that is encrypted, and what the visitor returns.
func Scan(ctx context.Context, r io.Reader, ids Identities, visit Visitor) (*Manifest, error) {
	in := &counter{r: r}
	plain, err := decrypt(in, ids)
	if err != nil {
		return nil, err
	}
	z, err := zstd.NewReader(plain, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, fault.New(fault.Internal, "zstd: %w", err)
	}
	defer z.Close()
	s := &scan{ctx: ctx, visit: visit, out: &tail{r: z, in: in, ctx: ctx}, contents: map[string]*Collection{}}
	s.tar = tar.NewReader(s.out)
	return s.run()
}

type scan struct {
	ctx      context.Context
	visit    Visitor
	out      *tail
	tar      *tar.Reader
	head     Head
	files    []File
	contents map[string]*Collection
	order    []string
	redis    int64
	buf      []byte
}

func (s *scan) run() (*Manifest, error) {
	var manifest *Manifest
	for {
		h, err := s.tar.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, s.readError(err)
		}
		if manifest != nil {
			return nil, broken("%q follows the manifest", h.Name)
		}
		if err := s.checkHeader(h); err != nil {
			return nil, err
		}
		if h.Name == manifestName {
			if manifest, err = s.readManifest(h); err != nil {
				return nil, err
			}
			continue
		}
		if err := s.member(h); err != nil {
			return nil, err
		}
	}
	if manifest == nil {
		return nil, broken("it ends before its manifest: it was cut off, or never finished")
	}
	if err := s.out.drain(); err != nil {
		return nil, s.readError(err)
	}
	return manifest, s.compare(manifest)
}

// checkHeader refuses what does not belong into an archive of ours.
func (s *scan) checkHeader(h *tar.Header) error {
	switch {
	case h.Typeflag != tar.TypeReg:
		return broken("%q is no plain file", h.Name)
	case len(s.files) == 0 && h.Name != headName:
		return broken("it begins with %q and not with %s: imctl did not write it", h.Name, headName)
	case slices.ContainsFunc(s.files, func(f File) bool { return f.Name == h.Name }):
		return broken("%q stands in it twice", h.Name)
	}
	return nil
}

func (s *scan) member(h *tar.Header) error {
	sum := sha256.New()
	in := io.TeeReader(s.tar, sum)
	content := in
	if s.visit.File != nil {
		pr, pw := io.Pipe()
		done := make(chan error, 1)
		go func() {
			err := s.visit.File(h.Name, pr)
			_ = pr.CloseWithError(errors.Join(err, io.ErrClosedPipe))
			done <- err
		}()
		content = io.TeeReader(in, pw)
		err := s.content(h, content)
		_ = pw.CloseWithError(orEOF(err))
		if told := <-done; told != nil && (err == nil || errors.Is(err, io.ErrClosedPipe)) {
			err = told
		}
		if err != nil {
			return err
		}
	} else if err := s.content(h, content); err != nil {
		return err
	}
	s.files = append(s.files, File{Name: h.Name, Size: h.Size, SHA256: hex.EncodeToString(sum.Sum(nil))})
	return nil
}

func orEOF(err error) error {
	if err == nil {
		return io.EOF
	}
	return err
}

// content reads one member by what its name says it is.
func (s *scan) content(h *tar.Header, in io.Reader) error {
	switch {
	case h.Name == headName:
		if err := s.readJSON(h, in, maxMeta, &s.head); err != nil {
			return err
		}
		if err := s.head.check(); err != nil {
			return err
		}
		if s.visit.Head != nil {
			return s.visit.Head(s.head)
		}
		return nil
	case h.Name == RedisName:
		return s.readRedis(in)
	}
	database, file, ok := strings.Cut(h.Name, "/")
	if !ok || database != s.head.Database {
		return broken("%q does not belong into it", h.Name)
	}
	if name, ok := strings.CutSuffix(file, metadataSuffix); ok && CheckName("the collection", name) == nil {
		return s.readMetadata(h, in, name)
	}
	if name, ok := strings.CutSuffix(file, documentsSuffix); ok && CheckName("the collection", name) == nil {
		return s.readDocuments(in, name)
	}
	return broken("%q does not belong into it", h.Name)
}

func (s *scan) readMetadata(h *tar.Header, in io.Reader, name string) error {
	text, err := s.readAll(h, in, maxMeta)
	if err != nil {
		return err
	}
	var meta Metadata
	if err := bson.UnmarshalExtJSON(text, true, &meta); err != nil {
		return broken("%s: %w", h.Name, err)
	}
	if meta.CollectionName != name {
		return broken("%s is of the collection %q", h.Name, meta.CollectionName)
	}
	c := &Collection{Name: name, Bytes: -1, Indexes: len(meta.Indexes)}
	for _, index := range meta.Indexes {
		if index.Lookup("name").String() == `"_id_"` {
			c.Indexes--
		}
	}
	s.contents[name] = c
	s.order = append(s.order, name)
	if s.visit.Collection != nil {
		return s.visit.Collection(name, meta)
	}
	return nil
}

func (s *scan) readDocuments(in io.Reader, name string) error {
	c := s.contents[name]
	if c == nil {
		return broken("the documents of %s come without its metadata", name)
	}
	c.Bytes = 0
	var content Content
	for {
		doc, err := s.document(in, name, content.Count)
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		content.Add(doc)
		c.Bytes += int64(len(doc))
		if s.visit.Document != nil {
			if err := s.visit.Document(name, doc); err != nil {
				return err
			}
		}
	}
	c.Documents, c.Content = content.Count, content.String()
	return nil
}

// document reads the next document of a collection; io.EOF is the end.
func (s *scan) document(in io.Reader, name string, n int64) (bson.Raw, error) {
	var size [4]byte
	if _, err := io.ReadFull(in, size[:]); errors.Is(err, io.EOF) {
		return nil, io.EOF
	} else if err != nil {
		return nil, s.readError(err)
	}
	length := int64(binary.LittleEndian.Uint32(size[:]))
	if length < 5 || length > MaxDocument {
		return nil, broken("document %d of %s claims %d bytes; MongoDB takes at most %d", n+1, name, length, MaxDocument)
	}
	if int64(cap(s.buf)) < length {
		s.buf = make([]byte, 0, max(length, 64<<10))
	}
	s.buf = append(s.buf[:0], size[:]...)
	s.buf = s.buf[:length]
	if _, err := io.ReadFull(in, s.buf[4:]); err != nil {
		return nil, s.readError(err)
	}
	doc := bson.Raw(s.buf)
	if err := doc.Validate(); err != nil {
		return nil, broken("document %d of %s is no BSON: %w", n+1, name, err)
	}
	return doc, nil
}

func (s *scan) readRedis(in io.Reader) error {
	lines := newLines(in)
	for {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return s.readError(err)
		}
		if !json.Valid(line) {
			return broken("line %d of %s is no JSON", s.redis+1, RedisName)
		}
		s.redis++
		if s.visit.Redis != nil {
			if err := s.visit.Redis(line); err != nil {
				return err
			}
		}
	}
}

func (s *scan) readManifest(h *tar.Header) (*Manifest, error) {
	text, err := s.readAll(h, s.tar, maxJSON)
	if err != nil {
		return nil, err
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, broken("%s: %w", h.Name, err)
	}
	if s.visit.File != nil {
		return m, s.visit.File(h.Name, bytes.NewReader(text))
	}
	return m, nil
}

func (s *scan) readJSON(h *tar.Header, in io.Reader, limit int64, into any) error {
	text, err := s.readAll(h, in, limit)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return broken("%s: %w", h.Name, err)
	}
	return nil
}

func (s *scan) readAll(h *tar.Header, in io.Reader, limit int64) ([]byte, error) {
	if h.Size > limit {
		return nil, broken("%s claims %d bytes", h.Name, h.Size)
	}
	var buf bytes.Buffer
	if _, err := io.Copy(&buf, in); err != nil {
		return nil, s.readError(err)
	}
	return buf.Bytes(), nil
}

// compare holds what was read against what the manifest says.
func (s *scan) compare(m *Manifest) error {
	if m.Head != s.head {
		return broken("its manifest is of another backup than its head")
	}
	if len(m.Files) != len(s.files) {
		return broken("the manifest names %d files, and there are %d", len(m.Files), len(s.files))
	}
	for i, got := range s.files {
		switch want := m.Files[i]; {
		case want.Name != got.Name:
			return broken("the manifest names %q where %q stands", want.Name, got.Name)
		case want.Size != got.Size:
			return broken("%s has %d bytes, and the manifest says %d", got.Name, got.Size, want.Size)
		case want.SHA256 != got.SHA256:
			return broken("the SHA-256 of %s is not that of the manifest", got.Name)
		}
	}
	if len(m.Collections) != len(s.order) {
		return broken("the manifest names %d collections, and there are %d", len(m.Collections), len(s.order))
	}
	for i, want := range m.Collections {
		got := *s.contents[s.order[i]]
		if got.Bytes < 0 {
			return broken("the documents of %s are missing", got.Name)
		}
		if got != want {
			return broken("of %s the manifest says %+v, and there is %+v", got.Name, want, got)
		}
	}
	if m.RedisKeys != s.redis {
		return broken("the manifest names %d keys of Redis, and there are %d", m.RedisKeys, s.redis)
	}
	return nil
}

func (s *scan) readError(err error) error {
	if s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	return readError(err)
}

// readError is the error of bytes that don't come or don't fit.
func readError(err error) error {
	var f *fault.Error
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return broken("it ends in the middle: it was cut off")
	case errors.Is(err, zstd.ErrMagicMismatch):
		return broken("it is not zstd: imctl did not write it, or something else follows it")
	}
	return broken("%w", err)
}
