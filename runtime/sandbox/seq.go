package sandbox

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const seqCounterLife = 365 * 24 * time.Hour

func seqKey(conversationID string) string { return "MALLOC_SEQ:" + conversationID }

// seqBlock is how many seqs are reserved beyond the need (DATA-MODEL, Seqs).
func seqBlock(conversationID string) int64 {
	if strings.HasPrefix(conversationID, groupPrefix) || strings.HasPrefix(conversationID, "g_") {
		return 100
	}
	return 50
}

// takeSeqs takes n seqs of a conversation and returns the one before the first; with n
// 0 that is the newest. The live counter is MALLOC_SEQ:<conversationID> in Redis:
// whoever deletes it makes a gap, whoever puts an old one back makes numbers run into
// stored messages, until its block is used up (DATA-MODEL, Seqs).
func (s *Server) takeSeqs(log *conversationLog, conversationID string, n int64, now time.Time) (int64, error) {
	key := seqKey(conversationID)
	if !s.redis.Exists(key) {
		if n == 0 && log.reserved == 0 {
			return 0, nil
		}
		curr := log.reserve(conversationID, n)
		s.writeSeqs(key, curr+n, log.reserved, now)
		return curr, nil
	}
	curr, err := strconv.ParseInt(s.redis.HGet(key, "CURR"), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: CURR: %w", key, err)
	}
	last, err := strconv.ParseInt(s.redis.HGet(key, "LAST"), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: LAST: %w", key, err)
	}
	switch {
	case n == 0:
		return curr, nil
	case curr+n <= last:
		s.writeSeqs(key, curr+n, last, now)
		return curr, nil
	}
	if old := log.reserve(conversationID, n); old != last {
		curr = old // the counter doesn't fit the store: go on where the store is
	}
	s.writeSeqs(key, curr+n, log.reserved, now)
	return curr, nil
}

// reserve moves seq.max_seq on by a block, and returns what it was.
func (log *conversationLog) reserve(conversationID string, n int64) int64 {
	old := log.reserved
	if n > 0 {
		log.touched.touch(seqAt{log})
		log.reserved += n + seqBlock(conversationID)
	}
	return old
}

func (s *Server) writeSeqs(key string, curr, last int64, now time.Time) {
	s.redis.HSet(key,
		"CURR", strconv.FormatInt(curr, 10),
		"LAST", strconv.FormatInt(last, 10),
		"TIME", strconv.FormatInt(now.UnixMilli(), 10))
	s.redis.SetTTL(key, seqCounterLife)
}

// maxSeq is the newest seq of a conversation, 0 for an unknown one.
func (c *call) maxSeq(conversationID string) int64 {
	log := c.messages[conversationID]
	if log == nil {
		log = &conversationLog{}
	}
	seq, err := c.takeSeqs(log, conversationID, 0, c.now)
	if err != nil {
		c.log.Print(err)
	}
	return seq
}

// seqTime is when the newest seq was given, in ms.
func (c *call) seqTime(conversationID string) int64 {
	ms, _ := strconv.ParseInt(c.redis.HGet(seqKey(conversationID), "TIME"), 10, 64) // no counter, no time
	return ms
}
