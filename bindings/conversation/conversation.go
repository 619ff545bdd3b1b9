// Package conversation is the area of conversations: the entries in the chat lists of accounts, with their settings and
// read positions. An entry belongs to one account; the other side of a chat has its own. The messages are the area
// message. It imports no other area.
package conversation

import (
	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
)

// Area lists the operations on conversations.
func Area() bindings.Area {
	return bindings.Area{
		Name: "conversation",
		Doc:  "Conversations of accounts: their settings, unread counts and changes.",
		Ops: []bindings.Op{
			listOp(), getOp(), findOp(), sortedOp(), setOp(), deleteOp(),
			idsOp(), pinnedOp(), notNotifyOp(), syncOp(), forUserOp(),
			unreadOp(), markReadOp(), setReadSeqOp(),
		},
	}
}

// Conversation is an entry of an account's list of conversations.
type Conversation struct {
	ConversationID        string `json:"conversationID" column:"1" key:"true" help:"the conversation's id"`
	ConversationType      int64  `json:"conversationType" column:"2" help:"1 single chat, 3 group, 4 OA notifications"`
	UserID                string `json:"userID" column:"3" help:"the other account of a single chat"`
	GroupID               string `json:"groupID" column:"4" help:"the group"`
	IsPinned              bool   `json:"isPinned" column:"5" help:"pinned to the top"`
	RecvMsgOpt            int64  `json:"recvMsgOpt" column:"6" help:"0 receive, 1 do not receive, 2 receive without notification"`
	OwnerUserID           string `json:"ownerUserID" help:"the account whose list it is in"`
	IsPrivateChat         bool   `json:"isPrivateChat" help:"messages vanish once they are read"`
	BurnDuration          int64  `json:"burnDuration" help:"how long after reading they vanish, in seconds"`
	IsMsgDestruct         bool   `json:"isMsgDestruct" help:"old messages are cleared"`
	MsgDestructTime       int64  `json:"msgDestructTime" help:"how old, in seconds"`
	LatestMsgDestructTime int64  `json:"latestMsgDestructTime" help:"when they were last cleared, in ms"`
	GroupAtType           int64  `json:"groupAtType" help:"0 none, 1 the owner is named, 2 all are, 3 both, 4 an announcement"`
	MinSeq                int64  `json:"minSeq" help:"number of the first message that the owner still sees"`
	MaxSeq                int64  `json:"maxSeq" help:"number of the last one; 0: no bound"`
	AttachedInfo          string `json:"attachedInfo" help:"data of the client library"`
	Ex                    string `json:"ex" help:"extra data of the application"`

	Rest value.Rest `json:"-"`
}

// Kinds of conversation (REST-API, Enumerations).
const (
	typeSingle = 1
	typeGroup  = 3
	typeOA     = 4
)
