package data

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/openimsdk/imctl/bindings/store"
)

// head is what is known of the numbers of a conversation.
type head struct {
	rows    []bson.Raw // its documents of seq; one, when all is well
	highest int64      // of its messages
	live    *live      // nil: Redis has no counter
}

// live is the counter of a conversation in Redis.
type live struct {
	curr, last int64
	lastText   string
	locked     bool // it is being refilled
}

func (c *checker) head(conversation string) *head {
	h := c.heads[conversation]
	if h == nil {
		h = &head{}
		c.heads[conversation] = h
	}
	return h
}

// max and min are of seq; with several documents the highest.
func (h *head) max() int64 { return highestOf(h.rows, "max_seq") }
func (h *head) min() int64 { return highestOf(h.rows, "min_seq") }

func highestOf(rows []bson.Raw, field string) int64 {
	var n int64
	for _, r := range rows {
		n = max(n, num(r, field))
	}
	return n
}

// given is the last number that was given out. Without a counter in Redis the next message starts after max_seq.
func (h *head) given() int64 {
	if h.live != nil {
		return max(h.live.curr, h.highest)
	}
	return max(h.max(), h.highest)
}

// end is a max_seq from which on no number can have been given out.
func (h *head) end() int64 {
	end := max(h.max(), h.highest)
	if h.live != nil {
		end = max(end, h.live.curr, h.live.last)
	}
	return end
}

// seqs looks at the documents of seq, with the counters in Redis.
func (c *checker) seqs(ctx context.Context) error {
	err := c.scan(ctx, "seq", nil, nil, func(doc bson.Raw) error {
		h := c.head(text(doc, "conversation_id"))
		h.rows = append(h.rows, slices.Clone(doc))
		return nil
	})
	if err != nil {
		return err
	}
	ids := slices.Sorted(maps.Keys(c.heads))
	if err := c.counters(ctx, ids); err != nil {
		return err
	}
	for _, id := range ids {
		if err := c.seq(ctx, id, c.heads[id]); err != nil {
			return err
		}
	}
	return nil
}

// seq looks at the numbers of a conversation.
func (c *checker) seq(ctx context.Context, id string, h *head) error {
	about := Finding{Collection: "seq", ID: id}
	if len(h.rows) > 1 {
		f := about
		f.Detail = fmt.Sprintf("%d documents, with max_seq %s", len(h.rows), listed(h.rows, "max_seq"))
		f.fix = merged("seq", h.rows, map[string]int64{"max_seq": h.end(), "min_seq": h.min()})
		f.fix.caches = []caches{{keys: []string{counterPrefix + id}}}
		if err := c.found(duplicateSeqRow, f); err != nil {
			return err
		}
	}
	behind := h.max() < h.highest
	if behind {
		f := about
		f.Seq = h.highest
		if len(h.rows) == 0 {
			f.Detail = fmt.Sprintf("the conversation has no seq, and its highest message is %d", h.highest)
			f.fix = &fix{writes: []write{{collection: "seq", filter: bson.D{{Key: "conversation_id", Value: id}},
				insert: bson.D{{Key: "max_seq", Value: h.end()}, {Key: "min_seq", Value: int64(0)}}}}}
		} else {
			f.Detail = fmt.Sprintf("max_seq is %d, and the highest message is %d", h.max(), h.highest)
			f.fix = &fix{writes: []write{setting("seq", h.rows[0], bson.D{{Key: "max_seq", Value: h.end()}})}}
		}
		f.fix.caches = []caches{cachesOfRow("seq", fieldsOf("conversation_id", id))}
		if err := c.found(seqBehind, f); err != nil {
			return err
		}
	}
	if h.min() > h.given()+1 && len(h.rows) > 0 {
		f := about
		f.Detail = fmt.Sprintf("min_seq is %d, and the next message gets %d", h.min(), h.given()+1)
		f.fix = &fix{writes: []write{setting("seq", h.rows[0], bson.D{{Key: "min_seq", Value: h.given() + 1}})}}
		if err := c.found(minAboveMax, f); err != nil {
			return err
		}
	}
	if behind && c.wants(seqBehind) || h.live == nil { // the repair of seq_behind deletes the counter too
		return nil
	}
	return c.counter(ctx, id, h)
}

// counter looks at the counter of a conversation in Redis. What does not fit is read again: seq.max_seq and LAST change
// one after the other while the server takes numbers.
func (c *checker) counter(ctx context.Context, id string, h *head) error {
	wrong := func() bool {
		return h.live != nil && !h.live.locked && (h.live.curr < h.highest || len(h.rows) == 1 && h.live.last != h.max())
	}
	for range 3 {
		if !wrong() {
			return nil
		}
		if err := c.reread(ctx, id, h); err != nil {
			return err
		}
	}
	if !wrong() {
		return nil
	}
	f := Finding{Collection: "seq", ID: id, Seq: h.highest,
		Detail: fmt.Sprintf("Redis counts %d of %d, seq.max_seq is %d, and the highest message is %d", h.live.curr, h.live.last, h.max(), h.highest)}
	f.fix = &fix{live: &liveCounter{key: counterPrefix + id, last: h.live.lastText, lastFits: h.live.last == h.max(), highest: h.highest}}
	if h.end() != h.max() {
		f.fix.writes = []write{setting("seq", h.rows[0], bson.D{{Key: "max_seq", Value: h.end()}})}
	}
	return c.found(liveSeqBehind, f)
}

