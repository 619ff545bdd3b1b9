package sandbox

import "iter"

// table is rows in the order of their first insertion, with an index by key: finding,
// adding and taking away a row cost the same however many there are, and so does a
// page as long as nothing was deleted since the last one.
type table[K comparable, V any] struct {
	rows    []row[K, V]
	index   map[K]int
	touched *touches // who follows the changes; nil is nobody
	byKey   bool     // a row is noted by its key, since the value doesn't tell
}

type row[K comparable, V any] struct {
	key     K
	value   V
	deleted bool
}

func newTable[K comparable, V any]() *table[K, V] {
	return &table[K, V]{index: map[K]int{}}
}

// watched is a table whose rows, which are pointers, are noted when they may change.
func watched[K comparable, V any](w *touches) *table[K, V] {
	t := newTable[K, V]()
	t.touched = w
	return t
}

// watchedByKey is one for rows that are no pointers, or don't know their key.
func watchedByKey[K comparable, V any](w *touches) *table[K, V] {
	t := watched[K, V](w)
	t.byKey = true
	return t
}

// touch notes a row that may be changed.
func (t *table[K, V]) touch(r *row[K, V]) {
	switch {
	case t.touched == nil || !t.touched.on:
	case t.byKey:
		t.touched.add(r.key)
	default:
		t.touched.add(r.value)
	}
}

// get is safe on a nil table, which holds nothing; so are the other reading methods.
func (t *table[K, V]) get(key K) (V, bool) {
	var zero V
	if t == nil {
		return zero, false
	}
	i, ok := t.index[key]
	if !ok {
		return zero, false
	}
	t.touch(&t.rows[i])
	return t.rows[i].value, true
}

func (t *table[K, V]) has(key K) bool {
	if t == nil {
		return false
	}
	_, ok := t.index[key]
	return ok
}

func (t *table[K, V]) len() int {
	if t == nil {
		return 0
	}
	return len(t.index)
}

// put adds a row at the end, or replaces the value of the one that is there.
func (t *table[K, V]) put(key K, value V) {
	if i, ok := t.index[key]; ok {
		t.rows[i].value = value
		t.touch(&t.rows[i])
		return
	}
	t.index[key] = len(t.rows)
	t.rows = append(t.rows, row[K, V]{key: key, value: value})
	t.touch(&t.rows[len(t.rows)-1])
}

func (t *table[K, V]) delete(key K) bool {
	if t == nil {
		return false
	}
	i, ok := t.index[key]
	if !ok {
		return false
	}
	t.touch(&t.rows[i])
	delete(t.index, key)
	t.rows[i] = row[K, V]{deleted: true}
	if len(t.rows) > 32 && len(t.index) < len(t.rows)/2 {
		t.compact()
	}
	return true
}

// compact forgets the places of deleted rows.
func (t *table[K, V]) compact() {
	if len(t.index) == len(t.rows) {
		return
	}
	kept := make([]row[K, V], 0, len(t.index))
	for _, r := range t.rows {
		if !r.deleted {
			t.index[r.key] = len(kept)
			kept = append(kept, r)
		}
	}
	t.rows = kept
}

// all goes over the rows in order. The row at hand may be deleted on the way only if
// the loop ends then.
func (t *table[K, V]) all() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		if t == nil {
			return
		}
		for _, r := range t.rows {
			if r.deleted {
				continue
			}
			t.touch(&r)
			if !yield(r.key, r.value) {
				return
			}
		}
	}
}

// keys are the keys of a table, in order.
func keys[K comparable, V any](t *table[K, V]) []K {
	out := make([]K, 0, t.len())
	if t != nil {
		for _, r := range t.rows {
			if !r.deleted {
				out = append(out, r.key)
			}
		}
	}
	return out
}

// page is one page of the values, in order.
func (t *table[K, V]) page(p *pagination) []V {
	if t == nil {
		return nil
	}
	t.compact()
	rows := pageOf(t.rows, p)
	values := make([]V, len(rows))
	for i, r := range rows {
		values[i] = r.value
	}
	return values
}

// pagination is the paging of every list request (SERVER-BEHAVIOUR §4).
type pagination struct {
	PageNumber int32 `json:"pageNumber"`
	ShowNumber int32 `json:"showNumber"`
}

// check is the rule of most lists: a page number of 1 or more. showNumber isn't looked at.
func (p *pagination) check() error {
	if p == nil {
		return missingParameter("pagination")
	}
	if p.PageNumber < 1 {
		return argsError("pageNumber is invalid")
	}
	return nil
}

// pageOf cuts a page out of a list; no rows when it lies past the end, or when the
// page or the number of rows is below 1.
func pageOf[T any](list []T, p *pagination) []T {
	if p == nil || p.PageNumber < 1 || p.ShowNumber < 1 {
		return nil
	}
	from := int64(p.PageNumber-1) * int64(p.ShowNumber)
	if from >= int64(len(list)) {
		return nil
	}
	return list[from:min(from+int64(p.ShowNumber), int64(len(list)))]
}
