// Package store connects to a deployment's own stores: MongoDB, Redis, Kafka and the object store (DATA-MODEL, Stores).
// Each connection is made on first use and kept; one that is not configured is an error of kind unsupported that says
// which setting is missing.
package store

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/redis/go-redis/v9"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// dialLimit is how long it may take until a store answers for the first time.
const dialLimit = 10 * time.Second

// Config says where the stores are. Whatever is left out is not there.
type Config struct {
	Context string // the context's name, for messages
	Mongo   Mongo
	Redis   Redis
	Kafka   Kafka
	Objects Objects
}

// Stores are the connections of one deployment. They are safe for concurrent use.
type Stores struct {
	cfg     Config
	mu      sync.Mutex
	mongo   *mongo.Client
	redis   redis.UniversalClient
	kafka   *kgo.Client
	objects *minio.Client
}

// New names the stores and connects to none.
func New(cfg Config) *Stores { return &Stores{cfg: cfg} }

// Config is what New was given.
func (s *Stores) Config() Config { return s.cfg }

// Close ends the connections that were made.
func (s *Stores) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	if s.mongo != nil {
		ctx, cancel := context.WithTimeout(context.Background(), dialLimit)
		defer cancel()
		errs = append(errs, s.mongo.Disconnect(ctx))
	}
	if s.redis != nil {
		errs = append(errs, s.redis.Close())
	}
	if s.kafka != nil {
		s.kafka.Close()
	}
	s.mongo, s.redis, s.kafka, s.objects = nil, nil, nil, nil
	return errors.Join(errs...)
}

// missing is the error of a store that is not configured.
func (s *Stores) missing(store, setting string) error {
	return fault.New(fault.Unsupported, "the context %s does not say where %s is", s.cfg.Context, store).
		WithHint("set %s in the context, or read it from the server's own config folder: imctl context add NAME --from FOLDER", setting)
}

// password reads a secret, which may be none.
func password(ctx context.Context, secret openim.Secret) (string, error) {
	if secret.Get == nil {
		return "", nil
	}
	return secret.Get(ctx)
}

// wrong is the error of a store that can't be used, told by what the driver said.
func wrong(ctx context.Context, store, address string, err error) error {
	var f *fault.Error
	switch {
	case errors.As(err, &f):
		return f
	case ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled):
		return fault.New(fault.Canceled, "canceled")
	case refusedLogin(err):
		return fault.New(fault.Auth, "%s at %s refused the login: %w", store, address, err)
	}
	return fault.New(fault.Unreachable, "%s at %s does not answer: %w", store, address, err)
}
