package data

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/openimsdk/imctl/bindings/archive"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
)

// redisKey is a key of Redis in an archive: a string or a hash, which is all that OpenIM keeps there alone. Its value is
// written out, and not as DUMP gives it: that form changes with Redis' versions.
type redisKey struct {
	Key    string            `json:"key"`
	TTL    int64             `json:"ttl,omitempty"` // ms; 0 is without end
	String []byte            `json:"string,omitempty"`
	Hash   map[string][]byte `json:"hash,omitempty"`
}

// readRedis writes the keys that live only in Redis.
func (b *backup) readRedis(ctx context.Context) (*archive.Spool, error) {
	client, err := b.env.Stores.Redis(ctx)
	if err != nil {
		return nil, err
	}
	out, err := b.builder.Create(archive.RedisName)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{} // SCAN may tell a key twice
	write := func(keys []string) error {
		lines, err := dumpKeys(ctx, client, keys, seen)
		if err != nil {
			return store.RedisError(ctx, "reading keys of Redis", err)
		}
		for _, line := range lines {
			if _, err := out.Write(line); err != nil {
				return err
			}
			b.manifest.RedisKeys++
		}
		return nil
	}
	for _, pattern := range aloneInRedis {
		if err := matching(ctx, client, pattern, write); err != nil {
			return nil, err
		}
	}
	return out, out.Finish()
}

func dumpKeys(ctx context.Context, client redis.UniversalClient, keys []string, seen map[string]bool) ([][]byte, error) {
	keys = slices.DeleteFunc(keys, func(key string) bool {
		again := seen[key]
		seen[key] = true
		return again
	})
	if len(keys) == 0 {
		return nil, nil
	}
	types := client.Pipeline()
	for _, key := range keys {
		types.Type(ctx, key)
	}
	kinds, err := types.Exec(ctx)
	if err != nil {
		return nil, err
	}
	type asked struct {
		text *redis.StringCmd
		hash *redis.MapStringStringCmd
		ttl  *redis.DurationCmd
	}
	values := client.Pipeline()
	all := make([]asked, len(keys))
	for i, key := range keys {
		switch kind := kinds[i].(*redis.StatusCmd).Val(); kind {
		case "string":
			all[i].text = values.Get(ctx, key)
		case "hash":
			all[i].hash = values.HGetAll(ctx, key)
		case "none": // it lapsed meanwhile
			continue
		default:
			return nil, fault.New(fault.Unsupported, "the key %s of Redis is a %s; OpenIM keeps strings and hashes there", key, kind)
		}
		all[i].ttl = values.PTTL(ctx, key)
	}
	if _, err := values.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, err
	}
	var lines [][]byte
	for i, a := range all {
		row := redisKey{Key: keys[i]}
		switch {
		case a.text != nil && a.text.Err() == nil:
			row.String = []byte(a.text.Val())
		case a.hash != nil && len(a.hash.Val()) > 0:
			row.Hash = map[string][]byte{}
			for field, v := range a.hash.Val() {
				row.Hash[field] = []byte(v)
			}
		default:
			continue // it lapsed meanwhile
		}
		row.TTL = max(0, a.ttl.Val().Milliseconds())
		line, err := json.Marshal(row)
		if err != nil {
			return nil, err
		}
		lines = append(lines, append(line, '\n'))
	}
	return lines, nil
}

// putKeys writes keys of an archive back; one that is there is replaced.
func putKeys(ctx context.Context, client redis.UniversalClient, keys []redisKey) error {
	pipe := client.Pipeline()
	for _, k := range keys {
		pipe.Del(ctx, k.Key)
		if k.Hash == nil {
			pipe.Set(ctx, k.Key, k.String, 0)
		} else {
			fields := make([]any, 0, 2*len(k.Hash))
			for field, v := range k.Hash {
				fields = append(fields, field, v)
			}
			pipe.HSet(ctx, k.Key, fields...)
		}
		if k.TTL > 0 {
			pipe.PExpire(ctx, k.Key, time.Duration(k.TTL)*time.Millisecond)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	_, err := pipe.Exec(ctx)
	return store.RedisError(ctx, "writing keys of Redis", err)
}
