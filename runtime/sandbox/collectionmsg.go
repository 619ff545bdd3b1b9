package sandbox

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// messageForm is the object msg of an element of the array msgs.
var messageForm = form[msgData]{
	{"send_id", func(m *msgData) any { return &m.SendID }},
	{"recv_id", func(m *msgData) any { return &m.RecvID }},
	{"group_id", func(m *msgData) any { return &m.GroupID }},
	{"client_msg_id", func(m *msgData) any { return &m.ClientMsgID }},
	{"server_msg_id", func(m *msgData) any { return &m.ServerMsgID }},
	{"sender_platform_id", func(m *msgData) any { return &m.SenderPlatformID }},
	{"sender_nickname", func(m *msgData) any { return &m.SenderNickname }},
	{"sender_face_url", func(m *msgData) any { return &m.SenderFaceURL }},
	{"session_type", func(m *msgData) any { return &m.SessionType }},
	{"msg_from", func(m *msgData) any { return &m.MsgFrom }},
	{"content_type", func(m *msgData) any { return &m.ContentType }},
	{"content", func(m *msgData) any { return &m.Content }},
	{"seq", func(m *msgData) any { return &m.Seq }},
	{"send_time", func(m *msgData) any { return &m.SendTime }},
	{"create_time", func(m *msgData) any { return &m.CreateTime }},
	{"status", func(m *msgData) any { return &m.Status }},
	{"is_read", func(m *msgData) any { return &m.IsRead }},
	{"options", func(m *msgData) any { return &m.Options }},
	{"offline_push", func(m *msgData) any { return (*pushField)(m) }},
	{"at_user_id_list", func(m *msgData) any { return &m.AtUserIDList }},
	{"attached_info", func(m *msgData) any { return &m.AttachedInfo }},
	{"ex", func(m *msgData) any { return &m.Ex }},
}

var pushForm = form[offlinePush]{
	{"title", func(p *offlinePush) any { return &p.Title }},
	{"desc", func(p *offlinePush) any { return &p.Desc }},
	{"ex", func(p *offlinePush) any { return &p.Ex }},
	{"ios_push_sound", func(p *offlinePush) any { return &p.IOSPushSound }},
	{"ios_badge_count", func(p *offlinePush) any { return &p.IOSBadgeCount }},
}

// pushField is the field offline_push of a message: null when there is none.
type pushField msgData

func (p *pushField) append(doc []byte, name string) []byte {
	if p.OfflinePushInfo == nil {
		return bsoncore.AppendNullElement(doc, name)
	}
	return bsoncore.AppendDocumentElement(doc, name, bsoncore.Document(pushForm.encode(p.OfflinePushInfo)))
}

func (p *pushField) read(value bson.RawValue) {
	if d, ok := value.DocumentOK(); ok {
		p.OfflinePushInfo = &offlinePush{}
		pushForm.decode(d, p.OfflinePushInfo)
	}
}

var revokeForm = form[revocation]{
	{"role", func(r *revocation) any { return &r.role }},
	{"user_id", func(r *revocation) any { return &r.userID }},
	{"nickname", func(r *revocation) any { return &r.nickname }},
	{"time", func(r *revocation) any { return &r.time }},
}

// appendStored is an element of msgs; nil is a position that isn't used.
func appendStored(doc []byte, place int, m *message) []byte {
	start, doc := bsoncore.AppendDocumentElementStart(doc, strconv.Itoa(place))
	if m == nil {
		doc = bsoncore.AppendNullElement(doc, "msg")
		doc = bsoncore.AppendNullElement(doc, "revoke")
		doc = appendTexts(doc, "del_list", []string{})
		doc = bsoncore.AppendBooleanElement(doc, "is_read", false)
		return finished(doc, start)
	}
	doc = bsoncore.AppendDocumentElement(doc, "msg", bsoncore.Document(messageForm.encode(&m.msgData)))
	if m.revoked != nil {
		doc = bsoncore.AppendDocumentElement(doc, "revoke", bsoncore.Document(revokeForm.encode(m.revoked)))
	} else {
		doc = bsoncore.AppendNullElement(doc, "revoke")
	}
	doc = appendTexts(doc, "del_list", append([]string{}, sortedKeys(m.deletedBy)...))
	doc = bsoncore.AppendBooleanElement(doc, "is_read", m.IsRead)
	return finished(doc, start)
}

// readStored is nil for a position without a message.
func readStored(element bson.RawValue, seq int64) *message {
	d, ok := element.DocumentOK()
	if !ok {
		return nil
	}
	data, ok := d.Lookup("msg").DocumentOK()
	if !ok {
		return nil
	}
	m := &message{}
	messageForm.decode(data, &m.msgData)
	m.Seq = seq // the place counts
	if r, ok := d.Lookup("revoke").DocumentOK(); ok {
		m.revoked = &revocation{}
		revokeForm.decode(r, m.revoked)
	}
	for _, userID := range textsOf(d.Lookup("del_list")) {
		if m.deletedBy == nil {
			m.deletedBy = map[string]bool{}
		}
		m.deletedBy[userID] = true
	}
	if read, ok := d.Lookup("is_read").BooleanOK(); ok {
		m.IsRead = m.IsRead || read
	}
	return m
}

