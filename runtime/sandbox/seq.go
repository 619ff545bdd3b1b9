package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const seqCounterLife = 365 * 24 * time.Hour

// seqBlock is how many seqs are reserved beyond the need (DATA-MODEL, Seqs).
func seqBlock(conversationID string) int64 {
	if strings.HasPrefix(conversationID, "sg_") || strings.HasPrefix(conversationID, "g_") {
		return 100
	}
	return 50
}

// logOf is the log of a conversation, made when it isn't there.
func (st *state) logOf(conversationID string) *conversationLog {
	l := st.messages[conversationID]
	if l == nil {
		l = &conversationLog{users: map[string]*userSeq{}}
		st.messages[conversationID] = l
	}
	return l
}

// allotSeqs takes n seqs of a conversation and returns the first. The live counter is
// MALLOC_SEQ:<conversationID> in Redis: whoever deletes it makes a gap, whoever puts an
// old one back makes numbers run into stored messages, as on the real server.
func (c *call) allotSeqs(conversationID string, n int64) (int64, error) {
	key := "MALLOC_SEQ:" + conversationID
	log := c.logOf(conversationID)
	curr, last := log.reserved, log.reserved // without a counter: after what was reserved
	if c.redis.Exists(key) {
		var err error
		if curr, err = strconv.ParseInt(c.redis.HGet(key, "CURR"), 10, 64); err != nil {
			return 0, fmt.Errorf("%s: CURR: %w", key, err)
		}
		if last, err = strconv.ParseInt(c.redis.HGet(key, "LAST"), 10, 64); err != nil {
			return 0, fmt.Errorf("%s: LAST: %w", key, err)
		}
	}
	if need := curr + n - last; need > 0 {
		log.reserved += need + seqBlock(conversationID)
		last = log.reserved
	}
	c.redis.HSet(key,
		"CURR", strconv.FormatInt(curr+n, 10),
		"LAST", strconv.FormatInt(last, 10),
		"TIME", strconv.FormatInt(nowMilli(), 10))
	c.redis.SetTTL(key, seqCounterLife)
	return curr + 1, nil
}
