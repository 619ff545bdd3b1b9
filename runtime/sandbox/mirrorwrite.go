package sandbox

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// The engine keeps a connection to its file open for each update of a command, and has a hundred: a command with more
// waits forever.
const updatesAtOnce = 40

// How many documents a command inserts.
const (
	docsAtOnce        = 500
	messageDocsAtOnce = 25
)

func withID(doc bson.Raw, id any) bson.D {
	return append(bson.D{{Key: "_id", Value: id}}, fieldsOf(doc)...)
}

func fieldsOf(doc bson.Raw) bson.D {
	elements, err := doc.Elements()
	if err != nil {
		panic(err) // we made it
	}
	d := make(bson.D, 0, len(elements)+1)
	for _, e := range elements {
		d = append(d, bson.E{Key: e.Key(), Value: e.Value()})
	}
	return d
}

// begin makes an empty database with OpenIM's collections and indexes.
func (m *mirror) begin() error {
	ctx := context.Background() // the end of the engine ends it
	if err := m.db.Drop(ctx); err != nil {
		return fmt.Errorf("emptying the database: %w", err)
	}
	m.written = map[string]map[string]*written{}
	for _, c := range m.collections {
		m.written[c.name] = map[string]*written{}
		if len(c.indexes) == 0 {
			if err := m.db.CreateCollection(ctx, c.name); err != nil {
				return fmt.Errorf("making the collection %s: %w", c.name, err)
			}
			continue
		}
		var models []mongo.IndexModel
		for _, i := range c.indexes {
			keys := bson.D{}
			for _, k := range i.keys {
				direction := 1
				if name, ok := strings.CutPrefix(k, "-"); ok {
					k, direction = name, -1
				}
				keys = append(keys, bson.E{Key: k, Value: direction})
			}
			o := options.Index()
			if i.unique {
				o.SetUnique(true)
			}
			models = append(models, mongo.IndexModel{Keys: keys, Options: o})
		}
		if _, err := m.db.Collection(c.name).Indexes().CreateMany(ctx, models); err != nil {
			return fmt.Errorf("making the indexes of %s: %w", c.name, err)
		}
	}
	m.filled = true
	if m.quicken == nil {
		return nil
	}
	return m.quicken(ctx)
}

// write carries out a batch.
func (m *mirror) write(b batch) error {
	ctx := context.Background() // the end of the engine ends it
	for _, c := range m.collections {
		if err := m.deleteDocs(ctx, c, b.deletes[c.name]); err != nil {
			return fmt.Errorf("deleting from %s: %w", c.name, err)
		}
		if err := m.insertDocs(ctx, c, b.inserts[c.name]); err != nil {
			return fmt.Errorf("inserting into %s: %w", c.name, err)
		}
		if err := m.updateDocs(ctx, c, b.updates[c.name]); err != nil {
			return fmt.Errorf("updating %s: %w", c.name, err)
		}
	}
	return nil
}

func (m *mirror) deleteDocs(ctx context.Context, c *collection, ids []any) error {
	for list := range slices.Chunk(ids, updatesAtOnce) {
		var models []mongo.WriteModel
		for _, id := range list {
			models = append(models, mongo.NewDeleteOneModel().SetFilter(bson.D{{Key: "_id", Value: id}}))
		}
		if _, err := m.db.Collection(c.name).BulkWrite(ctx, models); err != nil {
			return err
		}
	}
	return nil
}

// insertDocs minds no document that somebody else has put there. The engine is slow with documents of messages, and does
// several commands at a time.
func (m *mirror) insertDocs(ctx context.Context, c *collection, docs []any) error {
	size := docsAtOnce
	if c.name == "msg" {
		size = messageDocsAtOnce
	}
	var inserting sync.WaitGroup
	turns := make(chan bool, runtime.GOMAXPROCS(0))
	errs := make([]error, len(docs)/size+1)
	for i, some := range slices.Collect(slices.Chunk(docs, size)) {
		turns <- true
		inserting.Go(func() {
			_, err := m.db.Collection(c.name).InsertMany(ctx, some, options.InsertMany().SetOrdered(false))
			if !mongo.IsDuplicateKeyError(err) {
				errs[i] = err
			}
			<-turns
		})
	}
	inserting.Wait()
	return errors.Join(errs...)
}

func (m *mirror) updateDocs(ctx context.Context, c *collection, list []update) error {
	for some := range slices.Chunk(list, updatesAtOnce) {
		var models []mongo.WriteModel
		for _, u := range some {
			models = append(models, mongo.NewUpdateOneModel().SetFilter(bson.D{{Key: "_id", Value: u.at}}).SetUpdate(bson.D{{Key: "$set", Value: u.set}}))
		}
		result, err := m.db.Collection(c.name).BulkWrite(ctx, models)
		if err != nil {
			return err
		}
		if result.MatchedCount == int64(len(some)) {
			continue
		}
		for _, u := range some {
			if err := m.updateForeign(ctx, u); err != nil {
				return err
			}
		}
	}
	return nil
}

// updateForeign updates a document that somebody else may have replaced, as the services would: by what makes it unique.
// Seqs, messages and version logs are made when they aren't there; other rows are not.
func (m *mirror) updateForeign(ctx context.Context, u update) error {
	coll := m.db.Collection(u.c.name)
	change := bson.D{{Key: "$set", Value: u.set}}
	result, err := coll.UpdateOne(ctx, bson.D{{Key: "_id", Value: u.at}}, change)
	if err != nil || result.MatchedCount > 0 || len(u.c.indexes) == 0 {
		return err
	}
	var filter bson.D
	for _, k := range u.c.indexes[0].keys {
		filter = append(filter, bson.E{Key: k, Value: u.doc.Lookup(k)})
	}
	result, err = coll.UpdateOne(ctx, filter, change)
	if err != nil || result.MatchedCount > 0 || u.c.blank == nil {
		return err
	}
	if _, err := coll.InsertOne(ctx, withID(u.c.blank(u.id, u.doc), u.at)); err != nil && !mongo.IsDuplicateKeyError(err) {
		return err
	}
	_, err = coll.UpdateOne(ctx, bson.D{{Key: "_id", Value: u.at}}, change)
	return err
}

// cache brings the keys in Redis to where the state is. What the services still hold in memory they don't cache again.
func (m *mirror) cache(entries []cacheEntry) {
	redis := m.s.redis
	for _, e := range entries {
		switch {
		case e.gone:
			redis.Del(e.key)
			continue
		case m.isHeld(e.key):
			continue
		case e.plain:
			redis.HSet(e.key, "value", e.value())
		default:
			redis.HSet(e.key, "value", e.value(), "lockUntil", "0", "lockOwner", "")
		}
		redis.SetTTL(e.key, e.life)
	}
}
