package sandbox

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestChangesSince(t *testing.T) {
	t.Parallel()
	st := newState(Config{}, time.Now())
	first := st.changes(friendVersion, "a", syncReq{})
	if !first.full {
		t.Error("the first answer isn't full")
	}
	since := syncReq{Version: first.log.version, VersionID: first.log.id}
	st.changed(friendVersion, "a", inserted, "x", "y")
	st.changed(friendVersion, "a", updated, "y")
	st.changed(friendVersion, "a", deleted, "z", sortChange)
	ch := st.changes(friendVersion, "a", since)
	if ch.full || !slices.Equal(ch.inserted, []string{"x"}) || !slices.Equal(ch.updated, []string{"y"}) ||
		!slices.Equal(ch.deleted, []string{"z"}) || ch.sort != ch.log.version {
		t.Errorf("%+v", ch)
	}
	for _, other := range []syncReq{
		{Version: since.Version, VersionID: "0123456789abcdef01234567"},
		{Version: ch.log.version + 1, VersionID: ch.log.id},
	} {
		if !st.changes(friendVersion, "a", other).full {
			t.Errorf("%+v isn't full", other)
		}
	}
	for i := range syncLimit + 1 {
		st.changed(friendVersion, "a", inserted, fmt.Sprint(i))
	}
	if ch := st.changes(friendVersion, "a", since); !ch.full || ch.inserted != nil {
		t.Error("too many changes aren't full and empty")
	}
}

func TestIDHash(t *testing.T) {
	t.Parallel()
	if got := idHash(nil); got != 0 {
		t.Errorf("none: %d", got)
	}
	if a, b := idHash([]string{"a", "b"}), idHash([]string{"b", "a"}); a == 0 || a == b {
		t.Errorf("%d %d", a, b)
	}
}
