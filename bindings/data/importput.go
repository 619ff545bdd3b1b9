package data

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
)

// putUsers registers accounts. Their globalRecvMsgOpt is set at the end: it may refuse messages.
func (im *importer) putUsers(ctx context.Context, items []*item) error {
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.row.(*UserRow).UserID
	}
	now, err := usersNow(ctx, im.env, slices.Compact(slices.Sorted(slices.Values(ids))))
	if err != nil {
		return err
	}
	var fresh, special []*item
	for _, it := range items {
		u := it.row.(*UserRow)
		there, known := now[u.UserID]
		switch {
		case !known && u.AppMangerLevel >= levelNotification:
			special = append(special, it)
		case !known:
			fresh = append(fresh, it)
		case im.mine(there.CreateTime):
			it.done()
		case u.UserID == im.env.Target.Admin:
			it.skip("the account that imctl is logged in as")
		case sameUser(*u, there):
			it.skip("there already")
		case im.conflict(it):
			body := value.NewObject("userID", u.UserID, "nickname", u.Nickname, "faceURL", u.FaceURL, "ex", u.Ex)
			if err := im.one(ctx, it, "/user/update_user_info_ex", value.NewObject("userInfo", body)); err != nil {
				return err
			}
		}
	}
	for _, it := range special {
		u := it.row.(*UserRow)
		body := value.NewObject("userID", u.UserID, "nickName", u.Nickname, "faceURL", u.FaceURL, "appMangerLevel", u.AppMangerLevel)
		if err := im.one(ctx, it, "/user/add_notification_account", body); err != nil {
			return err
		}
	}
	err = each(fresh, func(some []*item) error {
		users := value.List{}
		for _, it := range some {
			u := it.row.(*UserRow)
			users = append(users, value.NewObject("userID", u.UserID, "nickname", u.Nickname, "faceURL", u.FaceURL, "ex", u.Ex,
				"appMangerLevel", int64(u.AppMangerLevel)))
		}
		return im.send(ctx, "/user/user_register", value.NewObject("users", users))
	})
	settleLeft(fresh)
	return err
}

// levelNotification is the lowest appMangerLevel of notification accounts, which have a call of their own.
const levelNotification = 3

func sameUser(a, b UserRow) bool {
	return a.Nickname == b.Nickname && a.FaceURL == b.FaceURL && a.Ex == b.Ex
}

// settleLeft makes what nobody refused done.
func settleLeft(items []*item) {
	for _, it := range left(items) {
		it.done()
	}
}

// one sends a call for one row.
func (im *importer) one(ctx context.Context, it *item, path string, body any) error {
	err := im.send(ctx, path, body)
	switch {
	case err == nil:
		it.done()
	case bindings.Fatal(err):
		return err
	default:
		it.fail(err)
	}
	return nil
}

// putFriends makes friendships of one account. The server makes both directions (SERVER-BEHAVIOUR §6): one that the export
// does not have is taken away again, unless it was there before.
func (im *importer) putFriends(ctx context.Context, items []*item) error {
	owner := items[0].row.(*FriendRow).OwnerUserID
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.row.(*FriendRow).FriendUserID
	}
	now, err := friendsNow(ctx, im.env, owner, distinct(ids...))
	if err != nil {
		return err
	}
	var fresh, change []*item
	for _, it := range items {
		f := it.row.(*FriendRow)
		there, known := now[f.FriendUserID]
		switch {
		case !known:
			fresh = append(fresh, it)
			change = append(change, it)
		case im.mine(there.CreateTime):
			change = append(change, it)
		case sameFriend(*f, there):
			it.skip("there already")
		case im.conflict(it):
			change = append(change, it)
		}
	}
	err = each(fresh, func(some []*item) error {
		ids := make([]string, len(some))
		for i, it := range some {
			ids[i] = it.row.(*FriendRow).FriendUserID
		}
		return im.send(ctx, "/friend/import_friend", value.NewObject("ownerUserID", owner, "friendUserIDs", ids))
	})
	if err != nil {
		return err
	}
	for _, it := range left(change) {
		f := it.row.(*FriendRow)
		if !sameFriend(*f, now[f.FriendUserID]) {
			body := value.NewObject("ownerUserID", owner, "friendUserIDs", []string{f.FriendUserID},
				"isPinned", f.IsPinned, "remark", f.Remark, "ex", f.Ex)
			if err := im.one(ctx, it, "/friend/update_friends", body); err != nil {
				return err
			}
		}
		if it.outcome != failed && im.oneSided[friendPair{owner, f.FriendUserID}] {
			if err := im.takeBack(ctx, it, f); err != nil {
				return err
			}
		}
	}
	settleLeft(change)
	return nil
}

func sameFriend(a, b FriendRow) bool {
	return a.Remark == b.Remark && a.Ex == b.Ex && a.IsPinned == b.IsPinned
}

// takeBack removes the direction that came with a one-sided friendship.
func (im *importer) takeBack(ctx context.Context, it *item, f *FriendRow) error {
	if im.env.DryRun {
		return nil
	}
	back, err := friendsNow(ctx, im.env, f.FriendUserID, []string{f.OwnerUserID})
	if err != nil {
		return err
	}
	if there, ok := back[f.OwnerUserID]; !ok || !im.mine(there.CreateTime) {
		return nil
	}
	return im.one(ctx, it, "/friend/delete_friend", value.NewObject("ownerUserID", f.FriendUserID, "friendUserID", f.OwnerUserID))
}
