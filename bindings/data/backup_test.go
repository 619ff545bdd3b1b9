package data

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/rs/zerolog"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/archive"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
)

// testEnv is an environment of a store, whose files are real ones.
func testEnv(t testing.TB, stores *store.Stores) *bindings.Env {
	t.Helper()
	return &bindings.Env{
		Stores: stores, Target: bindings.Target{Name: "test", Admin: "imAdmin"}, Now: time.Now,
		Rand: rand.NewChaCha8([32]byte{1}), StateDir: t.TempDir(), Log: zerolog.Nop(),
		Open: func(name string) (io.ReadCloser, error) { return os.Open(name) },
		Create: func(name string) (bindings.File, error) {
			f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
			return &testFile{f, name}, err
		},
		Folder: func(name string) error { return os.MkdirAll(name, 0o755) },
		Warn:   func(string, ...any) {},
		Track:  func(string) bindings.Progress { return noProgress{} },
	}
}

type noProgress struct{}

func (noProgress) Set(int64, int64) {}
func (noProgress) Finish(string)    {}

// testFile appears under its name when it is committed.
type testFile struct {
	*os.File
	name string
}

func (f *testFile) Commit() error {
	return errors.Join(f.Sync(), f.Close(), os.Rename(f.File.Name(), f.name))
}
func (f *testFile) Discard() { _ = errors.Join(f.Close(), os.Remove(f.File.Name())) }

func database(t testing.TB, s *store.Stores) *mongo.Database {
	t.Helper()
	db, err := s.Mongo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func put(t testing.TB, db *mongo.Database, name string, docs ...bson.D) {
	t.Helper()
	var all []any
	for _, d := range docs {
		all = append(all, d)
	}
	if _, err := db.Collection(name).InsertMany(t.Context(), all); err != nil {
		t.Fatal(err)
	}
}

// messageDoc is a document of msg with messages at the seqs given.
func messageDoc(conversationID string, n int64, seqs ...int64) bson.D {
	elements := make(bson.A, docMessages)
	for i := range elements {
		var msg any
		if seq := n*docMessages + int64(i) + 1; slices.Contains(seqs, seq) {
			msg = bson.D{{Key: "send_id", Value: "u1"}, {Key: "content", Value: fmt.Sprintf(`{"content":"message %d é"}`, seq)},
				{Key: "client_msg_id", Value: fmt.Sprintf("%s-%d", conversationID, seq)}, {Key: "seq", Value: seq}, {Key: "content_type", Value: int32(101)},
				{Key: "send_time", Value: 1_700_000_000_000 + seq}, {Key: "options", Value: bson.D{{Key: "history", Value: true}}}}
		}
		elements[i] = bson.D{{Key: "msg", Value: msg}, {Key: "revoke", Value: nil}, {Key: "del_list", Value: bson.A{}}, {Key: "is_read", Value: false}}
	}
	return bson.D{{Key: "doc_id", Value: fmt.Sprintf("%s:%d", conversationID, n)}, {Key: "msgs", Value: elements}}
}

func upTo(from, to int64) []int64 {
	var out []int64
	for seq := from; seq <= to; seq++ {
		out = append(out, seq)
	}
	return out
}

// small fills a database with a bit of everything.
func small(t testing.TB, db *mongo.Database) {
	t.Helper()
	for i := range 30 {
		put(t, db, "user", bson.D{{Key: "user_id", Value: fmt.Sprint("u", i)}, {Key: "nickname", Value: "Ü \U0001F600"}, {Key: "app_manger_level", Value: int32(1)},
			{Key: "create_time", Value: time.UnixMilli(1_700_000_000_123)}})
	}
	put(t, db, "msg", messageDoc("si_u1_u2", 0, upTo(1, 100)...), messageDoc("si_u1_u2", 1, upTo(101, 130)...), messageDoc("sg_g1", 0, 1, 2, 3))
	put(t, db, "seq", bson.D{{Key: "conversation_id", Value: "si_u1_u2"}, {Key: "max_seq", Value: int64(150)}, {Key: "min_seq", Value: int64(0)}},
		bson.D{{Key: "conversation_id", Value: "sg_g1"}, {Key: "max_seq", Value: int64(101)}, {Key: "min_seq", Value: int64(0)}})
	put(t, db, "group", bson.D{{Key: "group_id", Value: "g1"}, {Key: "group_name", Value: "one"}})
	put(t, db, "friend_version", bson.D{{Key: "d_id", Value: "u1"}, {Key: "version", Value: int64(3)}})
	put(t, db, "account", bson.D{{Key: "user_id", Value: "u1"}, {Key: "password", Value: "hash"}})
	for name, key := range map[string]string{"user": "user_id", "msg": "doc_id", "group": "group_id"} {
		if _, err := db.Collection(name).Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: bson.D{{Key: key, Value: 1}}, Options: options.Index().SetUnique(true)}); err != nil {
			t.Fatal(err)
		}
	}
}

