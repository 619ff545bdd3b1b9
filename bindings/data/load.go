package data

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"golang.org/x/sync/errgroup"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/archive"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
)

// Sizes of what is on its way from an archive to MongoDB.
const (
	insertDocuments = 1000
	insertBytes     = 4 << 20
	insertWorkers   = 4
	updatesAtATime  = 50 // in one command: FerretDB gives each a connection of its own, out of a hundred
)

// loader fills collections from an archive.
type loader struct {
	env    *bindings.Env
	db     *mongo.Database
	source *source
	label  string
	skip   func(name string) bool                       // collections that are not loaded; nil: none
	whole  func(ctx context.Context, name string) error // told when a collection is complete with its indexes; nil: nobody
}

// load reads the archive once more and inserts its documents, several batches at a time. A collection is made anew under
// the name that nameOf gives, gets its indexes when its documents are there, and has as many documents as the manifest
// says, or the load fails.
func (l *loader) load(ctx context.Context, m *archive.Manifest, nameOf func(string) string) error {
	var total int64
	want := map[string]archive.Collection{}
	for _, c := range m.Collections {
		want[c.Name] = c
		total += c.Documents
	}
	progress := l.env.Track(l.label)
	defer progress.Finish("")
	var done int64
	var now *filling
	finish := func() error {
		if now == nil {
			return nil
		}
		f := now
		now = nil
		if err := f.finish(ctx, want[f.name].Documents); err != nil {
			return err
		}
		if l.whole == nil {
			return nil
		}
		return l.whole(ctx, f.name)
	}
	_, err := l.source.scan(ctx, l.env, archive.Visitor{
		Collection: func(name string, meta archive.Metadata) error {
			if err := finish(); err != nil {
				return err
			}
			if l.skip != nil && l.skip(name) {
				return nil
			}
			var err error
			now, err = fill(ctx, l.db, name, nameOf(name), meta)
			return err
		},
		Document: func(_ string, doc bson.Raw) error {
			if done++; done%insertDocuments == 0 {
				progress.Set(done, total)
			}
			if now == nil {
				return nil
			}
			return now.add(doc)
		},
	})
	if err != nil {
		if now != nil {
			_ = now.workers.close()
		}
		return err
	}
	return finish()
}

// filling is a collection while it is filled.
type filling struct {
	name    string // in the archive
	into    *mongo.Collection
	meta    archive.Metadata
	batch   []any
	bytes   int
	workers *inserters
}

func fill(ctx context.Context, db *mongo.Database, name, as string, meta archive.Metadata) (*filling, error) {
	into := db.Collection(as)
	if err := into.Drop(ctx); err != nil {
		return nil, store.MongoError(ctx, "dropping what an earlier attempt left in "+as, err)
	}
	command := bson.D{{Key: "create", Value: as}}
	elements, err := meta.Options.Elements()
	if err != nil {
		return nil, fault.New(fault.Usage, "the options of %s in the archive: %w", name, err)
	}
	for _, e := range elements {
		command = append(command, bson.E{Key: e.Key(), Value: e.Value()})
	}
	if err := db.RunCommand(ctx, command).Err(); err != nil {
		return nil, store.MongoError(ctx, "making the collection "+as, err)
	}
	return &filling{name: name, into: into, meta: meta, workers: newInserters(ctx, into)}, nil
}

func (f *filling) add(doc bson.Raw) error {
	f.batch = append(f.batch, bson.Raw(bytes.Clone(doc)))
	f.bytes += len(doc)
	if len(f.batch) < insertDocuments && f.bytes < insertBytes {
		return nil
	}
	return f.flush()
}

func (f *filling) flush() error {
	if len(f.batch) == 0 {
		return nil
	}
	batch := f.batch
	f.batch, f.bytes = nil, 0
	return f.workers.insert(batch)
}

// finish waits for the last batch, makes the indexes, and counts.
func (f *filling) finish(ctx context.Context, want int64) error {
	if err := errors.Join(f.flush(), f.workers.close()); err != nil {
		return store.MongoError(ctx, "writing into "+f.into.Name(), err)
	}
	if err := makeIndexes(ctx, f.into, f.meta.Indexes); err != nil {
		return err
	}
	got, err := f.into.CountDocuments(ctx, bson.D{})
	if err != nil {
		return store.MongoError(ctx, "counting "+f.into.Name(), err)
	}
	if got != want {
		return fault.New(fault.API, "MongoDB has %d documents in %s, and %d were written", got, f.into.Name(), want).
			WithHint("does something else write there?")
	}
	return nil
}

