package openim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// What frames hold, as JSON for people: recordings are made of it. What imctl does not read of a payload is not in it.

// PullRequest is PullMessageBySeqsReq.
type PullRequest struct {
	UserID string     `json:"userID,omitempty"`
	Ranges []SeqRange `json:"seqRanges,omitempty"`
	Order  int        `json:"order,omitempty"` // 1: the newest first
}

// accountRequest is a request about one account: GetMaxSeqReq, GetConversationsHasReadAndMaxSeqReq, DelUserPushTokenReq,
// SetAppBackgroundStatusReq.
type accountRequest struct {
	UserID     string `json:"userID,omitempty"`
	PlatformID int64  `json:"platformID,omitempty"`
	Background bool   `json:"isBackground,omitempty"`
}

// subscribeRequest is SubUserOnlineStatus.
type subscribeRequest struct {
	Subscribe   []string `json:"subscribeUserID,omitempty"`
	Unsubscribe []string `json:"unsubscribeUserID,omitempty"`
}

// ReadableRequest is what the data of a request says, as JSON. Data that imctl has no form for is an error.
func ReadableRequest(f Frame) ([]byte, error) {
	v, err := requestOf(f)
	return readable(v, err)
}

func requestOf(f Frame) (any, error) {
	switch f.ReqIdentifier {
	case WSSend:
		return DecodeGatewayMessage(f.Data)
	case WSPullByRange:
		user, newestFirst, ranges, err := DecodePull(f.Data)
		r := PullRequest{UserID: user, Ranges: ranges}
		if newestFirst {
			r.Order = 1
		}
		return r, err
	case WSNewestSeqs, WSReadSeqs, WSLogout, WSBackground:
		var r accountRequest
		err := eachField(f.Data, func(field wireField) error {
			switch {
			case field.field == 1:
				r.UserID = field.text()
			case field.field == 2 && f.ReqIdentifier == WSLogout:
				r.PlatformID = field.int()
			case field.field == 2 && f.ReqIdentifier == WSBackground:
				r.Background = field.bool()
			}
			return nil
		})
		return r, err
	case WSSubscribe:
		var r subscribeRequest
		err := eachField(f.Data, func(field wireField) error {
			switch field.field {
			case 1:
				r.Subscribe = append(r.Subscribe, field.text())
			case 2:
				r.Unsubscribe = append(r.Unsubscribe, field.text())
			}
			return nil
		})
		return r, err
	}
	return nil, noForm(f.ReqIdentifier)
}

// ReadableReply is what the data of an answer or a push says, as JSON. WriteReply is the reverse.
func ReadableReply(f Frame) ([]byte, error) {
	v, err := replyOf(f)
	return readable(v, err)
}

func replyOf(f Frame) (any, error) {
	switch f.ReqIdentifier {
	case WSPush, WSPullByRange, WSPullBySeqs:
		return DecodePulled(f.Data)
	case WSNewestSeqs:
		return DecodeMaxSeqs(f.Data)
	case WSReadSeqs:
		return DecodeReadSeqs(f.Data)
	case WSSend:
		return DecodeSent(f.Data)
	case WSSubscribe:
		return DecodePresence(f.Data)
	}
	return nil, noForm(f.ReqIdentifier)
}

// WriteReply makes the data of an answer or a push from what ReadableReply gave.
func WriteReply(reqIdentifier int32, text []byte) ([]byte, error) {
	switch reqIdentifier {
	case WSPush, WSPullByRange, WSPullBySeqs:
		return encoded(text, encodePulled)
	case WSNewestSeqs:
		return encoded(text, EncodeMaxSeqs)
	case WSReadSeqs:
		return encoded(text, EncodeReadSeqs)
	case WSSend:
		return encoded(text, SentMessage.Encode)
	case WSSubscribe:
		return encoded(text, EncodePresence)
	}
	return nil, noForm(reqIdentifier)
}

func encoded[T any](text []byte, encode func(T) []byte) ([]byte, error) {
	var v T
	if err := json.Unmarshal(text, &v); err != nil {
		return nil, err
	}
	return encode(v), nil
}

// encodePulled leaves out what is null.
func encodePulled(list []PulledMessages) []byte {
	for i, p := range list {
		list[i].Messages = slices.DeleteFunc(p.Messages, func(m *GatewayMessage) bool { return m == nil })
	}
	return EncodePulled(list)
}

// readable is JSON that says the same as v. Text that is not UTF-8 would not come back as it was.
func readable(v any, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(v)
	if err == nil && bytes.Contains(text, []byte(`\ufffd`)) {
		err = errWire
	}
	return text, err
}

func noForm(reqIdentifier int32) error {
	return fmt.Errorf("no form is known for the data of %d", reqIdentifier)
}