// contents is the sum of each collection.
func contents(t testing.TB, db *mongo.Database) map[string]string {
	t.Helper()
	names, err := db.ListCollectionNames(context.Background(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, name := range names {
		cursor, err := db.Collection(name).Find(context.Background(), bson.D{})
		if err != nil {
			t.Fatal(err)
		}
		var sum archive.Content
		for cursor.Next(context.Background()) {
			sum.Add(cursor.Current)
		}
		if err := cursor.Err(); err != nil {
			t.Fatal(err)
		}
		out[name] = fmt.Sprintf("%d %s", sum.Count, sum)
	}
	return out
}

func equalContents(t testing.TB, got, want map[string]string, but ...string) {
	t.Helper()
	for name := range want {
		if !slices.Contains(but, name) && got[name] != want[name] {
			t.Errorf("%s holds %s, want %s", name, got[name], want[name])
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok && !slices.Contains(but, name) {
			t.Errorf("there is a collection %s, which was not there before", name)
		}
	}
}

func wantKind(t testing.TB, err error, kind fault.Kind, part string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != kind || !strings.Contains(f.Error(), part) {
		t.Errorf("the error is %v, want one of kind %s with %q", err, kind, part)
	}
}

// world is a database with a backup of it.
type world struct {
	env    *bindings.Env
	db     *mongo.Database
	redis  *miniredis.Miniredis
	file   string
	before map[string]string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	m := startMongod(t)
	redis := miniredis.RunT(t)
	s := store.New(store.Config{Context: "test", Mongo: store.Mongo{Addresses: []string{m.addr}}, Redis: store.Redis{Addresses: []string{redis.Addr()}}})
	t.Cleanup(func() { _ = s.Close() })
	w := &world{env: testEnv(t, s), db: database(t, s), redis: redis, file: filepath.Join(t.TempDir(), "b.tar.zst")}
	small(t, w.db)
	w.before = contents(t, w.db)
	r, err := runBackup(t.Context(), w.env, BackupParams{To: w.file, Parallel: 4})
	if err != nil {
		t.Fatal(err)
	}
	if r.Documents != 30+3+2+1+1+1 || r.Collections != 6 || r.Consistency != archive.InOrder || len(r.Warnings) != 1 {
		t.Errorf("the backup is %+v", r)
	}
	return w
}

func (w *world) restore(t testing.TB, p RestoreParams) (*RestoreResult, error) {
	t.Helper()
	if !p.Rollback {
		p.From = w.file
	}
	if p.Policy == "" {
		p.Policy = replacePolicy
	}
	return runRestore(t.Context(), w.env, p)
}

func TestBackupRestore(t *testing.T) {
	w := newWorld(t)
	v, err := runVerify(t.Context(), w.env, VerifyParams{From: w.file, Deep: true})
	if err != nil || v.Documents != 38 || v.Messages != 2 || v.Context != "test" {
		t.Errorf("verify: %+v, %v", v, err)
	}
	if names, err := w.db.Client().ListDatabaseNames(t.Context(), bson.D{}); err != nil || slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, "imctl_verify") }) {
		t.Errorf("verify left a database: %v, %v", names, err)
	}
	// Time goes on: messages come, a user goes, Redis fills.
	put(t, w.db, "msg", messageDoc("si_u1_u2", 2, 201))
	put(t, w.db, "msg", messageDoc("si_u3_u4", 0, 1, 2))
	put(t, w.db, "seq", bson.D{{Key: "conversation_id", Value: "si_u3_u4"}, {Key: "max_seq", Value: int64(52)}, {Key: "min_seq", Value: int64(0)}})
	if _, err := w.db.Collection("user").DeleteOne(t.Context(), bson.D{{Key: "user_id", Value: "u3"}}); err != nil {
		t.Fatal(err)
	}
	w.redis.HSet("MALLOC_SEQ:si_u1_u2", "CURR", "201", "LAST", "251")
	w.redis.HSet("USER_INFO:u3", "value", "")
	w.redis.HSet("UID_PID_TOKEN_STATUS:u1:Web", "token", "0")
	told := w.redis.NewSubscriber()
	defer told.Close()
	told.Subscribe("DELETE_CACHE_USER")
	messages := make(chan string, 10)
	go func() {
		for m := range told.Messages() {
			messages <- m.Message
		}
	}()

	r, err := w.restore(t, RestoreParams{})
	if err != nil {
		t.Fatal(err)
	}
	after := contents(t, w.db)
	equalContents(t, after, w.before, "seq", "friend_version")
	if after["friend_version"] != "" {
		t.Error("the version logs are still there")
	}
	seqs := map[string]int64{}
	if err := eachSeq(t.Context(), w.db.Collection("seq"), func(s seqRow) { seqs[s.ConversationID] = s.MaxSeq }); err != nil {
		t.Fatal(err)
	}
	if want := map[string]int64{"si_u1_u2": 251, "sg_g1": 101, "si_u3_u4": 52}; fmt.Sprint(seqs) != fmt.Sprint(want) {
		t.Errorf("seqs are %v, want %v", seqs, want)
	}
	if r.SeqsRaised != 2 || r.KeysDeleted != 2 || w.redis.Exists("MALLOC_SEQ:si_u1_u2") || w.redis.Exists("USER_INFO:u3") || !w.redis.Exists("UID_PID_TOKEN_STATUS:u1:Web") {
		t.Errorf("%+v; keys %v", r, w.redis.Keys())
	}
	if got := <-messages; got != `["USER_INFO:u3"]` {
		t.Errorf("the services heard %s", got)
	}
	if indexes, err := describeCollection(t.Context(), w.db, "user"); err != nil || len(secondary(indexes.Indexes)) != 1 {
		t.Errorf("indexes %v, %v", indexes.Indexes, err)
	}
}

