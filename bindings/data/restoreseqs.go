package data

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/openimsdk/imctl/bindings/store"
)

// seqName is the collection that says up to where seqs are given.
const seqName = "seq"

const mallocPrefix = "MALLOC_SEQ:"

// raiseSeqs makes the seqs of what is restored max(old, restored, highest stored): a number that was given once is never
// given again, not even to clients that know more than the backup (DATA-MODEL, A correct restore). It holds the highest
// seq of each conversation in memory, about 100 bytes for each.
func (r *restore) raiseSeqs(ctx context.Context) error {
	if !slices.Contains(r.mark.Names, seqName) && !slices.Contains(r.mark.Names, "msg") {
		return nil
	}
	if r.leaveOut == "seqs" {
		return nil
	}
	want, err := r.givenSeqs(ctx)
	if err != nil {
		return err
	}
	for conversationID, seq := range r.highest {
		want[conversationID] = max(want[conversationID], seq)
	}
	into := r.db.Collection(seqName)
	if r.mark.State == loading && slices.Contains(r.mark.Names, seqName) {
		into = r.db.Collection(stagingPrefix + seqName)
	}
	if r.result.SeqsRaised, err = raise(ctx, into, want); err != nil {
		return err
	}
	r.did("seqs are max(old, restored, highest stored)", "%d conversations looked at, %d raised", len(want), r.result.SeqsRaised)
	return nil
}

// givenSeqs is up to where seqs were given so far: by MongoDB and by the live counters in Redis.
func (r *restore) givenSeqs(ctx context.Context) (map[string]int64, error) {
	given := map[string]int64{}
	err := eachSeq(ctx, r.db.Collection(seqName), func(row seqRow) { given[row.ConversationID] = max(given[row.ConversationID], row.MaxSeq) })
	if err != nil || !r.hasRedis() {
		return given, err
	}
	client, err := r.env.Stores.Redis(ctx)
	if err != nil {
		return nil, err
	}
	err = matching(ctx, client, mallocPrefix+"*", func(keys []string) error {
		counters, err := client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, key := range keys {
				p.HMGet(ctx, key, "CURR", "LAST")
			}
			return nil
		})
		if err != nil && !errors.Is(err, redis.Nil) {
			return store.RedisError(ctx, "reading the live seqs", err)
		}
		for i, key := range keys {
			conversationID := strings.TrimPrefix(key, mallocPrefix)
			for _, v := range counters[i].(*redis.SliceCmd).Val() {
				text, _ := v.(string) // a field that is not there
				if seq, err := strconv.ParseInt(text, 10, 64); err == nil {
					given[conversationID] = max(given[conversationID], seq)
				}
			}
		}
		return nil
	})
	return given, err
}

// seqRow is a document of seq.
type seqRow struct {
	ID             any    `bson:"_id"`
	ConversationID string `bson:"conversation_id"`
	MaxSeq         int64  `bson:"max_seq"`
}

func eachSeq(ctx context.Context, in *mongo.Collection, do func(seqRow)) error {
	cursor, err := in.Find(ctx, bson.D{}, options.Find().SetBatchSize(batchDocuments))
	if err != nil {
		return store.MongoError(ctx, "reading "+in.Name(), err)
	}
	defer cursor.Close(context.WithoutCancel(ctx)) //nolint:errcheck // what was read is read
	for cursor.Next(ctx) {
		var row seqRow
		if err := cursor.Decode(&row); err != nil {
			return store.MongoError(ctx, "a document of "+in.Name()+" has not the form of one", err)
		}
		do(row)
	}
	return store.MongoError(ctx, "reading "+in.Name(), cursor.Err())
}

// raise lifts max_seq to what is wanted, makes documents where there is none, and returns how many it changed or made.
func raise(ctx context.Context, in *mongo.Collection, want map[string]int64) (int, error) {
	var writes []mongo.WriteModel
	there := map[string]bool{}
	err := eachSeq(ctx, in, func(row seqRow) {
		there[row.ConversationID] = true
		if seq := want[row.ConversationID]; seq > row.MaxSeq {
			writes = append(writes, mongo.NewUpdateOneModel().SetFilter(bson.D{{Key: "_id", Value: row.ID}}).
				SetUpdate(bson.D{{Key: "$set", Value: bson.D{{Key: "max_seq", Value: seq}}}}))
		}
	})
	if err != nil {
		return 0, err
	}
	for conversationID, seq := range want {
		if !there[conversationID] && seq > 0 {
			writes = append(writes, mongo.NewInsertOneModel().SetDocument(bson.D{
				{Key: "conversation_id", Value: conversationID}, {Key: "max_seq", Value: seq}, {Key: "min_seq", Value: int64(0)},
			}))
		}
	}
	for some := range slices.Chunk(writes, updatesAtATime) {
		if _, err := in.BulkWrite(ctx, some, options.BulkWrite().SetOrdered(false)); err != nil {
			return 0, store.MongoError(ctx, "raising seqs", err)
		}
	}
	return len(writes), nil
}
