package sandbox

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

func TestSeqCounterInRedis(t *testing.T) {
	t.Parallel()
	s := startTest(t, Config{})
	rdb := redis.NewClient(&redis.Options{Addr: s.Ready().Redis})
	t.Cleanup(func() { _ = rdb.Close() })
	ctx := t.Context()
	log := &conversationLog{}
	const conv, key = "si_a_b", "MALLOC_SEQ:si_a_b"
	allot := func(n, want int64) {
		t.Helper()
		if before, err := s.takeSeqs(log, conv, n, time.Now()); err != nil || before+1 != want {
			t.Fatalf("first of %d: %d, want %d (%v)", n, before+1, want, err)
		}
	}
	allot(1, 1)
	allot(2, 2)
	counter, err := rdb.HGetAll(ctx, key).Result()
	if err != nil || counter["CURR"] != "3" || counter["LAST"] != "51" || counter["TIME"] == "" {
		t.Fatalf("counter %v %v", counter, err)
	}
	allot(60, 4) // beyond the block
	if got := log.reserved; got != 161 {
		t.Errorf("reserved up to %d", got)
	}
	if err := rdb.Del(ctx, key).Err(); err != nil {
		t.Fatal(err)
	}
	allot(1, 162) // a lost counter: a harmless gap
	if err := rdb.HSet(ctx, key, "CURR", 3, "LAST", 51).Err(); err != nil {
		t.Fatal(err)
	}
	allot(1, 4)    // an old counter put back: numbers that are taken
	allot(49, 213) // and when its block is used up, on where the store is
	if err := rdb.HSet(ctx, key, "CURR", "rubbish").Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.takeSeqs(log, conv, 1, time.Now()); err == nil {
		t.Error("a broken counter is taken")
	}
}
