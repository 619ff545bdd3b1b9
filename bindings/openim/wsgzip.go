package openim

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"sync"
)

// maxFrame is the most a frame of the server may hold, in bytes: as it comes, and decompressed.
const (
	maxFrame    = 4 << 20
	maxUnzipped = 16 << 20
)

// gzipWriters and gzipReaders are the tools that compress and decompress frames. They are large: a writer has a megabyte.
// All connections of all gateways share them.
var gzipWriters, gzipReaders sync.Pool

// zipper compresses and decompresses frames.
type zipper struct {
	limit int64 // bytes that a frame may grow to; 0 is maxUnzipped
}

func (z *zipper) zip(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, ok := gzipWriters.Get().(*gzip.Writer)
	if !ok {
		w, _ = gzip.NewWriterLevel(&b, gzip.BestSpeed) // the level is a valid one
	}
	w.Reset(&b)
	defer gzipWriters.Put(w)
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err := w.Close()
	return b.Bytes(), err
}

func (z *zipper) unzip(data []byte) ([]byte, error) {
	limit := z.limit
	if limit == 0 {
		limit = maxUnzipped
	}
	from := bytes.NewReader(data)
	r, ok := gzipReaders.Get().(*gzip.Reader)
	if !ok {
		r = new(gzip.Reader)
	}
	defer gzipReaders.Put(r)
	if err := r.Reset(from); err != nil {
		return nil, fmt.Errorf("not gzip, although compression was agreed: %w", err)
	}
	var b bytes.Buffer
	_, err := b.ReadFrom(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("broken gzip: %w", err)
	case int64(b.Len()) > limit:
		return nil, fmt.Errorf("a frame of %d bytes that grows beyond %d MiB", len(data), limit>>20)
	}
	return b.Bytes(), nil
}
