package data

import (
	"fmt"
	"math/rand"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/store"
)

// deployment is a deployment's stores with nothing wrong in them.
type deployment struct {
	t   testing.TB
	env *bindings.Env
	db  *mongo.Database
	rdb redis.UniversalClient

	warnings []string
	now      time.Time
}

// newDeployment fills a database of a MongoDB with what a seed makes, and a Redis with its counters.
func newDeployment(t testing.TB, m *mongod, database string, seed int64) *deployment {
	t.Helper()
	keys := miniredis.RunT(t)
	stores := store.New(store.Config{Context: "test", Mongo: store.Mongo{Addresses: []string{m.addr}, Database: database},
		Redis: store.Redis{Addresses: []string{keys.Addr()}}})
	t.Cleanup(func() { _ = stores.Close() })
	w := &deployment{t: t, now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	w.env = testEnv(t, stores)
	w.env.Now = func() time.Time { return w.now }
	w.env.Warn = func(format string, args ...any) { w.warnings = append(w.warnings, fmt.Sprintf(format, args...)) }
	var err error
	if w.db, err = stores.Mongo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w.rdb, err = stores.Redis(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.fill(rand.New(rand.NewSource(seed)))
	return w
}

func (w *deployment) insert(name string, docs ...any) {
	w.t.Helper()
	if len(docs) == 0 {
		return
	}
	if _, err := w.db.Collection(name).InsertMany(w.t.Context(), docs); err != nil {
		w.t.Fatal(err)
	}
}

func date(ms int64) bson.DateTime { return bson.DateTime(ms) }

// The clean deployment: twelve users and an admin, friends both ways, four groups, their conversations with some
// messages each, and those of sg_g2 in two documents, and all that hangs on them.
func (w *deployment) fill(rnd *rand.Rand) {
	w.t.Helper()
	at := w.now.Add(-400 * 24 * time.Hour).UnixMilli()
	name := func(i int) string { return fmt.Sprintf("u%02d", i) }
	var users, friends, blacks, groups, members, requests, conversations, versions []any
	users = append(users, userDoc("imAdmin", 2, at))
	for i := range 12 {
		users = append(users, userDoc(name(i), 1, at+int64(i)*1000))
	}
	pairs := [][2]int{{0, 1}, {0, 2}, {1, 2}, {3, 4}}
	for _, p := range pairs {
		a, b := name(p[0]), name(p[1])
		friends = append(friends, friendDoc(a, b, at), friendDoc(b, a, at))
		requests = append(requests, bson.D{{Key: "from_user_id", Value: a}, {Key: "to_user_id", Value: b}, {Key: "req_msg", Value: "hi"},
			{Key: "handler_user_id", Value: b}, {Key: "handle_msg", Value: ""}, {Key: "ex", Value: ""}, {Key: "handle_result", Value: int32(1)},
			{Key: "create_time", Value: date(at)}, {Key: "handle_time", Value: date(at)}})
	}
	blacks = append(blacks, bson.D{{Key: "owner_user_id", Value: "u05"}, {Key: "block_user_id", Value: "u06"}, {Key: "operator_user_id", Value: "u05"},
		{Key: "ex", Value: ""}, {Key: "add_source", Value: int32(0)}, {Key: "create_time", Value: date(at)}})
	type chat struct {
		id, group string
		users     []string
	}
	var chats []chat
	for _, p := range pairs {
		a, b := name(p[0]), name(p[1])
		chats = append(chats, chat{id: "si_" + a + "_" + b, users: []string{a, b}})
	}
	for g := range 4 {
		id := fmt.Sprintf("g%d", g)
		var in []string
		for i := range 3 + g {
			in = append(in, name((g*3+i)%12))
		}
		groups = append(groups, groupDoc(id, in[0], at))
		for i, u := range in {
			role := int32(20)
			if i == 0 {
				role = roleOwner
			} else if i == 1 {
				role = roleAdmin
			}
			members = append(members, memberDoc(id, u, role, at+int64(i)))
			versions = append(versions, versionDoc(u))
		}
		versions = append(versions, versionDoc(id))
		chats = append(chats, chat{id: "sg_" + id, group: id, users: in})
	}
	var docs, seqs, userSeqs []any
	for _, c := range chats {
		n := int64(10 + rnd.Intn(40))
		if c.id == "sg_g2" {
			n += docMessages
		}
		docs = append(docs, messageDocs(c.id, c.group, c.users, n, at)...)
		reserved := (n/50 + 1) * 50
		seqs = append(seqs, seqDoc(c.id, reserved, 0))
		w.counter(c.id, n, reserved)
		for _, u := range c.users {
			userSeqs = append(userSeqs, userSeqDoc(u, c.id, 0, 0, int64(rnd.Intn(int(n+1)))))
			conversations = append(conversations, conversationDoc(u, c.id, c.group, at))
		}
	}
	w.insert("user", users...)
	w.insert("friend", friends...)
	w.insert("friend_request", requests...)
	w.insert("black", blacks...)
	w.insert("group", groups...)
	w.insert("group_member", members...)
	w.insert("conversation", conversations...)
	w.insert("msg", docs...)
	w.insert("seq", seqs...)
	w.insert("seq_user", userSeqs...)
	for _, name := range []string{"friend_version", "group_member_version", "group_join_version", "conversation_version"} {
		w.insert(name, versions...)
	}
	w.insert("s3", bson.D{{Key: "name", Value: "u00/a.png"}, {Key: "user_id", Value: "u00"}, {Key: "hash", Value: "d41d"}, {Key: "engine", Value: "minio"},
		{Key: "key", Value: "openim/data/hash/d41d"}, {Key: "content_type", Value: "image/png"}, {Key: "group", Value: "msg-picture"},
		{Key: "size", Value: int64(1234)}, {Key: "create_time", Value: date(at)}})
	w.insert("config", bson.D{{Key: "key", Value: "theme"}, {Key: "user_id", Value: ""}, {Key: "value", Value: "dark"}})
}

func (w *deployment) counter(conversation string, curr, last int64) {
	w.t.Helper()
	if err := w.rdb.HSet(w.t.Context(), counterPrefix+conversation, "CURR", curr, "LAST", last, "TIME", w.now.UnixMilli()).Err(); err != nil {
		w.t.Fatal(err)
	}
}

func userDoc(id string, level int32, at int64) bson.D {
	return bson.D{{Key: "user_id", Value: id}, {Key: "nickname", Value: "N " + id}, {Key: "face_url", Value: ""}, {Key: "ex", Value: ""},
		{Key: "app_manger_level", Value: level}, {Key: "global_recv_msg_opt", Value: int32(0)}, {Key: "create_time", Value: date(at)}}
}

func friendDoc(owner, friend string, at int64) bson.D {
	return bson.D{{Key: "owner_user_id", Value: owner}, {Key: "friend_user_id", Value: friend}, {Key: "remark", Value: ""}, {Key: "create_time", Value: date(at)},
		{Key: "add_source", Value: int32(1)}, {Key: "operator_user_id", Value: owner}, {Key: "ex", Value: ""}, {Key: "is_pinned", Value: false}}
}

func groupDoc(id, creator string, at int64) bson.D {
	return bson.D{{Key: "group_id", Value: id}, {Key: "group_name", Value: "Group " + id}, {Key: "notification", Value: ""}, {Key: "introduction", Value: ""},
		{Key: "face_url", Value: ""}, {Key: "ex", Value: ""}, {Key: "creator_user_id", Value: creator}, {Key: "notification_user_id", Value: ""},
		{Key: "status", Value: int32(0)}, {Key: "group_type", Value: int32(2)}, {Key: "need_verification", Value: int32(0)},
		{Key: "look_member_info", Value: int32(0)}, {Key: "apply_member_friend", Value: int32(0)}, {Key: "create_time", Value: date(at)},
		{Key: "notification_update_time", Value: date(at)}}
}

func memberDoc(group, user string, role int32, at int64) bson.D {
	return bson.D{{Key: "group_id", Value: group}, {Key: "user_id", Value: user}, {Key: "nickname", Value: ""}, {Key: "face_url", Value: ""},
		{Key: "inviter_user_id", Value: ""}, {Key: "operator_user_id", Value: ""}, {Key: "ex", Value: ""}, {Key: "role_level", Value: role},
		{Key: "join_source", Value: int32(2)}, {Key: "join_time", Value: date(at)}, {Key: "mute_end_time", Value: date(0)}}
}

func conversationDoc(owner, id, group string, at int64) bson.D {
	return bson.D{{Key: "owner_user_id", Value: owner}, {Key: "conversation_id", Value: id}, {Key: "user_id", Value: ""}, {Key: "group_id", Value: group},
		{Key: "attached_info", Value: ""}, {Key: "ex", Value: ""}, {Key: "conversation_type", Value: int32(1)}, {Key: "recv_msg_opt", Value: int32(0)},
		{Key: "burn_duration", Value: int32(0)}, {Key: "group_at_type", Value: int32(0)}, {Key: "is_pinned", Value: false},
		{Key: "is_private_chat", Value: false}, {Key: "is_msg_destruct", Value: false}, {Key: "max_seq", Value: int64(0)}, {Key: "min_seq", Value: int64(0)},
		{Key: "msg_destruct_time", Value: int64(0)}, {Key: "create_time", Value: date(at)}, {Key: "latest_msg_destruct_time", Value: date(at)}}
}

func versionDoc(id string) bson.D {
	return bson.D{{Key: "d_id", Value: id}, {Key: "version", Value: int32(3)}, {Key: "deleted", Value: int32(0)}, {Key: "last_update", Value: date(0)}, {Key: "logs", Value: bson.A{}}}
}

func seqDoc(conversation string, maxSeq, minSeq int64) bson.D {
	return bson.D{{Key: "conversation_id", Value: conversation}, {Key: "max_seq", Value: maxSeq}, {Key: "min_seq", Value: minSeq}}
}

func userSeqDoc(user, conversation string, minSeq, maxSeq, readSeq int64) bson.D {
	return bson.D{{Key: "user_id", Value: user}, {Key: "conversation_id", Value: conversation}, {Key: "min_seq", Value: minSeq},
		{Key: "max_seq", Value: maxSeq}, {Key: "read_seq", Value: readSeq}}
}

// messageDocs is n messages, one an hour from a time on, in documents of a hundred places.
func messageDocs(conversation, group string, users []string, n, at int64) []any {
	var out []any
	for from := int64(1); from <= n; from += docMessages {
		var places bson.A
		for i := range int64(docMessages) {
			if seq := from + i; seq <= n {
				places = append(places, element(messageOf(conversation, group, users, seq, at+seq*3600_000)))
			} else {
				places = append(places, element(nil))
			}
		}
		out = append(out, bson.D{{Key: "doc_id", Value: docID(conversation, from)}, {Key: "msgs", Value: places}})
	}
	return out
}

func element(message any) bson.D {
	return bson.D{{Key: "msg", Value: message}, {Key: "revoke", Value: nil}, {Key: "del_list", Value: bson.A{}}, {Key: "is_read", Value: false}}
}

func messageOf(conversation, group string, users []string, seq, at int64) bson.D {
	sender, receiver := users[int(seq)%len(users)], ""
	if group == "" {
		receiver = users[int(seq+1)%len(users)]
	}
	id := conversation + "-" + strconv.FormatInt(seq, 10)
	return bson.D{{Key: "send_id", Value: sender}, {Key: "recv_id", Value: receiver}, {Key: "group_id", Value: group}, {Key: "client_msg_id", Value: "c" + id},
		{Key: "server_msg_id", Value: "s" + id}, {Key: "sender_nickname", Value: "N " + sender}, {Key: "sender_face_url", Value: ""},
		{Key: "sender_platform_id", Value: int32(1)}, {Key: "session_type", Value: int32(1)}, {Key: "msg_from", Value: int32(100)},
		{Key: "content_type", Value: int32(101)}, {Key: "content", Value: `{"content":"message ` + id + `"}`}, {Key: "seq", Value: seq},
		{Key: "send_time", Value: at}, {Key: "create_time", Value: at}, {Key: "status", Value: int32(2)}, {Key: "is_read", Value: false},
		{Key: "options", Value: bson.D{{Key: "history", Value: true}}}, {Key: "offline_push", Value: nil}, {Key: "at_user_id_list", Value: bson.A{}},
		{Key: "attached_info", Value: ""}, {Key: "ex", Value: ""}}
}

// dump is every document of the database, by collection and what it is about; those of one name together.
func (w *deployment) dump() map[string][]string {
	w.t.Helper()
	out := map[string][]string{}
	names, err := collectionNames(w.t.Context(), w.db)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, name := range names {
		err := read(w.t.Context(), w.db.Collection(name), bson.D{}, nil, []string{"_id"}, func(doc bson.Raw) error {
			key := name + " " + nameOf(name, doc)
			out[key] = append(out[key], string(doc))
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return out
}

// differences are the names whose documents are not the same in both.
func differences(before, after map[string][]string) []string {
	var out []string
	for key, docs := range before {
		if !slices.Equal(docs, after[key]) {
			out = append(out, key)
		}
	}
	for key := range after {
		if _, ok := before[key]; !ok {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}

// check runs data.check and gives its findings as lines.
func (w *deployment) check(kinds ...string) []string {
	w.t.Helper()
	var out []string
	for f, err := range runCheck(w.t.Context(), w.env, CheckParams{Kinds: kinds}) {
		if err != nil {
			w.t.Fatal(err)
		}
		line := fmt.Sprintf("%s %s %s", f.Kind, f.Collection, f.ID)
		if f.Seq != 0 {
			line += fmt.Sprintf(" %d", f.Seq)
		}
		if !f.Repairable {
			line += " not repairable"
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

// restore brings the database back to what a dump holds, and the counters in Redis to what they were.
func (w *deployment) restore(clean map[string][]string, counters map[string]map[string]string) {
	w.t.Helper()
	now := w.dump()
	for _, key := range differences(clean, now) {
		name, _, _ := strings.Cut(key, " ")
		for _, doc := range now[key] {
			w.remove(name, by("_id", bson.Raw(doc).Lookup("_id")))
		}
		for _, doc := range clean[key] {
			w.insert(name, bson.Raw(doc))
		}
	}
	for key, fields := range counters {
		if err := w.rdb.HSet(w.t.Context(), key, fields).Err(); err != nil {
			w.t.Fatal(err)
		}
	}
}

// counters are the live counters.
func (w *deployment) counters() map[string]map[string]string {
	w.t.Helper()
	out := map[string]map[string]string{}
	keys, err := w.rdb.Keys(w.t.Context(), counterPrefix+"*").Result()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, key := range keys {
		out[key] = w.rdb.HGetAll(w.t.Context(), key).Val()
	}
	return out
}

func (w *deployment) update(name string, filter, update bson.D) {
	w.t.Helper()
	res, err := w.db.Collection(name).UpdateOne(w.t.Context(), filter, update)
	if err != nil || res.MatchedCount != 1 {
		w.t.Fatalf("updating %s %v: %+v %v", name, filter, res, err)
	}
}

func set(field string, v any) bson.D {
	return bson.D{{Key: "$set", Value: bson.D{{Key: field, Value: v}}}}
}
func by(pairs ...any) bson.D {
	var d bson.D
	for i := 0; i < len(pairs); i += 2 {
		d = append(d, bson.E{Key: pairs[i].(string), Value: pairs[i+1]})
	}
	return d
}

func (w *deployment) remove(name string, filter bson.D) {
	w.t.Helper()
	if _, err := w.db.Collection(name).DeleteMany(w.t.Context(), filter); err != nil {
		w.t.Fatal(err)
	}
}

// number is a number of the one document that fits.
func (w *deployment) number(name string, filter bson.D, field string) int64 {
	w.t.Helper()
	var doc bson.Raw
	if err := w.db.Collection(name).FindOne(w.t.Context(), filter).Decode(&doc); err != nil {
		w.t.Fatal(err)
	}
	return num(doc, field)
}
