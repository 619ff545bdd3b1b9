package store

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// Objects is where file bodies are kept: a bucket of an S3-compatible store (DATA-MODEL, Object storage).
type Objects struct {
	Endpoint        string // http://host:10005
	Bucket          string
	AccessKeyID     string
	SecretAccessKey openim.Secret
}

// Objects is a client of the deployment's object store, and the name of its bucket. It connects with the first request
// made. Errors: unsupported when it is not configured, usage, auth.
func (s *Stores) Objects(ctx context.Context) (client *minio.Client, bucket string, err error) {
	o := s.cfg.Objects
	if o.Endpoint == "" || o.Bucket == "" {
		return nil, "", s.missing("the object store", "object_store.endpoint and object_store.bucket")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.objects != nil {
		return s.objects, o.Bucket, nil
	}
	secret, err := password(ctx, o.SecretAccessKey)
	if err != nil {
		return nil, "", err
	}
	at, err := url.Parse(o.Endpoint)
	if err != nil || at.Host == "" {
		return nil, "", fault.New(fault.Usage, "object_store.endpoint: %q is no URL such as http://host:10005", o.Endpoint)
	}
	s.objects, err = minio.New(at.Host, &minio.Options{
		Creds: credentials.NewStaticV4(o.AccessKeyID, secret, ""), Secure: at.Scheme == "https",
	})
	if err != nil {
		return nil, "", fault.New(fault.Usage, "object_store.endpoint: %w", err)
	}
	return s.objects, o.Bucket, nil
}

// ObjectError tells what the object store refused, or that it went away, as an error with a kind.
func ObjectError(ctx context.Context, doing string, err error) error {
	var f *fault.Error
	var refused minio.ErrorResponse
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f):
		return f
	case ctx.Err() != nil:
		return ended(ctx, doing)
	case !errors.As(err, &refused):
		return fault.New(fault.Unreachable, "%s: the object store went away: %w", doing, err)
	case refused.StatusCode == http.StatusNotFound || refused.Code == minio.NoSuchKey || refused.Code == minio.NoSuchBucket:
		return fault.New(fault.NotFound, "%s: %w", doing, err)
	case refused.StatusCode == http.StatusUnauthorized || refused.StatusCode == http.StatusForbidden:
		return fault.New(fault.Auth, "%s: the object store refused it: %w", doing, err).
			WithHint("object_store.access_key_id and object_store.secret_access_key in the context name the user")
	}
	return fault.New(fault.API, "%s: %w", doing, err)
}