// TestManySeqs raises more seqs than fit into one command.
func TestManySeqs(t *testing.T) {
	db := database(t, startMongod(t).stores(t, ""))
	want := map[string]int64{}
	for i := range 250 {
		id := fmt.Sprint("si_a_", i)
		put(t, db, "seq", bson.D{{Key: "conversation_id", Value: id}, {Key: "max_seq", Value: int64(i)}, {Key: "min_seq", Value: int64(0)}})
		want[id], want[fmt.Sprint("si_b_", i)] = 200, 7
	}
	n, err := raise(t.Context(), db.Collection("seq"), want)
	if err != nil || n != 200+250 {
		t.Errorf("%d were raised, %v", n, err)
	}
	got := map[string]int64{}
	if err := eachSeq(t.Context(), db.Collection("seq"), func(s seqRow) { got[s.ConversationID] = s.MaxSeq }); err != nil {
		t.Fatal(err)
	}
	for id, seq := range got {
		if seq < want[id] || len(got) != 500 {
			t.Errorf("%s is %d of %d", id, seq, len(got))
		}
	}
}

func TestRestoreRollback(t *testing.T) {
	w := newWorld(t)
	put(t, w.db, "user", bson.D{{Key: "user_id", Value: "later"}})
	put(t, w.db, "group_version_of_mine", bson.D{{Key: "a", Value: 1}})
	if err := w.db.Collection("group").Drop(t.Context()); err != nil {
		t.Fatal(err)
	}
	now := contents(t, w.db)
	if _, err := w.restore(t, RestoreParams{KeepOld: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := wholeDatabase(t.Context(), w.env); err != nil {
		t.Errorf("with what is kept the database is no longer whole: %v", err)
	}
	if _, err := w.restore(t, RestoreParams{}); err == nil {
		t.Error("a restore over what is kept passes")
	} else {
		wantKind(t, err, fault.Denied, "still holds what an earlier restore replaced")
	}
	if _, err := runBackup(t.Context(), w.env, BackupParams{To: w.file + "2", Parallel: 2}); err != nil {
		t.Errorf("a backup with what is kept: %v", err)
	}
	if _, err := w.restore(t, RestoreParams{Rollback: true}); err != nil {
		t.Fatal(err)
	}
	equalContents(t, contents(t, w.db), now)
	_, err := w.restore(t, RestoreParams{Rollback: true})
	wantKind(t, err, fault.NotFound, "no restore into the database")
}

func TestRestoreMerge(t *testing.T) {
	for _, policy := range []string{skipPolicy, overwritePolicy} {
		t.Run(policy, func(t *testing.T) {
			w := newWorld(t)
			ctx := t.Context()
			for _, change := range []error{
				func() error {
					_, err := w.db.Collection("user").UpdateOne(ctx, bson.D{{Key: "user_id", Value: "u1"}}, bson.D{{Key: "$set", Value: bson.D{{Key: "nickname", Value: "new"}}}})
					return err
				}(),
				func() error {
					_, err := w.db.Collection("user").DeleteOne(ctx, bson.D{{Key: "user_id", Value: "u2"}})
					return err
				}(),
				func() error {
					_, err := w.db.Collection("msg").UpdateOne(ctx, bson.D{{Key: "doc_id", Value: "sg_g1:0"}},
						bson.D{{Key: "$set", Value: bson.D{{Key: "msgs.0.msg.content", Value: "edited"}, {Key: "msgs.1.msg", Value: nil}}}})
					return err
				}(),
			} {
				if change != nil {
					t.Fatal(change)
				}
			}
			put(t, w.db, "user", bson.D{{Key: "user_id", Value: "later"}, {Key: "nickname", Value: "later"}})
			for range 2 { // twice is the same as once
				if _, err := w.restore(t, RestoreParams{Policy: policy}); err != nil {
					t.Fatal(err)
				}
			}
			nickname := func(id string) string {
				var u struct{ Nickname string }
				_ = w.db.Collection("user").FindOne(ctx, bson.D{{Key: "user_id", Value: id}}).Decode(&u)
				return u.Nickname
			}
			doc, err := w.db.Collection("msg").FindOne(ctx, bson.D{{Key: "doc_id", Value: "sg_g1:0"}}).Raw()
			if err != nil {
				t.Fatal(err)
			}
			elements, _ := messageElements(doc)
			content := elements[0].Document().Lookup("msg", "content").StringValue()
			wantName, wantContent := "new", "edited"
			if policy == overwritePolicy {
				wantName, wantContent = "Ü \U0001F600", `{"content":"message 1 é"}`
			}
			if nickname("u1") != wantName || nickname("u2") == "" || nickname("later") != "later" || content != wantContent || !hasMessage(elements[1]) {
				t.Errorf("u1 %q, u2 %q, later %q, message 1 %q, message 2 there %t", nickname("u1"), nickname("u2"), nickname("later"), content, hasMessage(elements[1]))
			}
		})
	}
}

func TestRestoreRefuses(t *testing.T) {
	w := newWorld(t)
	now := contents(t, w.db)
	other := *w.env
	other.Target.Name = "elsewhere"
	_, err := runRestore(t.Context(), &other, RestoreParams{From: w.file, Policy: replacePolicy})
	wantKind(t, err, fault.Denied, `taken from context "test"`)
	_, err = w.restore(t, RestoreParams{FromContext: "prod"})
	wantKind(t, err, fault.Usage, `from_context is "prod"`)
	_, err = w.restore(t, RestoreParams{Collections: []string{"usr"}})
	wantKind(t, err, fault.NotFound, "did you mean user?")
	_, err = w.restore(t, RestoreParams{Resume: true})
	wantKind(t, err, fault.NotFound, "no restore into the database")
	_, err = w.restore(t, RestoreParams{Without: []string{"rediss"}})
	wantKind(t, err, fault.Usage, "did you mean redis?")

	noRedis := testEnv(t, store.New(store.Config{Context: "test", Mongo: w.env.Stores.Config().Mongo}))
	_, err = runRestore(t.Context(), noRedis, RestoreParams{From: w.file, Policy: replacePolicy})
	wantKind(t, err, fault.Unsupported, "does not say where Redis is")
	noMongo := testEnv(t, store.New(store.Config{Context: "test"}))
	_, err = runBackup(t.Context(), noMongo, BackupParams{To: w.file + "x"})
	wantKind(t, err, fault.Unsupported, "does not say where MongoDB is")

	data, err := os.ReadFile(w.file)
	if err != nil {
		t.Fatal(err)
	}
	broken := w.file + ".broken"
	if err := os.WriteFile(broken, data[:len(data)-10], 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = runRestore(t.Context(), w.env, RestoreParams{From: broken, Policy: replacePolicy})
	wantKind(t, err, fault.Usage, "the archive is broken")
	_, err = runExtract(t.Context(), w.env, ExtractParams{From: broken, To: w.file + ".d"})
	wantKind(t, err, fault.Usage, "the archive is broken")
	if _, err := os.Stat(w.file + ".d"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something of a broken archive was extracted: %v", err)
	}
	equalContents(t, contents(t, w.db), now)
}

// TestExtract reads the folder as mongorestore does: the documents one after another, types and all.
func TestExtract(t *testing.T) {
	w := newWorld(t)
	dir := filepath.Join(t.TempDir(), "dump")
	if _, err := runExtract(t.Context(), w.env, ExtractParams{From: w.file, To: dir}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "openim_v3", "user.bson"))
	if err != nil {
		t.Fatal(err)
	}
	in := bytes.NewReader(data)
	n := 0
	for in.Len() > 0 {
		doc, err := bson.ReadDocument(in)
		if err != nil {
			t.Fatal(err)
		}
		var live bson.Raw
		if live, err = w.db.Collection("user").FindOne(t.Context(), bson.D{{Key: "_id", Value: doc.Lookup("_id")}}).Raw(); err != nil || !bytes.Equal(live, doc) {
			t.Errorf("document %d is not byte for byte that of MongoDB: %v", n, err)
		}
		if doc.Lookup("_id").Type != bson.TypeObjectID || doc.Lookup("app_manger_level").Type != bson.TypeInt32 || doc.Lookup("create_time").Type != bson.TypeDateTime {
			t.Errorf("types are lost: %s", doc)
		}
		n++
	}
	if n != 30 {
		t.Errorf("%d documents", n)
	}
	var meta archive.Metadata
	text, err := os.ReadFile(filepath.Join(dir, "openim_v3", "user.metadata.json"))
	if err == nil {
		err = bson.UnmarshalExtJSON(text, true, &meta)
	}
	if err != nil || len(meta.Indexes) != 2 {
		t.Errorf("metadata %s, %v", text, err)
	}
	_, err = runExtract(t.Context(), w.env, ExtractParams{From: w.file, To: dir})
	wantKind(t, err, fault.Exists, "already")
}

func TestRedisKeys(t *testing.T) {
	w := newWorld(t)
	w.redis.HSet("UID_PID_TOKEN_STATUS:u1:Web", "token", "0")
	w.redis.SetTTL("UID_PID_TOKEN_STATUS:u1:Web", time.Hour)
	if err := w.redis.Set("FCM_TOKEN:u1:2", "push"); err != nil {
		t.Fatal(err)
	}
	if err := w.redis.Set("USER_INFO:u1", "cache"); err != nil {
		t.Fatal(err)
	}
	r, err := runBackup(t.Context(), w.env, BackupParams{To: w.file, Redis: true, Parallel: 1})
	if err != nil || r.RedisKeys != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	w.redis.FlushAll()
	if _, err := w.restore(t, RestoreParams{RedisKeys: true}); err != nil {
		t.Fatal(err)
	}
	if w.redis.HGet("UID_PID_TOKEN_STATUS:u1:Web", "token") != "0" || w.redis.TTL("UID_PID_TOKEN_STATUS:u1:Web") <= 0 || w.redis.Exists("USER_INFO:u1") ||
		!w.redis.Exists("FCM_TOKEN:u1:2") || w.redis.TTL("FCM_TOKEN:u1:2") != 0 {
		t.Errorf("keys %v", w.redis.Keys())
	}
}

// TestResumeAfterUse resumes a restore that was interrupted after the collections changed places, when the services were
// started in between and somebody registered and somebody was removed: that must not stand in the way for ever.
func TestResumeAfterUse(t *testing.T) {
	w := newWorld(t)
	m, err := (&source{place: place{name: w.file}}).scan(t.Context(), w.env, archive.Visitor{})
	if err != nil {
		t.Fatal(err)
	}
	interrupted := &mark{ID: markID, From: w.file, Archive: sumOf(m), Policy: replacePolicy, State: swapped, Names: []string{"msg", "seq", "user"},
		Had: []string{"msg", "seq", "user"}, Begun: time.Now()}
	if err := interrupted.begin(t.Context(), w.db); err != nil {
		t.Fatal(err)
	}
	if _, err := w.db.Collection("user").DeleteMany(t.Context(), bson.D{{Key: "user_id", Value: bson.D{{Key: "$in", Value: bson.A{"u1", "u2"}}}}}); err != nil {
		t.Fatal(err)
	}
	put(t, w.db, "user", bson.D{{Key: "user_id", Value: "later"}})
	r, err := w.restore(t, RestoreParams{Resume: true})
	if err != nil || r.Collections != 3 {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := wholeDatabase(t.Context(), w.env); err != nil {
		t.Error(err)
	}
}