// makeIndexes makes the indexes of an archive that are not there; what names the collection they were of is left out.
func makeIndexes(ctx context.Context, into *mongo.Collection, indexes []bson.Raw) error {
	have, err := describeCollection(ctx, into.Database(), into.Name())
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, index := range have.Indexes {
		there[index.Lookup("name").String()] = true
	}
	var specs bson.A
	for _, index := range secondary(indexes) {
		if there[index.Lookup("name").String()] {
			continue
		}
		elements, err := index.Elements()
		if err != nil {
			return fault.New(fault.Usage, "an index of %s in the archive: %w", into.Name(), err)
		}
		var spec bson.D
		for _, e := range elements {
			if key := e.Key(); key != "ns" && key != "v" && key != "background" {
				spec = append(spec, bson.E{Key: key, Value: e.Value()})
			}
		}
		specs = append(specs, spec)
	}
	if len(specs) == 0 {
		return nil
	}
	err = into.Database().RunCommand(ctx, bson.D{{Key: "createIndexes", Value: into.Name()}, {Key: "indexes", Value: specs}}).Err()
	if mongo.IsDuplicateKeyError(err) {
		return duplicates(into, err)
	}
	return store.MongoError(ctx, "making the indexes of "+into.Name(), err)
}

func duplicates(into *mongo.Collection, err error) error {
	return fault.New(fault.Usage, "the archive holds documents of %s that a unique index does not allow: %w", strings.TrimPrefix(into.Name(), stagingPrefix), err).
		WithHint("data.check on the deployment it was taken from names the duplicates")
}

// inserters write batches into a collection, several at a time.
type inserters struct {
	ctx     context.Context
	group   *errgroup.Group
	batches chan []any
	once    sync.Once
}

func newInserters(ctx context.Context, into *mongo.Collection) *inserters {
	group, ctx := errgroup.WithContext(ctx)
	w := &inserters{ctx: ctx, group: group, batches: make(chan []any)}
	for range insertWorkers {
		group.Go(func() error {
			for batch := range w.batches {
				if _, err := into.InsertMany(ctx, batch, options.InsertMany().SetOrdered(false)); mongo.IsDuplicateKeyError(err) {
					return duplicates(into, err)
				} else if err != nil {
					return err
				}
			}
			return nil
		})
	}
	return w
}

// insert hands a batch to whoever is free; its error may be that of an earlier batch.
func (w *inserters) insert(batch []any) error {
	select {
	case w.batches <- batch:
		return nil
	case <-w.ctx.Done():
		if err := w.close(); err != nil {
			return err
		}
		return context.Cause(w.ctx) // whoever is free was not at work when it ended
	}
}

// close waits until all is written.
func (w *inserters) close() error {
	w.once.Do(func() { close(w.batches) })
	return w.group.Wait()
}

// compareContent holds what MongoDB has of a collection against what an archive says of it.
func compareContent(ctx context.Context, in *mongo.Collection, want archive.Collection) error {
	cursor, err := in.Find(ctx, bson.D{}, options.Find().SetBatchSize(batchOf(want.Bytes, want.Documents)))
	if err != nil {
		return store.MongoError(ctx, "reading "+in.Name(), err)
	}
	defer cursor.Close(context.WithoutCancel(ctx)) //nolint:errcheck // what was read is read
	var content archive.Content
	for cursor.Next(ctx) {
		content.Add(cursor.Current)
	}
	if err := cursor.Err(); err != nil {
		return store.MongoError(ctx, "reading "+in.Name(), err)
	}
	if content.Count != want.Documents || content.String() != want.Content {
		return fault.New(fault.API, "what MongoDB has in %s is not what the archive holds: %d documents, sum %s; want %d, %s",
			in.Name(), content.Count, content.String(), want.Documents, want.Content)
	}
	indexes, err := describeCollection(ctx, in.Database(), in.Name())
	if err != nil {
		return err
	}
	if n := len(secondary(indexes.Indexes)); n != want.Indexes {
		return fault.New(fault.API, "%s has %d indexes, and the archive says %d", in.Name(), n, want.Indexes)
	}
	return nil
}
