package sandbox

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
	Options          map[string]bool `json:"options"`
	AtUserIDList     []string        `json:"atUserIDList"`
	AttachedInfo     string          `json:"attachedInfo"`
	Ex               string          `json:"ex"`
}

func messageEndpoints() []endpoint {
	return []endpoint{
		{path: "/msg/get_server_time", run: handle(getServerTime)},
	}
}

func getServerTime(*call, nothing) (any, error) {
	return struct {
		ServerTime int64 `json:"serverTime"`
	}{nowMilli()}, nil
}
