package store

import (
	"context"
	"errors"
	"strings"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// Redis is where Redis is. In sentinel mode the addresses are those of the sentinels.
type Redis struct {
	Addresses  []string // host:port
	Username   string
	DB         int
	Mode       string // standalone (or empty), cluster, sentinel
	MasterName string
	Password   openim.Secret
}

// The driver writes on standard error what it also returns as an error.
func init() { logging.Disable() }

// Redis is the Redis of the deployment. The first call waits until it answers, at most 10 s. Errors: unsupported when
// it is not configured, auth, unreachable.
func (s *Stores) Redis(ctx context.Context) (redis.UniversalClient, error) {
	r := s.cfg.Redis
	if len(r.Addresses) == 0 {
		return nil, s.missing("Redis", "redis.addresses")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.redis != nil {
		return s.redis, nil
	}
	secret, err := password(ctx, r.Password)
	if err != nil {
		return nil, err
	}
	opts := &redis.UniversalOptions{
		Addrs: r.Addresses, DB: r.DB, Username: r.Username, Password: secret,
		ClientName: "imctl", DialTimeout: dialLimit, IsClusterMode: r.Mode == "cluster",
	}
	if r.Mode == "sentinel" {
		opts.MasterName = r.MasterName
	}
	client := redis.NewUniversalClient(opts)
	dial, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	if err := client.Ping(dial).Err(); err != nil {
		_ = client.Close()
		return nil, wrong(ctx, "Redis", strings.Join(r.Addresses, ","), err)
	}
	s.redis = client
	return client, nil
}

// RedisError tells what Redis refused, or that it went away, as an error with a kind.
func RedisError(ctx context.Context, doing string, err error) error {
	var f *fault.Error
	var refused redis.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f):
		return f
	case ctx.Err() != nil:
		return ended(ctx, doing)
	case refusedLogin(err):
		return fault.New(fault.Auth, "%s: the user has no right to it: %w", doing, err)
	case errors.As(err, &refused):
		return fault.New(fault.API, "%s: %w", doing, err)
	}
	return fault.New(fault.Unreachable, "%s: Redis went away: %w", doing, err)
}
