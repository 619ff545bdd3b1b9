package data

import (
	"context"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
)

// snapshot gives sessions that all read at one point in time: that of the first one's first reading. A session is for one
// goroutine. MongoDB keeps a point in time for minSnapshotHistoryWindowInSeconds, 300 s unless it is told otherwise.
type snapshot struct {
	client *mongo.Client
	mu     sync.Mutex
	time   *bson.Timestamp
}

// session begins a session; the first one reads something of the collection to fix the time. nil stands for no session.
func (s *snapshot) session(ctx context.Context, any *mongo.Collection) (*mongo.Session, error) {
	if s == nil {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	opts := options.Session().SetSnapshot(true)
	if s.time != nil {
		opts.SetSnapshotTime(*s.time)
	}
	session, err := s.client.StartSession(opts)
	if err != nil {
		return nil, store.MongoError(ctx, "beginning a snapshot", err)
	}
	if s.time == nil {
		if err := any.FindOne(mongo.NewSessionContext(ctx, session), bson.D{}).Err(); err != nil && err != mongo.ErrNoDocuments {
			session.EndSession(ctx)
			return nil, store.MongoError(ctx, "beginning a snapshot", err)
		}
		t := session.SnapshotTime()
		s.time = &t
	}
	return session, nil
}

// snapshotTooOld is MongoDB's code for a point in time that it keeps no longer.
const snapshotTooOld = 239

// readError is the error of reading a collection.
func readError(ctx context.Context, name string, err error) error {
	if server, ok := err.(mongo.ServerError); ok && server.HasErrorCode(snapshotTooOld) {
		return fault.New(fault.API, "reading %s: MongoDB no longer keeps the point in time at which the backup began", name).
			WithHint("raise minSnapshotHistoryWindowInSeconds on MongoDB, or use consistency=in_order")
	}
	return store.MongoError(ctx, "reading "+name, err)
}
