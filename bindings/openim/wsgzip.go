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

// zipper compresses and decompresses frames. Its tools are large, so that they are shared by all connections.
type zipper struct {
	writers, readers sync.Pool
	limit            int64 // bytes that a frame may grow to; 0 is maxUnzipped
}

func (z *zipper) zip(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, ok := z.writers.Get().(*gzip.Writer)
	if !ok {
		w, _ = gzip.NewWriterLevel(&b, gzip.BestSpeed) // the level is a valid one
	}
	w.Reset(&b)
	defer z.writers.Put(w)
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
	r, ok := z.readers.Get().(*gzip.Reader)
	if !ok {
		r = new(gzip.Reader)
	}
	defer z.readers.Put(r)
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
