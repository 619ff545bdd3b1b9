package sandbox

// touches gathers which rows may have changed, for MongoDB and Redis to follow (mirror.go). Handlers change rows in place, so
// whatever a handler that may change something takes out of a table counts; the mirror compares before it writes.
//
// It goes with a state, under whose lock it is used.
type touches struct {
	active bool // somebody outside has looked into the stores
	on     bool // what runs now may change rows
	things []any
	known  map[any]bool
}

// touch notes a row, or what stands for one: a docAt, a userSeqAt, a key.
func (w *touches) touch(thing any) {
	if w != nil && w.on {
		w.add(thing)
	}
}

func (w *touches) add(thing any) {
	if w.known[thing] {
		return
	}
	if w.known == nil {
		w.known = map[any]bool{}
	}
	w.known[thing] = true
	w.things = append(w.things, thing)
}

// take hands over what was noted so far.
func (w *touches) take() []any {
	things := w.things
	w.things, w.known = nil, nil
	return things
}

// What stands for a document of a conversation.
type (
	docAt struct {
		log *conversationLog
		n   int64
	}
	seqAt     struct{ log *conversationLog }
	userSeqAt struct {
		log    *conversationLog
		userID string
	}
	visitAt int // the place of a login in the list
)
