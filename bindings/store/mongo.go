package store

import (
	"context"
	"errors"
	"strings"
	"syscall"

	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// DefaultDatabase is the database that OpenIM ships with (DATA-MODEL, Stores).
const DefaultDatabase = "openim_v3"

// Mongo is where MongoDB is: a URI without a password, or addresses.
type Mongo struct {
	URI        string
	Addresses  []string // host:port
	Database   string   // DefaultDatabase when it is empty
	Username   string
	AuthSource string // the database itself when it is empty
	Password   openim.Secret
}

func (m Mongo) address() string {
	if m.URI != "" {
		return m.URI
	}
	return strings.Join(m.Addresses, ",")
}

// Mongo is the database of the deployment. The first call waits until the server answers, at most 10 s; where there is
// only one address, not longer than until that refuses the connection. Errors: unsupported when it is not configured, auth,
// unreachable.
func (s *Stores) Mongo(ctx context.Context) (*mongo.Database, error) {
	m := s.cfg.Mongo
	if m.address() == "" {
		return nil, s.missing("MongoDB", "mongo.addresses or mongo.uri")
	}
	database := m.Database
	if database == "" {
		database = DefaultDatabase
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mongo != nil {
		return s.mongo.Database(database), nil
	}
	opts := options.Client().SetAppName("imctl").SetServerSelectionTimeout(dialLimit)
	if m.URI != "" {
		opts.ApplyURI(m.URI)
	} else {
		opts.SetHosts(m.Addresses)
		opts.SetDirect(len(m.Addresses) == 1)
	}
	if m.Username != "" || opts.Auth != nil {
		secret, err := password(ctx, m.Password)
		if err != nil {
			return nil, err
		}
		auth := options.Credential{Username: m.Username, AuthSource: m.AuthSource}
		if opts.Auth != nil {
			auth = *opts.Auth
		}
		if auth.AuthSource == "" {
			auth.AuthSource = database
		}
		auth.Password, auth.PasswordSet = secret, secret != ""
		opts.SetAuth(auth)
	}
	dial, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	dial, nobody := context.WithCancelCause(dial)
	defer nobody(nil)
	if len(m.Addresses) == 1 { // the driver would ask again and again until the time is up
		opts.SetServerMonitor(&event.ServerMonitor{ServerHeartbeatFailed: func(e *event.ServerHeartbeatFailedEvent) {
			if errors.Is(e.Failure, syscall.ECONNREFUSED) {
				nobody(e.Failure)
			}
		}})
	}
	client, err := mongo.Connect(opts)
	if err != nil {
		return nil, fault.New(fault.Usage, "the settings of MongoDB are wrong: %w", err)
	}
	if err := client.Ping(dial, nil); err != nil {
		if cause := context.Cause(dial); errors.Is(cause, syscall.ECONNREFUSED) {
			err = cause
		}
		_ = client.Disconnect(context.WithoutCancel(ctx))
		return nil, wrong(ctx, "MongoDB", m.address(), err)
	}
	s.mongo = client
	return client.Database(database), nil
}

// Codes of MongoDB for a login that is refused: AuthenticationFailed, Unauthorized.
const (
	authenticationFailed = 18
	unauthorized         = 13
)

func refusedLogin(err error) bool {
	var server mongo.ServerError
	if errors.As(err, &server) && (server.HasErrorCode(authenticationFailed) || server.HasErrorCode(unauthorized)) {
		return true
	}
	text := err.Error()
	return strings.Contains(text, "WRONGPASS") || strings.Contains(text, "NOAUTH") || strings.Contains(text, "auth error")
}

// MongoError tells what MongoDB refused, or that it went away, as an error with a kind.
func MongoError(ctx context.Context, doing string, err error) error {
	var f *fault.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f):
		return f
	case ctx.Err() != nil:
		return ended(ctx, doing)
	case refusedLogin(err):
		return fault.New(fault.Auth, "%s: the user has no right to it: %w", doing, err)
	case mongo.IsTimeout(err) || mongo.IsNetworkError(err):
		return fault.New(fault.Unreachable, "%s: MongoDB went away: %w", doing, err)
	case mongo.IsDuplicateKeyError(err):
		return fault.New(fault.Exists, "%s: %w", doing, err)
	}
	return fault.New(fault.API, "%s: %w", doing, err)
}

// ended is the error of something that a context ended, be it for an error elsewhere.
func ended(ctx context.Context, doing string) error {
	var f *fault.Error
	if errors.As(context.Cause(ctx), &f) {
		return f
	}
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return fault.New(fault.Timeout, "%s: the time limit ended it", doing)
	}
	return fault.New(fault.Canceled, "%s: canceled", doing)
}
