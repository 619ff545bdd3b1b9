package conversation

import (
	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
)

// Which names one conversation of an account.
type Which struct {
	UserID         string `json:"userID" arg:"2" help:"the other account of a single chat"`
	GroupID        string `json:"groupID" help:"a group, in place of an account"`
	ConversationID string `json:"conversationID" help:"the conversation's id, in place of an account or a group"`
	Kind           string `json:"kind" default:"chat" enum:"chat,oa" help:"with userID, chat: messages; oa: OA notifications from that account"`
}

// id is the id of the conversation in the owner's list.
func (w Which) id(owner string) (string, error) {
	if err := bindings.CheckID("ownerUserID", owner); err != nil {
		return "", err
	}
	given := 0
	for _, f := range []struct{ field, id string }{{"userID", w.UserID}, {"groupID", w.GroupID}, {"conversationID", w.ConversationID}} {
		if f.id == "" {
			continue
		}
		if err := bindings.CheckID(f.field, f.id); err != nil {
			return "", err
		}
		given++
	}
	switch {
	case given != 1:
		return "", fault.New(fault.Usage, "want userID, groupID or conversationID, one of them")
	case w.Kind == openim.OAConversation && w.UserID == "":
		return "", fault.New(fault.Usage, "kind: goes with userID")
	case w.GroupID != "":
		return openim.GroupConversation(w.Kind, w.GroupID), nil
	case w.UserID != "":
		return openim.PairConversation(w.Kind, owner, w.UserID), nil
	}
	return w.ConversationID, nil
}

// blank is a new conversation of that kind, nothing set. It can't be made from a conversationID, which can't be split:
// a userID may hold an underscore.
func (w Which) blank(owner, id string) Conversation {
	c := Conversation{OwnerUserID: owner, ConversationID: id, ConversationType: typeSingle, UserID: w.UserID, GroupID: w.GroupID}
	switch {
	case w.GroupID != "":
		c.ConversationType = typeGroup
	case w.Kind == openim.OAConversation:
		c.ConversationType = typeOA
	}
	return c
}
