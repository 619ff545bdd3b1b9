package data

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/minio/minio-go/v7"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
)

// StatsParams are the parameters of data.stats.
type StatsParams struct {
	What string `arg:"1" default:"all" enum:"all,collections,conversations,users,objects" help:"what to measure"`
	Top  int    `default:"10" min:"1" help:"how many conversations, users and objects to show"`
	By   string `default:"messages" enum:"messages,conversations,files" help:"users: what makes one big"`
}

// Stat is something with its size.
type Stat struct {
	What          string `json:"what" column:"1" help:"collection, conversation, user, objects (all of one kind), object"`
	Name          string `json:"name" column:"2" key:"true" help:"its name or id"`
	Count         int64  `json:"count" column:"3" help:"documents of a collection, stored messages of a conversation, messages that a user sent, objects"`
	Bytes         int64  `json:"bytes" column:"4" help:"of the documents, of the messages with their places, of a user's files, of the objects"`
	Indexes       int64  `json:"indexes,omitempty" column:"5" help:"of a collection: bytes of its indexes"`
	Conversations int64  `json:"conversations,omitempty" column:"6" help:"of a user: how many it has"`
	Files         int64  `json:"files,omitempty" column:"7" help:"of a user: how many it has uploaded"`
}

func statsOp() bindings.Op {
	return bindings.Op{
		Name: "stats", Effect: bindings.Read,
		Doc: "Show what is big: collections, conversations, users, objects.",
		Notes: "Messages and files are counted exactly, by reading msg, conversation and s3 once; on a big deployment that takes as long as a backup of them, so name what you want. " +
			"Sizes of collections are MongoDB's own figures. Only the biggest are held while they are counted; of users and their files, one number for each.\n" +
			"objects: the bucket's listing when the context has an object store: each kind by its folder, and the biggest. Without it the sizes in the collection s3, by their group: " +
			"there an object that has several names counts several times, and what no name leads to is missing; a warning says so.",
		Example: `for s in data.stats{what="conversations", top=3} do print(s.name, s.count, s.bytes) end`,
		Run:     bindings.Stream(runStats),
	}
}

func runStats(ctx context.Context, env *bindings.Env, p StatsParams) iter.Seq2[Stat, error] {
	return func(yield func(Stat, error) bool) {
		db, err := env.Stores.Mongo(ctx)
		if err == nil {
			s := &measure{env: env, db: db, top: p.Top, by: p.By, yield: yield}
			err = s.run(ctx, p.What)
		}
		if err != nil && !errors.Is(err, errEnough) {
			yield(Stat{}, err)
		}
	}
}

// measure is a measuring that runs.
type measure struct {
	env   *bindings.Env
	db    *mongo.Database
	top   int
	by    string
	yield func(Stat, error) bool
}

func (s *measure) run(ctx context.Context, what string) error {
	wants := func(one string) bool { return what == "all" || what == one }
	if wants("collections") {
		if err := s.collections(ctx); err != nil {
			return err
		}
	}
	if wants("conversations") || wants("users") {
		if err := s.messages(ctx, wants("conversations"), wants("users")); err != nil {
			return err
		}
	}
	if wants("objects") {
		return s.objects(ctx)
	}
	return nil
}

// tell gives rows, the biggest first.
func (s *measure) tell(rows []Stat, bigger func(Stat) int64) error {
	slices.SortFunc(rows, func(a, b Stat) int {
		return cmp.Or(cmp.Compare(bigger(b), bigger(a)), strings.Compare(a.Name, b.Name))
	})
	for _, row := range rows {
		if !s.yield(row, nil) {
			return errEnough
		}
	}
	return nil
}

func (s *measure) collections(ctx context.Context) error {
	names, err := collectionNames(ctx, s.db)
	if err != nil {
		return err
	}
	var rows []Stat
	for _, name := range names {
		var stats struct {
			Size    int64 `bson:"size"`
			Count   int64 `bson:"count"`
			Indexes int64 `bson:"totalIndexSize"`
		}
		if err := s.db.RunCommand(ctx, bson.D{{Key: "collStats", Value: name}}).Decode(&stats); err != nil {
			return store.MongoError(ctx, "reading the size of "+name, err)
		}
		rows = append(rows, Stat{What: "collection", Name: name, Count: stats.Count, Bytes: stats.Size, Indexes: stats.Indexes})
	}
	return s.tell(rows, func(r Stat) int64 { return r.Bytes })
}

