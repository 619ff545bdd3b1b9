package sandbox

import (
	"fmt"

	"github.com/openimsdk/protocol/sdkws"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// The protobuf of messages that the protocol keeps in packages with gRPC is written and
// read here by field number (protocol: msg/msg.proto, push/push.proto); all else is sdkws.

// wire writes a message; fields of their zero value are left out.
type wire []byte

func (w *wire) text(field protowire.Number, s string) {
	if s != "" {
		*w = protowire.AppendTag(*w, field, protowire.BytesType)
		*w = protowire.AppendString(*w, s)
	}
}

func (w *wire) number(field protowire.Number, n int64) {
	if n != 0 {
		*w = protowire.AppendTag(*w, field, protowire.VarintType)
		*w = protowire.AppendVarint(*w, uint64(n)) //nolint:gosec // two's complement is the encoding
	}
}

func (w *wire) flag(field protowire.Number, b bool) {
	if b {
		w.number(field, 1)
	}
}

// message writes an empty one too: it is there.
func (w *wire) message(field protowire.Number, m []byte) {
	*w = protowire.AppendTag(*w, field, protowire.BytesType)
	*w = protowire.AppendBytes(*w, m)
}

func (w *wire) proto(field protowire.Number, m proto.Message) error {
	data, err := proto.Marshal(m)
	if err == nil {
		w.message(field, data)
	}
	return err
}

// entry is one entry of a map with string keys and messages as values.
func (w *wire) entry(field protowire.Number, key string, value []byte) {
	var e wire
	e.text(1, key)
	e.message(2, value)
	w.message(field, e)
}

// wireFields goes over the fields of a message. A field is either a number, and then
// bytes is nil, or bytes.
func wireFields(data []byte, field func(n protowire.Number, number int64, bytes []byte) error) error {
	for len(data) > 0 {
		n, kind, size := protowire.ConsumeTag(data)
		if size < 0 {
			return protowire.ParseError(size)
		}
		data = data[size:]
		var number uint64
		var bytes []byte
		switch kind {
		case protowire.VarintType:
			number, size = protowire.ConsumeVarint(data)
		case protowire.BytesType:
			bytes, size = protowire.ConsumeBytes(data)
		default:
			size = protowire.ConsumeFieldValue(n, kind, data)
		}
		if size < 0 {
			return protowire.ParseError(size)
		}
		data = data[size:]
		if err := field(n, int64(number), bytes); err != nil { //nolint:gosec // see above
			return err
		}
	}
	return nil
}

// wireNumbers reads a repeated number, packed or not.
func wireNumbers(list []int64, number int64, packed []byte) ([]int64, error) {
	if packed == nil {
		return append(list, number), nil
	}
	for len(packed) > 0 {
		v, size := protowire.ConsumeVarint(packed)
		if size < 0 {
			return nil, protowire.ParseError(size)
		}
		list = append(list, int64(v)) //nolint:gosec // see above
		packed = packed[size:]
	}
	return list, nil
}

// userAndTexts reads a message of a userID in field 1 and a list of texts in field 2.
func userAndTexts(data []byte) (userID string, list []string, err error) {
	err = wireFields(data, func(n protowire.Number, _ int64, bytes []byte) error {
		switch n {
		case 1:
			userID = string(bytes)
		case 2:
			if bytes != nil {
				list = append(list, string(bytes))
			}
		}
		return nil
	})
	return userID, list, err
}

type conversationSeqs struct {
	conversationID string
	seqs           []int64
}

type seqMessagesReq struct {
	userID        string
	conversations []conversationSeqs
	order         int64
}

// parse reads msg.GetSeqMessageReq.
func (r *seqMessagesReq) parse(data []byte) error {
	return wireFields(data, func(n protowire.Number, number int64, bytes []byte) error {
		switch n {
		case 1:
			r.userID = string(bytes)
		case 2:
			if bytes == nil {
				return nil
			}
			var conv conversationSeqs
			err := wireFields(bytes, func(n protowire.Number, number int64, bytes []byte) (err error) {
				switch n {
				case 2: // there is no field 1
					conv.conversationID = string(bytes)
				case 3:
					conv.seqs, err = wireNumbers(conv.seqs, number, bytes)
				}
				return err
			})
			if err != nil {
				return err
			}
			r.conversations = append(r.conversations, conv)
		case 3:
			r.order = number
		}
		return nil
	})
}

// wire is msg.SendMsgResp.
func (a sendAnswer) wire() []byte {
	w := wire{}
	w.text(1, a.ServerMsgID)
	w.text(2, a.ClientMsgID)
	w.number(3, a.SendTime)
	return w
}

// wire is msg.GetConversationsHasReadAndMaxSeqResp.
func (a readAndMaxAnswer) wire() []byte {
	w := wire{}
	for id, s := range a.Seqs {
		var one wire
		one.number(1, s.MaxSeq)
		one.number(2, s.HasReadSeq)
		one.number(3, s.MaxSeqTime)
		w.entry(1, id, one)
	}
	for _, id := range a.PinnedConversationIDs {
		w.message(2, []byte(id))
	}
	return w
}

// proto is a message as sdkws has it.
func (m *msgData) proto() *sdkws.MsgData {
	out := &sdkws.MsgData{
		SendID: m.SendID, RecvID: m.RecvID, GroupID: m.GroupID, ClientMsgID: m.ClientMsgID, ServerMsgID: m.ServerMsgID,
		SenderPlatformID: m.SenderPlatformID, SenderNickname: m.SenderNickname, SenderFaceURL: m.SenderFaceURL,
		SessionType: m.SessionType, MsgFrom: m.MsgFrom, ContentType: m.ContentType, Content: m.Content, Seq: m.Seq,
		SendTime: m.SendTime, CreateTime: m.CreateTime, Status: m.Status, IsRead: m.IsRead, Options: m.Options,
		AtUserIDList: m.AtUserIDList, AttachedInfo: m.AttachedInfo, Ex: m.Ex,
	}
	if p := m.OfflinePushInfo; p != nil {
		out.OfflinePushInfo = &sdkws.OfflinePushInfo{
			Title: p.Title, Desc: p.Desc, Ex: p.Ex, IOSPushSound: p.IOSPushSound, IOSBadgeCount: p.IOSBadgeCount, SignalInfo: p.SignalInfo,
		}
	}
	return out
}

// parseMsgData reads a message that a client sends.
func parseMsgData(data []byte) (msgData, error) {
	var in sdkws.MsgData
	if err := proto.Unmarshal(data, &in); err != nil {
		return msgData{}, fmt.Errorf("error unmarshalling message data: %w", err)
	}
	m := msgData{
		SendID: in.SendID, RecvID: in.RecvID, GroupID: in.GroupID, ClientMsgID: in.ClientMsgID,
		SenderPlatformID: in.SenderPlatformID, SenderNickname: in.SenderNickname, SenderFaceURL: in.SenderFaceURL,
		SessionType: in.SessionType, MsgFrom: in.MsgFrom, ContentType: in.ContentType, Content: in.Content,
		SendTime: in.SendTime, CreateTime: in.CreateTime, Status: in.Status, IsRead: in.IsRead, Options: in.Options,
		AtUserIDList: in.AtUserIDList, AttachedInfo: in.AttachedInfo, Ex: in.Ex,
	}
	if p := in.OfflinePushInfo; p != nil {
		m.OfflinePushInfo = &offlinePush{
			Title: p.Title, Desc: p.Desc, Ex: p.Ex, IOSPushSound: p.IOSPushSound, IOSBadgeCount: p.IOSBadgeCount, SignalInfo: p.SignalInfo,
		}
	}
	return m, nil
}

// pullMsgs are pulled messages as sdkws has them.
func (p *pulled) proto() *sdkws.PullMsgs {
	out := &sdkws.PullMsgs{IsEnd: p.IsEnd, EndSeq: p.EndSeq}
	for i := range p.Msgs {
		out.Msgs = append(out.Msgs, p.Msgs[i].proto())
	}
	return out
}

// wire is sdkws.PullMessageBySeqsResp, and msg.GetSeqMessageResp, which has the same fields.
func (a pullAnswer) wire() ([]byte, error) {
	out := &sdkws.PullMessageBySeqsResp{Msgs: map[string]*sdkws.PullMsgs{}, NotificationMsgs: map[string]*sdkws.PullMsgs{}}
	for id, p := range a.Msgs {
		out.Msgs[id] = p.proto()
	}
	for id, p := range a.NotificationMsgs {
		out.NotificationMsgs[id] = p.proto()
	}
	return proto.Marshal(out)
}
