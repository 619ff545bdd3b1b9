package message

import (
	"encoding/base64"

	"github.com/openimsdk/imctl/bindings/value"
)

// Message is a stored message.
type Message struct {
	Seq            int64  `json:"seq" column:"1" help:"its number in the conversation"`
	SendTime       int64  `json:"sendTime" column:"2" help:"when it was sent, in ms"`
	SendID         string `json:"sendID" column:"3" help:"the account that sent it"`
	RecvID         string `json:"recvID" column:"4" help:"the account it went to; in a group the group"`
	ContentType    int64  `json:"contentType" column:"5" help:"101 text, 102 picture, 110 custom, 118 markdown, 2101 revoked …"`
	Text           string `json:"text" column:"6" help:"the text of it: of text, markdown and custom messages, the address of a picture"`
	Content        string `json:"content" help:"the whole content, as JSON in a string"`
	ConversationID string `json:"conversationID" help:"the conversation it is in"`
	ClientMsgID    string `json:"clientMsgID" key:"true" help:"its id"`
	ServerMsgID    string `json:"serverMsgID" help:"its other id"`
	GroupID        string `json:"groupID" help:"the group it went to"`
	SessionType    int64  `json:"sessionType" help:"1 single chat, 3 group, 4 OA notification"`
	SenderNickname string `json:"senderNickname" help:"the name shown with it"`
	CreateTime     int64  `json:"createTime" help:"when it was made, in ms"`
	IsRevoked      bool   `json:"isRevoked" help:"it was revoked"`
	Ex             string `json:"ex" help:"extra data of the application"`

	Rest value.Rest `json:"-"`
}

// finish fills what the server does not give. In a pull the content comes in base64, in a search as it is.
func (m *Message) finish(conversation string, encoded bool) {
	if encoded {
		if raw, err := base64.StdEncoding.DecodeString(m.Content); err == nil {
			m.Content = string(raw)
		}
		m.IsRevoked = m.ContentType == typeRevoked
	}
	if m.ConversationID = conversation; conversation == "" {
		m.ConversationID = conversationOf(m.SessionType, m.SendID, m.RecvID, m.GroupID)
	}
	m.Text = text(m.ContentType, m.Content)
}
