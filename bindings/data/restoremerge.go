package data

import (
	"bytes"
	"context"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/openimsdk/imctl/bindings/archive"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
)

// merge writes the archive's documents into the live collections, seq by the rule of raiseSeqs. Doing it twice is the same
// as once, so that an interrupted one is completed by beginning anew.
func (r *restore) merge(ctx context.Context) error {
	var m *merger
	finish := func() error {
		if m == nil {
			return nil
		}
		return m.flush(ctx)
	}
	keys := map[string][]string{}
	_, err := r.source.scan(ctx, r.env, archive.Visitor{
		Collection: func(name string, meta archive.Metadata) error {
			if err := finish(); err != nil {
				return err
			}
			m = nil
			if !r.wanted(name) || name == seqName {
				return nil
			}
			keys[name] = keyFields(meta)
			m = &merger{into: r.db.Collection(name), key: keys[name], overwrite: r.p.Policy == overwritePolicy}
			return makeIndexes(ctx, m.into, meta.Indexes)
		},
		Document: func(_ string, doc bson.Raw) error {
			if m == nil {
				return nil
			}
			return m.add(ctx, doc)
		},
	})
	if err == nil {
		err = finish()
	}
	if err != nil {
		return store.MongoError(ctx, "merging the archive", err)
	}
	r.did("its documents were merged", "%d documents in %d collections, policy=%s", r.result.Documents, r.result.Collections, r.p.Policy)
	if err := r.raiseSeqs(ctx); err != nil {
		return err
	}
	for _, c := range model {
		if c.version {
			if err := r.db.Collection(c.name).Drop(ctx); err != nil {
				return store.MongoError(ctx, "dropping "+c.name, err)
			}
		}
	}
	return nil
}

// keyFields is what tells documents of a collection apart: the fields of its first unique index, else _id.
func keyFields(meta archive.Metadata) []string {
	for _, index := range secondary(meta.Indexes) {
		if unique, _ := index.Lookup("unique").BooleanOK(); !unique {
			continue
		}
		key, ok := index.Lookup("key").DocumentOK()
		if !ok {
			continue
		}
		elements, err := key.Elements()
		if err != nil {
			continue
		}
		var fields []string
		for _, e := range elements {
			fields = append(fields, e.Key())
		}
		return fields
	}
	return []string{"_id"}
}

// merger merges documents into one collection.
type merger struct {
	into      *mongo.Collection
	key       []string
	overwrite bool
	batch     []mongo.WriteModel
}

func (m *merger) add(ctx context.Context, doc bson.Raw) error {
	var filter bson.D
	for _, field := range m.key {
		v, err := doc.LookupErr(field)
		if err != nil {
			return fault.New(fault.Usage, "a document of %s in the archive has no %s, which tells its documents apart", m.into.Name(), field)
		}
		filter = append(filter, bson.E{Key: field, Value: bson.RawValue{Type: v.Type, Value: bytes.Clone(v.Value)}})
	}
	if m.into.Name() == "msg" {
		return m.addMessages(ctx, filter, doc)
	}
	fields, err := withoutID(doc, m.key)
	if err != nil {
		return err
	}
	operator := "$setOnInsert"
	if m.overwrite {
		operator = "$set"
	}
	m.batch = append(m.batch, mongo.NewUpdateOneModel().SetFilter(filter).SetUpdate(bson.D{{Key: operator, Value: fields}}).SetUpsert(true))
	if len(m.batch) < updatesAtATime {
		return nil
	}
	return m.flush(ctx)
}

// withoutID is a document's fields but those that the filter of an upsert brings, and _id, which a document that is there
// keeps.
func withoutID(doc bson.Raw, key []string) (bson.D, error) {
	elements, err := doc.Elements()
	if err != nil {
		return nil, fault.New(fault.Usage, "a document of the archive: %w", err)
	}
	skip := map[string]bool{"_id": true}
	for _, field := range key {
		skip[field] = true
	}
	fields := bson.D{}
	for _, e := range elements {
		if v := e.Value(); !skip[e.Key()] {
			fields = append(fields, bson.E{Key: e.Key(), Value: bson.RawValue{Type: v.Type, Value: bytes.Clone(v.Value)}})
		}
	}
	return fields, nil
}

// addMessages merges a document of messages element by element: skip fills places that hold no message, overwrite replaces
// the element wherever the archive holds one.
func (m *merger) addMessages(ctx context.Context, filter bson.D, doc bson.Raw) error {
	there, err := m.into.FindOne(ctx, filter).Raw()
	if err == mongo.ErrNoDocuments {
		_, err := m.into.InsertOne(ctx, doc)
		return store.MongoError(ctx, "writing messages", err)
	} else if err != nil {
		return store.MongoError(ctx, "reading messages", err)
	}
	ours, err := messageElements(doc)
	if err != nil {
		return err
	}
	theirs, err := messageElements(there)
	if err != nil {
		return err
	}
	set := bson.D{}
	for i, element := range ours {
		if i >= len(theirs) || !hasMessage(element) || !m.overwrite && hasMessage(theirs[i]) {
			continue
		}
		set = append(set, bson.E{Key: "msgs." + strconv.Itoa(i), Value: element})
	}
	if len(set) == 0 {
		return nil
	}
	id := there.Lookup("_id")
	_, err = m.into.UpdateOne(ctx, bson.D{{Key: "_id", Value: id}}, bson.D{{Key: "$set", Value: set}})
	return store.MongoError(ctx, "writing messages", err)
}

func (m *merger) flush(ctx context.Context) error {
	if len(m.batch) == 0 {
		return nil
	}
	_, err := m.into.BulkWrite(ctx, m.batch, options.BulkWrite().SetOrdered(false))
	m.batch = nil
	return store.MongoError(ctx, "merging into "+m.into.Name(), err)
}
