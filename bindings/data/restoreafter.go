package data

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/openimsdk/imctl/bindings/archive"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
)

// steps are what a restore will do, in order, for the one who is asked.
func (r *restore) steps() []string {
	out := []string{"prove the archive to its last byte"}
	if r.p.Policy == replacePolicy {
		out = append(out, "load its collections beside the live ones, with their indexes, and prove them",
			"raise seqs to max(old, restored, highest stored)", "let them change places; the live ones go aside; the version logs go")
	} else {
		out = append(out, "merge its documents into the live collections (policy="+r.p.Policy+")", "raise seqs to max(old, restored, highest stored); the version logs go")
	}
	if r.hasRedis() {
		out = append(out, "delete the caches in Redis and tell the services")
	}
	if r.p.Logout {
		out = append(out, "delete all login tokens")
	}
	if r.hasKafka() {
		out = append(out, "let Kafka's consumer groups skip to the end")
	}
	out = append(out, "check what is there then")
	if !r.p.KeepOld {
		out = append(out, "drop what was replaced")
	}
	return out
}

func (r *restore) hasRedis() bool {
	return len(r.env.Stores.Config().Redis.Addresses) > 0 && !slices.Contains(r.p.Without, "redis")
}

func (r *restore) hasKafka() bool {
	return len(r.env.Stores.Config().Kafka.Addresses) > 0 && !slices.Contains(r.p.Without, "kafka")
}

// needRedis refuses what would leave stale caches behind unless that is meant: they would hide the restored data for hours,
// and old counters let seqs run into stored messages.
func (r *restore) needRedis(ctx context.Context) error {
	if r.hasRedis() {
		_, err := r.env.Stores.Redis(ctx)
		return err
	}
	if slices.Contains(r.p.Without, "redis") {
		return nil
	}
	_, err := r.env.Stores.Redis(ctx)
	f := fault.From(err)
	f.Hint = `without={"redis"} restores MongoDB alone, for a deployment whose Redis is empty or gone; ` + f.Hint
	return f
}

// after is what a correct restore takes when the documents are there (DATA-MODEL, A correct restore).
func (r *restore) after(ctx context.Context) error {
	if err := r.dropCaches(ctx); err != nil {
		return err
	}
	if err := r.putRedisKeys(ctx); err != nil {
		return err
	}
	if err := r.skipKafka(ctx); err != nil {
		return err
	}
	if err := r.evidence(ctx); err != nil {
		return err
	}
	return r.end(ctx)
}

// dropCaches deletes what Redis holds of the collections, and tells the services. All of them, because what is cached of
// one collection depends on others.
func (r *restore) dropCaches(ctx context.Context) error {
	const step = "the caches in Redis were deleted and the services told"
	if r.leaveOut == "caches" {
		return nil
	}
	if !r.hasRedis() {
		r.left(step, "without redis")
		return nil
	}
	client, err := r.env.Stores.Redis(ctx)
	if err != nil {
		return err
	}
	var names []string
	for _, c := range model {
		names = append(names, c.name)
	}
	all := append(cachesOf(names...), caches{patterns: []string{"SEND_MSG_FAILED_FLAG:*"}})
	if r.p.Logout {
		all = append(all, caches{patterns: []string{"UID_PID_TOKEN_STATUS:*", "CHAT_UID_TOKEN_STATUS:*"}, topic: "DELETE_CACHE_AUTH"})
	}
	if r.result.KeysDeleted, err = invalidate(ctx, client, all); err != nil {
		return err
	}
	r.did(step, "%d keys", r.result.KeysDeleted)
	return nil
}

// putRedisKeys writes back what the archive holds of Redis.
func (r *restore) putRedisKeys(ctx context.Context) error {
	if !r.p.RedisKeys {
		return nil
	}
	if !r.hasRedis() {
		return fault.New(fault.Usage, "redis_keys and without={\"redis\"} exclude one another")
	}
	client, err := r.env.Stores.Redis(ctx)
	if err != nil {
		return err
	}
	var batch []redisKey
	var n int
	put := func() error {
		n += len(batch)
		err := putKeys(ctx, client, batch)
		batch = batch[:0]
		return err
	}
	_, err = r.source.scan(ctx, r.env, archive.Visitor{Redis: func(line []byte) error {
		var k redisKey
		if err := json.Unmarshal(line, &k); err != nil || k.Key == "" {
			return fault.New(fault.Usage, "the archive's keys of Redis: %.80s is none", line)
		}
		if batch = append(batch, k); len(batch) < unlinkBatch {
			return nil
		}
		return put()
	}})
	if err == nil {
		err = put()
	}
	if err != nil {
		return err
	}
	r.did("the keys that live only in Redis were written back", "%d keys", n)
	return nil
}

