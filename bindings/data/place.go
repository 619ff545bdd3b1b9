package data

import (
	"cmp"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/s3utils"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
)

// place is where an archive is: a file, standard output (only to write), or s3://bucket/key in the object store of the
// context.
type place struct {
	name        string
	bucket, key string // of s3
}

func parsePlace(name string) (place, error) {
	rest, s3 := strings.CutPrefix(name, "s3://")
	if !s3 {
		return place{name: name}, nil
	}
	bucket, key, _ := strings.Cut(rest, "/")
	if bucket == "" || key == "" {
		return place{}, fault.New(fault.Usage, "%q names no object; want s3://BUCKET/KEY", name)
	}
	if err := errors.Join(s3utils.CheckValidBucketName(bucket), s3utils.CheckValidObjectName(key)); err != nil {
		return place{}, fault.New(fault.Usage, "%s: %w", name, err)
	}
	return place{name, bucket, key}, nil
}

// folder is where the parts of an archive may lie while it is made: beside the file, so that they are on the disk that has
// to have room for it anyway.
func (p place) folder(temporary string) string {
	if p.bucket != "" || p.name == "-" {
		return temporary
	}
	return filepath.Dir(p.name)
}

// create opens the place for writing: what is written appears when it is committed, whole, or not at all. failed is told
// the error of an object store at once, which may be long before something is written.
func (p place) create(ctx context.Context, env *bindings.Env, failed context.CancelCauseFunc) (bindings.File, error) {
	if p.bucket == "" {
		f, err := env.Create(p.name)
		if err != nil {
			return nil, asFault(err, "%s can't be written", p.name)
		}
		return f, nil
	}
	client, _, err := env.Stores.Objects(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	r, w := io.Pipe()
	o := &object{PipeWriter: w, cancel: cancel, done: make(chan error, 1)}
	go func() {
		// An upload of unknown size goes in parts, and the object is there when the last one is.
		_, err := client.PutObject(ctx, p.bucket, p.key, r, -1, minio.PutObjectOptions{PartSize: 16 << 20, ContentType: "application/zstd"})
		err = store.ObjectError(ctx, "writing "+p.name, err)
		_ = r.CloseWithError(cmp.Or(err, io.ErrClosedPipe))
		if err != nil {
			failed(err)
		}
		o.done <- err
	}()
	return o, nil
}

// object is an upload.
type object struct {
	*io.PipeWriter
	cancel context.CancelCauseFunc
	done   chan error
	ended  bool
}

func (o *object) Commit() error {
	o.ended = true
	_ = o.Close() // of a pipe: it never fails
	err := <-o.done
	o.cancel(nil)
	return err
}

func (o *object) Discard() {
	if o.ended {
		return
	}
	o.ended = true
	o.cancel(errDiscarded)
	_ = o.CloseWithError(errDiscarded)
	<-o.done
}

var errDiscarded = errors.New("the upload was given up")

// open opens the place for reading, from its beginning each time.
func (p place) open(ctx context.Context, env *bindings.Env) (io.ReadCloser, error) {
	switch {
	case p.name == "-":
		return nil, fault.New(fault.Usage, "an archive can't be read from standard input: it is read twice, first to prove it").
			WithHint("write it to a file first")
	case p.bucket == "":
		f, err := env.Open(p.name)
		if err != nil {
			return nil, asFault(err, "%s can't be read", p.name)
		}
		return f, nil
	}
	client, _, err := env.Stores.Objects(ctx)
	if err != nil {
		return nil, err
	}
	o, err := client.GetObject(ctx, p.bucket, p.key, minio.GetObjectOptions{})
	if err != nil {
		return nil, store.ObjectError(ctx, "reading "+p.name, err)
	}
	if _, err := o.Stat(); err != nil {
		_ = o.Close()
		return nil, store.ObjectError(ctx, "reading "+p.name, err)
	}
	return download{o, ctx, p.name}, nil
}

// download is an object while it is read. A store that goes away is no broken archive, so its error has a kind of its own.
type download struct {
	*minio.Object
	ctx  context.Context
	name string
}

func (d download) Read(p []byte) (int, error) {
	n, err := d.Object.Read(p)
	if err == io.EOF {
		return n, err
	}
	return n, store.ObjectError(d.ctx, "reading "+d.name, err)
}

// asFault gives an error without a kind the kind usage, with words of our own before it.
func asFault(err error, format string, args ...any) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	return fault.New(fault.Usage, format+": %w", append(args, err)...)
}
