package cassette

import (
	"encoding/json"
	"slices"

	"github.com/openimsdk/imctl/bindings/openim"
)

// A connection that has come back, or that has seen a gap, pulls by itself what it lacks. How much that is depends on what
// was pushed in the same moment, and no two runs are the same in that. So a pull of messages that the recording holds for
// that account, pushed or pulled, is answered with them though nobody pulled just that range; and a pull that the run does
// not make holds nothing back.

// pulled is the answer to a pull of what is known; ok is false when the recording does not hold all of it.
func (p *Player) pulled(userID string, asked *frame) (answer openim.Frame, ok bool) {
	var r openim.PullRequest
	if asked.ReqIdentifier != openim.WSPullByRange || json.Unmarshal(asked.Data, &r) != nil || r.Order != 0 {
		return openim.Frame{}, false
	}
	var list []openim.PulledMessages
	for _, want := range r.Ranges {
		known := p.stored(userID, want.ConversationID)
		got := openim.PulledMessages{ConversationID: want.ConversationID, Notifications: known.notifications, IsEnd: true, EndSeq: want.End}
		for seq := want.Begin; seq <= want.End; seq++ {
			m, ok := known.bySeq[seq]
			if ok {
				got.Messages = append(got.Messages, m)
			} else if !known.asked(seq) {
				return openim.Frame{}, false
			}
		}
		list = append(list, got)
	}
	return openim.Frame{ReqIdentifier: openim.WSPullByRange, Data: openim.EncodePulled(list)}, len(list) > 0
}

// conversation is what a recording holds of a conversation, for one account.
type conversation struct {
	notifications bool
	bySeq         map[int64]*openim.GatewayMessage
	ranges        []openim.SeqRange // what was pulled: seqs in them that did not come are deleted ones
}

func (c *conversation) asked(seq int64) bool {
	return slices.ContainsFunc(c.ranges, func(r openim.SeqRange) bool { return r.Begin <= seq && seq <= r.End && seq-r.Begin < r.Num })
}

// stored collects the messages of a conversation that came in for an account.
func (p *Player) stored(userID, conversationID string) conversation {
	c := conversation{bySeq: map[int64]*openim.GatewayMessage{}}
	for _, s := range p.socks {
		if s.userID != userID {
			continue
		}
		for _, q := range s.pulls {
			var r openim.PullRequest
			if q.answer == nil || q.answer.frame.ErrCode != 0 || json.Unmarshal([]byte(q.text), &r) != nil {
				continue
			}
			for _, had := range r.Ranges {
				if had.ConversationID == conversationID {
					c.ranges = append(c.ranges, had)
				}
			}
			c.add(q.answer.frame, conversationID)
		}
	}
	for _, e := range p.order.ins {
		if e.sock.userID == userID && e.frame.ReqIdentifier == openim.WSPush {
			c.add(e.frame, conversationID)
		}
	}
	return c
}

func (c *conversation) add(f openim.Frame, conversationID string) {
	list, err := openim.DecodePulled(f.Data)
	if err != nil {
		return
	}
	for _, p := range list {
		for _, m := range p.Messages {
			if p.ConversationID == conversationID && m.Seq > 0 {
				c.notifications = p.Notifications
				c.bySeq[m.Seq] = m
			}
		}
	}
}