// skipKafka moves the consumer groups to the end of their topics: what is in flight is of the time before the restore.
func (r *restore) skipKafka(ctx context.Context) error {
	const step = "Kafka's consumer groups skip what is in flight"
	if !r.hasKafka() {
		r.result.Steps = append(r.result.Steps, RestoreStep{Step: step, Evidence: "Kafka is not in the context, or was left out"})
		return nil
	}
	client, err := r.env.Stores.Kafka(ctx)
	if err != nil {
		return err
	}
	var told []string
	for _, reader := range r.env.Stores.Config().Kafka.Readers {
		ends, err := client.ListEndOffsets(ctx, reader.Topic)
		if err == nil {
			err = ends.Error()
		}
		if err != nil {
			return fault.New(fault.Unreachable, "reading the end of the topic %s: %w", reader.Topic, err)
		}
		if err := client.CommitAllOffsets(ctx, reader.Group, ends.Offsets()); err != nil {
			return fault.New(fault.API, "moving the group %s to the end of %s: %w", reader.Group, reader.Topic, err).
				WithHint("a group that services are reading in can't be moved: stop them, then resume=true")
		}
		told = append(told, reader.Group+" at the end of "+reader.Topic)
	}
	r.did(step, "%s", strings.Join(told, ", "))
	return nil
}

// evidence looks once more at what is there.
func (r *restore) evidence(ctx context.Context) error {
	if r.p.Policy == replacePolicy {
		for _, c := range r.manifest.Collections {
			if !slices.Contains(r.mark.Names, c.Name) || c.Name == seqName {
				continue
			}
			n, err := r.db.Collection(c.Name).CountDocuments(ctx, bson.D{})
			if err != nil {
				return store.MongoError(ctx, "counting "+c.Name, err)
			}
			if n < c.Documents && !r.again { // more, or after a while other ones, are those of services that run already
				return fault.New(fault.API, "after the restore %s has %d documents, and the archive %d", c.Name, n, c.Documents).
					WithHint("do services still write? rollback=true brings the old data back, resume=true tries once more")
			}
		}
	}
	behind := ""
	seqs := map[string]int64{}
	if err := eachSeq(ctx, r.db.Collection(seqName), func(row seqRow) { seqs[row.ConversationID] = max(seqs[row.ConversationID], row.MaxSeq) }); err != nil {
		return err
	}
	for conversationID, seq := range r.highest {
		if slices.Contains(r.mark.Names, "msg") && seqs[conversationID] < seq && r.leaveOut == "" {
			behind = fmt.Sprintf("%s: max_seq is %d, and message %d is stored", conversationID, seqs[conversationID], seq)
		}
	}
	if behind != "" {
		return fault.New(fault.Internal, "after the restore a seq is behind its messages: %s", behind)
	}
	r.did("what is there was checked", "%d collections counted, no seq behind its messages", len(r.mark.Names))
	return nil
}

// end drops what was replaced, unless it is to be kept, and the mark.
func (r *restore) end(ctx context.Context) error {
	if r.p.KeepOld && r.p.Policy == replacePolicy {
		r.mark.State = kept
		r.left("what was replaced was dropped", "keep_old: it lies in collections "+asidePrefix+"…; rollback=true brings it back")
		return r.mark.write(ctx, r.db)
	}
	r.mark.State = ending
	if err := r.mark.write(ctx, r.db); err != nil {
		return err
	}
	old, err := ownCollections(ctx, r.db, asidePrefix)
	if err != nil {
		return err
	}
	for _, name := range old {
		if err := r.db.Collection(name).Drop(ctx); err != nil {
			return store.MongoError(ctx, "dropping "+name, err)
		}
	}
	if err := r.db.Collection(markName).Drop(ctx); err != nil {
		return store.MongoError(ctx, "ending the restore", err)
	}
	r.did("what was replaced was dropped", "%d collections", len(old))
	return nil
}
