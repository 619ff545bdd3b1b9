package data

import (
	"context"
	"io"
	"path"
	"path/filepath"
	"strings"

	"github.com/minio/minio-go/v7"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
)

// temporaryObjects are parts of uploads in progress, which no backup needs (DATA-MODEL, Object storage).
const temporaryObjects = "openim/temp/"

// mirror copies the bucket of the context into a folder and returns how many objects it holds. An object that lies there
// with the same size is left as it is: OpenIM's objects are named by their content.
func mirror(ctx context.Context, env *bindings.Env, folder string) (int64, error) {
	client, bucket, err := env.Stores.Objects(ctx)
	if err != nil {
		return 0, err
	}
	progress := env.Track("objects")
	var n int64
	for o := range client.ListObjectsIter(ctx, bucket, minio.ListObjectsOptions{Recursive: true}) {
		if o.Err != nil {
			return n, store.ObjectError(ctx, "listing the bucket "+bucket, o.Err)
		}
		if strings.HasPrefix(o.Key, temporaryObjects) || strings.HasSuffix(o.Key, "/") {
			continue
		}
		if !filepath.IsLocal(filepath.FromSlash(o.Key)) {
			return n, fault.New(fault.Denied, "the bucket %s has an object %q, which would leave the folder %s", bucket, o.Key, folder)
		}
		if path.Clean(o.Key) != o.Key { // as a file it would be another object's
			return n, fault.New(fault.Unsupported, "the bucket %s has an object %q, and a folder can't hold a file of that name", bucket, o.Key)
		}
		if err := mirrorObject(ctx, env, client, bucket, o, filepath.Join(folder, filepath.FromSlash(o.Key))); err != nil {
			return n, err
		}
		n++
		progress.Set(n, 0)
	}
	progress.Finish("")
	return n, store.ObjectError(ctx, "listing the bucket "+bucket, ctx.Err())
}

func mirrorObject(ctx context.Context, env *bindings.Env, client *minio.Client, bucket string, o minio.ObjectInfo, name string) error {
	if have, err := env.Open(name); err == nil {
		size, err := io.Copy(io.Discard, have)
		_ = have.Close()
		if err == nil && size == o.Size {
			return nil
		}
	}
	doing := "copying " + o.Key + " of the bucket " + bucket
	object, err := client.GetObject(ctx, bucket, o.Key, minio.GetObjectOptions{})
	if err != nil {
		return store.ObjectError(ctx, doing, err)
	}
	from := download{object, ctx, o.Key}
	defer from.Close() //nolint:errcheck // it was only read
	if err := env.Folder(filepath.Dir(name)); err != nil {
		return err
	}
	to, err := env.Create(name)
	if err != nil {
		return asFault(err, "%s can't be written", name)
	}
	defer to.Discard()
	if n, err := io.Copy(to, from); err != nil {
		return asFault(err, "%s can't be written", name)
	} else if n != o.Size {
		return fault.New(fault.Unreachable, "%s: it has %d bytes, and %d came", doing, o.Size, n)
	}
	if err := to.Commit(); err != nil {
		return asFault(err, "%s can't be written", name)
	}
	return nil
}
