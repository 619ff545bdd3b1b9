package openim

import (
	"strings"
	"testing"
)

// payload reads the data of a request into what the recording shows of it, and writes it again with our encoder.
func payload(t testing.TB, id int32, data []byte) (map[string]any, []byte) {
	t.Helper()
	switch id {
	case WSSend:
		m, err := DecodeGatewayMessage(data)
		if err != nil {
			t.Fatal(err)
		}
		return shownMessage(m), m.Encode()
	case WSPullByRange:
		user, desc, ranges, err := DecodePull(data)
		if err != nil {
			t.Fatal(err)
		}
		list := []any{}
		for _, r := range ranges {
			list = append(list, without(map[string]any{
				"conversationID": r.ConversationID, "begin": float64(r.Begin), "end": float64(r.End), "num": float64(r.Num)}))
		}
		shown := map[string]any{"userID": user, "seqRanges": list}
		if desc {
			shown["order"] = float64(1)
		}
		return without(shown), EncodePull(user, desc, ranges...)
	}
	texts, flag := map[int][]string{}, int64(0)
	inner := map[string]any{}
	if err := eachField(data, func(f wireField) error {
		if f.wire == wireVarint {
			flag = f.int()
			return nil
		}
		texts[f.field] = append(texts[f.field], f.text())
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	user := strings.Join(texts[1], ",")
	switch id {
	case WSNewestSeqs, WSReadSeqs:
		return map[string]any{"userID": user}, EncodeUserID(user)
	case WSLogout:
		return map[string]any{"userID": user, "platformID": float64(flag)}, EncodeLogout(user, int(flag))
	case WSBackground:
		return without(map[string]any{"userID": user, "isBackground": flag != 0}), EncodeBackground(user, flag != 0)
	case WSSubscribe:
		for n, name := range map[int]string{1: "subscribeUserID", 2: "unsubscribeUserID"} {
			if len(texts[n]) > 0 {
				var list []any
				for _, s := range texts[n] {
					list = append(list, s)
				}
				inner[name] = list
			}
		}
		return inner, EncodeSubscribe(texts[1], texts[2])
	case WSPullBySeqs: // we never send it: the shape alone
		return shownPullBySeqs(t, data), data
	}
	t.Fatalf("a request %d", id)
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

func shownMessage(m *GatewayMessage) map[string]any {
	shown := map[string]any{
		"sendID": m.SendID, "recvID": m.RecvID, "groupID": m.GroupID, "clientMsgID": m.ClientMsgID, "serverMsgID": m.ServerMsgID,
		"senderPlatformID": float64(m.SenderPlatformID), "senderNickname": m.SenderNickname, "senderFaceURL": m.SenderFaceURL,
		"sessionType": float64(m.SessionType), "msgFrom": float64(m.MsgFrom), "contentType": float64(m.ContentType),
		"content": string(m.Content), "seq": float64(m.Seq), "sendTime": float64(m.SendTime), "createTime": float64(m.CreateTime),
		"status": float64(m.Status), "isRead": m.IsRead, "attachedInfo": m.AttachedInfo, "ex": m.Ex,
	}
	if m.Options != nil {
		options := map[string]any{}
		for k, v := range m.Options {
			options[k] = v
		}
		shown["options"] = options
	}
	if o := m.OfflinePush; o != nil {
		shown["offlinePushInfo"] = without(map[string]any{
			"title": o.Title, "desc": o.Desc, "ex": o.Ex, "iOSPushSound": o.IOSPushSound, "iOSBadgeCount": o.IOSBadgeCount, "signalInfo": o.SignalInfo})
	}
	return without(shown)
}

// without leaves out what is zero, as the recording does.
func without(m map[string]any) map[string]any {
	for k, v := range m {
		if v == "" || v == float64(0) || v == false {
			delete(m, k)
		}
	}
	return m
}
