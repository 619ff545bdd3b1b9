package data

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings/value"
)

// lastSettings are what is set when everything is there, by the kind whose rows say it: it would have refused messages.
// Rows that say nothing of the sort are left waiting.
func (im *importer) lastSettings() map[string]func(context.Context, []*item) error {
	return map[string]func(context.Context, []*item) error{
		"users": im.setReceiving, "groups": im.muteGroups, "members": im.muteMembers,
	}
}

// setReceiving sets for whole accounts whether they receive messages.
func (im *importer) setReceiving(ctx context.Context, items []*item) error {
	items = slices.DeleteFunc(slices.Clone(items), func(it *item) bool { return it.row.(*UserRow).GlobalRecvMsgOpt == 0 })
	if len(items) == 0 {
		return nil
	}
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.row.(*UserRow).UserID
	}
	now, err := usersNow(ctx, im.env, ids)
	if err != nil {
		return err
	}
	for _, it := range items {
		u := it.row.(*UserRow)
		there, known := now[u.UserID]
		if known && (there.GlobalRecvMsgOpt == u.GlobalRecvMsgOpt || !im.mine(there.CreateTime) && im.p.OnConflict != "update") || !known && !im.env.DryRun {
			continue
		}
		body := value.NewObject("userID", u.UserID, "globalRecvMsgOpt", int64(u.GlobalRecvMsgOpt))
		if err := im.one(ctx, it, "/user/set_global_msg_recv_opt", body); err != nil {
			return err
		}
	}
	return nil
}

// muteGroups mutes groups.
func (im *importer) muteGroups(ctx context.Context, items []*item) error {
	items = slices.DeleteFunc(slices.Clone(items), func(it *item) bool { return it.row.(*GroupRow).Status != groupMuted })
	if len(items) == 0 {
		return nil
	}
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.row.(*GroupRow).GroupID
	}
	now, err := groupsNow(ctx, im.env, ids)
	if err != nil {
		return err
	}
	for _, it := range items {
		g := it.row.(*GroupRow)
		there, known := now[g.GroupID]
		if known && (there.Status != 0 || !im.mine(there.CreateTime) && im.p.OnConflict != "update") || !known && !im.env.DryRun {
			continue
		}
		if err := im.one(ctx, it, "/group/mute_group", value.NewObject("groupID", g.GroupID)); err != nil {
			return err
		}
	}
	return nil
}

// muteMembers mutes the members of one group who still are.
func (im *importer) muteMembers(ctx context.Context, items []*item) error {
	until := im.env.Now().UnixMilli()
	items = slices.DeleteFunc(slices.Clone(items), func(it *item) bool { return it.row.(*MemberRow).MuteEndTime < until+1000 })
	if len(items) == 0 {
		return nil
	}
	groupID := items[0].row.(*MemberRow).GroupID
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.row.(*MemberRow).UserID
	}
	now, err := membersNow(ctx, im.env, groupID, ids)
	if err != nil && !im.env.DryRun {
		return im.refuseAll(items, err)
	}
	for _, it := range items {
		m := it.row.(*MemberRow)
		there, known := now[m.UserID]
		if known && (there.MuteEndTime > until || !im.mine(there.JoinTime) && im.p.OnConflict != "update") || !known && !im.env.DryRun {
			continue
		}
		body := value.NewObject("groupID", groupID, "userID", m.UserID, "mutedSeconds", (m.MuteEndTime-until)/1000)
		if err := im.one(ctx, it, "/group/mute_group_member", body); err != nil {
			return err
		}
	}
	return nil
}
