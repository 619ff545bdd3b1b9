package sandbox

import (
	"slices"

	"github.com/openimsdk/protocol/sdkws"
	"google.golang.org/protobuf/proto"
)

const iosPlatform = 1

// push sends a message to the open connections of its receivers, one frame a message
// (SERVER-BEHAVIOUR §9). An iOS connection in the background gets none.
func (g *gateway) push(st *state, o *outgoing) {
	if len(st.online) == 0 {
		return
	}
	var m *sdkws.MsgData
	var frames *encodings
	faulty := g.faults.has("push-")
	for _, id := range st.receivers(o) {
		online := st.online[id]
		if len(online) == 0 {
			continue
		}
		if m == nil || faulty {
			m = o.data.proto()
		}
		if faulty {
			if !g.pushFault(m, id) {
				continue
			}
			frames = nil // each receiver has its own
		}
		for _, c := range online {
			if c.background && c.platformID == iosPlatform {
				continue
			}
			if frames == nil {
				data, err := proto.Marshal(pushMessages(o.conversationID, m))
				if err != nil {
					g.log.Printf("push of %s: %v", o.data.ServerMsgID, err)
					return
				}
				frames = &encodings{reply: wsReply{ReqIdentifier: wsPush, OperationID: o.operationID, Data: data}}
			}
			c.sendReply(frames)
		}
	}
}

func pushMessages(conversationID string, m *sdkws.MsgData) *sdkws.PushMessages {
	list := map[string]*sdkws.PullMsgs{conversationID: {Msgs: []*sdkws.MsgData{m}}}
	if isNotificationConversation(conversationID) {
		return &sdkws.PushMessages{NotificationMsgs: list}
	}
	return &sdkws.PushMessages{Msgs: list}
}

// receivers are all members of a group, else the receiver; the sender too with sender sync.
func (st *state) receivers(o *outgoing) []string {
	m := &o.data
	if m.SessionType == groupChat {
		ids := append(keys(st.members[m.GroupID]), o.also...)
		return distinct(ids)
	}
	ids := []string{m.RecvID}
	if m.option(optSenderSync) && !slices.Contains(ids, m.SendID) {
		ids = append(ids, m.SendID)
	}
	return ids
}
