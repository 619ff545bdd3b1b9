package sandbox

import (
	"cmp"
	"slices"
)

// The calls made for the JavaScript SDK (SERVER-BEHAVIOUR §6, others): always the
// caller's own conversations, whoever is named. Their protobuf form is in jssdkwire.go.
func jssdkEndpoints() []endpoint {
	return []endpoint{
		{path: "/jssdk/get_conversations", reads: true, run: sdkCall(parseSDKConversations, getSDKConversations)},
		{path: "/jssdk/get_active_conversations", reads: true, run: sdkCall(parseActive, getActiveConversations)},
	}
}

const (
	activeDefault = 100
	activeMax     = 500
)

type sdkFriend struct {
	OwnerUserID    string `json:"ownerUserID"`
	FriendUserID   string `json:"friendUserID"`
	Remark         string `json:"remark"`
	CreateTime     int64  `json:"createTime"`
	AddSource      int32  `json:"addSource"`
	OperatorUserID string `json:"operatorUserID"`
	Ex             string `json:"ex"`
	IsPinned       bool   `json:"isPinned"`
}

type sdkConversation struct {
	Conversation conversation `json:"conversation"`
	LastMsg      msgData      `json:"lastMsg"`
	User         *user        `json:"user"`
	Friend       *sdkFriend   `json:"friend"`
	Group        *groupInfo   `json:"group"`
	MaxSeq       int64        `json:"maxSeq"`
	ReadSeq      int64        `json:"readSeq"`
}

type sdkAnswer struct {
	UnreadCount   int64             `json:"unreadCount"`
	Conversations []sdkConversation `json:"conversations"`
}

type sdkConversationsReq struct{ ConversationIDs []string }

func getSDKConversations(c *call, req sdkConversationsReq) sdkAnswer {
	return c.sdkAnswer(c.conversationsOf(c.userID, req.ConversationIDs), len(req.ConversationIDs))
}

type activeReq struct{ Count int64 }

// getActiveConversations puts the pinned ones first, each part latest first. The
// unread ones are counted over all of them.
func getActiveConversations(c *call, req activeReq) sdkAnswer {
	if req.Count < 1 || req.Count > activeMax {
		req.Count = activeDefault
	}
	all := c.conversationsOf(c.userID, keys(c.conversations[c.userID]))
	all = slices.DeleteFunc(all, func(conv conversation) bool { return c.maxSeq(conv.ConversationID) == 0 })
	times := make(map[string]int64, len(all))
	for _, conv := range all {
		times[conv.ConversationID] = c.seqTime(conv.ConversationID)
	}
	slices.SortStableFunc(all, func(a, b conversation) int {
		if a.IsPinned != b.IsPinned {
			if a.IsPinned {
				return -1
			}
			return 1
		}
		return cmp.Compare(times[b.ConversationID], times[a.ConversationID])
	})
	return c.sdkAnswer(all, int(req.Count))
}

// sdkAnswer shows the first of some conversations, and counts what is unread in all.
func (c *call) sdkAnswer(conversations []conversation, show int) sdkAnswer {
	var out sdkAnswer
	for i, conv := range conversations {
		newest, read := c.maxSeq(conv.ConversationID), c.readSeq(conv.ConversationID, c.userID)
		out.UnreadCount += max(newest-read, 0)
		last, ok := c.lastVisible(conv.ConversationID, c.userID)
		if i >= show || !ok {
			continue
		}
		row := sdkConversation{Conversation: conv, LastMsg: last, MaxSeq: newest, ReadSeq: read}
		if g, ok := c.groups.get(conv.GroupID); ok {
			info := c.groupInfo(g)
			row.Group = &info
		}
		if u, ok := c.users.get(conv.UserID); ok && conv.GroupID == "" {
			copied := *u
			row.User = &copied
			row.Friend = c.sdkFriend(conv.UserID)
		}
		out.Conversations = append(out.Conversations, row)
	}
	return out
}

func (c *call) sdkFriend(userID string) *sdkFriend {
	f, ok := c.friends[c.userID].get(userID)
	if !ok {
		return nil
	}
	return &sdkFriend{f.ownerUserID, f.friendUserID, f.remark, f.createTime, f.addSource, f.operatorUserID, f.ex, f.isPinned}
}

// lastVisible is the last message that a user may see and hasn't deleted.
func (c *call) lastVisible(conversationID, userID string) (msgData, bool) {
	log := c.messages[conversationID]
	if log == nil {
		return msgData{}, false
	}
	begin, end := c.bounds(conversationID, userID)
	for i := len(log.messages) - 1; i >= 0 && log.messages[i].Seq >= begin; i-- {
		if m := log.messages[i]; m.Seq <= end && !m.deletedBy[userID] {
			return m.view(userID), true
		}
	}
	return msgData{}, false
}
