package openim

import (
	"slices"
	"unicode/utf8"
)

// GatewayMessage is a chat message or notification as the gateway carries it (sdkws.MsgData).
type GatewayMessage struct {
	SendID           string          `json:"sendID,omitempty"`
	RecvID           string          `json:"recvID,omitempty"`
	GroupID          string          `json:"groupID,omitempty"`
	ClientMsgID      string          `json:"clientMsgID,omitempty"`
	ServerMsgID      string          `json:"serverMsgID,omitempty"`
	SenderPlatformID int32           `json:"senderPlatformID,omitempty"`
	SenderNickname   string          `json:"senderNickname,omitempty"`
	SenderFaceURL    string          `json:"senderFaceURL,omitempty"`
	SessionType      int32           `json:"sessionType,omitempty"` // 1 single, 3 group, 4 notification
	MsgFrom          int32           `json:"msgFrom,omitempty"`     // 100 from a user
	ContentType      int32           `json:"contentType,omitempty"`
	Content          Text            `json:"content,omitempty"`    // JSON
	Seq              int64           `json:"seq,omitempty"`        // 0 for messages that are not stored
	SendTime         int64           `json:"sendTime,omitempty"`   // ms
	CreateTime       int64           `json:"createTime,omitempty"` // ms
	Status           int32           `json:"status,omitempty"`
	IsRead           bool            `json:"isRead,omitempty"`
	Options          map[string]bool `json:"options,omitempty"` // absent: the server's defaults
	OfflinePush      *OfflinePush    `json:"offlinePushInfo,omitempty"`
	AtUserIDs        []string        `json:"atUserIDList,omitempty"`
	AttachedInfo     string          `json:"attachedInfo,omitempty"`
	Ex               string          `json:"ex,omitempty"`
}

// Text is bytes that hold text: JSON shows them as a string.
type Text []byte

// MarshalText refuses what is no text.
func (t Text) MarshalText() ([]byte, error) {
	if !utf8.Valid(t) {
		return nil, errWire
	}
	return t, nil
}

// UnmarshalText takes the text.
func (t *Text) UnmarshalText(text []byte) error {
	*t = slices.Clone(text)
	return nil
}

// OfflinePush is what a push to phones shows.
type OfflinePush struct {
	Title         string `json:"title,omitempty"`
	Desc          string `json:"desc,omitempty"`
	Ex            string `json:"ex,omitempty"`
	IOSPushSound  string `json:"iOSPushSound,omitempty"`
	IOSBadgeCount bool   `json:"iOSBadgeCount,omitempty"`
	SignalInfo    string `json:"signalInfo,omitempty"`
}

// Encode writes the message as protobuf.
func (m *GatewayMessage) Encode() []byte {
	b := make([]byte, 0, 256+len(m.Content))
	b = appendText(b, 1, m.SendID)
	b = appendText(b, 2, m.RecvID)
	b = appendText(b, 3, m.GroupID)
	b = appendText(b, 4, m.ClientMsgID)
	b = appendText(b, 5, m.ServerMsgID)
	b = appendInt(b, 6, int64(m.SenderPlatformID))
	b = appendText(b, 7, m.SenderNickname)
	b = appendText(b, 8, m.SenderFaceURL)
	b = appendInt(b, 9, int64(m.SessionType))
	b = appendInt(b, 10, int64(m.MsgFrom))
	b = appendInt(b, 11, int64(m.ContentType))
	b = appendText(b, 12, m.Content)
	b = appendInt(b, 14, m.Seq)
	b = appendInt(b, 15, m.SendTime)
	b = appendInt(b, 16, m.CreateTime)
	b = appendInt(b, 17, int64(m.Status))
	b = appendBool(b, 18, m.IsRead)
	for _, k := range sortedKeys(m.Options) {
		entry := append(appendTag(appendInner(nil, 1, k), 2, wireVarint), 0) // with its value also when that is false
		if m.Options[k] {
			entry[len(entry)-1] = 1
		}
		b = appendInner(b, 19, entry)
	}
	if m.OfflinePush != nil {
		b = appendInner(b, 20, m.OfflinePush.encode())
	}
	b = appendTexts(b, 21, m.AtUserIDs)
	b = appendText(b, 22, m.AttachedInfo)
	return appendText(b, 23, m.Ex)
}

