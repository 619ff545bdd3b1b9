package data

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/openimsdk/imctl/bindings/store"
)

// caches is what Redis, and the memory of the services, holds of something: keys by name or by pattern, and the topic on
// which the services are told to drop theirs.
type caches struct {
	topic    string
	keys     []string
	patterns []string // as SCAN matches them
}

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

// cachesOf is what caches whole collections.
func cachesOf(names ...string) []caches {
	var out []caches
	for _, name := range names {
		c, _ := known(name)
		one := caches{topic: c.topic}
		for _, key := range c.cached {
			if key = placeholder.ReplaceAllString(key, "*"); strings.Contains(key, "*") {
				one.patterns = append(one.patterns, key)
			} else {
				one.keys = append(one.keys, key)
			}
		}
		out = append(out, one)
	}
	return out
}

// cachesOfRow is what caches one document of a collection; get gives its fields, "" for one that it has not.
func cachesOfRow(name string, get func(field string) string) caches {
	c, _ := known(name)
	one := caches{topic: c.topic}
	for _, key := range c.cached {
		missing := false
		fill := func(quote func(string) string) string {
			return placeholder.ReplaceAllStringFunc(key, func(field string) string {
				value := get(strings.Trim(field, "{}"))
				missing = missing || value == ""
				return quote(value)
			})
		}
		filled := fill(func(s string) string { return s })
		switch {
		case missing:
		case strings.Contains(key, "*"):
			one.patterns = append(one.patterns, fill(globQuoted))
		default:
			one.keys = append(one.keys, filled)
		}
	}
	return one
}

// cachesOfDoc is what caches a document as it was read.
func cachesOfDoc(name string, doc bson.Raw) caches {
	return cachesOfRow(name, func(field string) string { return text(doc, field) })
}

var globQuoted = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`).Replace

const (
	scanCount    = 1000 // how many keys SCAN looks at in a turn
	unlinkBatch  = 500
	publishBatch = 500 // keys in one message on a topic
)

// invalidate deletes keys from Redis and publishes them on their topics, so that the services read MongoDB again; keys
// that are named are published also when Redis has none of them, because a service may still hold them in its memory
// (DATA-MODEL, Cache invalidation). deleted is how many Redis had. Errors: those of Redis; what was deleted by then is gone.
func invalidate(ctx context.Context, rdb redis.UniversalClient, all []caches) (deleted int64, err error) {
	topics := map[string]*caches{}
	var order []string
	for _, c := range all {
		if topics[c.topic] == nil {
			topics[c.topic] = &caches{topic: c.topic}
			order = append(order, c.topic)
		}
		t := topics[c.topic]
		t.keys, t.patterns = append(t.keys, c.keys...), append(t.patterns, c.patterns...)
	}
	for _, topic := range order {
		t := topics[topic]
		slices.Sort(t.keys)
		slices.Sort(t.patterns)
		drop := func(keys []string) error {
			n, err := unlink(ctx, rdb, keys)
			if deleted += n; err != nil {
				return err
			}
			return publish(ctx, rdb, topic, keys)
		}
		if err := drop(slices.Compact(t.keys)); err != nil {
			return deleted, err
		}
		for _, pattern := range slices.Compact(t.patterns) {
			if err := matching(ctx, rdb, pattern, drop); err != nil {
				return deleted, err
			}
		}
	}
	return deleted, nil
}

// unlink deletes keys; each in a command of its own, because those of a cluster lie in different slots.
func unlink(ctx context.Context, rdb redis.UniversalClient, keys []string) (deleted int64, err error) {
	for some := range slices.Chunk(keys, unlinkBatch) {
		answers, err := rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, key := range some {
				p.Unlink(ctx, key)
			}
			return nil
		})
		for _, a := range answers {
			if n, ok := a.(*redis.IntCmd); ok {
				deleted += n.Val()
			}
		}
		if err != nil {
			return deleted, store.RedisError(ctx, "deleting cached keys", err)
		}
	}
	return deleted, nil
}

func publish(ctx context.Context, rdb redis.UniversalClient, topic string, keys []string) error {
	if topic == "" {
		return nil
	}
	for some := range slices.Chunk(keys, publishBatch) {
		message, err := json.Marshal(some)
		if err != nil {
			return err
		}
		if err := rdb.Publish(ctx, topic, message).Err(); err != nil {
			return store.RedisError(ctx, "telling the services on "+topic, err)
		}
	}
	return nil
}

// matching gives the keys that match a pattern, some at a time; of a cluster those of every master.
func matching(ctx context.Context, rdb redis.UniversalClient, pattern string, found func([]string) error) error {
	scan := func(ctx context.Context, node redis.Cmdable) error {
		var cursor uint64
		for {
			keys, next, err := node.Scan(ctx, cursor, pattern, scanCount).Result()
			if err != nil {
				return store.RedisError(ctx, "listing the keys "+pattern, err)
			}
			if err := found(keys); err != nil {
				return err
			}
			if cursor = next; cursor == 0 {
				return nil
			}
		}
	}
	cluster, ok := rdb.(*redis.ClusterClient)
	if !ok {
		return scan(ctx, rdb)
	}
	// One master after the other: found is not made for being called in parallel.
	var mu sync.Mutex
	var masters []*redis.Client
	err := cluster.ForEachMaster(ctx, func(_ context.Context, m *redis.Client) error {
		mu.Lock()
		defer mu.Unlock()
		masters = append(masters, m)
		return nil
	})
	if err != nil {
		return store.RedisError(ctx, "finding the masters of the cluster", err)
	}
	for _, m := range masters {
		if err := scan(ctx, m); err != nil {
			return err
		}
	}
	return nil
}
