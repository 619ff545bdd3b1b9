package data

import (
	"fmt"
	"slices"
	"testing"

	"github.com/openimsdk/imctl/bindings/bindingtest"
)

func TestDeclarations(t *testing.T) { bindingtest.CheckDeclarations(t, Area()) }

func (w *deployment) stats(p StatsParams) []Stat {
	w.t.Helper()
	var out []Stat
	for s, err := range runStats(w.t.Context(), w.env, p) {
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func TestStats(t *testing.T) {
	w := newDeployment(t, startMongod(t), "", 11)
	rows := w.stats(StatsParams{What: "collections"})
	if len(rows) == 0 || rows[0].Name != "msg" || rows[0].Count == 0 || rows[0].Bytes == 0 {
		t.Errorf("the collections are %+v", rows)
	}
	conversations := w.stats(StatsParams{What: "conversations", Top: 3})
	if len(conversations) != 3 || conversations[0].Name != "sg_g2" || conversations[0].Count != highestStored(w, "sg_g2") || conversations[0].Bytes == 0 {
		t.Errorf("the conversations are %+v", conversations)
	}
	if !slices.IsSortedFunc(conversations, func(a, b Stat) int { return int(b.Count - a.Count) }) {
		t.Errorf("not sorted: %+v", conversations)
	}
	all := w.stats(StatsParams{What: "conversations", Top: 100})
	var messages, sent int64
	for _, c := range all {
		messages += c.Count
		if c.Count != int64(len(w.stored(c.Name))) {
			t.Errorf("%+v, stored are %d", c, len(w.stored(c.Name)))
		}
	}
	if len(all) != 8 || !slices.EqualFunc(all[:3], conversations, func(a, b Stat) bool { return a == b }) {
		t.Errorf("all conversations are %+v", all)
	}
	for _, u := range w.stats(StatsParams{What: "users", Top: 100, By: "messages"}) {
		sent += u.Count
	}
	if sent != messages {
		t.Errorf("users sent %d of %d messages", sent, messages)
	}
	if u := w.stats(StatsParams{What: "users", Top: 1, By: "files"}); len(u) != 1 || u[0].Name != "u00" || u[0].Files != 1 || u[0].Bytes != 1234 || u[0].Conversations != 4 {
		t.Errorf("the user with the most files is %+v", u)
	}
	want := []Stat{{What: "objects", Name: "msg-picture", Count: 1, Bytes: 1234}, {What: "object", Name: "u00/a.png", Count: 1, Bytes: 1234}}
	if got := w.stats(StatsParams{What: "objects", Top: 5}); !slices.Equal(got, want) || len(w.warnings) == 0 {
		t.Errorf("the objects are %+v, warnings %q", got, w.warnings)
	}
}

func TestBiggest(t *testing.T) {
	b := &biggest{size: 3, of: func(s Stat) int64 { return s.Count }}
	for i := range 50 {
		b.add(Stat{Name: fmt.Sprint(i), Count: int64(i * 37 % 50)})
	}
	var got []int64
	for _, s := range b.rows {
		got = append(got, s.Count)
	}
	slices.Sort(got)
	if !slices.Equal(got, []int64{47, 48, 49}) {
		t.Errorf("the biggest are %v", got)
	}
}
