package sandbox

import (
	"time"

	"github.com/alicebob/miniredis/v2"
)

// keyStore is the server's Redis. While a journal is replayed its keys don't lapse: when
// each has to is kept aside, and comes into force at the end.
type keyStore struct {
	*miniredis.Miniredis
	clock func() time.Time
	ends  map[string]time.Time // nil but in a replay
}

// SetTTL says how long a key lives from now.
func (k *keyStore) SetTTL(key string, life time.Duration) {
	if k.ends != nil {
		k.ends[key] = k.clock().Add(life)
		return
	}
	k.Miniredis.SetTTL(key, life)
}

// Set sets a key that does not lapse.
func (k *keyStore) Set(key, value string) error {
	delete(k.ends, key)
	return k.Miniredis.Set(key, value)
}

// lapse ends the replay: keys whose time is over go, the others live on for the rest of it.
func (k *keyStore) lapse(now time.Time) {
	ends := k.ends
	k.ends = nil
	for key, end := range ends {
		switch life := end.Sub(now); {
		case !k.Exists(key): // it was deleted, or never came to be
		case life <= 0:
			k.Del(key)
		default:
			k.SetTTL(key, life)
		}
	}
}
