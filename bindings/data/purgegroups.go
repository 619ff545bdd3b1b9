package data

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/store"
	"github.com/openimsdk/imctl/bindings/value"
)

// usedGroup is a group with what tells when it was used last.
type usedGroup struct {
	doc     bson.Raw
	members []bson.Raw
	owned   bool
	last    int64 // ms: it was made, somebody joined, or a message was sent
}

func (g usedGroup) dismissed() bool { return num(g.doc, "status") == groupDismissed }

// why is why the group is dead; "" is: it is not, or it was used since.
func (g usedGroup) why(before int64) string {
	if g.last >= before {
		return ""
	}
	since := "; last used " + time.UnixMilli(g.last).UTC().Format(time.DateOnly)
	switch {
	case g.dismissed():
		return "dismissed" + since
	case len(g.members) == 0:
		return "no members" + since
	}
	return fmt.Sprintf("%d members, silent%s", len(g.members), since)
}

// deadGroups finds the groups that nobody has used.
func deadGroups(ctx context.Context, _ *bindings.Env, db *mongo.Database, p *PurgeParams) iter.Seq2[Purge, error] {
	return func(yield func(Purge, error) bool) {
		var ids []string
		err := read(ctx, db.Collection("group"), bson.D{}, []string{"group_id", "create_time"}, nil, func(doc bson.Raw) error {
			if when(doc, "create_time") < p.before {
				ids = append(ids, text(doc, "group_id"))
			}
			return nil
		})
		if err != nil {
			yield(Purge{}, err)
			return
		}
		slices.Sort(ids)
		for _, id := range ids {
			g, ok, err := readGroup(ctx, db, id, p.before)
			if err != nil {
				yield(Purge{}, err)
				return
			}
			if why := g.why(p.before); ok && why != "" && !yield(Purge{What: "group", ID: id, Why: why}, nil) {
				return
			}
		}
	}
}

// readGroup reads a group with its members, and when it was used; messages are not looked at when it was used since
// enough without them.
func readGroup(ctx context.Context, db *mongo.Database, id string, enough int64) (g usedGroup, ok bool, err error) {
	filter := bson.D{{Key: "group_id", Value: id}}
	err = read(ctx, db.Collection("group"), filter, nil, nil, func(doc bson.Raw) error {
		g.doc, g.last = slices.Clone(doc), when(doc, "create_time")
		return nil
	})
	if err != nil || g.doc == nil {
		return g, false, err
	}
	err = read(ctx, db.Collection("group_member"), filter, nil, nil, func(doc bson.Raw) error {
		g.members = append(g.members, slices.Clone(doc))
		g.last = max(g.last, when(doc, "join_time"))
		g.owned = g.owned || num(doc, "role_level") == roleOwner
		return nil
	})
	for _, conversation := range []string{"sg_" + id, "n_" + id} {
		if err != nil || g.last >= enough {
			break
		}
		err = read(ctx, db.Collection("msg"), ofConversation(conversation), []string{"msgs.msg.send_time"}, nil, func(doc bson.Raw) error {
			elements, err := messageElements(doc)
			for _, e := range elements {
				if m, ok := message(e); ok {
					g.last = max(g.last, num(m, "send_time"))
				}
			}
			return err
		})
	}
	return g, true, err
}

// group removes a group: one that is alive is dismissed first, by the server, which tells the members.
func (e *purger) group(ctx context.Context, row *Purge) error {
	row.Left = "its messages, and the conversations of its members"
	g, ok, err := readGroup(ctx, e.db, row.ID, e.before)
	if err != nil {
		return err
	}
	if !ok {
		return row.changed("it is gone already")
	}
	if why := g.why(e.before); why != row.Why {
		return row.changed("it was used, or has changed: nothing was removed")
	}
	members := g.members
	if g.owned && !g.dismissed() { // without an owner the server finds no group to dismiss
		body := value.NewObject("groupID", row.ID, "deleteMember", true)
		if _, err := e.env.API.Call(ctx, "/group/dismiss_group", body); err != nil {
			return err
		}
	}
	filter := bson.D{{Key: "group_id", Value: row.ID}}
	stale := []caches{cachesOfDoc("group", g.doc)}
	logs := map[versionLog]bool{{"group_member_version", row.ID}: true}
	for _, m := range members {
		stale = append(stale, cachesOfDoc("group_member", m))
		logs[versionLog{"group_join_version", text(m, "user_id")}] = true
	}
	for _, name := range []string{"group_member", "group_request", "group"} { // the group last: until then a repetition finds it
		if _, err := e.db.Collection(name).DeleteMany(ctx, filter); err != nil {
			return store.MongoError(ctx, "removing from "+name, err)
		}
	}
	return dropStale(ctx, e.env, e.db, stale, logs, &e.noted)
}
