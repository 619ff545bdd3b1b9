package data

import (
	"context"
	"errors"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"golang.org/x/sync/errgroup"

	"github.com/openimsdk/imctl/bindings/archive"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
)

// Sizes of what is on its way from MongoDB to the file, for each collection that is read.
const (
	batchDocuments = 2000    // documents asked for at a time, at most
	batchBytes     = 8 << 20 // and about so many bytes: MongoDB ends a batch at 16 MB, FerretDB breaks off above 48 MB
	chunkBytes     = 1 << 20 // what is handed on at a time
	chunksAhead    = 2
)

// read reads the collections, several of a stage at a time, and returns the archive's files in order.
func (b *backup) read(ctx context.Context) ([]*archive.Spool, error) {
	var total, done int64
	sizes := map[string]int32{}
	for _, name := range b.names {
		size, n, err := collectionSize(ctx, b.db, name)
		if err != nil {
			return nil, err
		}
		total += n
		sizes[name] = batchOf(size, n)
	}
	progress := b.env.Track("backup")
	defer progress.Finish("")
	var mu sync.Mutex
	step := func(n int64) {
		mu.Lock()
		defer mu.Unlock()
		done += n
		progress.Set(done, max(done, total))
	}
	parts := make([]*part, len(b.names))
	for from := 0; from < len(b.names); {
		to := from
		g, stageCtx := errgroup.WithContext(ctx)
		g.SetLimit(int(b.p.Parallel))
		for ; to < len(b.names) && stage(b.names[to]) == stage(b.names[from]); to++ {
			p, err := b.begin(ctx, b.names[to])
			if err != nil {
				return nil, errors.Join(err, g.Wait())
			}
			p.batch = sizes[b.names[to]]
			parts[to] = p
			g.Go(func() error { return p.read(stageCtx, b.sessions, step) })
		}
		if err := g.Wait(); err != nil {
			return nil, store.MongoError(ctx, "the backup", err)
		}
		from = to
	}
	var files []*archive.Spool
	for _, p := range parts {
		files = append(files, p.metadata, p.documents)
		b.manifest.Collections = append(b.manifest.Collections, p.is)
		for conversationID, seq := range p.heads {
			b.manifest.SeqHeads[conversationID] = seq
		}
	}
	return files, nil
}

// part is one collection while it is read.
type part struct {
	from                *mongo.Collection
	is                  archive.Collection
	metadata, documents *archive.Spool
	heads               map[string]int64 // of msg: the highest seq of each conversation, about 100 bytes for each
	content             archive.Content
	batch               int32 // documents asked for at a time
}

// batchOf is how many documents of a collection to ask for at a time, by their size on average.
func batchOf(bytes, documents int64) int32 {
	if bytes <= 0 || documents <= 0 {
		return batchDocuments
	}
	return int32(min(max(batchBytes/(bytes/documents+1), 1), batchDocuments))
}

// begin writes what describes a collection, and begins the file of its documents.
func (b *backup) begin(ctx context.Context, name string) (*part, error) {
	p := &part{from: b.db.Collection(name), is: archive.Collection{Name: name}}
	meta, err := describeCollection(ctx, b.db, name)
	if err != nil {
		return nil, err
	}
	p.is.Indexes = len(secondary(meta.Indexes))
	text, err := bson.MarshalExtJSON(meta, true, false)
	if err != nil {
		return nil, fault.New(fault.Internal, "the metadata of %s: %w", name, err)
	}
	if p.metadata, err = b.builder.Add(archive.MetadataName(b.db.Name(), name), text); err != nil {
		return nil, err
	}
	if p.documents, err = b.builder.Create(archive.DocumentsName(b.db.Name(), name)); err != nil {
		return nil, err
	}
	if name == "msg" {
		p.heads = map[string]int64{}
	}
	return p, nil
}

// describeCollection reads a collection's options and indexes.
func describeCollection(ctx context.Context, db *mongo.Database, name string) (archive.Metadata, error) {
	meta := archive.Metadata{CollectionName: name, Type: "collection", Options: emptyDocument}
	specs, err := db.ListCollectionSpecifications(ctx, bson.D{{Key: "name", Value: name}})
	if err != nil {
		return meta, store.MongoError(ctx, "reading the options of "+name, err)
	}
	for _, spec := range specs {
		if len(spec.Options) > 0 {
			meta.Options = spec.Options
		}
	}
	cursor, err := db.Collection(name).Indexes().List(ctx)
	if err == nil {
		err = cursor.All(ctx, &meta.Indexes)
	}
	return meta, store.MongoError(ctx, "reading the indexes of "+name, err)
}

var emptyDocument = bson.Raw{5, 0, 0, 0, 0}

// secondary is the indexes without that of _id, which every collection has.
func secondary(indexes []bson.Raw) []bson.Raw {
	var out []bson.Raw
	for _, index := range indexes {
		if name, _ := index.Lookup("name").StringValueOK(); name != "_id_" {
			out = append(out, index)
		}
	}
	return out
}

// read reads the documents: one goroutine from MongoDB, one into the file.
func (p *part) read(ctx context.Context, sessions *snapshot, step func(int64)) error {
	session, err := sessions.session(ctx, p.from)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	chunks := make(chan []byte, chunksAhead)
	g.Go(func() error {
		defer close(chunks)
		reading := ctx
		if session != nil {
			defer session.EndSession(ctx)
			reading = mongo.NewSessionContext(ctx, session)
		}
		return p.fetch(reading, chunks, step)
	})
	g.Go(func() error {
		for chunk := range chunks {
			if _, err := p.documents.Write(chunk); err != nil {
				return err
			}
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return err
	}
	p.is.Documents, p.is.Bytes, p.is.Content = p.content.Count, p.documents.Size, p.content.String()
	return p.documents.Finish()
}

func (p *part) fetch(ctx context.Context, chunks chan<- []byte, step func(int64)) error {
	cursor, err := p.from.Find(ctx, bson.D{}, options.Find().SetBatchSize(p.batch))
	if err != nil {
		return readError(ctx, p.is.Name, err)
	}
	defer cursor.Close(context.WithoutCancel(ctx)) //nolint:errcheck // what was read is read
	chunk, n := make([]byte, 0, chunkBytes), int64(0)
	send := func() error {
		select {
		case chunks <- chunk:
			step(n)
			chunk, n = make([]byte, 0, chunkBytes), 0
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	for cursor.Next(ctx) {
		p.content.Add(cursor.Current)
		if conversationID, seq, ok := p.head(cursor.Current); ok {
			p.heads[conversationID] = max(seq, p.heads[conversationID])
		}
		chunk = append(chunk, cursor.Current...)
		if n++; len(chunk) >= chunkBytes {
			if err := send(); err != nil {
				return err
			}
		}
	}
	if err := cursor.Err(); err != nil {
		return readError(ctx, p.is.Name, err)
	}
	return send()
}

func (p *part) head(doc bson.Raw) (conversationID string, seq int64, ok bool) {
	if p.heads == nil {
		return "", 0, false
	}
	conversationID, seq, ok = highestSeq(doc)
	return conversationID, seq, ok && seq > 0
}
