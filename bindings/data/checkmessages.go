package data

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// messageFieldsRead are the fields of msg that the check of messages needs.
var messageFieldsRead = []string{"doc_id", "msgs.msg.seq", "msgs.msg.send_id", "msgs.msg.client_msg_id", "msgs.msg.content"}

// messages reads the documents of msg, those of a conversation one after the other.
func (c *checker) messages(ctx context.Context) error {
	var fields []string
	if !c.wants(messageMisplaced) { // which looks at the length of msgs
		fields = messageFieldsRead
	}
	var twice *twice
	err := c.scan(ctx, "msg", fields, []string{"doc_id"}, func(doc bson.Raw) error {
		conversation, n, ok := parseDocID(text(doc, "doc_id"))
		elements, err := messageElements(doc)
		if !ok {
			f := Finding{Collection: "msg", ID: text(doc, "doc_id"), Detail: fmt.Sprintf("the doc_id is not <conversationID>:<number>; it holds %d messages", held(elements))}
			return c.found(messageMisplaced, f)
		}
		if err != nil {
			return nil // bad_type tells
		}
		if twice == nil || twice.conversation != conversation {
			if err := c.rest(ctx, twice); err != nil {
				return err
			}
			twice = newTwice(conversation)
		}
		if len(elements) != docMessages {
			if err := c.found(messageMisplaced, lengthFinding(doc, elements)); err != nil {
				return err
			}
		}
		return c.places(doc, conversation, n, elements, twice)
	})
	if err != nil {
		return err
	}
	return c.rest(ctx, twice)
}

// held counts the messages of elements.
func held(elements []bson.RawValue) int {
	n := 0
	for _, e := range elements {
		if _, ok := message(e); ok {
			n++
		}
	}
	return n
}

// message is the message of an element.
func message(element bson.RawValue) (bson.Raw, bool) {
	doc, ok := element.DocumentOK()
	if !ok {
		return nil, false
	}
	return doc.Lookup("msg").DocumentOK()
}

// lengthFinding is a document with too few or too many places. One that is too short gets empty ones.
func lengthFinding(doc bson.Raw, elements []bson.RawValue) Finding {
	f := Finding{Collection: "msg", ID: text(doc, "doc_id"), Detail: fmt.Sprintf("msgs has %d places, and should have %d", len(elements), docMessages)}
	if len(elements) > docMessages {
		return f
	}
	var empty bson.A
	for range docMessages - len(elements) {
		empty = append(empty, bson.D{{Key: "msg", Value: nil}, {Key: "revoke", Value: nil}, {Key: "del_list", Value: nil}, {Key: "is_read", Value: false}})
	}
	f.fix = &fix{writes: []write{{collection: "msg",
		filter: bson.D{{Key: "_id", Value: copied(doc.Lookup("_id"))}, {Key: "msgs", Value: bson.D{{Key: "$size", Value: len(elements)}}}},
		push:   bson.D{{Key: "msgs", Value: bson.D{{Key: "$each", Value: empty}}}}}}}
	return f
}

// places looks at the messages of a document.
func (c *checker) places(doc bson.Raw, conversation string, n int64, elements []bson.RawValue, twice *twice) error {
	h := c.head(conversation)
	for i, e := range elements[:min(len(elements), docMessages)] {
		m, ok := message(e)
		if !ok {
			continue
		}
		place := n*docMessages + int64(i) + 1
		seq, isNumber := whole(m.Lookup("seq"))
		switch {
		case isNumber && seq == place:
			h.highest = max(h.highest, place)
		case isNumber || m.Lookup("seq").Type == 0:
			f := Finding{Collection: "msg", ID: conversation, Seq: place, Detail: fmt.Sprintf("the message in the place of %d says that it is %d", place, seq)}
			path := "msgs." + strconv.Itoa(i) + ".msg."
			f.fix = &fix{
				writes: []write{{collection: "msg", set: bson.D{{Key: path + "seq", Value: place}},
					filter: bson.D{{Key: "_id", Value: copied(doc.Lookup("_id"))}, {Key: path + "seq", Value: seqAsFound(m)},
						{Key: path + "client_msg_id", Value: copied(m.Lookup("client_msg_id"))}}}},
				caches: []caches{messageCaches(conversation, place), messageCaches(conversation, seq)},
			}
			if err := c.found(messageMisplaced, f); err != nil {
				return err
			}
		}
		if err := c.again(doc, i, place, m, twice); err != nil {
			return err
		}
	}
	return nil
}

