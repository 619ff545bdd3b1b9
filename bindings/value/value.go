// Package value holds plain data exactly as JSON has it: objects that keep the order of their keys, lists, null,
// strings, and numbers that never lose a digit. Parameters come in as plain data and results go out as plain data,
// so that Lua, the command line and every output form see the same thing.
//
// The Go types of plain data are: nil (absent), Null, bool, string, int64, uint64 (only above the int64 range),
// float64, Number (any other JSON number, digit for digit), List and *Object.
package value

// Null is JSON's null. It differs from nil, which means "absent".
type Null struct{}

// Number is a JSON number that neither int64, uint64 nor float64 can hold exactly; the text is kept.
type Number string

// List is a JSON array.
type List []any

// Object is a JSON object that keeps the order of its keys.
type Object struct {
	keys []string
	vals map[string]any
}

// NewObject makes an object from keys and values in turn: NewObject("a", 1, "b", "x").
func NewObject(pairs ...any) *Object {
	o := &Object{vals: make(map[string]any, len(pairs)/2)}
	for i := 0; i+1 < len(pairs); i += 2 {
		o.Set(pairs[i].(string), pairs[i+1])
	}
	return o
}

// Set puts v under key; a key that is there already keeps its place.
func (o *Object) Set(key string, v any) {
	if o.vals == nil {
		o.vals = map[string]any{}
	}
	if _, ok := o.vals[key]; !ok {
		o.keys = append(o.keys, key)
	}
	o.vals[key] = v
}

// Get returns the value under key and whether there is one.
func (o *Object) Get(key string) (any, bool) {
	v, ok := o.vals[key]
	return v, ok
}

// Delete removes key.
func (o *Object) Delete(key string) {
	if _, ok := o.vals[key]; !ok {
		return
	}
	delete(o.vals, key)
	for i, k := range o.keys {
		if k == key {
			o.keys = append(o.keys[:i:i], o.keys[i+1:]...)
			return
		}
	}
}

// Keys returns the keys in order. The caller must not change the slice.
func (o *Object) Keys() []string { return o.keys }

// Len is the number of keys.
func (o *Object) Len() int { return len(o.keys) }
