package cli_test

import (
	"slices"
	"strings"
	"time"

	"github.com/openimsdk/imctl/bindings/client"
)

// What must hold after the sandbox was killed.

// verify ends the chat and compares what each client of a pair has got with what is stored, and that with what was sent;
// then it kills the sandbox once more, and all that was stored must be again.
func (k *killing) verify() {
	k.Helper()
	k.quiet()
	k.allBack()
	each(len(k.conns), k.send) // when these are stored, nothing that was sent before is under way any more
	stored := make([][]string, len(k.conns))
	each(len(k.conns), func(i int) {
		stored[i] = k.received(i)
		k.inOrder(i, stored[i])
	})
	k.kill()
	k.allBack()
	each(len(k.conns), func(i int) {
		if again := k.stored(i); !slices.Equal(again, stored[i]) {
			k.flaw("in the chat of %s is stored %q, and before the last kill it was %q", user(i), again, stored[i])
		}
	})
	got, err := k.run("stats")
	if err != nil {
		k.Fatal(err)
	}
	if s := got.(client.Stats); s.Open != int64(len(k.conns)) || s.Duplicates != 0 || s.OutOfOrder != 0 || s.Dropped != 0 {
		k.Errorf("in the end: %+v", s)
	}
}

// received waits until a client has got all that is stored in its chat, each message once, and returns that.
func (k *killing) received(i int) []string {
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		got, err := k.run("events", "client", k.conns[i], "type", "message")
		if err != nil {
			k.Error(err)
			return nil
		}
		events, stored := got.([]client.Event), k.stored(i)
		underWay := len(events) < len(stored)
		for _, id := range []string{last(k.ids[i]), last(k.ids[i^1])} {
			underWay = underWay || !slices.Contains(stored, id)
		}
		if underWay && time.Now().Before(end) {
			continue
		}
		bySeq := make([]string, len(stored))
		for _, e := range events {
			switch {
			case e.Seq < 1 || e.Seq > int64(len(stored)) || e.Text != e.ClientMsgID || e.Duplicate:
				k.flaw("%s got %+v", user(i), e)
			case bySeq[e.Seq-1] != "":
				k.flaw("%s got seq %d twice", user(i), e.Seq)
			default:
				bySeq[e.Seq-1] = e.ClientMsgID
			}
		}
		if !slices.Equal(bySeq, stored) {
			k.flaw("%s got %q, stored is %q\n%s", user(i), bySeq, stored, k.story(i))
		}
		return stored
	}
}

func last(ids []string) string { return ids[len(ids)-1] }

// stored are the messages of a client's chat in the store, in the order of their seqs, which has no gap.
func (k *killing) stored(i int) []string {
	a, b := user(i), user(i^1)
	got, err := k.run("pull", "client", k.conns[i], "conversationID", "si_"+min(a, b)+"_"+max(a, b))
	if err != nil {
		k.Error(err)
		return nil
	}
	var ids []string
	for _, e := range got.([]client.Event) {
		if ids = append(ids, e.ClientMsgID); e.Seq != int64(len(ids)) {
			k.flaw("in the chat of %s seq %d is stored at place %d", a, e.Seq, len(ids))
		}
	}
	return ids
}

// inOrder: what a client sent is stored in the order in which it was sent, each message once; all that was answered is.
func (k *killing) inOrder(i int, stored []string) {
	next := 0
	for _, id := range stored {
		if !strings.HasPrefix(id, user(i)+".") {
			continue
		}
		for next < len(k.ids[i]) && k.ids[i][next] != id {
			if !k.failed[k.ids[i][next]] {
				k.flaw("%s is stored where %s should be", id, k.ids[i][next])
				return
			}
			next++
		}
		next++
	}
	for ; next < len(k.ids[i]); next++ {
		if !k.failed[k.ids[i][next]] {
			k.flaw("%s is not stored", k.ids[i][next])
		}
	}
	if next > len(k.ids[i]) {
		k.flaw("%s sent %d messages, and another one of its is stored", user(i), len(k.ids[i]))
	}
}
