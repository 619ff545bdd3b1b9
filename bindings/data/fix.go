package data

import (
	"context"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/openimsdk/imctl/bindings/store"
)

// fix is how a finding is mended: writes that each happen only while the stores are as the check found them.
type fix struct {
	given  []given
	writes []write
	live   *liveCounter // the counter in Redis to delete, after the writes
	caches []caches     // more than those of the written documents
}

// given is a number of documents that a fix relies on.
type given struct {
	collection string
	filter     bson.D
	count      int64
}

// write is a write of one document.
type write struct {
	collection string
	doc        bson.Raw // as it was found; nil where filter and caches say it all
	filter     bson.D   // what must still be so; the whole of doc when it is nil
	set        bson.D   // fields to set; with none of set, insert and push the document is removed
	insert     bson.D   // a document to add when none fits the filter
	push       bson.D   // array fields that get elements at their end
}

func (w write) condition() bson.D {
	if w.filter != nil {
		return w.filter
	}
	return asFound(w.doc)
}

// asFound is a filter that only this document fits, and only while none of its fields has changed.
func asFound(doc bson.Raw) bson.D {
	var d bson.D
	elements, _ := doc.Elements()
	for _, e := range elements {
		d = append(d, bson.E{Key: e.Key(), Value: e.Value()})
	}
	return d
}

// absent is the condition on a field that is not there.
var absent = bson.D{{Key: "$exists", Value: false}}

// removal removes a document as it was found.
func removal(collection string, doc bson.Raw) write {
	return write{collection: collection, doc: slices.Clone(doc)}
}

// setting sets fields of a document as it was found.
func setting(collection string, doc bson.Raw, set bson.D) write {
	return write{collection: collection, doc: slices.Clone(doc), set: set}
}

// run carries the write out. done is false when no document is as it was found.
func (w write) run(ctx context.Context, db *mongo.Database) (done bool, err error) {
	in := db.Collection(w.collection)
	doing := "writing " + w.collection
	switch {
	case w.insert != nil:
		res, err := in.UpdateOne(ctx, w.condition(), bson.D{{Key: "$setOnInsert", Value: w.insert}}, options.UpdateOne().SetUpsert(true))
		return err == nil && res.UpsertedCount == 1, store.MongoError(ctx, doing, err)
	case w.set != nil:
		res, err := in.UpdateOne(ctx, w.condition(), bson.D{{Key: "$set", Value: w.set}})
		return err == nil && res.MatchedCount == 1, store.MongoError(ctx, doing, err)
	case w.push != nil:
		res, err := in.UpdateOne(ctx, w.condition(), bson.D{{Key: "$push", Value: w.push}})
		return err == nil && res.MatchedCount == 1, store.MongoError(ctx, doing, err)
	}
	res, err := in.DeleteOne(ctx, w.condition())
	return err == nil && res.DeletedCount == 1, store.MongoError(ctx, doing, err)
}

// holds tells whether as many documents fit as were found.
func (g given) holds(ctx context.Context, db *mongo.Database) (bool, error) {
	n, err := db.Collection(g.collection).CountDocuments(ctx, g.filter)
	return n == g.count, store.MongoError(ctx, "reading "+g.collection, err)
}

// liveCounter is MALLOC_SEQ of a conversation as it was found (DATA-MODEL, Seqs: who is the truth). To delete it is safe
// only while seq.max_seq is not below its LAST.
type liveCounter struct {
	key      string
	last     string
	lastFits bool  // it is the end of the block in seq
	highest  int64 // of the stored messages
}

// dropCounter deletes a counter while it is wrong as it was found: the same LAST, and still below the messages when that
// was what was wrong.
var dropCounter = redis.NewScript(`local at = redis.call("HMGET", KEYS[1], "CURR", "LAST")
if at[2] == ARGV[1] and (ARGV[2] == "0" or tonumber(at[1]) < tonumber(ARGV[3])) then return redis.call("DEL", KEYS[1]) end
return 0`)

func (l liveCounter) drop(ctx context.Context, rdb redis.UniversalClient) (done bool, err error) {
	n, err := dropCounter.Run(ctx, rdb, []string{l.key}, l.last, l.lastFits, l.highest).Int64()
	return n == 1, store.RedisError(ctx, "deleting "+l.key, err)
}

// stale is what caches the written document. The live counter is not among it: whoever sets max_seq must see to it.
func (w write) stale() caches {
	if w.doc == nil {
		return caches{}
	}
	c := cachesOfDoc(w.collection, w.doc)
	c.keys = slices.DeleteFunc(c.keys, func(key string) bool { return strings.HasPrefix(key, counterPrefix) })
	return c
}

// counterPrefix begins the key of a conversation's live counter.
const counterPrefix = "MALLOC_SEQ:"