// seqAsFound is the number of a message for a filter.
func seqAsFound(m bson.Raw) any {
	v := m.Lookup("seq")
	if v.Type == 0 {
		return absent
	}
	return copied(v)
}

func messageCaches(conversation string, seq int64) caches {
	return cachesOfRow("msg", fieldsOf("conversation_id", conversation, "seq", strconv.FormatInt(seq, 10)))
}

// twiceLimit is how many messages of a conversation are remembered at a time: some 25 MB. Tests lower it.
var twiceLimit = 200_000

// twice looks for messages that a conversation holds twice. Of a conversation with more messages than it may remember
// the documents are read again, each time from where it could remember no more.
type twice struct {
	conversation string
	limit        int
	first        map[string]firstCopy // by sender and clientMsgID
	from         string               // the doc_id from which on messages were not remembered; "" is none
	reported     map[int64]bool       // seqs
}

// firstCopy is where a message was met first.
type firstCopy struct {
	seq     int64
	content uint64
}

func newTwice(conversation string) *twice {
	return &twice{conversation: conversation, limit: twiceLimit, first: map[string]firstCopy{}, reported: map[int64]bool{}}
}

var contentSeed = maphash.MakeSeed()

// again remembers a message, and tells when its conversation has it already.
func (c *checker) again(doc bson.Raw, i int, seq int64, m bson.Raw, t *twice) error {
	client := text(m, "client_msg_id")
	if client == "" || !c.wants(duplicateClientMsg) {
		return nil
	}
	key := text(m, "send_id") + "\x00" + client
	this := firstCopy{seq, maphash.Bytes(contentSeed, m.Lookup("content").Value)}
	before, known := t.first[key]
	switch {
	case !known && (t.from != "" || len(t.first) >= t.limit):
		if t.from == "" {
			t.from = text(doc, "doc_id")
		}
		return nil
	case !known:
		t.first[key] = this
		return nil
	case before.seq == seq || t.reported[seq]:
		return nil
	}
	f := Finding{Collection: "msg", ID: t.conversation, Seq: max(seq, before.seq),
		Detail: fmt.Sprintf("%s sent the message %s with the clientMsgID %s before", text(m, "send_id"), strconv.FormatInt(min(seq, before.seq), 10), client)}
	t.reported[f.Seq] = true
	if before.content == this.content {
		f.fix = emptied(t.conversation, f.Seq, text(m, "send_id"), client)
	} else {
		f.Detail += "; the contents differ"
	}
	if seq < before.seq {
		t.first[key] = this
	}
	return c.found(duplicateClientMsg, f)
}

// emptied empties the place of a message, as the server does when one is deleted for all.
func emptied(conversation string, seq int64, sender, client string) *fix {
	path := "msgs." + strconv.FormatInt((seq-1)%docMessages, 10) + ".msg"
	return &fix{
		writes: []write{{collection: "msg", set: bson.D{{Key: path, Value: nil}}, filter: bson.D{
			{Key: "doc_id", Value: docID(conversation, seq)}, {Key: path + ".send_id", Value: sender}, {Key: path + ".client_msg_id", Value: client}}}},
		caches: []caches{messageCaches(conversation, seq)},
	}
}

// docID is the doc_id of the document that holds a message.
func docID(conversation string, seq int64) string {
	return conversation + ":" + strconv.FormatInt((seq-1)/docMessages, 10)
}

// rest reads the documents of a conversation again, from where no more could be remembered.
func (c *checker) rest(ctx context.Context, t *twice) error {
	for t != nil && t.from != "" {
		from := t.from
		t.from, t.first = "", map[string]firstCopy{}
		filter := bson.D{{Key: "doc_id", Value: bson.D{{Key: "$gte", Value: from}, {Key: "$lt", Value: t.conversation + ";"}}}}
		err := read(ctx, c.db.Collection("msg"), filter, messageFieldsRead, []string{"doc_id"}, func(doc bson.Raw) error {
			_, n, ok := parseDocID(text(doc, "doc_id"))
			elements, err := messageElements(doc)
			if !ok || err != nil {
				return nil
			}
			for i, e := range elements[:min(len(elements), docMessages)] {
				if m, ok := message(e); ok {
					if err := c.again(doc, i, n*docMessages+int64(i)+1, m, t); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if t.from == from {
			return errors.New("a document of msg holds more messages than can be remembered")
		}
	}
	return nil
}
