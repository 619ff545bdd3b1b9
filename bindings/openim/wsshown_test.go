package openim

import (
	"encoding/json"
	"strings"
	"testing"
)

// payload reads the data of a request into what the recording shows of it, and writes it again with our encoder.
func payload(t testing.TB, f Frame) (map[string]any, []byte) {
	t.Helper()
	if f.ReqIdentifier == WSPullBySeqs { // we never send it: the shape alone
		return shownPullBySeqs(t, f.Data), f.Data
	}
	text, err := ReadableRequest(f)
	if err != nil {
		t.Fatal(err)
	}
	var shown map[string]any
	var user accountRequest
	var sub subscribeRequest
	for _, v := range []any{&shown, &user, &sub} {
		if err := json.Unmarshal(text, v); err != nil {
			t.Fatal(err)
		}
	}
	switch f.ReqIdentifier {
	case WSSend:
		m, err := DecodeGatewayMessage(f.Data)
		if err != nil {
			t.Fatal(err)
		}
		return shown, m.Encode()
	case WSPullByRange:
		user, desc, ranges, err := DecodePull(f.Data)
		if err != nil {
			t.Fatal(err)
		}
		return shown, EncodePull(user, desc, ranges...)
	case WSNewestSeqs, WSReadSeqs:
		return shown, EncodeUserID(user.UserID)
	case WSLogout:
		return shown, EncodeLogout(user.UserID, int(user.PlatformID))
	case WSBackground:
		return shown, EncodeBackground(user.UserID, user.Background)
	case WSSubscribe:
		return shown, EncodeSubscribe(sub.Subscribe, sub.Unsubscribe)
	}
	t.Fatalf("a request %d", f.ReqIdentifier)
	return nil, nil
}

func shownPullBySeqs(t testing.TB, data []byte) map[string]any {
	shown, list := map[string]any{}, []any{}
	err := eachField(data, func(f wireField) error {
		switch f.field {
		case 1:
			shown["userID"] = f.text()
		case 2:
			c := map[string]any{}
			var seqs []int64
			err := eachField(f.data, func(f wireField) (err error) {
				if f.field == 2 {
					c["conversationID"] = f.text()
				} else {
					seqs, err = ints(f, seqs)
				}
				return err
			})
			var numbers []any
			for _, n := range seqs {
				numbers = append(numbers, float64(n))
			}
			c["seqs"] = numbers
			list = append(list, c)
			return err
		case 3:
			shown["order"] = float64(f.int())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	shown["conversations"] = list
	return shown
}

// TestReadableReplies: what a server sends can be shown and made again, also what is hard to show.
func TestReadableReplies(t *testing.T) {
	m := &GatewayMessage{
		SendID: "a", RecvID: "b", ClientMsgID: "id", ContentType: 101, Content: []byte(`{"content":"<安> & \u2028"}`), Seq: 9007199254740993,
		SendTime: 1, Options: map[string]bool{"history": false, "offlinePush": true}, OfflinePush: &OfflinePush{Title: "t", IOSBadgeCount: true},
		AtUserIDs: []string{"c", "d"}, Ex: "{}",
	}
	for _, f := range []Frame{
		{ReqIdentifier: WSPush, Data: EncodePulled([]PulledMessages{{ConversationID: "si_a_b", Messages: []*GatewayMessage{m, {}}}, {ConversationID: "n_a", Notifications: true, IsEnd: true, EndSeq: 7}})},
		{ReqIdentifier: WSPullByRange, Data: EncodePulled([]PulledMessages{{ConversationID: "si_a_b", Messages: []*GatewayMessage{m}}})},
		{ReqIdentifier: WSNewestSeqs, Data: EncodeMaxSeqs(map[string]int64{"a": 1, "b": 1 << 62})},
		{ReqIdentifier: WSReadSeqs, Data: EncodeReadSeqs([]ReadSeqs{{"a", 5, 4, 1700000000000}, {ConversationID: "b"}})},
		{ReqIdentifier: WSSend, Data: SentMessage{ServerMsgID: "s", ClientMsgID: "c", SendTime: 5, Modified: m}.Encode()},
		{ReqIdentifier: WSSubscribe, Data: EncodePresence([]Presence{{"a", []int64{5, 7}}, {UserID: "b"}})},
	} {
		text, err := ReadableReply(f)
		if err != nil {
			t.Fatal(err)
		}
		back, err := WriteReply(f.ReqIdentifier, text)
		if err != nil || string(back) != string(f.Data) {
			t.Errorf("%d: %x came back as %x (%v) by %s", f.ReqIdentifier, f.Data, back, err, text)
		}
	}
	binary := &GatewayMessage{Content: []byte("\xff\xfe")}
	for name, f := range map[string]Frame{
		"content that is no text": {ReqIdentifier: WSPush, Data: EncodePulled([]PulledMessages{{Messages: []*GatewayMessage{binary}}})},
		"a name that is no text":  {ReqIdentifier: WSSubscribe, Data: EncodePresence([]Presence{{UserID: "\xff"}})},
		"no protobuf":             {ReqIdentifier: WSPush, Data: []byte{0xff}},
		"no form":                 {ReqIdentifier: WSKicked, Data: []byte{1}},
	} {
		if text, err := ReadableReply(f); err == nil {
			t.Errorf("%s is shown as %s", name, text)
		}
	}
	for _, text := range []string{"", "{}", `[{"messages":{}}]`, `[{"endSeq":"x"}]`} {
		if data, err := WriteReply(WSPush, []byte(text)); err == nil {
			t.Errorf("%q became %x", text, data)
		}
	}
	if data, err := WriteReply(WSPush, []byte(`[{"conversationID":"c","messages":[null]}]`)); err != nil || !strings.Contains(string(data), "c") {
		t.Errorf("a null message: %x %v", data, err)
	}
}