func (o *OfflinePush) encode() []byte {
	b := appendText(nil, 1, o.Title)
	b = appendText(b, 2, o.Desc)
	b = appendText(b, 3, o.Ex)
	b = appendText(b, 4, o.IOSPushSound)
	b = appendBool(b, 5, o.IOSBadgeCount)
	return appendText(b, 6, o.SignalInfo)
}

// DecodeGatewayMessage reads a message from protobuf.
func DecodeGatewayMessage(data []byte) (*GatewayMessage, error) {
	m := &GatewayMessage{}
	err := eachField(data, m.field)
	return m, err
}

func (m *GatewayMessage) field(f wireField) error {
	texts := [...]*string{
		1: &m.SendID, 2: &m.RecvID, 3: &m.GroupID, 4: &m.ClientMsgID, 5: &m.ServerMsgID, 7: &m.SenderNickname,
		8: &m.SenderFaceURL, 22: &m.AttachedInfo, 23: &m.Ex,
	}
	small := [...]*int32{6: &m.SenderPlatformID, 9: &m.SessionType, 10: &m.MsgFrom, 11: &m.ContentType, 17: &m.Status}
	wide := [...]*int64{14: &m.Seq, 15: &m.SendTime, 16: &m.CreateTime}
	switch n := f.field; {
	case n < len(texts) && texts[n] != nil:
		*texts[n] = f.text()
	case n < len(small) && small[n] != nil:
		*small[n] = int32(f.num)
	case n < len(wide) && wide[n] != nil:
		*wide[n] = f.int()
	case n == 12:
		m.Content = slices.Clone(f.data)
	case n == 18:
		m.IsRead = f.bool()
	case n == 19:
		k, v, err := mapEntry(f.data)
		if err != nil {
			return err
		}
		if m.Options == nil {
			m.Options = map[string]bool{}
		}
		m.Options[k] = v.bool()
	case n == 20:
		if m.OfflinePush == nil {
			m.OfflinePush = &OfflinePush{}
		}
		return eachField(f.data, m.OfflinePush.field)
	case n == 21:
		m.AtUserIDs = append(m.AtUserIDs, f.text())
	}
	return nil
}

func (o *OfflinePush) field(f wireField) error {
	switch f.field {
	case 1:
		o.Title = f.text()
	case 2:
		o.Desc = f.text()
	case 3:
		o.Ex = f.text()
	case 4:
		o.IOSPushSound = f.text()
	case 5:
		o.IOSBadgeCount = f.bool()
	case 6:
		o.SignalInfo = f.text()
	}
	return nil
}

// PulledMessages are the messages of one conversation in a push or in the answer to a pull.
type PulledMessages struct {
	ConversationID string            `json:"conversationID,omitempty"`
	Notifications  bool              `json:"notifications,omitempty"` // they came in notificationMsgs
	Messages       []*GatewayMessage `json:"messages,omitempty"`
	IsEnd          bool              `json:"isEnd,omitempty"`
	EndSeq         int64             `json:"endSeq,omitempty"`
}

// DecodePulled reads a push, or the answer to a pull: PushMessages, PullMessageBySeqsResp and GetSeqMessageResp have the
// same form. The conversations come in the order of the wire.
func DecodePulled(data []byte) ([]PulledMessages, error) {
	var out []PulledMessages
	err := eachField(data, func(f wireField) error {
		if f.field != 1 && f.field != 2 {
			return nil
		}
		id, list, err := mapEntry(f.data)
		if err != nil {
			return err
		}
		p := PulledMessages{ConversationID: id, Notifications: f.field == 2}
		err = eachField(list.data, func(f wireField) error {
			switch f.field {
			case 1:
				m, err := DecodeGatewayMessage(f.data)
				p.Messages = append(p.Messages, m)
				return err
			case 2:
				p.IsEnd = f.bool()
			case 3:
				p.EndSeq = f.int()
			}
			return nil
		})
		out = append(out, p)
		return err
	})
	return out, err
}

// EncodePulled is the reverse of DecodePulled, for servers in tests.
func EncodePulled(list []PulledMessages) []byte {
	var b []byte
	for _, p := range list {
		var msgs []byte
		for _, m := range p.Messages {
			msgs = appendInner(msgs, 1, m.Encode())
		}
		msgs = appendInt(appendBool(msgs, 2, p.IsEnd), 3, p.EndSeq)
		field := 1
		if p.Notifications {
			field = 2
		}
		b = appendInner(b, field, appendInner(appendInner(nil, 1, p.ConversationID), 2, msgs))
	}
	return b
}
