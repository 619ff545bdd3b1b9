package data

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/openimsdk/imctl/bindings/archive"
	"github.com/openimsdk/imctl/bindings/store"
)

// redisKey is a key of Redis in an archive.
type redisKey struct {
	Key  string `json:"key"`
	TTL  int64  `json:"ttl"`  // ms; 0 is without end
	Dump []byte `json:"dump"` // as DUMP gives it and RESTORE takes it
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

func dumpKeys(ctx context.Context, node redis.UniversalClient, keys []string, seen map[string]bool) ([][]byte, error) {
	pipe := node.Pipeline()
	type asked struct {
		key  string
		dump *redis.StringCmd
		ttl  *redis.DurationCmd
	}
	var all []asked
	for _, key := range keys {
		if !seen[key] {
			seen[key] = true
			all = append(all, asked{key, pipe.Dump(ctx, key), pipe.PTTL(ctx, key)})
		}
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, err
	}
	var lines [][]byte
	for _, a := range all {
		dump, err := a.dump.Bytes()
		if errors.Is(err, redis.Nil) {
			continue // it lapsed meanwhile
		} else if err != nil {
			return nil, err
		}
		line, err := json.Marshal(redisKey{Key: a.key, TTL: max(0, a.ttl.Val().Milliseconds()), Dump: dump})
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
		pipe.RestoreReplace(ctx, k.Key, time.Duration(k.TTL)*time.Millisecond, string(k.Dump))
	}
	_, err := pipe.Exec(ctx)
	return store.RedisError(ctx, "writing keys of Redis", err)
}
