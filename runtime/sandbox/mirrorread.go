package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// localCacheLife is how long a service keeps in memory what was deleted in Redis, when nobody tells it (DATA-MODEL, local-cache.yml).
const localCacheLife = 300 * time.Second

// wrote says that somebody outside wrote into collections.
func (m *mirror) wrote(names ...string) {
	m.news.Lock()
	defer m.news.Unlock()
	if slices.Contains(names, everyCollection) {
		names = slices.Collect(maps.Keys(m.byName))
	}
	for _, name := range names {
		if m.byName[name] != nil {
			m.foreign[name], m.waiting[name] = true, true
			m.due.Store(true)
		}
	}
}

// keyGoes says that somebody outside deletes a key of Redis.
func (m *mirror) keyGoes(key string) {
	c := m.byPrefix[keyPrefix(key)]
	if c == nil {
		return
	}
	m.news.Lock()
	defer m.news.Unlock()
	if c.cached.topic == "" {
		m.waiting[c.name] = true
		m.due.Store(true)
		return
	}
	if m.s.redis.Exists(key) {
		until := time.Now().Add(m.hold)
		m.held[key] = until
		if first := m.expires.Load(); first == 0 || until.UnixNano() < first {
			m.expires.Store(until.UnixNano())
		}
	}
}

// published says that somebody outside told the services to drop keys. One that Redis still has they take from there again.
func (m *mirror) published(topic, message string) {
	var keys []string
	if json.Unmarshal([]byte(message), &keys) != nil {
		return
	}
	m.news.Lock()
	defer m.news.Unlock()
	for _, key := range keys {
		c := m.byPrefix[keyPrefix(key)]
		if c == nil || c.cached.topic != topic {
			continue
		}
		if !m.s.redis.Exists(key) {
			delete(m.held, key)
		}
		m.waiting[c.name] = true
		m.due.Store(true)
	}
}

func (m *mirror) isHeld(key string) bool {
	m.news.Lock()
	defer m.news.Unlock()
	_, held := m.held[key]
	return held
}

// settle reads back what the services see by now. The API and the gateway call it before they look at the state.
func (m *mirror) settle() {
	if m == nil {
		return
	}
	now := time.Now()
	if first := m.expires.Load(); !m.due.Load() && (first == 0 || now.UnixNano() < first) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	st := m.s.state.Load()
	st.mu.Lock()
	defer st.mu.Unlock()
	if err := m.follow(st, noLock{}); err != nil {
		m.s.log.Printf("MongoDB: %v", err)
		return
	}
	waiting, foreign := m.takeDue(now)
	for _, c := range m.collections {
		if !waiting[c.name] {
			continue
		}
		if foreign[c.name] && m.db != nil {
			if err := m.readBack(st, c); err != nil {
				m.s.log.Printf("MongoDB: reading %s: %v", c.name, err)
				m.wrote(c.name) // the next one tries again
			}
		}
		m.touchAll(st, c) // the services cache it again
	}
}

// takeDue takes the collections that wait, with those of keys that the services forgot by now, and tells which of them
// somebody outside wrote into.
func (m *mirror) takeDue(now time.Time) (waiting, foreign map[string]bool) {
	m.news.Lock()
	defer m.news.Unlock()
	first := int64(0)
	if next := m.expires.Load(); next != 0 && now.UnixNano() >= next {
		for key, until := range m.held {
			switch {
			case !now.Before(until):
				delete(m.held, key)
				m.waiting[m.byPrefix[keyPrefix(key)].name] = true
			case first == 0 || until.UnixNano() < first:
				first = until.UnixNano()
			}
		}
		m.expires.Store(first)
	}
	waiting, m.waiting = m.waiting, map[string]bool{}
	m.due.Store(false)
	foreign = map[string]bool{}
	for name := range waiting {
		foreign[name] = m.foreign[name]
		delete(m.foreign, name)
	}
	return waiting, foreign
}

// readBack makes a collection of the state what MongoDB says, as far as no cache lies over it.
func (m *mirror) readBack(st *state, c *collection) error {
	ctx := context.Background() // the end of the engine ends it
	cursor, err := m.db.Collection(c.name).Find(ctx, bson.D{})
	if err != nil {
		return err
	}
	var docs []bson.Raw
	if err := cursor.All(ctx, &docs); err != nil {
		return err
	}
	st.touched.on = false
	g := &gates{cached: c.cached, closed: func(key string) bool { return m.s.redis.Exists(key) || m.isHeld(key) }}
	ids := c.apply(st, docs, g)
	if g.kept {
		m.news.Lock()
		m.foreign[c.name] = true // for the next time
		m.news.Unlock()
	}
	before := m.written[c.name]
	after := map[string]*written{}
	objects := make(map[string]any, len(docs))
	for i, id := range ids {
		var object any
		if err := docs[i].Lookup("_id").Unmarshal(&object); err != nil {
			return fmt.Errorf("an _id: %w", err)
		}
		objects[id] = object
	}
	for thing := range c.things(st) {
		for _, id := range c.ids(thing) {
			doc := c.doc(st, id)
			object, there := objects[id]
			if old := before[id]; !there && old != nil {
				object, there = old.id, true
			}
			if doc != nil && there {
				after[id] = &written{object, sumsOf(partsOf(doc))}
			}
		}
	}
	m.written[c.name] = after
	if m.quicken == nil {
		return nil
	}
	return m.quicken(ctx) // it may be another collection under the name
}
