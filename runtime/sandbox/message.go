package sandbox

import "fmt"

// The area msg (SERVER-BEHAVIOUR §6 and §7): sending is in send.go, sendcheck.go and
// sendother.go, content rules in content.go, storing in transfer.go, reading in pull.go,
// readseq.go and search.go, taking away in removal.go.
func messageEndpoints() []endpoint {
	return []endpoint{
		{path: "/msg/send_msg", access: adminOnly, bind: strict, run: handle(sendMsg)},
		{path: "/msg/batch_send_msg", access: adminOnly, bind: strict, run: handle(batchSendMsg)},
		{path: "/msg/send_simple_msg", bind: strict, newOnly: true, run: sendSimpleMsg},
		{path: "/msg/send_business_notification", bind: strict, run: handle(sendBusinessNotification)},
		{path: "/msg/check_msg_is_send_success", reads: true, run: handle(checkSendStatus)},

		{path: "/msg/search_msg", reads: true, run: handle(searchMessages)},
		{path: "/msg/newest_seq", reads: true, run: handle(getNewestSeqs)},
		{path: "/msg/pull_msg_by_seq", reads: true, run: handle(pullMessages)},

		{path: "/msg/mark_msgs_as_read", run: handle(markMessagesRead)},
		{path: "/msg/mark_conversation_as_read", run: handle(markConversationRead)},
		{path: "/msg/set_conversation_has_read_seq", run: handle(setReadSeq)},
		{path: "/msg/get_conversations_has_read_and_max_seq", reads: true, run: handle(getReadAndMaxSeqs)},

		{path: "/msg/revoke_msg", run: handle(revokeMessage)},
		{path: "/msg/clear_conversation_msg", run: handle(clearConversations)},
		{path: "/msg/user_clear_all_msg", run: handle(clearAllMessages)},
		{path: "/msg/delete_msgs", run: handle(deleteMessages)},
		{path: "/msg/delete_msg_phsical_by_seq", access: adminOnly, run: handle(deletePhysicallyBySeq)},
		{path: "/msg/delete_msg_physical", access: adminOnly, reads: true, run: handle(deletePhysically)},

		{path: "/msg/get_server_time", reads: true, run: handle(getServerTime)},
	}
}

// msgData is sdkws.MsgData as JSON.
type msgData struct {
	SendID           string          `json:"sendID"`
	RecvID           string          `json:"recvID"`
	GroupID          string          `json:"groupID"`
	ClientMsgID      string          `json:"clientMsgID"`
	ServerMsgID      string          `json:"serverMsgID"`
	SenderPlatformID int32           `json:"senderPlatformID"`
	SenderNickname   string          `json:"senderNickname"`
	SenderFaceURL    string          `json:"senderFaceURL"`
	SessionType      int32           `json:"sessionType"`
	MsgFrom          int32           `json:"msgFrom"`
	ContentType      int32           `json:"contentType"`
	Content          []byte          `json:"content"`
	Seq              int64           `json:"seq"`
	SendTime         int64           `json:"sendTime"`
	CreateTime       int64           `json:"createTime"`
	Status           int32           `json:"status"`
	IsRead           bool            `json:"isRead"`
	Options          map[string]bool `json:"options"` // never changed once it is stored
	OfflinePushInfo  *offlinePush    `json:"offlinePushInfo"`
	AtUserIDList     []string        `json:"atUserIDList"`
	AttachedInfo     string          `json:"attachedInfo"`
	Ex               string          `json:"ex"`
}

type offlinePush struct {
	Title         string `json:"title"`
	Desc          string `json:"desc"`
	Ex            string `json:"ex"`
	IOSPushSound  string `json:"iOSPushSound"`
	IOSBadgeCount bool   `json:"iOSBadgeCount"`
	SignalInfo    string `json:"signalInfo"`
}

// messageID is 32 hexadecimal digits.
func (st *state) messageID() string {
	return fmt.Sprintf("%016x%016x", st.rnd.Uint64(), st.rnd.Uint64())
}

func getServerTime(c *call, _ nothing) (any, error) {
	return struct {
		ServerTime int64 `json:"serverTime"`
	}{c.nowMilli()}, nil
}
