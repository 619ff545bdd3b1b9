package data

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
)

// mark is the journal of a restore. It lies in the database that is restored, so that whoever comes there next, from any
// machine, sees that a restore is unfinished and how far it is.
type mark struct {
	ID      string    `bson:"_id"` // markID: there is one restore at a time
	From    string    `bson:"from"`
	Archive string    `bson:"archive"` // what it holds: sum of its manifest's file sums
	Policy  string    `bson:"policy"`
	State   string    `bson:"state"`
	Loaded  []string  `bson:"loaded"` // collections whose staging is complete
	Names   []string  `bson:"names"`  // all that are restored, in order
	Had     []string  `bson:"had"`    // of Names those that were there before
	Begun   time.Time `bson:"begun"`
}

const markID = "restore"

// States of a restore, in their order. Up to loading the live collections are as they were; from swapped on they are those
// of the archive. In between the mark is what tells that they are neither.
const (
	loading  = "loading"  // staging collections are filled
	swapping = "swapping" // live collections go aside, staging ones take their place
	swapped  = "swapped"  // caches and offsets are next
	ending   = "ending"   // what was replaced is dropped: there is no way back from here
	merging  = "merging"  // documents are merged into the live collections
	undoing  = "undoing"  // live collections go, those aside take their place again
	kept     = "kept"     // all is done, and what was replaced lies aside still
)

// readMark reads the mark of an unfinished restore; nil when there is none.
func readMark(ctx context.Context, db *mongo.Database) (*mark, error) {
	var m mark
	err := db.Collection(markName).FindOne(ctx, bson.D{{Key: "_id", Value: markID}}).Decode(&m)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil
	} else if err != nil {
		return nil, store.MongoError(ctx, "looking for an unfinished restore", err)
	}
	return &m, nil
}

// begin writes a new mark. Another one is in the way.
func (m *mark) begin(ctx context.Context, db *mongo.Database) error {
	_, err := db.Collection(markName).InsertOne(ctx, m)
	if mongo.IsDuplicateKeyError(err) {
		return refuseUnfinished(ctx, db)
	}
	return store.MongoError(ctx, "writing down that a restore begins", err)
}

// write brings the mark up to date before the next step is taken.
func (m *mark) write(ctx context.Context, db *mongo.Database) error {
	_, err := db.Collection(markName).ReplaceOne(ctx, bson.D{{Key: "_id", Value: markID}}, m, options.Replace())
	return store.MongoError(ctx, "writing down how far the restore is", err)
}

func (m *mark) loadedAlready(name string) bool { return slices.Contains(m.Loaded, name) }

// refuseUnfinished is the error of a database in which a restore is unfinished; nil when there is none.
func refuseUnfinished(ctx context.Context, db *mongo.Database) error {
	m, err := readMark(ctx, db)
	if err != nil || m == nil || m.State == kept {
		return err
	}
	if m.State == undoing {
		return fault.New(fault.Denied, "the restore of %s into the database %s is being taken back", m.From, db.Name()).
			WithHint("data.restore{rollback=true} ends it")
	}
	ways := []string{"data.restore with resume=true and the same archive completes it"}
	if m.State != merging && m.State != ending {
		ways = append(ways, "rollback=true brings the old data back")
	}
	return fault.New(fault.Denied, "a restore of %s into the database %s, begun at %s, is unfinished (%s)", m.From, db.Name(),
		m.Begun.UTC().Format(time.RFC3339), m.State).WithHint("%s", strings.Join(ways, "; "))
}

// wholeDatabase is the database of the context, when no restore of it is unfinished: half restored nothing of it can be
// trusted, and nothing should be changed.
func wholeDatabase(ctx context.Context, env *bindings.Env) (*mongo.Database, error) {
	db, err := env.Stores.Mongo(ctx)
	if err != nil {
		return nil, err
	}
	return db, refuseUnfinished(ctx, db)
}
