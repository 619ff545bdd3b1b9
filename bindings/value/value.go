// Package value holds plain data exactly as JSON has it: objects that keep the order of their keys, lists, null,
// strings, and numbers that never lose a digit. Parameters come in as plain data and results go out as plain data,
// so that Lua, the command line and every output form see the same thing.
//
// The Go types of plain data are: nil (absent), Null, bool, string, int64, uint64 (only above the int64 range),
// float64, Number (any other JSON number, digit for digit), List and *Object.
package value

import "slices"

// Null is JSON's null. It differs from nil, which means "absent".
type Null struct{}

// Number is a JSON number that neither int64, uint64 nor float64 can hold exactly; the text is kept.
type Number string

// List is a JSON array.
type List []any

// Object is a JSON object that keeps the order of its keys.
type Object struct {
	keys []string
	vals []any
	at   map[string]int // the places of the keys, once there are many
}

// fewKeys is how many keys an object is searched through for: the objects of most answers have no more.
const fewKeys = 12

// NewObject makes an object from keys and values in turn: NewObject("a", 1, "b", "x").
func NewObject(pairs ...any) *Object {
	o := &Object{}
	o.reserve(len(pairs) / 2)
	for i := 0; i+1 < len(pairs); i += 2 {
		o.Set(pairs[i].(string), pairs[i+1])
	}
	return o
}

// reserve makes room for n keys.
func (o *Object) reserve(n int) {
	if n > cap(o.keys) {
		o.keys, o.vals = slices.Grow(o.keys, n-len(o.keys)), slices.Grow(o.vals, n-len(o.vals))
	}
}

// find is the place of a key, -1 when it is not there.
func (o *Object) find(key string) int {
	if o.at == nil {
		return slices.Index(o.keys, key)
	}
	if i, ok := o.at[key]; ok {
		return i
	}
	return -1
}

// Set puts v under key; a key that is there already keeps its place.
func (o *Object) Set(key string, v any) {
	if i := o.find(key); i >= 0 {
		o.vals[i] = v
		return
	}
	if o.keys == nil {
		o.reserve(8)
	}
	o.keys, o.vals = append(o.keys, key), append(o.vals, v)
	switch {
	case o.at != nil:
		o.at[key] = len(o.keys) - 1
	case len(o.keys) > fewKeys:
		o.index()
	}
}

func (o *Object) index() {
	o.at = make(map[string]int, 2*len(o.keys))
	for i, k := range o.keys {
		o.at[k] = i
	}
}

// Get returns the value under key and whether there is one.
func (o *Object) Get(key string) (any, bool) {
	i := o.find(key)
	if i < 0 {
		return nil, false
	}
	return o.vals[i], true
}

// Delete removes key.
func (o *Object) Delete(key string) {
	i := o.find(key)
	if i < 0 {
		return
	}
	o.keys = append(o.keys[:i:i], o.keys[i+1:]...) // who holds Keys keeps what it had
	o.vals = slices.Delete(o.vals, i, i+1)
	if o.at != nil {
		o.index()
	}
}

// Keys returns the keys in order. The caller must not change the slice.
func (o *Object) Keys() []string { return o.keys }

// Len is the number of keys.
func (o *Object) Len() int { return len(o.keys) }
