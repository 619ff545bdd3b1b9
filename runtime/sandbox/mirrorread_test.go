package sandbox

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// stores are a sandbox's MongoDB and Redis as a tool outside has them.
type stores struct {
	*testClient
	s     *Server
	db    *mongo.Database
	admin *mongo.Database
	redis *redis.Client
}

func startStores(t *testing.T, cfg Config) *stores {
	t.Helper()
	cfg.Engine = startEngine
	s := startTest(t, cfg)
	client, err := mongo.Connect(options.Client().SetHosts([]string{s.Ready().Mongo}).SetDirect(true).SetRetryWrites(false))
	if err != nil {
		t.Fatal(err)
	}
	r := redis.NewClient(&redis.Options{Addr: s.Ready().Redis})
	t.Cleanup(func() {
		_ = client.Disconnect(context.Background())
		_ = r.Close()
	})
	return &stores{newTestClient(t, s), s, client.Database(s.Ready().Database), client.Database("admin"), r}
}

func (o *stores) check(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// backup reads collections.
func (o *stores) backup(names ...string) map[string][]any {
	o.t.Helper()
	out := map[string][]any{}
	for _, name := range names {
		cursor, err := o.db.Collection(name).Find(o.t.Context(), bson.D{})
		o.check(err)
		var docs []bson.Raw
		o.check(cursor.All(o.t.Context(), &docs))
		for _, d := range docs {
			out[name] = append(out[name], d)
		}
	}
	return out
}

// restore puts a backup where the collections are, by way of others, as a tool does that never leaves half of one.
func (o *stores) restore(backup map[string][]any) {
	o.t.Helper()
	rename := func(from, to string) {
		o.t.Helper()
		o.check(o.admin.RunCommand(o.t.Context(), bson.D{{Key: "renameCollection", Value: o.db.Name() + "." + from}, {Key: "to", Value: o.db.Name() + "." + to}}).Err())
	}
	for name, docs := range backup {
		o.check(o.db.CreateCollection(o.t.Context(), "imctl_new_1_"+name))
		if len(docs) > 0 {
			_, err := o.db.Collection("imctl_new_1_"+name).InsertMany(o.t.Context(), docs)
			o.check(err)
		}
	}
	for name := range backup {
		rename(name, "imctl_old_1_"+name)
		rename("imctl_new_1_"+name, name)
		o.check(o.db.Collection("imctl_old_1_" + name).Drop(o.t.Context()))
	}
}

// drop deletes the keys of some patterns, and gives them back.
func (o *stores) drop(patterns ...string) []string {
	o.t.Helper()
	var keys []string
	for _, p := range patterns {
		for it := o.redis.Scan(o.t.Context(), 0, p, 100).Iterator(); it.Next(o.t.Context()); {
			keys = append(keys, it.Val())
		}
	}
	if len(keys) > 0 {
		o.check(o.redis.Unlink(o.t.Context(), keys...).Err())
	}
	return keys
}

func (o *stores) publish(topic string, keys []string) {
	o.t.Helper()
	text, err := json.Marshal(keys)
	o.check(err)
	o.check(o.redis.Publish(o.t.Context(), topic, text).Err())
}

func (o *stores) nickname(userID string) string {
	o.t.Helper()
	var got struct{ UsersInfo []user }
	o.call("/user/get_users_info", map[string]any{"userIDs": []string{userID}}, &got)
	if len(got.UsersInfo) == 0 {
		return "nobody"
	}
	return got.UsersInfo[0].Nickname
}

func (o *stores) rename(userID, name string) {
	o.t.Helper()
	o.call("/user/update_user_info", map[string]any{"userInfo": map[string]any{"userID": userID, "nickname": name}}, nil)
}

func (o *stores) want(what, got, want string) {
	o.t.Helper()
	if got != want {
		o.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// TestRestoredUsers: what a service has cached it doesn't ask MongoDB for, until the key is gone from Redis and it was told.
func TestRestoredUsers(t *testing.T) {
	t.Parallel()
	o := startStores(t, Config{})
	o.register("a", "b")
	backup := o.backup("user")
	o.rename("a", "later")
	o.register("c")
	o.restore(backup)
	o.want("nothing deleted", o.nickname("a"), "later")
	o.want("nothing deleted: a user who is gone", o.nickname("c"), "c")
	keys := o.drop("USER_INFO:*")
	if want := []string{"USER_INFO:a", "USER_INFO:b", "USER_INFO:c", "USER_INFO:imAdmin"}; !slices.Equal(slices.Sorted(slices.Values(keys)), want) {
		t.Errorf("keys %v", keys)
	}
	o.want("nobody told", o.nickname("a"), "later")
	o.rename("b", "b too") // a change to what is stale is written for itself
	o.publish("DELETE_CACHE_GROUP", keys)
	o.want("told the wrong ones", o.nickname("a"), "later")
	o.publish("DELETE_CACHE_USER", keys)
	o.want("told", o.nickname("a"), "a")
	o.want("changed in between", o.nickname("b"), "b too")
	o.want("told: a user who is gone", o.nickname("c"), "nobody")
	if n, err := o.redis.Exists(t.Context(), "USER_INFO:a", "USER_INFO:c").Result(); n != 1 || err != nil {
		t.Errorf("%d keys are cached again, %v", n, err)
	}
	o.register("c")
	o.rename("a", "at last")
	compareMongo(t, o.s)
}

// TestUntoldServices: without being told they forget by themselves, after a time.
func TestUntoldServices(t *testing.T) {
	t.Parallel()
	o := startStores(t, Config{localCache: time.Second})
	o.register("a")
	backup := o.backup("user")
	o.rename("a", "later")
	o.restore(backup)
	began := time.Now()
	o.drop("USER_INFO:*")
	for o.nickname("a") != "a" {
		if time.Since(began) > time.Minute {
			t.Fatal("they never forget")
		}
		time.Sleep(50 * time.Millisecond)
	}
	if time.Since(began) < time.Second {
		t.Error("they forgot at once")
	}
}

// chatted is a sandbox in which a sent b some messages.
func chatted(t *testing.T, texts ...string) *stores {
	t.Helper()
	o := startStores(t, Config{})
	o.register("a", "b")
	o.say(texts...)
	return o
}

func (o *stores) say(texts ...string) {
	o.t.Helper()
	var got struct {
		MaxSeqs map[string]int64
	}
	o.call("/msg/newest_seq", map[string]any{"userID": "b"}, &got)
	next := got.MaxSeqs["si_a_b"]
	for _, text := range texts {
		o.send("a", "b", text)
		next++
		o.newest("b", "si_a_b", next)
	}
}

// read is what b sees of the chat, "-" for a seq without a message.
func (o *stores) read() string {
	o.t.Helper()
	var got struct {
		Msgs map[string]struct{ Msgs []msgData }
	}
	o.call("/msg/pull_msg_by_seq", map[string]any{
		"userID": "b", "seqRanges": []any{map[string]any{"conversationID": "si_a_b", "begin": 1, "end": 1000, "num": 1000}},
	}, &got)
	var texts []string
	for _, m := range got.Msgs["si_a_b"].Msgs {
		var content struct{ Content string }
		if json.Unmarshal(m.Content, &content) != nil {
			content.Content = "-"
		}
		texts = append(texts, content.Content)
	}
	return strings.TrimRight(strings.Join(texts, " "), "- ")
}

var chatKeys = []string{"MSG_CACHE:*", "MALLOC_SEQ:*", "MALLOC_MIN_SEQ:*", "SEQ_USER_*"}

// TestRestoredMessages: all done right, the chat goes on behind the highest seq there ever was.
func TestRestoredMessages(t *testing.T) {
	t.Parallel()
	o := chatted(t, "one", "two")
	backup := o.backup("msg", "seq", "seq_user")
	o.say("three", "four")
	backup["seq"] = o.backup("seq")["seq"] // never behind what was given
	o.restore(backup)
	o.want("nothing deleted", o.read(), "one two three four")
	o.drop(chatKeys...)
	o.want("restored", o.read(), "one two")
	o.send("a", "b", "five")
	o.newest("b", "si_a_b", 1+50+1) // behind the reserved block
	if got := o.read(); !strings.HasPrefix(got, "one two") || !strings.HasSuffix(got, "five") {
		t.Errorf("%q", got)
	}
	compareMongo(t, o.s)
}

// TestForgottenSeq: max_seq below the highest stored seq makes new messages overwrite old ones.
func TestForgottenSeq(t *testing.T) {
	t.Parallel()
	o := chatted(t, "one", "two", "three")
	backup := o.backup("msg", "seq")
	for i := range backup["seq"] {
		backup["seq"][i] = bson.D{{Key: "conversation_id", Value: "si_a_b"}, {Key: "max_seq", Value: int64(1)}, {Key: "min_seq", Value: int64(0)}}
	}
	o.restore(backup)
	o.drop(chatKeys...)
	o.send("a", "b", "new")
	o.newest("b", "si_a_b", 2)
	o.want("what two was", o.read(), "one new") // three is hidden behind the newest seq
	var doc struct {
		Msgs []struct{ Msg *struct{ Content string } }
	}
	o.check(o.db.Collection("msg").FindOne(t.Context(), bson.D{{Key: "doc_id", Value: "si_a_b:0"}}).Decode(&doc))
	o.want("in MongoDB", doc.Msgs[1].Msg.Content, `{"content":"new"}`)
	if doc.Msgs[2].Msg == nil {
		t.Error("what was not overwritten is gone")
	}
}

// TestForgottenCounter: so does a live counter in Redis that was left from before a restore of newer messages.
func TestForgottenCounter(t *testing.T) {
	t.Parallel()
	o := chatted(t, "one")
	old, err := o.redis.HGetAll(t.Context(), seqKey("si_a_b")).Result()
	o.check(err)
	o.say("two", "three")
	backup := o.backup("msg", "seq")
	o.restore(backup)
	o.drop(chatKeys...)
	o.check(o.redis.HSet(t.Context(), seqKey("si_a_b"), old).Err())
	o.send("a", "b", "new")
	o.newest("b", "si_a_b", 2)
	o.want("what two was", o.read(), "one new")
}

// TestHalfTheKeys: what was not deleted stays as it was.
func TestHalfTheKeys(t *testing.T) {
	t.Parallel()
	o := chatted(t, "one", "two")
	backup := o.backup("msg")
	for seq := range 2 {
		o.call("/msg/revoke_msg", map[string]any{"userID": "a", "conversationID": "si_a_b", "seq": seq + 1}, nil)
	}
	o.want("revoked", o.read(), "")
	o.restore(backup)
	o.drop("MSG_CACHE:si_a_b:1")
	o.want("one key deleted", o.read(), "one")
	o.drop("MSG_CACHE:si_a_b:2")
	o.want("both keys deleted", o.read(), "one two")
}

// TestDroppedDatabase: all is gone but the admin.
func TestDroppedDatabase(t *testing.T) {
	t.Parallel()
	o := chatted(t, "one")
	o.call("/friend/import_friend", map[string]any{"ownerUserID": "a", "friendUserIDs": []string{"b"}}, nil)
	o.call("/group/create_group", map[string]any{
		"groupInfo": map[string]any{"groupID": "g", "groupType": 2, "groupName": "g"}, "ownerUserID": "a", "memberUserIDs": []string{"b"},
	}, nil)
	o.call("/user/set_user_client_config", map[string]any{"configs": map[string]string{"k": "v"}}, nil)
	o.check(o.db.Drop(t.Context()))
	for topic, patterns := range map[string][]string{
		"DELETE_CACHE_USER": {"USER_INFO:*"}, "DELETE_CACHE_FRIEND": {"FRIEND_*", "BLACK_*"}, "DELETE_CACHE_GROUP": {"GROUP_*"},
		"DELETE_CACHE_CONVERSATION": {"CONVERSATION*"}, "": append([]string{"CLIENT_CONFIG*"}, chatKeys...),
	} {
		o.publish(topic, o.drop(patterns...))
	}
	var total struct{ Total int }
	all := map[string]any{"pageNumber": 1, "showNumber": 10}
	o.call("/user/get_all_users_uid", map[string]any{"pagination": all}, &total)
	if total.Total != 1 {
		t.Errorf("%d users", total.Total)
	}
	o.call("/group/get_groups", map[string]any{"pagination": all}, &total)
	if total.Total != 0 {
		t.Errorf("%d groups", total.Total)
	}
	o.call("/friend/get_friend_list", map[string]any{"userID": "a", "pagination": all}, &total)
	if total.Total != 0 {
		t.Errorf("%d friends", total.Total)
	}
	o.want("messages", o.read(), "")
	o.register("a", "b")
	o.say("new")
	o.want("messages", o.read(), "new")
}

// TestVersionsDropped: clients have to sync fully, at once.
func TestVersionsDropped(t *testing.T) {
	t.Parallel()
	o := startStores(t, Config{})
	o.register("a", "b")
	o.call("/friend/import_friend", map[string]any{"ownerUserID": "a", "friendUserIDs": []string{"b"}}, nil)
	sync := func() (answer struct {
		VersionID string
		Version   uint64
		Full      bool
	}) {
		o.call("/friend/get_incremental_friends", map[string]any{"userID": "a"}, &answer)
		return answer
	}
	before := sync()
	var doc struct {
		ID bson.ObjectID `bson:"_id"`
	}
	o.check(o.db.Collection("friend_version").FindOne(t.Context(), bson.D{{Key: "d_id", Value: "a"}}).Decode(&doc))
	o.want("the _id", doc.ID.Hex(), before.VersionID)
	o.check(o.db.Collection("friend_version").Drop(t.Context()))
	if after := sync(); after.VersionID == before.VersionID || !after.Full {
		t.Errorf("before %+v, after %+v", before, after)
	}
	compareMongo(t, o.s)
}

// TestRestoredChatServer: it caches nothing.
func TestRestoredChatServer(t *testing.T) {
	t.Parallel()
	o := startStores(t, Config{})
	chat := *o.testClient
	chat.base = o.s.Ready().ChatAdmin
	var login struct{ AdminToken string }
	chat.call("/account/login", map[string]any{"account": "chatAdmin", "password": firstChatAdmin("", time.Now()).Password, "version": "1"}, &login)
	chat.token = login.AdminToken
	chat.call("/user/import/json", map[string]any{"users": []any{map[string]any{
		"userID": "a", "nickname": "a", "password": "p", "email": "a@example.org", "account": "anna",
	}}}, nil)
	chat.call("/block/add", map[string]any{"userID": "a", "reason": "spam"}, nil)
	backup := o.backup("account", "attribute", "credential", "register", "forbidden_account")
	chat.call("/block/del", map[string]any{"userIDs": []string{"a"}}, nil)
	o.restore(backup)
	var blocked struct {
		Users []struct{ UserID, Reason, Account string }
	}
	chat.call("/block/search", map[string]any{"pagination": map[string]any{"pageNumber": 1, "showNumber": 5}}, &blocked)
	if len(blocked.Users) != 1 || blocked.Users[0].Reason != "spam" || blocked.Users[0].Account != "anna" {
		t.Errorf("blocked: %+v", blocked)
	}
	compareMongo(t, o.s)
}

// TestMongoEnds: with a client connected and an engine running, nothing is left at the end.
func TestMongoEnds(t *testing.T) {
	s, err := Start(t.Context(), Config{Engine: startEngine})
	if err != nil {
		t.Fatal(err)
	}
	client, err := mongo.Connect(options.Client().SetHosts([]string{s.Ready().Mongo}).SetDirect(true))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := client.Database(Database).Collection("user").CountDocuments(t.Context(), bson.D{}); n != 1 || err != nil {
		t.Errorf("%d users, %v", n, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil { // twice is fine
		t.Error(err)
	}
	if err := client.Disconnect(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestNoMongoWithoutClient: it isn't started before somebody comes, and not offered with a data folder.
func TestNoMongoWithoutClient(t *testing.T) {
	t.Parallel()
	never := func(context.Context) (*Engine, error) {
		t.Error("it was started")
		return nil, context.Canceled
	}
	s := startTest(t, Config{Engine: never})
	newTestClient(t, s).register("a")
	if s.Ready().Mongo == "" || s.Ready().Database != Database {
		t.Errorf("%+v", s.Ready())
	}
	if ready := startTest(t, Config{Engine: never, Data: t.TempDir()}).Ready(); ready.Mongo != "" {
		t.Errorf("with a data folder: %+v", ready)
	}
}

// TestMongoRequests: which collections a request writes into.
func TestMongoRequests(t *testing.T) {
	t.Parallel()
	for want, command := range map[string]bson.D{
		"user":    {{Key: "insert", Value: "user"}, {Key: "$db", Value: Database}},
		"msg":     {{Key: "findAndModify", Value: "msg"}, {Key: "$db", Value: Database}},
		"group":   {{Key: "drop", Value: "group"}, {Key: "$db", Value: Database}},
		"*":       {{Key: "dropDatabase", Value: 1}, {Key: "$db", Value: Database}},
		"new,seq": {{Key: "renameCollection", Value: Database + ".new"}, {Key: "to", Value: Database + ".seq"}, {Key: "$db", Value: "admin"}},
		"":        {{Key: "delete", Value: "user"}, {Key: "$db", Value: "other"}},
		" ":       {{Key: "find", Value: "user"}, {Key: "$db", Value: Database}},
	} {
		doc, err := bson.Marshal(command)
		if err != nil {
			t.Fatal(err)
		}
		var r mongoRequest
		r.command(doc)
		if got := strings.Join(r.writes, ","); got != strings.TrimSpace(want) || r.idle {
			t.Errorf("%v: %q, idle %v", command, got, r.idle)
		}
	}
}
