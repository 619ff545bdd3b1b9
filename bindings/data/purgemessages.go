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
	"github.com/openimsdk/imctl/bindings/store"
)

// oldDocument is a document of msg with messages that are old.
type oldDocument struct {
	n       int64 // which of the conversation's
	places  uint128
	highest int64 // seq in it, young ones included
}

// uint128 is a set of the places in a document.
type uint128 [2]uint64

func (s *uint128) add(i int)     { s[i/64] |= 1 << (i % 64) }
func (s uint128) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }
func (s uint128) count() (n int64) {
	for i := range docMessages {
		if s.has(i) {
			n++
		}
	}
	return n
}

// oldMessages finds of each conversation the messages before the first one that is young enough.
func oldMessages(ctx context.Context, env *bindings.Env, db *mongo.Database, p *PurgeParams) iter.Seq2[Purge, error] {
	return func(yield func(Purge, error) bool) {
		var at *conversationAge
		tell := func() error {
			if at == nil {
				return nil
			}
			if row, ok := at.row(p.before); ok && !yield(row, nil) {
				return errEnough
			}
			return nil
		}
		each := func(doc bson.Raw) error {
			conversation, n, ok := parseDocID(text(doc, "doc_id"))
			elements, err := messageElements(doc)
			if !ok || err != nil {
				env.Warning("the document %s of msg is left alone: data.check tells more", text(doc, "doc_id"))
				return nil
			}
			if at == nil || at.id != conversation {
				if err := tell(); err != nil {
					return err
				}
				at = &conversationAge{id: conversation}
			}
			at.document(n, elements, p.before)
			return nil
		}
		filters := []bson.D{{}}
		if len(p.ConversationID) > 0 {
			filters = nil
			for _, id := range slices.Compact(slices.Sorted(slices.Values(p.ConversationID))) {
				filters = append(filters, ofConversation(id))
			}
		}
		for _, filter := range filters {
			err := read(ctx, db.Collection("msg"), filter, []string{"doc_id", "msgs.msg.seq", "msgs.msg.send_time"}, []string{"doc_id"}, each)
			if err != nil {
				if err != errEnough {
					yield(Purge{}, err)
				}
				return
			}
		}
		if err := tell(); err != nil && err != errEnough {
			yield(Purge{}, err)
		}
	}
}

// ofConversation is a filter for the documents of a conversation.
func ofConversation(id string) bson.D {
	return bson.D{{Key: "doc_id", Value: bson.D{{Key: "$gte", Value: id + ":"}, {Key: "$lt", Value: id + ";"}}}}
}

// conversationAge is what is known of the age of a conversation's messages.
type conversationAge struct {
	id    string
	docs  []oldDocument
	young int64 // the lowest seq that is young enough to stay; 0 is none
}

// document looks at a document. Messages count by their places, as the server finds them.
func (a *conversationAge) document(n int64, elements []bson.RawValue, before int64) {
	d := oldDocument{n: n}
	for i, e := range elements[:min(len(elements), docMessages)] {
		m, ok := message(e)
		if !ok {
			continue
		}
		seq := n*docMessages + int64(i) + 1
		d.highest = seq
		if sent, ok := whole(m.Lookup("send_time")); ok && sent < before {
			d.places.add(i)
		} else if a.young == 0 || seq < a.young {
			a.young = seq
		}
	}
	if d.highest > 0 && d.places != (uint128{}) {
		a.docs = append(a.docs, d)
	}
}

// row is what goes of the conversation.
func (a *conversationAge) row(before int64) (Purge, bool) {
	row := Purge{What: "messages", ID: a.id, Why: "sent before " + time.UnixMilli(before).UTC().Format(time.RFC3339)}
	for _, d := range a.docs {
		var goes uint128
		for i := range docMessages {
			seq := d.n*docMessages + int64(i) + 1
			if d.places.has(i) && (a.young == 0 || seq < a.young) {
				goes.add(i)
				row.UpTo = max(row.UpTo, seq)
			}
		}
		if n := goes.count(); n > 0 {
			row.Messages += n
			row.docs = append(row.docs, oldDocument{d.n, goes, d.highest})
		}
	}
	slices.SortFunc(row.docs, func(a, b oldDocument) int { return int(a.n - b.n) })
	return row, row.Messages > 0
}

// messages removes what was listed of a conversation. min_seq is raised first: killed here, what is still stored is
// hidden, and the next call finds it again.
func (e *purger) messages(ctx context.Context, row *Purge) error {
	res, err := e.db.Collection("seq").UpdateOne(ctx, bson.D{{Key: "conversation_id", Value: row.ID}, {Key: "max_seq", Value: bson.D{{Key: "$gte", Value: row.UpTo}}}},
		bson.D{{Key: "$max", Value: bson.D{{Key: "min_seq", Value: row.UpTo + 1}}}})
	if err != nil {
		return store.MongoError(ctx, "raising min_seq of "+row.ID, err)
	}
	if res.MatchedCount == 0 {
		return row.changed("its max_seq is below %d, or it has none: nothing was removed; data.check and data.repair mend that", row.UpTo)
	}
	kept := 0
	stale := []caches{{keys: []string{"MALLOC_MIN_SEQ:" + row.ID}}}
	for _, d := range row.docs {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		gone, err := e.document(ctx, row, d)
		if err != nil {
			return err
		}
		if !gone {
			kept++
		}
		for i := range docMessages {
			if d.places.has(i) {
				stale = append(stale, messageCaches(row.ID, d.n*docMessages+int64(i)+1))
			}
		}
	}
	if err := dropStale(ctx, e.env, e.db, stale, nil, &e.noted); err != nil {
		return err
	}
	if kept > 0 {
		return row.changed("%d of its documents changed meanwhile and were left alone", kept)
	}
	return nil
}

// document removes a document whose messages all go, or empties the places of those that go. Nothing that is young
// enough, or came since, is lost: both happen only while the document is so. Each place is named in the condition, with
// $lt and $exists: FerretDB reads $elemMatch otherwise, and null on such a path would fit anything.
func (e *purger) document(ctx context.Context, row *Purge, d oldDocument) (gone bool, err error) {
	in := e.db.Collection("msg")
	id := bson.E{Key: "doc_id", Value: row.ID + ":" + strconv.FormatInt(d.n, 10)}
	doing := "removing " + id.Value.(string)
	filter, vacant, empty := bson.D{id}, bson.D{}, bson.D{}
	for i := range docMessages {
		path := fmt.Sprintf("msgs.%d.msg", i)
		if d.places.has(i) {
			empty = append(empty, bson.E{Key: path, Value: nil})
			filter = append(filter, bson.E{Key: path + ".send_time", Value: bson.D{{Key: "$lt", Value: e.before}}})
		} else {
			vacant = append(vacant, bson.E{Key: path + ".client_msg_id", Value: absent})
		}
	}
	if d.highest <= row.UpTo {
		res, err := in.DeleteOne(ctx, append(slices.Clone(filter), vacant...))
		if err != nil || res.DeletedCount == 1 {
			return err == nil, store.MongoError(ctx, doing, err)
		}
		// A message came into it since: only the places of the old ones are emptied.
	}
	res, err := in.UpdateOne(ctx, filter, bson.D{{Key: "$set", Value: empty}})
	return err == nil && res.MatchedCount == 1, store.MongoError(ctx, doing, err)
}
