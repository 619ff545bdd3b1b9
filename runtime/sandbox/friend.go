package sandbox

// The area friend (SERVER-BEHAVIOUR §6). Lists are in friendlist.go, requests in
// friendrequest.go, the black list in black.go.
func friendEndpoints() []endpoint {
	return []endpoint{
		{path: "/friend/import_friend", access: adminOnly, run: handle(importFriends)},
		{path: "/friend/delete_friend", run: handle(deleteFriend)},
		{path: "/friend/get_friend_list", reads: true, run: handle(getFriendList)},
		{path: "/friend/get_designated_friends", reads: true, run: handle(getDesignatedFriends)},
		{path: "/friend/get_friend_id", reads: true, run: handle(getFriendIDs)},
		{path: "/friend/get_specified_friends_info", reads: true, run: handle(getSpecifiedFriends)},
		{path: "/friend/set_friend_remark", run: handle(setFriendRemark)},
		{path: "/friend/update_friends", run: handle(updateFriends)},
		{path: "/friend/is_friend", reads: true, run: handle(isFriend)},
		{path: "/friend/get_incremental_friends", run: handle(getIncrementalFriends)},
		{path: "/friend/get_full_friend_user_ids", run: handle(getFullFriendIDs)},

		{path: "/friend/add_friend", run: handle(addFriend)},
		{path: "/friend/add_friend_response", run: handle(respondFriend)},
		{path: "/friend/get_friend_apply_list", reads: true, run: handle(getReceivedRequests)},
		{path: "/friend/get_self_friend_apply_list", reads: true, run: handle(getSentRequests)},
		{path: "/friend/get_designated_friend_apply", reads: true, run: handle(getDesignatedRequests)},
		{path: "/friend/get_self_unhandled_apply_count", reads: true, run: handle(countUnhandledRequests)},

		{path: "/friend/add_black", run: handle(addBlack)},
		{path: "/friend/remove_black", run: handle(removeBlack)},
		{path: "/friend/get_black_list", reads: true, run: handle(getBlackList)},
		{path: "/friend/get_specified_blacks", reads: true, run: handle(getSpecifiedBlacks)},
		{path: "/friend/get_incremental_blacks", reads: true, run: handle(getIncrementalBlacks)},
	}
}

const maxIDs = 1000 // in those list arguments that have a limit (SERVER-BEHAVIOUR §4)

// Values of addSource.
const (
	friendByImport = 1
	friendByApply  = 2
)

func tooMany(name string, n int) error {
	if n > maxIDs {
		return argsError(name + " has more than 1000 entries")
	}
	return nil
}

// checkUsers refuses unknown users. It compares the number of distinct known ones with
// the ids given, so that a repeated id is "not found" as well (SERVER-BEHAVIOUR §13).
func (st *state) checkUsers(ids ...string) error {
	if len(st.knownUsers(ids)) != len(ids) {
		return notFound("user not found")
	}
	return nil
}

func (st *state) areFriends(owner, other string) bool { return st.friends[owner].has(other) }

// befriend adds the directions that are missing.
func (st *state) befriend(owner string, others []string, source int32, operator string) {
	now := st.nowMilli()
	add := func(owner, other string) {
		if st.areFriends(owner, other) {
			return
		}
		inner(st.touched, st.friends, owner).put(other, &friend{
			ownerUserID: owner, friendUserID: other, operatorUserID: operator, addSource: source, createTime: now,
		})
		st.changed(friendVersion, owner, inserted, other)
	}
	for _, other := range others {
		add(owner, other)
		add(other, owner)
	}
}

type importReq struct {
	OwnerUserID   string
	FriendUserIDs []string
}

func (r importReq) check() error {
	return first(
		required("ownerUserID", r.OwnerUserID),
		requiredIf(r.FriendUserIDs == nil, "friendUserIDs"),
		tooMany("friendUserIDs", len(r.FriendUserIDs)),
	)
}

// importFriends refuses oneself and repeated ids as "not found".
func importFriends(c *call, req importReq) (any, error) {
	if err := c.checkUsers(append([]string{req.OwnerUserID}, req.FriendUserIDs...)...); err != nil {
		return nil, err
	}
	c.befriend(req.OwnerUserID, req.FriendUserIDs, friendByImport, c.userID)
	for _, id := range req.FriendUserIDs {
		c.tellFriends(req.OwnerUserID, id, "")
	}
	return nil, nil
}

