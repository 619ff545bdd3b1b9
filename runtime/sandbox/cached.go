package sandbox

import (
	"encoding/json"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// cached says which keys of Redis the services keep of a collection (DATA-MODEL, Redis keys). What is said in parts of an
// id: list is the key of the list that a row is in, item that of the row; either may be nil.
type cached struct {
	topic    string // the services hold it in memory too, until they are told on this channel; "" is none
	list     func(id []string) string
	item     func(id []string) string
	members  func(*state, []string) []string // what is in the list
	prefixes []string                        // of the keys, up to the colon; found by itself from list and item

	// entries are the keys of a document, which is nil when it is gone; nil makes them of list and item.
	entries func(*state, string, bson.Raw) []cacheEntry
}

// cacheEntry is a key of Redis with its value.
type cacheEntry struct {
	key   string
	value func() string
	gone  bool
	life  time.Duration
	plain bool // it has no lock beside the value
}

// How long keys live.
const (
	rowLife          = 12 * time.Hour
	messageCacheLife = 24 * time.Hour
	minSeqLife       = time.Hour
	userSeqLife      = 7 * 24 * time.Hour
)

// complete finds the prefixes.
func (c *cached) complete() {
	for _, key := range []func([]string) string{c.list, c.item} {
		if key != nil {
			c.prefixes = append(c.prefixes, keyPrefix(key([]string{"", ""})))
		}
	}
}

func keyPrefix(key string) string {
	prefix, _, _ := strings.Cut(key, ":")
	return prefix
}

func (c *cached) entriesOf(st *state, id string, raw bson.Raw) []cacheEntry {
	if c.entries != nil {
		return c.entries(st, id, raw)
	}
	var out []cacheEntry
	p := parts(id)
	if c.item != nil {
		out = append(out, cacheEntry{key: c.item(p), gone: raw == nil, life: rowLife, value: func() string { return asJSON(raw) }})
	}
	if c.list != nil {
		// The list goes with its last member.
		out = append(out, cacheEntry{key: c.list(p), gone: raw == nil && len(c.members(st, p)) == 0, life: rowLife, value: func() string {
			text, err := json.Marshal(c.members(st, p))
			if err != nil {
				panic(err) // strings always encode
			}
			return string(text)
		}})
	}
	return out
}

// asJSON is a document as the value of a key.
func asJSON(doc bson.Raw) string {
	text, err := bson.MarshalExtJSON(doc, false, false)
	if err != nil {
		panic(err) // it was made right
	}
	return string(text)
}

// gates tell what of a collection may be read back: what a service has cached it doesn't ask MongoDB for.
type gates struct {
	cached *cached
	closed func(key string) bool
	kept   bool // something was held back
}

func (g *gates) open(key string) bool {
	if g.closed(key) {
		g.kept = true
		return false
	}
	return true
}

// list tells whether the list that a row is in is open.
func (g *gates) list(id string) bool {
	return g.cached == nil || g.cached.list == nil || g.open(g.cached.list(parts(id)))
}

// item tells whether the row itself is.
func (g *gates) item(id string) bool {
	if g.cached == nil || g.cached.item == nil {
		return g.list(id)
	}
	return g.open(g.cached.item(parts(id)))
}
