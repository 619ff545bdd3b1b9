package message

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// ConversationParams names two accounts, or a group.
type ConversationParams struct {
	UserID1 string `json:"userID1" arg:"1" help:"one of two accounts"`
	UserID2 string `json:"userID2" arg:"2" help:"the other; the same account for its own notifications"`
	GroupID string `json:"groupID" help:"a group, in place of two accounts"`
	Kind    string `json:"kind" default:"chat" enum:"chat,oa,notification" help:"chat: messages; oa: OA notifications to a user; notification: the system's"`
}

// ConversationResult holds the id.
type ConversationResult struct {
	ConversationID string `json:"conversationID" column:"1" key:"true" help:"the conversation's id"`
}

func conversationOp() bindings.Op {
	return bindings.Op{
		Name: "conversation", Effect: bindings.Read,
		Doc:     "The id of the conversation of two accounts, or of a group.",
		Example: `message.conversation{userID1="alice", userID2="bob"}`,
		Notes: "The id is made by the server's rule and the server isn't asked: si_A_B with the ids in order, sg_GROUP, sn_A_B for OA notifications, n_A_B and n_GROUP for the system's. " +
			"An id can't be split again, since a userID may hold an underscore.",
		Run: bindings.Func(func(_ context.Context, _ *bindings.Env, p ConversationParams) (ConversationResult, error) {
			id, err := p.id()
			return ConversationResult{ConversationID: id}, err
		}),
	}
}

func (p ConversationParams) id() (string, error) {
	group := p.GroupID != ""
	if group == (p.UserID1 != "" || p.UserID2 != "") {
		return "", fault.New(fault.Usage, "want userID1 and userID2, or groupID")
	}
	if group {
		if p.Kind == openim.OAConversation {
			return "", fault.New(fault.Usage, "kind: an OA notification goes to a user, not to a group")
		}
		return openim.GroupConversation(p.Kind, p.GroupID), bindings.CheckID("groupID", p.GroupID)
	}
	if err := bindings.CheckID("userID1", p.UserID1); err != nil {
		return "", err
	}
	return openim.PairConversation(p.Kind, p.UserID1, p.UserID2), bindings.CheckID("userID2", p.UserID2)
}

// conversationOf is the conversation of a stored message, by its session type; empty when the type is unknown.
func conversationOf(sessionType int64, sendID, recvID, groupID string) string {
	switch sessionType {
	case sessionSingle:
		return openim.PairConversation(openim.ChatConversation, sendID, recvID)
	case sessionGroup:
		return openim.GroupConversation(openim.ChatConversation, groupID)
	case sessionOA:
		return openim.PairConversation(openim.OAConversation, sendID, recvID)
	}
	return ""
}
