package data

import (
	"context"

	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// putConversations sets what one account has set for its conversations, and how far it has read.
func (im *importer) putConversations(ctx context.Context, items []*item) error {
	type answer struct {
		Conversations []ConversationRow `json:"conversations"`
	}
	owner := items[0].row.(*ConversationRow).OwnerUserID
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.row.(*ConversationRow).ConversationID
	}
	a, err := openim.Do[answer](ctx, im.env.API, "/conversation/get_conversations", value.NewObject("ownerUserID", owner, "conversationIDs", ids))
	if notThere(err) != nil {
		return im.refuseAll(items, err)
	}
	now := map[string]ConversationRow{}
	for _, c := range a.Conversations {
		now[c.ConversationID] = c
	}
	states, err := readStates(ctx, im.env, owner, ids)
	if notThere(err) != nil {
		return im.refuseAll(items, err)
	}
	groups, err := im.groupsOf(ctx, items, now)
	if err != nil {
		return err
	}
	for _, it := range items {
		c := it.row.(*ConversationRow)
		there, known := now[c.ConversationID]
		g, groupKnown := groups[c.GroupID]
		switch {
		case !known && c.GroupID != "" && !im.env.DryRun && (!groupKnown || g.Status == groupDismissed):
			it.skip("its group is dismissed, or not here")
			continue
		case known && sameSettings(*c, there):
		case known && !sameSettings(ConversationRow{}, there) && !im.conflict(it):
			continue
		default:
			if err := im.one(ctx, it, "/conversation/set_conversations", value.NewObject("userIDs", []string{owner}, "conversation", settings(c))); err != nil {
				return err
			}
		}
		if it.outcome != failed {
			if err := im.read(ctx, it, c, states[c.ConversationID]); err != nil {
				return err
			}
		}
		if it.outcome == waiting {
			it.skip("there already")
		}
	}
	return nil
}

// groupsOf are the groups, as they are here, of the conversations that the account does not have yet.
func (im *importer) groupsOf(ctx context.Context, items []*item, now map[string]ConversationRow) (map[string]GroupRow, error) {
	var ids []string
	for _, it := range items {
		if c := it.row.(*ConversationRow); c.GroupID != "" && now[c.ConversationID].ConversationID == "" {
			ids = append(ids, c.GroupID)
		}
	}
	if ids = distinct(ids...); len(ids) == 0 {
		return nil, nil
	}
	return groupsNow(ctx, im.env, ids)
}

func sameSettings(a, b ConversationRow) bool {
	return a.RecvMsgOpt == b.RecvMsgOpt && a.IsPinned == b.IsPinned && a.IsPrivateChat == b.IsPrivateChat && a.BurnDuration == b.BurnDuration &&
		a.GroupAtType == b.GroupAtType && a.IsMsgDestruct == b.IsMsgDestruct && a.MsgDestructTime == b.MsgDestructTime &&
		a.AttachedInfo == b.AttachedInfo && a.Ex == b.Ex
}

func settings(c *ConversationRow) *value.Object {
	o := value.NewObject("conversationID", c.ConversationID, "conversationType", int64(c.ConversationType), "userID", c.UserID, "groupID", c.GroupID,
		"recvMsgOpt", int64(c.RecvMsgOpt), "isPinned", c.IsPinned, "burnDuration", int64(c.BurnDuration), "groupAtType", int64(c.GroupAtType),
		"isMsgDestruct", c.IsMsgDestruct, "msgDestructTime", c.MsgDestructTime, "attachedInfo", c.AttachedInfo, "ex", c.Ex)
	if c.IsPrivateChat { // it is set for both sides, with a notice to them
		o.Set("isPrivateChat", true)
	}
	return o
}

// read leaves as many messages unread as the account had: seqs are other ones here.
func (im *importer) read(ctx context.Context, it *item, c *ConversationRow, state readState) error {
	want := state.MaxSeq - c.Unread
	if want < 1 || want <= state.HasReadSeq {
		return nil
	}
	return im.one(ctx, it, "/msg/set_conversation_has_read_seq",
		value.NewObject("conversationID", c.ConversationID, "userID", c.OwnerUserID, "hasReadSeq", want, "noNotification", true))
}
