package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/openimsdk/imctl/bindings/archive"
	"github.com/openimsdk/imctl/bindings/store"
)

// sumOf tells archives apart.
func sumOf(m *archive.Manifest) string {
	sum := sha256.New()
	for _, f := range m.Files {
		_, _ = io.WriteString(sum, f.Name+" "+f.SHA256+"\n") // a hash takes everything
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// see notes the last seq of a conversation in the archive.
func (r *restore) see(name string, doc bson.Raw) {
	if name != "msg" {
		return
	}
	if conversationID, seq, ok := highestSeq(doc); ok {
		r.highest[conversationID] = max(seq, r.highest[conversationID])
	}
}

// loadStaging loads the archive's collections beside the live ones, and proves each by reading it back.
func (r *restore) loadStaging(ctx context.Context) error {
	prove := map[string]archive.Collection{}
	for _, c := range r.manifest.Collections {
		prove[c.Name] = c
	}
	l := &loader{env: r.env, db: r.db, source: r.source, label: "restore",
		skip: func(name string) bool { return !r.wanted(name) || r.mark.loadedAlready(name) },
		whole: func(ctx context.Context, name string) error {
			if err := compareContent(ctx, r.db.Collection(stagingPrefix+name), prove[name]); err != nil {
				return err
			}
			r.mark.Loaded = append(r.mark.Loaded, name)
			return r.mark.write(ctx, r.db)
		},
	}
	if err := l.load(ctx, r.manifest, func(name string) string { return stagingPrefix + name }); err != nil {
		return err
	}
	r.did("its documents were loaded beside the live ones", "%d documents in %d collections, read back with the sums of the manifest", r.result.Documents, r.result.Collections)
	return nil
}

// ownCollections lists the collections of a prefix that imctl made.
func ownCollections(ctx context.Context, db *mongo.Database, prefix string) ([]string, error) {
	names, err := db.ListCollectionNames(ctx, bson.D{})
	if err != nil {
		return nil, store.MongoError(ctx, "listing the collections", err)
	}
	var own []string
	for _, name := range names {
		if strings.HasPrefix(name, prefix) {
			own = append(own, name)
		}
	}
	return own, nil
}

// swap lets each collection that was loaded take the place of the live one, which goes aside, and puts the version logs
// aside. It may be called again after it was interrupted anywhere: what is there tells how far it came.
func (r *restore) swap(ctx context.Context) error {
	there, err := allNames(ctx, r.db)
	if err != nil {
		return err
	}
	for _, name := range r.mark.Names {
		staging, aside := stagingPrefix+name, asidePrefix+name
		if !there[staging] {
			continue // it has its place already
		}
		switch {
		case there[name] && there[aside]: // a service that runs on made it anew meanwhile
			err = store.MongoError(ctx, "dropping "+name, r.db.Collection(name).Drop(ctx))
		case there[name]:
			err = rename(ctx, r.db, name, aside)
		}
		if err != nil {
			return err
		}
		if err := rename(ctx, r.db, staging, name); err != nil {
			return err
		}
	}
	for _, c := range model {
		if c.version && there[c.name] {
			if there[asidePrefix+c.name] { // the services made a new one meanwhile
				err = store.MongoError(ctx, "dropping "+c.name, r.db.Collection(c.name).Drop(ctx))
			} else {
				err = rename(ctx, r.db, c.name, asidePrefix+c.name)
			}
			if err != nil {
				return err
			}
		}
	}
	r.did("the collections changed places", "%s", strings.Join(r.mark.Names, ", "))
	return nil
}

func allNames(ctx context.Context, db *mongo.Database) (map[string]bool, error) {
	names, err := db.ListCollectionNames(ctx, bson.D{})
	if err != nil {
		return nil, store.MongoError(ctx, "listing the collections", err)
	}
	there := map[string]bool{}
	for _, name := range names {
		there[name] = true
	}
	return there, nil
}

// rename gives a collection a free name: renameCollection, which MongoDB does at once or not at all.
func rename(ctx context.Context, db *mongo.Database, from, to string) error {
	err := db.Client().Database("admin").RunCommand(ctx, bson.D{
		{Key: "renameCollection", Value: db.Name() + "." + from}, {Key: "to", Value: db.Name() + "." + to},
	}).Err()
	return store.MongoError(ctx, "renaming "+from+" to "+to, err)
}
