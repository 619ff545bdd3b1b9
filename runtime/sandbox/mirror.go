package sandbox

import (
	"context"
	"hash/maphash"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// Database is the name of the database in MongoDB.
const Database = "openim_v3"

// mirror keeps MongoDB and the caches in Redis the same as the state, once somebody outside looks into either: before each
// request of theirs it writes what changed since the one before (mirrorwrite.go). What they write it reads back as the
// services would come to see it (mirrorread.go).
type mirror struct {
	s           *Server
	collections []*collection
	byName      map[string]*collection
	byPrefix    map[string]*collection // of the keys in Redis
	hold        time.Duration          // how long a service keeps in memory what was deleted in Redis

	mu      sync.Mutex      // one at a time writes or reads back; it is taken before the lock of a state
	st      *state          // the one that the stores show
	db      *mongo.Database // nil until a client of MongoDB came
	filled  bool            // db has what st has
	written map[string]map[string]*written
	quicken func(context.Context) error // of the engine

	due     atomic.Bool  // something waits for being read back
	expires atomic.Int64 // when a service forgets something, in Unix ns; 0 is never
	news    sync.Mutex   // guards what follows
	foreign map[string]bool
	waiting map[string]bool      // collections
	held    map[string]time.Time // keys that are gone from Redis and not from the services' memory, and until when
}

// written is what was last written of a document.
type written struct {
	id   any
	sums []uint64 // of its parts
}

func newMirror(s *Server) *mirror {
	m := &mirror{
		s: s, collections: collections(s.cfg.AdminUserID), byName: map[string]*collection{}, byPrefix: map[string]*collection{},
		hold: localCacheLife, foreign: map[string]bool{}, waiting: map[string]bool{}, held: map[string]time.Time{},
	}
	if s.cfg.localCache != 0 {
		m.hold = s.cfg.localCache
	}
	for _, c := range m.collections {
		m.byName[c.name] = c
		if c.cached == nil {
			continue
		}
		c.cached.complete()
		for _, p := range c.cached.prefixes {
			m.byPrefix[p] = c
		}
	}
	return m
}

// part is a field of a document that is written for itself.
type part struct {
	path  string
	value bson.RawValue
}

// partsOf are the fields of a document, and the elements of the array of messages.
func partsOf(doc bson.Raw) []part {
	elements, err := doc.Elements()
	if err != nil {
		panic(err) // we made it
	}
	var out []part
	for _, e := range elements {
		if e.Key() != "msgs" {
			out = append(out, part{e.Key(), e.Value()})
			continue
		}
		messages, err := e.Value().Array().Values()
		if err != nil {
			panic(err) // we made it
		}
		for i, m := range messages {
			out = append(out, part{"msgs." + strconv.Itoa(i), m})
		}
	}
	return out
}

var sumSeed = maphash.MakeSeed()

func sumsOf(list []part) []uint64 {
	sums := make([]uint64, len(list))
	for i, p := range list {
		sums[i] = maphash.Bytes(sumSeed, p.value.Value) ^ uint64(p.value.Type)
	}
	return sums
}

// setting are the parts that are not what was written; all of them when the number of parts is another.
func setting(list []part, sums, before []uint64) bson.D {
	var set bson.D
	for i, p := range list {
		if len(before) != len(sums) || before[i] != sums[i] {
			set = append(set, bson.E{Key: p.path, Value: p.value})
		}
	}
	return set
}

// batch is what a number of things make of the stores.
type batch struct {
	inserts map[string][]any
	updates map[string][]update
	deletes map[string][]any // of _ids
	entries []cacheEntry
}

type update struct {
	c   *collection
	id  string
	doc bson.Raw // whole
	at  any      // its _id
	set bson.D
}

// flush writes what changed. It waits for one that is at work already.
func (m *mirror) flush() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	st := m.s.state.Load()
	return m.follow(st, &st.mu)
}

type noLock struct{}

func (noLock) Lock()   {}
func (noLock) Unlock() {}

// follow brings the stores to where the state is. The mirror's lock is held, the state's is taken for moments.
func (m *mirror) follow(st *state, lock sync.Locker) error {
	lock.Lock()
	fill := m.db != nil && (!m.filled || m.st != st)
	if m.st != st || fill {
		if m.st != st {
			m.forget()
		}
		m.st = st
		st.touched.active = true
		for _, c := range m.collections {
			m.touchAll(st, c)
		}
	}
	things := st.touched.take()
	lock.Unlock()
	if fill {
		if err := m.begin(); err != nil {
			return err
		}
	}
	for chunk := range slices.Chunk(things, 500) {
		lock.Lock()
		b := m.batch(st, chunk)
		m.cache(b.entries)
		lock.Unlock()
		if err := m.write(b); err != nil {
			m.filled = false // all is written anew the next time
			return err
		}
	}
	return nil
}

// touchAll notes all of a collection.
func (m *mirror) touchAll(st *state, c *collection) {
	st.touched.on = false
	for thing := range c.things(st) {
		st.touched.add(thing)
	}
}

// forget drops what waits, after a reset.
func (m *mirror) forget() {
	m.news.Lock()
	defer m.news.Unlock()
	clear(m.foreign)
	clear(m.waiting)
	clear(m.held)
	m.due.Store(false)
	m.expires.Store(0)
}

// batch compares things with what was written. The state's lock is held.
func (m *mirror) batch(st *state, things []any) batch {
	st.touched.on = false
	b := batch{inserts: map[string][]any{}, updates: map[string][]update{}, deletes: map[string][]any{}}
	type docKey struct {
		c  *collection
		id string
	}
	seen := map[docKey]bool{}
	for _, thing := range things {
		for _, c := range m.collections {
			for _, id := range c.ids(thing) {
				if k := (docKey{c, id}); !seen[k] {
					seen[k] = true
					m.compare(st, c, id, &b)
				}
			}
		}
	}
	b.entries = distinctEntries(b.entries)
	return b
}

// distinctEntries keeps the last of each key.
func distinctEntries(list []cacheEntry) []cacheEntry {
	last := make(map[string]int, len(list))
	for i, e := range list {
		last[e.key] = i
	}
	var out []cacheEntry
	for i, e := range list {
		if last[e.key] == i {
			out = append(out, e)
		}
	}
	return out
}

func (m *mirror) compare(st *state, c *collection, id string, b *batch) {
	doc := c.doc(st, id)
	if c.cached != nil {
		b.entries = append(b.entries, c.cached.entriesOf(st, id, doc)...)
	}
	if !m.filled {
		return
	}
	before := m.written[c.name][id]
	var object any
	if c.object != nil && doc != nil {
		if o := c.object(st, id); o != nil {
			object = *o
		}
	}
	if before != nil && (doc == nil || object != nil && before.id != object) {
		b.deletes[c.name] = append(b.deletes[c.name], before.id)
		delete(m.written[c.name], id)
		before = nil
	}
	if doc == nil {
		return
	}
	list := partsOf(doc)
	sums := sumsOf(list)
	if before != nil {
		if set := setting(list, sums, before.sums); len(set) > 0 {
			b.updates[c.name] = append(b.updates[c.name], update{c, id, doc, before.id, set})
			before.sums = sums
		}
		return
	}
	if object == nil {
		object = bson.NewObjectID()
	}
	m.written[c.name][id] = &written{object, sums}
	b.inserts[c.name] = append(b.inserts[c.name], withID(doc, object))
}