// reread reads the numbers of one conversation again.
func (c *checker) reread(ctx context.Context, id string, h *head) error {
	h.rows = nil
	err := read(ctx, c.db.Collection("seq"), bson.D{{Key: "conversation_id", Value: id}}, nil, nil, func(doc bson.Raw) error {
		h.rows = append(h.rows, slices.Clone(doc))
		return nil
	})
	if err != nil {
		return err
	}
	return c.counters(ctx, []string{id})
}

// counters reads the counters of conversations.
func (c *checker) counters(ctx context.Context, ids []string) error {
	if c.rdb == nil {
		return nil
	}
	for some := range slices.Chunk(ids, 500) {
		answers := make([]*redis.SliceCmd, len(some))
		_, err := c.rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
			for i, id := range some {
				answers[i] = p.HMGet(ctx, counterPrefix+id, "CURR", "LAST", "LOCK")
			}
			return nil
		})
		if err != nil {
			return store.RedisError(ctx, "reading the counters MALLOC_SEQ", err)
		}
		for i, id := range some {
			c.heads[id].live = liveOf(answers[i].Val())
		}
	}
	return nil
}

func liveOf(answer []any) *live {
	field := func(i int) string { s, _ := answer[i].(string); return s }
	if len(answer) != 3 || field(0) == "" {
		return nil
	}
	l := &live{lastText: field(1), locked: field(2) != ""}
	l.curr, _ = strconv.ParseInt(field(0), 10, 64)
	l.last, _ = strconv.ParseInt(l.lastText, 10, 64)
	return l
}

// userSeqs looks at the documents of seq_user, those of one user and conversation together.
func (c *checker) userSeqs(ctx context.Context) error {
	var rows []bson.Raw
	err := c.scan(ctx, "seq_user", nil, []string{"user_id", "conversation_id"}, func(doc bson.Raw) error {
		if len(rows) > 0 && text(rows[0], "user_id") == text(doc, "user_id") && text(rows[0], "conversation_id") == text(doc, "conversation_id") {
			rows = append(rows, slices.Clone(doc))
			return nil
		}
		if err := c.userSeq(ctx, rows); err != nil {
			return err
		}
		rows = []bson.Raw{slices.Clone(doc)}
		return nil
	})
	if err != nil {
		return err
	}
	return c.userSeq(ctx, rows)
}

// userSeq looks at the documents of one user and conversation.
func (c *checker) userSeq(ctx context.Context, rows []bson.Raw) error {
	if len(rows) == 0 {
		return nil
	}
	user, conversation := text(rows[0], "user_id"), text(rows[0], "conversation_id")
	about := Finding{Collection: "seq_user", ID: conversation + "/" + user}
	if len(rows) > 1 {
		f := about
		f.Detail = fmt.Sprintf("%d documents, with read_seq %s", len(rows), listed(rows, "read_seq"))
		f.fix = merged("seq_user", rows, map[string]int64{"min_seq": highestOf(rows, "min_seq"), "read_seq": highestOf(rows, "read_seq")})
		if err := c.found(duplicateSeqRow, f); err != nil {
			return err
		}
	}
	h := c.head(conversation)
	position, from := highestOf(rows, "read_seq"), highestOf(rows, "min_seq")
	if position <= h.given() && from <= h.given()+1 {
		return nil
	}
	if err := c.reread(ctx, conversation, h); err != nil { // messages came since
		return err
	}
	if position > h.given() {
		f := about
		f.Detail = fmt.Sprintf("read_seq is %d, and the last number given out is %d", position, h.given())
		f.fix = &fix{writes: []write{setting("seq_user", rows[0], bson.D{{Key: "read_seq", Value: h.given()}})}}
		if err := c.found(readAhead, f); err != nil {
			return err
		}
	}
	if from > h.given()+1 {
		f := about
		f.Detail = fmt.Sprintf("min_seq is %d, and the next message gets %d", from, h.given()+1)
		f.fix = &fix{writes: []write{setting("seq_user", rows[0], bson.D{{Key: "min_seq", Value: h.given() + 1}})}}
		return c.found(minAboveMax, f)
	}
	return nil
}

// merged keeps the oldest of documents for one key, with the fields at the values, and removes the others.
func merged(collection string, rows []bson.Raw, fields map[string]int64) *fix {
	slices.SortFunc(rows, func(a, b bson.Raw) int { return bytes.Compare(a.Lookup("_id").Value, b.Lookup("_id").Value) })
	out := &fix{}
	var set bson.D
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if n := fields[field]; n != num(rows[0], field) {
			set = append(set, bson.E{Key: field, Value: n})
		}
	}
	if set != nil {
		out.writes = append(out.writes, setting(collection, rows[0], set))
	}
	for _, row := range rows[1:] {
		out.writes = append(out.writes, removal(collection, row))
	}
	return out
}

// listed is a field of several documents, in words.
func listed(rows []bson.Raw, field string) string {
	var b bytes.Buffer
	for i, r := range rows {
		switch {
		case i == 0:
		case i == len(rows)-1:
			b.WriteString(" and ")
		default:
			b.WriteString(", ")
		}
		fmt.Fprint(&b, num(r, field))
	}
	return b.String()
}

// fieldsOf gives fields by name, from pairs of a name and a value.
func fieldsOf(pairs ...string) func(string) string {
	return func(field string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == field {
				return pairs[i+1]
			}
		}
		return ""
	}
}
