package openim

// The other payloads of the gateway (SERVER-BEHAVIOUR §9; msg.proto, push.proto and sdkws.proto of openimsdk/protocol
// v0.0.73-alpha.19).

// EncodeUserID writes a request whose only field is the userID: GetMaxSeqReq, and
// GetConversationsHasReadAndMaxSeqReq for all conversations.
func EncodeUserID(userID string) []byte { return appendText(nil, 1, userID) }

// EncodeLogout writes DelUserPushTokenReq.
func EncodeLogout(userID string, platformID int) []byte {
	return appendInt(appendText(nil, 1, userID), 2, int64(platformID))
}

// EncodeBackground writes SetAppBackgroundStatusReq.
func EncodeBackground(userID string, background bool) []byte {
	return appendBool(appendText(nil, 1, userID), 2, background)
}

// EncodeSubscribe writes SubUserOnlineStatus.
func EncodeSubscribe(subscribe, unsubscribe []string) []byte {
	return appendTexts(appendTexts(nil, 1, subscribe), 2, unsubscribe)
}

// SeqRange names messages of a conversation by their seqs, both ends included. The server gives nothing when Num is 0.
type SeqRange struct {
	ConversationID string `json:"conversationID,omitempty"`
	Begin          int64  `json:"begin,omitempty"`
	End            int64  `json:"end,omitempty"`
	Num            int64  `json:"num,omitempty"`
}

// EncodePull writes PullMessageBySeqsReq.
func EncodePull(userID string, newestFirst bool, ranges ...SeqRange) []byte {
	b := appendText(nil, 1, userID)
	for _, r := range ranges {
		inner := appendText(nil, 1, r.ConversationID)
		inner = appendInt(appendInt(appendInt(inner, 2, r.Begin), 3, r.End), 4, r.Num)
		b = appendInner(b, 2, inner)
	}
	return appendBool(b, 3, newestFirst)
}

// DecodePull reads PullMessageBySeqsReq, for servers in tests and for recordings.
func DecodePull(data []byte) (userID string, newestFirst bool, ranges []SeqRange, err error) {
	err = eachField(data, func(f wireField) error {
		switch f.field {
		case 1:
			userID = f.text()
		case 2:
			var r SeqRange
			err := eachField(f.data, func(f wireField) error {
				switch f.field {
				case 1:
					r.ConversationID = f.text()
				case 2:
					r.Begin = f.int()
				case 3:
					r.End = f.int()
				case 4:
					r.Num = f.int()
				}
				return nil
			})
			ranges = append(ranges, r)
			return err
		case 3:
			newestFirst = f.bool()
		}
		return nil
	})
	return userID, newestFirst, ranges, err
}

// EncodeMaxSeqs writes GetMaxSeqResp, for servers in tests and for recordings.
func EncodeMaxSeqs(seqs map[string]int64) []byte {
	var b []byte
	for _, k := range sortedKeys(seqs) {
		b = appendInner(b, 1, appendInt(appendInner(nil, 1, k), 2, seqs[k]))
	}
	return b
}

// DecodeMaxSeqs reads GetMaxSeqResp: the newest seq of each conversation.
func DecodeMaxSeqs(data []byte) (map[string]int64, error) {
	out := map[string]int64{}
	err := eachField(data, func(f wireField) error {
		if f.field != 1 {
			return nil
		}
		k, v, err := mapEntry(f.data)
		out[k] = v.int()
		return err
	})
	return out, err
}

// ReadSeqs are the newest and the read seq of a conversation.
type ReadSeqs struct {
	ConversationID string `json:"conversationID,omitempty"`
	MaxSeq         int64  `json:"maxSeq,omitempty"`
	HasReadSeq     int64  `json:"hasReadSeq,omitempty"`
	MaxSeqTime     int64  `json:"maxSeqTime,omitempty"` // ms
}

// EncodeReadSeqs writes GetConversationsHasReadAndMaxSeqResp, for servers in tests and for recordings.
func EncodeReadSeqs(list []ReadSeqs) []byte {
	var b []byte
	for _, s := range list {
		inner := appendInt(appendInt(appendInt(nil, 1, s.MaxSeq), 2, s.HasReadSeq), 3, s.MaxSeqTime)
		b = appendInner(b, 1, appendInner(appendInner(nil, 1, s.ConversationID), 2, inner))
	}
	return b
}

// DecodeReadSeqs reads GetConversationsHasReadAndMaxSeqResp.
func DecodeReadSeqs(data []byte) ([]ReadSeqs, error) {
	var out []ReadSeqs
	err := eachField(data, func(f wireField) error {
		if f.field != 1 {
			return nil
		}
		k, v, err := mapEntry(f.data)
		if err != nil {
			return err
		}
		s := ReadSeqs{ConversationID: k}
		err = eachField(v.data, func(f wireField) error {
			switch f.field {
			case 1:
				s.MaxSeq = f.int()
			case 2:
				s.HasReadSeq = f.int()
			case 3:
				s.MaxSeqTime = f.int()
			}
			return nil
		})
		out = append(out, s)
		return err
	})
	return out, err
}

// SentMessage is the gateway's answer to a sent message (SendMsgResp).
type SentMessage struct {
	ServerMsgID string          `json:"serverMsgID,omitempty"`
	ClientMsgID string          `json:"clientMsgID,omitempty"`
	SendTime    int64           `json:"sendTime,omitempty"` // ms
	Modified    *GatewayMessage `json:"modify,omitempty"`   // what a webhook made of it
}

// Encode writes SendMsgResp, for servers in tests and for recordings.
func (s SentMessage) Encode() []byte {
	b := appendText(appendText(nil, 1, s.ServerMsgID), 2, s.ClientMsgID)
	b = appendInt(b, 3, s.SendTime)
	if s.Modified != nil {
		b = appendInner(b, 4, s.Modified.Encode())
	}
	return b
}

// DecodeSent reads SendMsgResp.
func DecodeSent(data []byte) (SentMessage, error) {
	var s SentMessage
	err := eachField(data, func(f wireField) (err error) {
		switch f.field {
		case 1:
			s.ServerMsgID = f.text()
		case 2:
			s.ClientMsgID = f.text()
		case 3:
			s.SendTime = f.int()
		case 4:
			s.Modified, err = DecodeGatewayMessage(f.data)
		}
		return err
	})
	return s, err
}

// Presence says on which platforms a user is online.
type Presence struct {
	UserID      string  `json:"userID,omitempty"`
	PlatformIDs []int64 `json:"onlinePlatformIDs,omitempty"`
}

// EncodePresence writes SubUserOnlineStatusTips, for servers in tests and for recordings.
func EncodePresence(list []Presence) []byte {
	var b []byte
	for _, p := range list {
		b = appendInner(b, 1, appendInts(appendText(nil, 1, p.UserID), 2, p.PlatformIDs))
	}
	return b
}

// DecodePresence reads SubUserOnlineStatusTips.
func DecodePresence(data []byte) ([]Presence, error) {
	var out []Presence
	err := eachField(data, func(f wireField) error {
		if f.field != 1 {
			return nil
		}
		var p Presence
		err := eachField(f.data, func(f wireField) (err error) {
			switch f.field {
			case 1:
				p.UserID = f.text()
			case 2:
				p.PlatformIDs, err = ints(f, p.PlatformIDs)
			}
			return err
		})
		out = append(out, p)
		return err
	})
	return out, err
}