// messages counts the messages of conversations, one after the other, and those that users sent.
func (s *measure) messages(ctx context.Context, conversations, users bool) error {
	big := &biggest{size: s.top, of: func(r Stat) int64 { return r.Count }}
	sent := map[string]*Stat{}
	at := Stat{What: "conversation"}
	done := int64(0)
	progress := track(s.env, "counting messages")
	defer progress.Finish("")
	err := read(ctx, s.db.Collection("msg"), bson.D{}, nil, []string{"doc_id"}, func(doc bson.Raw) error {
		if done++; done%1000 == 0 {
			progress.Set(done, 0)
		}
		conversation, _, ok := parseDocID(text(doc, "doc_id"))
		if !ok {
			conversation = text(doc, "doc_id")
		}
		if conversation != at.Name {
			big.add(at)
			at = Stat{What: "conversation", Name: conversation}
		}
		at.Bytes += int64(len(doc))
		elements, _ := messageElements(doc)
		for _, e := range elements {
			if m, ok := message(e); ok {
				at.Count++
				if users {
					user(sent, text(m, "send_id")).Count++
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	big.add(at)
	if conversations {
		if err := s.tell(big.rows, big.of); err != nil {
			return err
		}
	}
	if !users {
		return nil
	}
	return s.users(ctx, sent)
}

func user(all map[string]*Stat, id string) *Stat {
	if all[id] == nil {
		all[id] = &Stat{What: "user", Name: id}
	}
	return all[id]
}

// users adds the conversations and files of users to what they sent, and tells the biggest.
func (s *measure) users(ctx context.Context, all map[string]*Stat) error {
	err := read(ctx, s.db.Collection("conversation"), bson.D{}, []string{"owner_user_id"}, nil, func(doc bson.Raw) error {
		user(all, text(doc, "owner_user_id")).Conversations++
		return nil
	})
	if err != nil {
		return err
	}
	err = read(ctx, s.db.Collection("s3"), bson.D{}, []string{"user_id", "size"}, nil, func(doc bson.Raw) error {
		u := user(all, text(doc, "user_id"))
		u.Files++
		u.Bytes += num(doc, "size")
		return nil
	})
	if err != nil {
		return err
	}
	big := &biggest{size: s.top, of: map[string]func(Stat) int64{
		"messages":      func(r Stat) int64 { return r.Count },
		"conversations": func(r Stat) int64 { return r.Conversations },
		"files":         func(r Stat) int64 { return r.Bytes },
	}[s.by]}
	for _, u := range all {
		big.add(*u)
	}
	return s.tell(big.rows, big.of)
}

// objects measures the bucket, or what MongoDB knows of it.
func (s *measure) objects(ctx context.Context) error {
	kinds := map[string]*Stat{}
	add := func(kind string, bytes int64) {
		if kinds[kind] == nil {
			kinds[kind] = &Stat{What: "objects", Name: kind}
		}
		kinds[kind].Count++
		kinds[kind].Bytes += bytes
	}
	big := &biggest{size: s.top, of: func(r Stat) int64 { return r.Bytes }}
	client, bucket, err := s.env.Stores.Objects(ctx)
	switch {
	case fault.Is(err, fault.Unsupported):
		s.env.Warning("the objects are those that the collection s3 knows: %s", err)
		err = read(ctx, s.db.Collection("s3"), bson.D{}, []string{"name", "group", "size"}, nil, func(doc bson.Raw) error {
			kind := text(doc, "group")
			if kind == "" {
				kind = "(no group)"
			}
			add(kind, num(doc, "size"))
			big.add(Stat{What: "object", Name: text(doc, "name"), Count: 1, Bytes: num(doc, "size")})
			return nil
		})
	case err == nil:
		err = listBucket(ctx, client, bucket, func(key string, bytes int64) {
			add(folder(key), bytes)
			big.add(Stat{What: "object", Name: key, Count: 1, Bytes: bytes})
		})
	}
	if err != nil {
		return err
	}
	var rows []Stat
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		rows = append(rows, *kinds[name])
	}
	if err := s.tell(rows, big.of); err != nil {
		return err
	}
	return s.tell(big.rows, big.of)
}

func listBucket(ctx context.Context, client *minio.Client, bucket string, each func(key string, bytes int64)) error {
	for o := range client.ListObjects(ctx, bucket, minio.ListObjectsOptions{Recursive: true}) {
		if o.Err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fault.New(fault.Unreachable, "listing the bucket %s: %w", bucket, o.Err)
		}
		each(o.Key, o.Size)
	}
	return nil
}

// folder is the kind of an object: the first two parts of its key, such as openim/data (DATA-MODEL, Object storage).
func folder(key string) string {
	parts := strings.SplitN(key, "/", 3)
	if len(parts) < 3 {
		return fmt.Sprintf("%s/", parts[0])
	}
	return parts[0] + "/" + parts[1] + "/"
}

// biggest holds the biggest rows of a stream.
type biggest struct {
	size int
	of   func(Stat) int64
	rows []Stat // a heap, the smallest first
}

func (b *biggest) add(row Stat) {
	if b.of(row) == 0 {
		return
	}
	if heap.Push(b, row); len(b.rows) > b.size {
		heap.Pop(b)
	}
}

func (b *biggest) Len() int { return len(b.rows) }
func (b *biggest) Less(i, j int) bool {
	x, y := b.rows[i], b.rows[j]
	return cmp.Or(cmp.Compare(b.of(x), b.of(y)), strings.Compare(y.Name, x.Name)) < 0
}
func (b *biggest) Swap(i, j int) { b.rows[i], b.rows[j] = b.rows[j], b.rows[i] }
func (b *biggest) Push(row any)  { b.rows = append(b.rows, row.(Stat)) }
func (b *biggest) Pop() any {
	last := b.rows[len(b.rows)-1]
	b.rows = b.rows[:len(b.rows)-1]
	return last
}