// messages are documents of a hundred. One is there as long as it has a message: on the real server it stays when all of
// them were taken away.
func messages() *collection {
	return &collection{
		name: "msg", indexes: []index{unique("doc_id")},
		things: func(st *state) iter.Seq[any] {
			return func(yield func(any) bool) {
				for _, id := range sortedKeys(st.messages) {
					log := st.messages[id]
					for i := 0; i < len(log.messages); {
						n := (log.messages[i].Seq - 1) / docSize
						if !yield(docAt{log, n}) {
							return
						}
						i, _ = log.find((n+1)*docSize + 1)
					}
				}
			}
		},
		ids: func(thing any) []string {
			if at, ok := thing.(docAt); ok {
				return []string{docID(at.log.conversationID, at.n)}
			}
			return nil
		},
		doc: func(st *state, id string) bson.Raw {
			conversationID, n, _ := parseDocID(id)
			log := st.messages[conversationID]
			if log == nil {
				return nil
			}
			list := doc{log, n}.messages()
			if len(list) == 0 {
				return nil
			}
			return messageDoc(id, n, list)
		},
		cached: &cached{
			prefixes: []string{"MSG_CACHE"},
			entries:  func(st *state, id string, _ bson.Raw) []cacheEntry { return messageEntries(st, id) },
		},
		blank: func(id string, _ bson.Raw) bson.Raw { return messageDoc(id, 0, nil) },
		apply: applyMessages,
	}
}

// messageDoc is a document with some messages at their places.
func messageDoc(id string, n int64, list []*message) bson.Raw {
	start, d := bsoncore.AppendDocumentStart(nil)
	d = bsoncore.AppendStringElement(d, "doc_id", id)
	array, d := bsoncore.AppendArrayElementStart(d, "msgs")
	for place := range docSize {
		var m *message
		if len(list) > 0 && list[0].Seq == n*docSize+int64(place)+1 {
			m, list = list[0], list[1:]
		}
		d = appendStored(d, place, m)
	}
	return finished(finished(d, array), start)
}

func docID(conversationID string, n int64) string {
	return conversationID + ":" + strconv.FormatInt(n, 10)
}

func parseDocID(id string) (conversationID string, n int64, ok bool) {
	i := strings.LastIndexByte(id, ':')
	if i < 0 {
		return "", 0, false
	}
	n, err := strconv.ParseInt(id[i+1:], 10, 64)
	return id[:i], n, err == nil && n >= 0
}

func messageKey(conversationID string, seq int64) string {
	return "MSG_CACHE:" + conversationID + ":" + strconv.FormatInt(seq, 10)
}

// cachedMessages is how many of the newest of a conversation are in Redis.
const cachedMessages = 100

func messageEntries(st *state, id string) []cacheEntry {
	conversationID, n, _ := parseDocID(id)
	log := st.messages[conversationID]
	if log == nil {
		return nil
	}
	var out []cacheEntry
	oldest := int64(1)
	if k := len(log.messages) - cachedMessages; k > 0 {
		oldest = log.messages[k].Seq
	}
	list := doc{log, n}.messages()
	for place := range int64(docSize) {
		seq := n*docSize + place + 1
		if len(list) > 0 && list[0].Seq == seq {
			if m := list[0]; seq >= oldest {
				out = append(out, cacheEntry{key: messageKey(conversationID, seq), life: messageCacheLife, value: func() string { return asJSON(messageForm.encode(&m.msgData)) }})
			}
			list = list[1:]
			continue
		}
		out = append(out, cacheEntry{key: messageKey(conversationID, seq), gone: true})
	}
	return out
}

// applyMessages takes over message by message: one that Redis has stays as it is.
func applyMessages(st *state, docs []bson.Raw, g *gates) (ids []string) {
	stored := map[*conversationLog]map[int64]*message{}
	for id := range st.messages {
		stored[st.messages[id]] = nil
	}
	for _, d := range docs {
		id := textOf(d, "doc_id")
		ids = append(ids, id)
		conversationID, n, ok := parseDocID(id)
		if !ok {
			continue
		}
		log := st.conversationLog(conversationID)
		if stored[log] == nil {
			stored[log] = map[int64]*message{}
		}
		array, _ := d.Lookup("msgs").ArrayOK()
		elements, _ := array.Values() // what can be read of it
		for place, e := range elements {
			seq := n*docSize + int64(place) + 1
			if m := readStored(e, seq); m != nil {
				stored[log][seq] = m
			}
		}
	}
	for log, found := range stored {
		log.replace(found, func(seq int64) bool { return g.open(messageKey(log.conversationID, seq)) })
	}
	st.listDocs()
	return ids
}

// replace makes a conversation's messages those found, but for the seqs that are not open.
func (log *conversationLog) replace(found map[int64]*message, open func(int64) bool) {
	var list []*message
	for _, m := range log.messages {
		if !open(m.Seq) {
			list = append(list, m)
			delete(found, m.Seq)
		}
	}
	for seq, m := range found {
		if open(seq) {
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(a, b *message) int { return int(a.Seq - b.Seq) })
	log.messages = list
}

// listDocs gives the search the documents that it doesn't have.
func (st *state) listDocs() {
	known := map[doc]bool{}
	for _, d := range st.docs {
		known[d] = true
	}
	for _, id := range sortedKeys(st.messages) {
		if log := st.messages[id]; isSearched(id) {
			for _, m := range log.messages {
				d := doc{log, (m.Seq - 1) / docSize}
				if !known[d] {
					known[d] = true
					st.docs = append(st.docs, d)
				}
				log.docs = max(log.docs, d.n+1)
			}
		}
	}
}
