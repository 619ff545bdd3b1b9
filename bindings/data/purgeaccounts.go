package data

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
	"github.com/openimsdk/imctl/bindings/value"
)

// lastOrdinaryLevel is the highest app_manger_level of an ordinary account; above are admins, notification accounts and
// robots (REST-API, Enumerations).
const lastOrdinaryLevel = 1

// idleAccounts finds the ordinary accounts that show no sign of use.
func idleAccounts(ctx context.Context, env *bindings.Env, db *mongo.Database, p *PurgeParams) iter.Seq2[Purge, error] {
	return func(yield func(Purge, error) bool) {
		used, err := signsOfUse(ctx, db, p.before)
		if err != nil {
			yield(Purge{}, err)
			return
		}
		err = read(ctx, db.Collection("user"), bson.D{}, nil, []string{"user_id"}, func(doc bson.Raw) error {
			id := text(doc, "user_id")
			if !ordinary(env, doc) || used[id] || when(doc, "create_time") >= p.before {
				return nil
			}
			on, err := online(ctx, env, id)
			if err != nil || on {
				return err
			}
			if !yield(Purge{What: "account", ID: id, Why: "made and last heard of before " + time.UnixMilli(p.before).UTC().Format(time.RFC3339)}, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && err != errEnough {
			yield(Purge{}, err)
		}
	}
}

// ordinary tells whether an account may be purged at all.
func ordinary(env *bindings.Env, doc bson.Raw) bool {
	return num(doc, "app_manger_level") <= lastOrdinaryLevel && text(doc, "user_id") != env.Target.Admin
}

// signsOfUse are the accounts that sent a message since, logged in at the chat server since, or own a group.
func signsOfUse(ctx context.Context, db *mongo.Database, since int64) (map[string]bool, error) {
	used := map[string]bool{}
	err := read(ctx, db.Collection("msg"), bson.D{}, []string{"msgs.msg.send_id", "msgs.msg.send_time"}, nil, func(doc bson.Raw) error {
		elements, _ := messageElements(doc)
		for _, e := range elements {
			if m, ok := message(e); ok && num(m, "send_time") >= since {
				used[text(m, "send_id")] = true
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	logins := bson.D{{Key: "login_time", Value: bson.D{{Key: "$gte", Value: bson.DateTime(since)}}}}
	err = read(ctx, db.Collection("user_login_record"), logins, []string{"user_id"}, nil, func(doc bson.Raw) error {
		used[text(doc, "user_id")] = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	dismissed := map[string]bool{}
	err = read(ctx, db.Collection("group"), bson.D{{Key: "status", Value: groupDismissed}}, []string{"group_id"}, nil, func(doc bson.Raw) error {
		dismissed[text(doc, "group_id")] = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	return used, read(ctx, db.Collection("group_member"), bson.D{{Key: "role_level", Value: roleOwner}}, []string{"group_id", "user_id"}, nil, func(doc bson.Raw) error {
		if !dismissed[text(doc, "group_id")] {
			used[text(doc, "user_id")] = true
		}
		return nil
	})
}

// online tells whether Redis shows the account as online; without Redis it is not known, and false.
func online(ctx context.Context, env *bindings.Env, id string) (bool, error) {
	rdb, err := env.Stores.Redis(ctx)
	if fault.Is(err, fault.Unsupported) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	now := strconv.FormatInt(env.Now().Unix(), 10)
	n, err := rdb.ZCount(ctx, "ONLINE:"+id, now, "+inf").Result()
	return n > 0, store.RedisError(ctx, "reading who is online", err)
}

// recordsOf are the documents of an account, by collection and the fields that name it (DATA-MODEL, Removing a user, and the
// chat server's). Its record in user goes last, so that a repetition finds it until all else is gone.
var recordsOf = []struct {
	collection string
	fields     []string
}{
	{"userCommands", []string{"userID"}},
	{"friend", []string{"owner_user_id", "friend_user_id"}},
	{"friend_request", []string{"from_user_id", "to_user_id"}},
	{"black", []string{"owner_user_id", "block_user_id"}},
	{"group_member", []string{"user_id"}},
	{"group_request", []string{"user_id"}},
	{"conversation", []string{"owner_user_id"}},
	{"seq_user", []string{"user_id"}},
	{"log", []string{"user_id"}},
	{"config", []string{"user_id"}},
	{"friend_version", []string{"d_id"}},
	{"group_join_version", []string{"d_id"}},
	{"conversation_version", []string{"d_id"}},
	{"account", []string{"user_id"}},
	{"attribute", []string{"user_id"}},
	{"credential", []string{"user_id"}},
	{"register", []string{"user_id"}},
	{"forbidden_account", []string{"user_id"}},
	{"limit_user_login_ip", []string{"user_id"}},
	{"user_login_record", []string{"user_id"}},
	{"invitation_register", []string{"used_by_user_id"}},
	{"user", []string{"user_id"}},
}

// lastPlatform is the highest platformID of a client (REST-API, Enumerations).
const lastPlatform = 12

// account removes an account: what the API can do first, so that the others are told, and then its records.
func (e *purger) account(ctx context.Context, row *Purge) error {
	row.Left = "its messages, its files, and what others' conversations show of it; don't use the id again"
	var doc bson.Raw
	err := read(ctx, e.db.Collection("user"), bson.D{{Key: "user_id", Value: row.ID}}, nil, nil, func(d bson.Raw) error {
		doc = slices.Clone(d)
		return nil
	})
	if err != nil {
		return err
	}
	on, err := online(ctx, e.env, row.ID)
	switch {
	case err != nil:
		return err
	case doc == nil:
		return row.changed("it is gone already")
	case !ordinary(e.env, doc):
		return row.changed("it is an admin or a notification account now")
	case on:
		return row.changed("it is online now")
	}
	if err := e.leave(ctx, row.ID); err != nil {
		return err
	}
	stale, logs, err := e.records(ctx, row.ID)
	if err != nil {
		return err
	}
	stale = append(stale, caches{keys: []string{"CHAT_UID_TOKEN_STATUS:" + row.ID, "USER_BADGE_UNREAD_COUNT_SUM:" + row.ID},
		patterns: []string{"UID_PID_TOKEN_STATUS:" + globQuoted(row.ID) + ":*", "UID_PID_TOKEN_STATUS::TEMPORARY:" + globQuoted(row.ID) + ":*", "FCM_TOKEN:" + globQuoted(row.ID) + ":*"}})
	return dropStale(ctx, e.env, e.db, stale, logs, &e.noted)
}

// leave logs the account out, and ends through the API what others see.
func (e *purger) leave(ctx context.Context, id string) error {
	call := func(path string, body *value.Object) error {
		_, err := e.env.API.Call(ctx, path, body)
		return err
	}
	for platform := 1; platform <= lastPlatform; platform++ {
		if err := call("/auth/force_logout", value.NewObject("userID", id, "platformID", int64(platform))); err != nil {
			return err
		}
	}
	groups, err := e.column(ctx, "group_member", bson.D{{Key: "user_id", Value: id}}, "group_id")
	if err != nil {
		return err
	}
	gone, err := e.column(ctx, "group", bson.D{{Key: "group_id", Value: bson.D{{Key: "$in", Value: groups}}}, {Key: "status", Value: groupDismissed}}, "group_id")
	if err != nil {
		return err
	}
	for _, group := range groups {
		if slices.Contains(gone, group) {
			continue
		}
		if err := call("/group/quit_group", value.NewObject("groupID", group, "userID", id)); err != nil {
			return fmt.Errorf("leaving the group %s: %w", group, err)
		}
	}
	for _, both := range [][2]string{{"owner_user_id", "friend_user_id"}, {"friend_user_id", "owner_user_id"}} {
		others, err := e.column(ctx, "friend", bson.D{{Key: both[0], Value: id}}, both[1])
		if err != nil {
			return err
		}
		for _, other := range others {
			body := value.NewObject("ownerUserID", id, "friendUserID", other)
			if both[0] == "friend_user_id" {
				body = value.NewObject("ownerUserID", other, "friendUserID", id)
			}
			if err := call("/friend/delete_friend", body); err != nil {
				return fmt.Errorf("ending the friendship with %s: %w", other, err)
			}
		}
	}
	return nil
}

// column is a field of the documents that fit.
func (e *purger) column(ctx context.Context, name string, filter bson.D, field string) ([]string, error) {
	var out []string
	err := read(ctx, e.db.Collection(name), filter, []string{field}, nil, func(doc bson.Raw) error {
		out = append(out, text(doc, field))
		return nil
	})
	slices.Sort(out)
	return out, err
}

// records removes the documents of an account, and tells what they make stale.
func (e *purger) records(ctx context.Context, id string) ([]caches, map[versionLog]bool, error) {
	var stale []caches
	logs := map[versionLog]bool{}
	for _, r := range recordsOf {
		c, ours := known(r.collection)
		in := e.db.Collection(r.collection)
		for _, field := range r.fields {
			filter := bson.D{{Key: field, Value: id}}
			if ours && !c.version {
				err := read(ctx, in, filter, nil, nil, func(doc bson.Raw) error {
					stale = append(stale, cachesOfDoc(r.collection, doc))
					for _, v := range c.versions {
						logs[versionLog{v.name, text(doc, v.field)}] = true
					}
					return nil
				})
				if err != nil {
					return nil, nil, err
				}
			}
			if _, err := in.DeleteMany(ctx, filter); err != nil {
				return nil, nil, store.MongoError(ctx, "removing from "+r.collection, err)
			}
		}
	}
	return stale, logs, nil
}
