package sandbox

import (
	"iter"
	"slices"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// seqCounters are the ends of the blocks of seqs and the first visible ones. max_seq is what MongoDB says: the live counter
// is in Redis (takeSeqs).
func seqCounters() *collection {
	minKey := func(conversationID string) string { return "MALLOC_MIN_SEQ:" + conversationID }
	return &collection{
		name: "seq", indexes: []index{plain("conversation_id")},
		things: func(st *state) iter.Seq[any] {
			return func(yield func(any) bool) {
				for _, id := range sortedKeys(st.messages) {
					if !yield(seqAt{st.messages[id]}) {
						return
					}
				}
			}
		},
		ids: func(thing any) []string {
			if at, ok := thing.(seqAt); ok {
				return []string{at.log.conversationID}
			}
			return nil
		},
		doc: func(st *state, id string) bson.Raw {
			log := st.messages[id]
			if log == nil || log.reserved == 0 && log.minSeq == 0 {
				return nil
			}
			start, d := bsoncore.AppendDocumentStart(nil)
			d = bsoncore.AppendStringElement(d, "conversation_id", id)
			d = bsoncore.AppendInt64Element(d, "max_seq", log.reserved)
			d = bsoncore.AppendInt64Element(d, "min_seq", log.minSeq)
			return finished(d, start)
		},
		blank: whole,
		cached: &cached{
			prefixes: []string{"MALLOC_MIN_SEQ"},
			entries: func(st *state, id string, raw bson.Raw) []cacheEntry {
				return []cacheEntry{{key: minKey(id), gone: raw == nil, life: minSeqLife, value: func() string {
					return strconv.FormatInt(st.messages[id].minSeq, 10)
				}}}
			},
		},
		apply: func(st *state, docs []bson.Raw, g *gates) (ids []string) {
			found := map[string]bson.Raw{}
			for _, d := range docs {
				id := textOf(d, "conversation_id")
				ids = append(ids, id)
				if found[id] == nil { // the services take the first
					found[id] = d
				}
				st.conversationLog(id)
			}
			for id, log := range st.messages {
				log.reserved, _ = found[id].Lookup("max_seq").AsInt64OK()
				if g.open(minKey(id)) {
					log.minSeq, _ = found[id].Lookup("min_seq").AsInt64OK()
				}
			}
			return ids
		},
	}
}

func whole(_ string, doc bson.Raw) bson.Raw { return doc }

// userSeqs are the bounds and the read positions of users.
func userSeqs() *collection {
	key := func(name, id string) string { return name + ":" + parts(id)[0] + ":" + parts(id)[1] }
	find := func(st *state, id string) *userSeq {
		if log := st.messages[parts(id)[0]]; log != nil {
			return log.users[parts(id)[1]]
		}
		return nil
	}
	return &collection{
		name: "seq_user", indexes: []index{plain("user_id", "conversation_id")},
		things: func(st *state) iter.Seq[any] {
			return func(yield func(any) bool) {
				for _, id := range sortedKeys(st.messages) {
					for _, userID := range sortedKeys(st.messages[id].users) {
						if !yield(userSeqAt{st.messages[id], userID}) {
							return
						}
					}
				}
			}
		},
		ids: func(thing any) []string {
			if at, ok := thing.(userSeqAt); ok {
				return []string{joined(at.log.conversationID, at.userID)}
			}
			return nil
		},
		doc: func(st *state, id string) bson.Raw {
			u := find(st, id)
			if u == nil || *u == (userSeq{}) {
				return nil
			}
			start, d := bsoncore.AppendDocumentStart(nil)
			d = bsoncore.AppendStringElement(d, "user_id", parts(id)[1])
			d = bsoncore.AppendStringElement(d, "conversation_id", parts(id)[0])
			d = bsoncore.AppendInt64Element(d, "min_seq", u.minSeq)
			d = bsoncore.AppendInt64Element(d, "max_seq", u.maxSeq)
			d = bsoncore.AppendInt64Element(d, "read_seq", u.readSeq)
			return finished(d, start)
		},
		blank: whole,
		cached: &cached{
			prefixes: []string{"SEQ_USER_READ", "SEQ_USER_MAX", "SEQ_USER_MIN"},
			entries: func(st *state, id string, raw bson.Raw) []cacheEntry {
				u := find(st, id)
				if raw == nil {
					u = &userSeq{}
				}
				var out []cacheEntry
				for _, s := range []struct {
					name string
					seq  int64
				}{{"SEQ_USER_READ", u.readSeq}, {"SEQ_USER_MAX", u.maxSeq}, {"SEQ_USER_MIN", u.minSeq}} {
					out = append(out, cacheEntry{
						key:  key(s.name, id),
						gone: raw == nil, life: userSeqLife, plain: s.name == "SEQ_USER_READ",
						value: func() string { return strconv.FormatInt(s.seq, 10) },
					})
				}
				return out
			},
		},
		apply: func(st *state, docs []bson.Raw, g *gates) (ids []string) {
			found := map[string]bson.Raw{}
			for _, d := range docs {
				id := joined(textOf(d, "conversation_id"), textOf(d, "user_id"))
				ids = append(ids, id)
				if found[id] == nil { // the services take the first
					found[id] = d
				}
				st.conversationLog(parts(id)[0]).user(parts(id)[1])
			}
			for conversationID, log := range st.messages {
				for userID, u := range log.users {
					id := joined(conversationID, userID)
					for _, s := range []struct {
						name, field string
						seq         *int64
					}{
						{"SEQ_USER_READ", "read_seq", &u.readSeq}, {"SEQ_USER_MAX", "max_seq", &u.maxSeq}, {"SEQ_USER_MIN", "min_seq", &u.minSeq},
					} {
						if g.open(key(s.name, id)) {
							*s.seq, _ = found[id].Lookup(s.field).AsInt64OK()
						}
					}
				}
			}
			return ids
		},
	}
}

// versionCollections are the collections of version logs.
var versionCollections = map[versionKind]string{
	friendVersion: "friend_version", groupJoinVersion: "group_join_version", groupMemberVersion: "group_member_version",
	conversationVersion: "conversation_version",
}

// versionLogs are the logs of one kind; the _id is what clients compare.
func versionLogs(kind versionKind, name string) *collection {
	owners := func(st *state) []string {
		var list []string
		for key := range st.versions {
			if key.kind == kind {
				list = append(list, key.owner)
			}
		}
		slices.Sort(list)
		return list
	}
	return &collection{
		name: name, indexes: []index{unique("d_id")},
		things: func(st *state) iter.Seq[any] {
			return func(yield func(any) bool) {
				for _, owner := range owners(st) {
					if !yield(versionKey{kind, owner}) {
						return
					}
				}
			}
		},
		ids: func(thing any) []string {
			if key, ok := thing.(versionKey); ok && key.kind == kind {
				return []string{key.owner}
			}
			return nil
		},
		object: func(st *state, owner string) *bson.ObjectID {
			log := st.versions[versionKey{kind, owner}]
			if log == nil {
				return nil
			}
			id, err := bson.ObjectIDFromHex(log.id)
			if err != nil {
				return nil
			}
			return &id
		},
		doc: func(st *state, owner string) bson.Raw {
			log := st.versions[versionKey{kind, owner}]
			if log == nil {
				return nil
			}
			return log.encode(owner)
		},
		blank: whole,
		apply: func(st *state, docs []bson.Raw, _ *gates) (ids []string) {
			for _, owner := range owners(st) {
				delete(st.versions, versionKey{kind, owner})
			}
			for _, d := range docs {
				owner := textOf(d, "d_id")
				ids = append(ids, owner)
				st.versions[versionKey{kind, owner}] = readVersionLog(d)
			}
			return ids
		},
	}
}

func (log *versionLog) encode(owner string) bson.Raw {
	start, d := bsoncore.AppendDocumentStart(nil)
	d = bsoncore.AppendStringElement(d, "d_id", owner)
	array, d := bsoncore.AppendArrayElementStart(d, "logs")
	var last int64
	i := 0
	for id, ch := range log.entries.all() {
		var element int32
		element, d = bsoncore.AppendDocumentElementStart(d, strconv.Itoa(i))
		d = bsoncore.AppendStringElement(d, "e_id", id)
		d = bsoncore.AppendInt32Element(d, "state", int32(ch.state)) //nolint:gosec // 1 to 3
		d = bsoncore.AppendInt64Element(d, "version", int64(ch.version))
		d = bsoncore.AppendDateTimeElement(d, "last_update", ch.time)
		d = finished(d, element)
		last = max(last, ch.time)
		i++
	}
	d = finished(d, array)
	d = bsoncore.AppendInt64Element(d, "version", int64(log.version))
	d = bsoncore.AppendInt64Element(d, "deleted", 0)
	d = bsoncore.AppendDateTimeElement(d, "last_update", last)
	return finished(d, start)
}

func readVersionLog(d bson.Raw) *versionLog {
	log := &versionLog{entries: newTable[string, change]()}
	if id, ok := d.Lookup("_id").ObjectIDOK(); ok {
		log.id = id.Hex()
	}
	version, _ := d.Lookup("version").AsInt64OK()
	log.version = uint64(version) //nolint:gosec // never negative
	array, _ := d.Lookup("logs").ArrayOK()
	elements, _ := array.Values() // what can be read of it
	for _, v := range elements {
		e, ok := v.DocumentOK()
		if !ok {
			continue
		}
		state, _ := e.Lookup("state").AsInt64OK()
		version, _ := e.Lookup("version").AsInt64OK()
		at, _ := e.Lookup("last_update").DateTimeOK()
		log.entries.put(textOf(e, "e_id"), change{changeState(state), uint64(version), at}) //nolint:gosec // never negative
	}
	return log
}
