package bindings

import "sync"

// Handle is a result that stands for something that stays open, such as a connection. In Lua it is a value whose methods
// are the operations of its area, which get its id as their first argument, and whose fields are those of the result.
type Handle interface {
	Handle() (area, id string)
}

// Held is what the operations of one script keep open between calls. It ends with the script.
type Held struct {
	mu     sync.Mutex
	kept   map[string]Closer
	closed bool
}

// Closer is something that is kept open.
type Closer interface{ Close() }

// NewHeld makes an empty one.
func NewHeld() *Held { return &Held{kept: map[string]Closer{}} }

// Once returns what is kept under a name, and makes it the first time.
func (h *Held) Once(name string, build func() (Closer, error)) (Closer, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c, ok := h.kept[name]; ok {
		return c, nil
	}
	c, err := build()
	if err != nil {
		return nil, err
	}
	if h.closed { // the script has ended meanwhile
		c.Close()
		return c, nil
	}
	h.kept[name] = c
	return c, nil
}

// Close closes what is kept.
func (h *Held) Close() {
	h.mu.Lock()
	kept := h.kept
	h.kept, h.closed = map[string]Closer{}, true
	h.mu.Unlock()
	for _, c := range kept {
		c.Close()
	}
}
