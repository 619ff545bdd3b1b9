package sandbox

import (
	"iter"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// collection is one of OpenIM's collections in MongoDB (DATA-MODEL; CHAT-ADMIN, "Collections"), with what of the state it
// holds. A document has an id of ours: the values that make it unique.
type collection struct {
	name    string
	indexes []index
	things  func(*state) iter.Seq[any]          // all that stands for its documents, in order
	ids     func(thing any) []string            // of the documents that a thing is in; none for a thing of others
	doc     func(*state, string) bson.Raw       // of an id, without _id; nil when the state has none
	object  func(*state, string) *bson.ObjectID // the _id, where the state knows it; nil is none, a func that is nil too
	cached  *cached                             // nil for what no service caches

	// blank is the document of an id that the services make where there is none to change; nil when they make none.
	blank func(id string, doc bson.Raw) bson.Raw

	// apply makes the state what the documents say, as far as the gates are open, and gives the id of each.
	apply func(*state, []bson.Raw, *gates) []string
}

type index struct {
	keys   []string // a field, "-" before it is descending
	unique bool
}

func unique(keys ...string) index { return index{keys, true} }
func plain(keys ...string) index  { return index{keys, false} }

const idSeparator = "\x00"

func joined(parts ...string) string        { return strings.Join(parts, idSeparator) }
func parts(id string) []string             { return strings.Split(id, idSeparator) }
func textOf(d bson.Raw, key string) string { s, _ := d.Lookup(key).StringValueOK(); return s }

// rows says where a state keeps the rows of a collection that has a document for each.
type rows[V any] struct {
	find   func(*state, []string) *V // by the parts of an id
	all    func(*state) iter.Seq[*V]
	put    func(*state, *V)
	remove func(*state, *V)
	after  func(*state) // brings in order what hangs on the rows; may be nil
}

// collectionOf is a collection with a document for each row; the first fields of the form, texts, make it unique.
func collectionOf[V any](name string, keys int, f form[V], r rows[V], c collection) *collection {
	idOf := func(v *V) string {
		var id []string
		for _, field := range f[:keys] {
			id = append(id, *field.at(v).(*string))
		}
		return joined(id...)
	}
	c.name = name
	c.things = func(st *state) iter.Seq[any] {
		return func(yield func(any) bool) {
			for v := range r.all(st) {
				if !yield(v) {
					return
				}
			}
		}
	}
	c.ids = func(thing any) []string {
		if v, ok := thing.(*V); ok {
			return []string{idOf(v)}
		}
		return nil
	}
	c.doc = func(st *state, id string) bson.Raw {
		if v := r.find(st, parts(id)); v != nil {
			return f.encode(v)
		}
		return nil
	}
	read := func(doc bson.Raw) *V {
		v := new(V)
		f.decode(doc, v)
		return v
	}
	c.apply = func(st *state, docs []bson.Raw, g *gates) (ids []string) {
		there := map[string]bool{}
		for _, doc := range docs {
			v := read(doc)
			id := idOf(v)
			there[id] = true
			ids = append(ids, id)
			switch have := r.find(st, parts(id)); {
			case have == nil && g.list(id):
				r.put(st, v)
			case have != nil && g.item(id):
				f.decode(doc, have)
				r.put(st, have)
			}
		}
		var gone []*V
		for v := range r.all(st) {
			if id := idOf(v); !there[id] && g.list(id) && g.item(id) {
				gone = append(gone, v)
			}
		}
		for _, v := range gone {
			r.remove(st, v)
		}
		if r.after != nil {
			r.after(st)
		}
		return ids
	}
	return &c
}

// values are those of a table, without their keys.
func values[K comparable, V any](t *table[K, V]) iter.Seq[V] {
	return func(yield func(V) bool) {
		for _, v := range t.all() {
			if !yield(v) {
				return
			}
		}
	}
}

// inTables are the rows of all tables of a map, in the order of their keys.
func inTables[V any](m map[string]*table[string, *V]) iter.Seq[*V] {
	return func(yield func(*V) bool) {
		for _, owner := range sortedKeys(m) {
			for v := range values(m[owner]) {
				if !yield(v) {
					return
				}
			}
		}
	}
}

// rowAt is nil where there is none.
func rowAt[V any](t *table[string, *V], key string) *V {
	v, _ := t.get(key)
	return v
}
