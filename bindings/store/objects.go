package store

import (
	"context"
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
