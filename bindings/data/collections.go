package data

import (
	"context"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/store"
)

// Collection is a collection of the database.
type Collection struct {
	Name      string `json:"name" column:"1" key:"true" help:"its name"`
	Documents int64  `json:"documents" column:"2" help:"how many documents it holds"`
	Size      int64  `json:"size" column:"3" help:"of its documents, bytes"`
	Known     bool   `json:"known" column:"4" help:"one of the IM server's (DATA-MODEL)"`
}

func collectionsOp() bindings.Op {
	return bindings.Op{
		Name: "collections", Effect: bindings.Read,
		Doc:     "List the collections of MongoDB with their sizes, in the order of a backup.",
		Notes:   "Sizes and counts are MongoDB's own figures (collStats). Collections of the chat server lie in the same database and are not known.",
		Example: `for c in data.collections() do print(c.name, c.documents) end`,
		Run:     bindings.Func(runCollections),
	}
}

func runCollections(ctx context.Context, env *bindings.Env, _ struct{}) ([]Collection, error) {
	db, err := env.Stores.Mongo(ctx)
	if err != nil {
		return nil, err
	}
	names, err := collectionNames(ctx, db)
	if err != nil {
		return nil, err
	}
	var out []Collection
	for _, name := range names {
		size, count, err := collectionSize(ctx, db, name)
		if err != nil {
			return nil, err
		}
		_, ours := known(name)
		out = append(out, Collection{Name: name, Documents: count, Size: size, Known: ours})
	}
	return out, nil
}

// collectionNames lists the collections of a database in the order of a backup, without MongoDB's own and without those
// that imctl makes for the time of a restore.
func collectionNames(ctx context.Context, db *mongo.Database) ([]string, error) {
	names, err := db.ListCollectionNames(ctx, bson.D{{Key: "type", Value: "collection"}})
	if err != nil {
		return nil, store.MongoError(ctx, "listing the collections", err)
	}
	names = slices.DeleteFunc(names, reserved)
	inOrder(names)
	return names, nil
}

// reserved tells the names of collections that are MongoDB's own, or imctl's for the time of a restore.
func reserved(name string) bool {
	return strings.HasPrefix(name, "system.") || strings.HasPrefix(name, ownPrefix)
}

// collectionSize is the size of a collection's documents, in bytes, and how many there are.
func collectionSize(ctx context.Context, db *mongo.Database, name string) (size, count int64, err error) {
	var stats struct {
		Size  int64 `bson:"size"`
		Count int64 `bson:"count"`
	}
	err = db.RunCommand(ctx, bson.D{{Key: "collStats", Value: name}}).Decode(&stats)
	return stats.Size, stats.Count, store.MongoError(ctx, "reading the size of "+name, err)
}
