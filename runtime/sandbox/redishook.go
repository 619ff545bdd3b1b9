package sandbox

import (
	"slices"
	"time"

	"github.com/alicebob/miniredis/v2/server"
)

// plainCommands look at no keys.
var plainCommands = []string{"HELLO", "AUTH", "CLIENT", "PING", "SELECT", "INFO", "COMMAND", "QUIT", "ECHO", "SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE"}

// redisWait is how long a client of Redis waits for MongoDB being written.
const redisWait = 2 * time.Second

// redisCommand sees each command of a client of Redis before it is carried out.
func (m *mirror) redisCommand(_ *server.Peer, command string, args ...string) bool {
	if slices.Contains(plainCommands, command) {
		return false
	}
	m.flushWithin(redisWait)
	switch command {
	case "DEL", "UNLINK":
		for _, key := range args {
			m.keyGoes(key)
		}
	case "FLUSHDB", "FLUSHALL":
		for _, key := range m.s.redis.Keys() {
			m.keyGoes(key)
		}
	case "PUBLISH":
		if len(args) == 2 {
			m.published(args[0], args[1])
		}
	}
	return false
}

// flushWithin is flush, but gives up when another one is at work for too long: then that one does it.
func (m *mirror) flushWithin(limit time.Duration) {
	for end := time.Now().Add(limit); !m.mu.TryLock(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return
		}
	}
	defer m.mu.Unlock()
	st := m.s.state.Load()
	if err := m.follow(st, &st.mu); err != nil {
		m.s.log.Printf("MongoDB: %v", err)
	}
}
