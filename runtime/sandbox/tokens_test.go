package sandbox

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// TestTokensInRedis looks at the token lists as another program does: over a real
// client, under OpenIM's own keys.
func TestTokensInRedis(t *testing.T) {
	t.Parallel()
	s := startTest(t, Config{})
	c := newTestClient(t, s)
	rdb := redis.NewClient(&redis.Options{Addr: s.Ready().Redis})
	t.Cleanup(func() { _ = rdb.Close() })
	ctx := t.Context()
	const list = "UID_PID_TOKEN_STATUS:u1:Android"
	states := func() map[string]string {
		t.Helper()
		m, err := rdb.HGetAll(ctx, list).Result()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	wantCode := func(token string, want int) {
		t.Helper()
		if got := c.codeOf(token); got != want {
			t.Errorf("errCode %d, want %d", got, want)
		}
	}
	nextSecond := func() { time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(1010 * time.Millisecond))) }

	c.register("u1")
	nextSecond()
	first := c.userToken("u1", 2)
	if again := c.userToken("u1", 2); again != first {
		t.Error("two tokens of one second differ")
	}
	if st := states(); len(st) != 1 || st[first] != tokenNormal {
		t.Fatalf("list after the first token: %v", st)
	}
	if ttl := rdb.TTL(ctx, list).Val(); ttl < tokenLife-time.Hour {
		t.Errorf("time to live %v", ttl)
	}
	nextSecond()
	second := c.userToken("u1", 2)
	if st := states(); len(st) != 2 || st[first] != tokenKicked || st[second] != tokenNormal {
		t.Fatalf("list after the second token: %v", st)
	}
	wantCode(first, codeTokenKicked)
	nextSecond()
	third := c.userToken("u1", 2)
	if st := states(); len(st) != 2 || st[second] != tokenKicked || st[third] != tokenNormal {
		t.Fatalf("list after the third token: %v", st)
	}
	wantCode(first, codeTokenNotExist)
	other := c.userToken("u1", 5)
	wantCode(third, 0)

	c.call("/auth/force_logout", map[string]any{"userID": "u1", "platformID": 2}, nil)
	wantCode(third, codeTokenKicked)
	wantCode(other, 0)

	if err := rdb.HSet(ctx, "UID_PID_TOKEN_STATUS:u1:Web", other, 2).Err(); err != nil {
		t.Fatal(err)
	}
	wantCode(other, codeTokenKicked) // what others write counts

	old := c.token
	nextSecond()
	c.token = newTestClient(t, s).token
	wantCode(old, 0) // within the grace time
	grace := "UID_PID_TOKEN_STATUS::TEMPORARY:imAdmin:Admin:" + old
	if ttl := rdb.TTL(ctx, grace).Val(); ttl <= 0 || ttl > adminGrace {
		t.Errorf("grace of the old admin token: %v", ttl)
	}
	s.redis.FastForward(adminGrace)
	wantCode(old, codeTokenNotExist)

	if err := rdb.FlushAll(ctx).Err(); err != nil {
		t.Fatal(err)
	}
	wantCode(c.token, codeTokenNotExist) // a flush logs everyone out
}

func TestGraceEndsByItself(t *testing.T) {
	t.Parallel()
	s := startTest(t, Config{})
	if err := s.redis.Set("k", "v"); err != nil {
		t.Fatal(err)
	}
	s.redis.SetTTL("k", time.Second)
	for end := time.Now().Add(5 * time.Second); s.redis.Exists("k"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("a key outlives its time")
		}
	}
}