type friendPairReq struct{ OwnerUserID, FriendUserID string }

func (r friendPairReq) check() error {
	return first(required("ownerUserID", r.OwnerUserID), required("friendUserID", r.FriendUserID))
}

// deleteFriend takes away one direction, and succeeds where there is none.
func deleteFriend(c *call, req friendPairReq) (any, error) {
	if err := c.self(req.OwnerUserID); err != nil {
		return nil, err
	}
	if c.friends[req.OwnerUserID].delete(req.FriendUserID) {
		c.changed(friendVersion, req.OwnerUserID, deleted, req.FriendUserID)
	}
	c.tellOwner(req.OwnerUserID, req.FriendUserID, noteFriendDeleted)
	return nil, nil
}

type remarkReq struct {
	friendPairReq
	Remark string
}

func setFriendRemark(c *call, req remarkReq) (any, error) {
	if err := c.self(req.OwnerUserID); err != nil {
		return nil, err
	}
	f, ok := c.friends[req.OwnerUserID].get(req.FriendUserID)
	if !ok {
		return nil, notFound("friend not found")
	}
	f.remark = req.Remark
	c.changed(friendVersion, req.OwnerUserID, updated, req.FriendUserID)
	c.tellOwner(req.OwnerUserID, req.FriendUserID, noteFriendRemark)
	return nil, nil
}

type updateFriendsReq struct {
	friendsReq
	IsPinned   *bool
	Remark, Ex *string
}

func (r updateFriendsReq) check() error {
	return first(
		r.friendsReq.check(),
		requiredIf(len(r.FriendUserIDs) == 0, "friendUserIDs"),
		tooMany("friendUserIDs", len(r.FriendUserIDs)),
	)
}

// updateFriends leaves out those who are no friends.
func updateFriends(c *call, req updateFriendsReq) (any, error) {
	if repeated(req.FriendUserIDs) {
		return nil, repeatedParameter("friendIDList")
	}
	if err := c.self(req.OwnerUserID); err != nil {
		return nil, err
	}
	var ids []string // of those changed
	for _, id := range req.FriendUserIDs {
		if f, ok := c.friends[req.OwnerUserID].get(id); ok {
			set(&f.isPinned, req.IsPinned)
			set(&f.remark, req.Remark)
			set(&f.ex, req.Ex)
			ids = append(ids, id)
		}
	}
	if req.IsPinned != nil && len(ids) > 0 {
		ids = append(ids, sortChange)
	}
	c.changed(friendVersion, req.OwnerUserID, updated, ids...)
	tips := fromToTips{FromToUserID: fromTo{ToUserID: req.OwnerUserID}, FriendIDs: req.FriendUserIDs}
	c.tellUser(req.OwnerUserID, req.OwnerUserID, noteFriendsUpdated, c.versioned(friendVersion, req.OwnerUserID, tips))
	return nil, nil
}

type isFriendReq struct{ UserID1, UserID2 string }

func (r isFriendReq) check() error {
	return first(required("userID1", r.UserID1), required("userID2", r.UserID2))
}

func isFriend(c *call, req isFriendReq) (any, error) {
	if err := c.self(req.UserID1, req.UserID2); err != nil {
		return nil, err
	}
	return struct {
		InUser1Friends bool `json:"inUser1Friends"`
		InUser2Friends bool `json:"inUser2Friends"`
	}{c.areFriends(req.UserID1, req.UserID2), c.areFriends(req.UserID2, req.UserID1)}, nil
}

func getIncrementalFriends(c *call, req syncReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	ch := c.changes(friendVersion, req.UserID, req)
	return struct {
		syncAnswer
		Insert      []friendInfo `json:"insert"`
		Update      []friendInfo `json:"update"`
		SortVersion uint64       `json:"sortVersion"`
	}{ch.answer(), c.friendsOf(req.UserID, ch.inserted), c.friendsOf(req.UserID, ch.updated), ch.sort}, nil
}

type fullIDsReq struct {
	UserID string
	IDHash uint64
}

func (r fullIDsReq) check() error { return required("userID", r.UserID) }

func getFullFriendIDs(c *call, req fullIDsReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	full := c.fullIDs(friendVersion, req.UserID, req.IDHash, keys(c.friends[req.UserID]))
	return struct {
		fullAnswer
		UserIDs []string `json:"userIDs"`
	}{full.fullAnswer, full.ids}, nil
}
