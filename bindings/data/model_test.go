package data

import (
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/openimsdk/imctl/bindings"
)

func TestOrderOfBackup(t *testing.T) {
	names := []string{"conversation_version", "user", "zebra", "seq", "account", "msg", "group", "group_member", "friend_version"}
	inOrder(names)
	want := []string{"msg", "seq", "group_member", "group", "user", "account", "zebra", "friend_version", "conversation_version"}
	if !slices.Equal(names, want) {
		t.Errorf("the order is %v, want %v", names, want)
	}
}

func TestCollections(t *testing.T) {
	stores := startMongod(t).stores(t, "")
	env := &bindings.Env{Stores: stores}
	db, err := stores.Mongo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, n := range map[string]int{"user": 3, "msg": 1, "stranger": 2} {
		for range n {
			if _, err := db.Collection(name).InsertOne(t.Context(), bson.D{{Key: "a", Value: "b"}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err := runCollections(t.Context(), env, struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []Collection{{Name: "msg", Documents: 1, Known: true}, {Name: "user", Documents: 3, Known: true}, {Name: "stranger", Documents: 2}} {
		if g := got[i]; g.Name != want.Name || g.Documents != want.Documents || g.Known != want.Known || g.Size <= 0 {
			t.Errorf("collection %d is %+v, want %+v", i, g, want)
		}
	}
}

func TestBatchOf(t *testing.T) {
	for _, c := range []struct {
		bytes, documents int64
		want             int32
	}{{0, 0, 2000}, {1000, 10, 2000}, {40_000 * 500, 500, 209}, {16 << 20, 1, 1}, {100, 0, 2000}} {
		if got := batchOf(c.bytes, c.documents); got != c.want {
			t.Errorf("of %d documents with %d bytes %d are asked for at a time, want %d", c.documents, c.bytes, got, c.want)
		}
	}
}
