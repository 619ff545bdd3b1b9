package sandbox

import (
	"iter"
	"maps"
	"slices"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// collections are those that MongoDB gets. Within one, things come in the order in which the state has them.
func collections(admin string) []*collection {
	list := []*collection{
		users(admin), userCommands(), friends(), friendRequests(), blacks(), groups(), groupMembers(), groupRequests(),
		conversations(), messages(), seqCounters(), userSeqs(), clientConfigs(), clientLogs(), objects(),
	}
	for kind, name := range versionCollections {
		list = append(list, versionLogs(kind, name))
	}
	slices.SortFunc(list[len(list)-len(versionCollections):], func(a, b *collection) int { return compareNames(a, b) })
	return append(list, chatCollections()...)
}

func compareNames(a, b *collection) int {
	if a.name < b.name {
		return -1
	}
	return 1
}

// users keep the admin, whatever the database says: the real server makes it again at its next start only.
func users(admin string) *collection {
	return collectionOf("user", 1, form[user]{
		{"user_id", func(u *user) any { return &u.UserID }},
		{"nickname", func(u *user) any { return &u.Nickname }},
		{"face_url", func(u *user) any { return &u.FaceURL }},
		{"ex", func(u *user) any { return &u.Ex }},
		{"app_manger_level", func(u *user) any { return &u.AppMangerLevel }},
		{"global_recv_msg_opt", func(u *user) any { return &u.GlobalRecvMsgOpt }},
		{"create_time", func(u *user) any { return (*date)(&u.CreateTime) }},
	}, rows[user]{
		find: func(st *state, id []string) *user { return rowAt(st.users, id[0]) },
		all:  func(st *state) iter.Seq[*user] { return values(st.users) },
		put:  func(st *state, u *user) { st.users.put(u.UserID, u) },
		remove: func(st *state, u *user) {
			if u.UserID != admin {
				st.users.delete(u.UserID)
			}
		},
		after: (*state).listUsers,
	}, collection{
		indexes: []index{unique("user_id")},
		cached:  &cached{topic: "DELETE_CACHE_USER", item: func(id []string) string { return "USER_INFO:" + id[0] }},
	})
}

func friends() *collection {
	return collectionOf("friend", 2, form[friend]{
		{"owner_user_id", func(f *friend) any { return &f.ownerUserID }},
		{"friend_user_id", func(f *friend) any { return &f.friendUserID }},
		{"remark", func(f *friend) any { return &f.remark }},
		{"create_time", func(f *friend) any { return (*date)(&f.createTime) }},
		{"add_source", func(f *friend) any { return &f.addSource }},
		{"operator_user_id", func(f *friend) any { return &f.operatorUserID }},
		{"ex", func(f *friend) any { return &f.ex }},
		{"is_pinned", func(f *friend) any { return &f.isPinned }},
	}, rows[friend]{
		find:   func(st *state, id []string) *friend { return rowAt(st.friends[id[0]], id[1]) },
		all:    func(st *state) iter.Seq[*friend] { return inTables(st.friends) },
		put:    func(st *state, f *friend) { inner(st.touched, st.friends, f.ownerUserID).put(f.friendUserID, f) },
		remove: func(st *state, f *friend) { st.friends[f.ownerUserID].delete(f.friendUserID) },
	}, collection{
		indexes: []index{unique("owner_user_id", "friend_user_id")},
		cached: &cached{
			topic:   "DELETE_CACHE_FRIEND",
			list:    func(id []string) string { return "FRIEND_IDS:" + id[0] },
			item:    func(id []string) string { return "FRIEND_INFO:" + id[0] + "-" + id[1] },
			members: func(st *state, id []string) []string { return keys(st.friends[id[0]]) },
		},
	})
}

func friendRequests() *collection {
	return collectionOf("friend_request", 2, form[friendRequest]{
		{"from_user_id", func(r *friendRequest) any { return &r.fromUserID }},
		{"to_user_id", func(r *friendRequest) any { return &r.toUserID }},
		{"handle_result", func(r *friendRequest) any { return &r.handleResult }},
		{"req_msg", func(r *friendRequest) any { return &r.reqMsg }},
		{"create_time", func(r *friendRequest) any { return (*date)(&r.createTime) }},
		{"handler_user_id", func(r *friendRequest) any { return &r.handlerUserID }},
		{"handle_msg", func(r *friendRequest) any { return &r.handleMsg }},
		{"handle_time", func(r *friendRequest) any { return (*date)(&r.handleTime) }},
		{"ex", func(r *friendRequest) any { return &r.ex }},
	}, rows[friendRequest]{
		find: func(st *state, id []string) *friendRequest { return rowAt(st.sent[id[0]], id[1]) },
		all:  func(st *state) iter.Seq[*friendRequest] { return inTables(st.sent) },
		put:  (*state).putFriendRequest,
		remove: func(st *state, r *friendRequest) {
			st.sent[r.fromUserID].delete(r.toUserID)
			st.received[r.toUserID].delete(r.fromUserID)
		},
	}, collection{indexes: []index{unique("from_user_id", "to_user_id"), plain("-create_time")}})
}

func blacks() *collection {
	list := func(id []string) string { return "BLACK_IDS:" + id[0] }
	return collectionOf("black", 2, form[black]{
		{"owner_user_id", func(b *black) any { return &b.ownerUserID }},
		{"block_user_id", func(b *black) any { return &b.blackUserID }},
		{"create_time", func(b *black) any { return (*date)(&b.createTime) }},
		{"add_source", func(b *black) any { return &b.addSource }},
		{"operator_user_id", func(b *black) any { return &b.operatorUserID }},
		{"ex", func(b *black) any { return &b.ex }},
	}, rows[black]{
		find:   func(st *state, id []string) *black { return rowAt(st.blacks[id[0]], id[1]) },
		all:    func(st *state) iter.Seq[*black] { return inTables(st.blacks) },
		put:    func(st *state, b *black) { inner(st.touched, st.blacks, b.ownerUserID).put(b.blackUserID, b) },
		remove: func(st *state, b *black) { st.blacks[b.ownerUserID].delete(b.blackUserID) },
	}, collection{
		indexes: []index{unique("owner_user_id", "block_user_id")},
		cached: &cached{
			topic: "DELETE_CACHE_FRIEND", list: list,
			members: func(st *state, id []string) []string { return keys(st.blacks[id[0]]) },
		},
	})
}

func groups() *collection {
	return collectionOf("group", 1, form[group]{
		{"group_id", func(g *group) any { return &g.groupID }},
		{"group_name", func(g *group) any { return &g.groupName }},
		{"notification", func(g *group) any { return &g.notification }},
		{"introduction", func(g *group) any { return &g.introduction }},
		{"face_url", func(g *group) any { return &g.faceURL }},
		{"create_time", func(g *group) any { return (*date)(&g.createTime) }},
		{"ex", func(g *group) any { return &g.ex }},
		{"status", func(g *group) any { return &g.status }},
		{"creator_user_id", func(g *group) any { return &g.creatorUserID }},
		{"group_type", func(g *group) any { return &g.groupType }},
		{"need_verification", func(g *group) any { return &g.needVerification }},
		{"look_member_info", func(g *group) any { return &g.lookMemberInfo }},
		{"apply_member_friend", func(g *group) any { return &g.applyMemberFriend }},
		{"notification_update_time", func(g *group) any { return (*date)(&g.notificationUpdateTime) }},
		{"notification_user_id", func(g *group) any { return &g.notificationUserID }},
	}, rows[group]{
		find:   func(st *state, id []string) *group { return rowAt(st.groups, id[0]) },
		all:    func(st *state) iter.Seq[*group] { return values(st.groups) },
		put:    func(st *state, g *group) { st.groups.put(g.groupID, g) },
		remove: func(st *state, g *group) { st.groups.delete(g.groupID) },
	}, collection{
		indexes: []index{unique("group_id")},
		cached:  &cached{topic: "DELETE_CACHE_GROUP", item: func(id []string) string { return "GROUP_INFO:" + id[0] }},
	})
}

func groupMembers() *collection {
	return collectionOf("group_member", 2, form[member]{
		{"group_id", func(m *member) any { return &m.groupID }},
		{"user_id", func(m *member) any { return &m.userID }},
		{"nickname", func(m *member) any { return &m.nickname }},
		{"face_url", func(m *member) any { return &m.faceURL }},
		{"role_level", func(m *member) any { return &m.roleLevel }},
		{"join_time", func(m *member) any { return (*date)(&m.joinTime) }},
		{"join_source", func(m *member) any { return &m.joinSource }},
		{"inviter_user_id", func(m *member) any { return &m.inviterUserID }},
		{"operator_user_id", func(m *member) any { return &m.operatorUserID }},
		{"mute_end_time", func(m *member) any { return (*date)(&m.muteEndTime) }},
		{"ex", func(m *member) any { return &m.ex }},
	}, rows[member]{
		find: func(st *state, id []string) *member { return rowAt(st.members[id[0]], id[1]) },
		all:  func(st *state) iter.Seq[*member] { return inTables(st.members) },
		put: func(st *state, m *member) {
			inner(st.touched, st.members, m.groupID).put(m.userID, m)
			inner(st.touched, st.joined, m.userID).put(m.groupID, m)
		},
		remove: func(st *state, m *member) {
			st.members[m.groupID].delete(m.userID)
			st.joined[m.userID].delete(m.groupID)
		},
	}, collection{
		indexes: []index{unique("group_id", "user_id")},
		cached: &cached{
			topic:   "DELETE_CACHE_GROUP",
			list:    func(id []string) string { return "GROUP_MEMBER_IDS:" + id[0] },
			item:    func(id []string) string { return "GROUP_MEMBER_INFO:" + id[0] + "-" + id[1] },
			members: func(st *state, id []string) []string { return keys(st.members[id[0]]) },
		},
	})
}

func groupRequests() *collection {
	return collectionOf("group_request", 2, form[groupRequest]{
		{"user_id", func(r *groupRequest) any { return &r.userID }},
		{"group_id", func(r *groupRequest) any { return &r.groupID }},
		{"handle_result", func(r *groupRequest) any { return &r.handleResult }},
		{"req_msg", func(r *groupRequest) any { return &r.reqMsg }},
		{"handled_msg", func(r *groupRequest) any { return &r.handledMsg }},
		{"req_time", func(r *groupRequest) any { return (*date)(&r.reqTime) }},
		{"handle_user_id", func(r *groupRequest) any { return &r.handleUserID }},
		{"handled_time", func(r *groupRequest) any { return (*date)(&r.handledTime) }},
		{"join_source", func(r *groupRequest) any { return &r.joinSource }},
		{"inviter_user_id", func(r *groupRequest) any { return &r.inviterUserID }},
		{"ex", func(r *groupRequest) any { return &r.ex }},
	}, rows[groupRequest]{
		find: func(st *state, id []string) *groupRequest { return rowAt(st.groupRequested[id[0]], id[1]) },
		all:  func(st *state) iter.Seq[*groupRequest] { return inTables(st.groupRequested) },
		put:  (*state).putGroupRequest,
		remove: func(st *state, r *groupRequest) {
			st.groupRequested[r.userID].delete(r.groupID)
			st.groupRequests[r.groupID].delete(r.userID)
		},
	}, collection{indexes: []index{unique("group_id", "user_id"), plain("-req_time")}})
}

func conversations() *collection {
	return collectionOf("conversation", 2, form[conversation]{
		{"owner_user_id", func(c *conversation) any { return &c.OwnerUserID }},
		{"conversation_id", func(c *conversation) any { return &c.ConversationID }},
		{"conversation_type", func(c *conversation) any { return &c.ConversationType }},
		{"user_id", func(c *conversation) any { return &c.UserID }},
		{"group_id", func(c *conversation) any { return &c.GroupID }},
		{"recv_msg_opt", func(c *conversation) any { return &c.RecvMsgOpt }},
		{"is_pinned", func(c *conversation) any { return &c.IsPinned }},
		{"is_private_chat", func(c *conversation) any { return &c.IsPrivateChat }},
		{"burn_duration", func(c *conversation) any { return &c.BurnDuration }},
		{"group_at_type", func(c *conversation) any { return &c.GroupAtType }},
		{"attached_info", func(c *conversation) any { return &c.AttachedInfo }},
		{"ex", func(c *conversation) any { return &c.Ex }},
		{"max_seq", func(c *conversation) any { return &c.MaxSeq }},
		{"min_seq", func(c *conversation) any { return &c.MinSeq }},
		{"create_time", func(c *conversation) any { return (*date)(&c.createTime) }},
		{"is_msg_destruct", func(c *conversation) any { return &c.IsMsgDestruct }},
		{"msg_destruct_time", func(c *conversation) any { return &c.MsgDestructTime }},
		{"latest_msg_destruct_time", func(c *conversation) any { return (*date)(&c.LatestMsgDestructTime) }},
	}, rows[conversation]{
		find: func(st *state, id []string) *conversation { return rowAt(st.conversations[id[0]], id[1]) },
		all:  func(st *state) iter.Seq[*conversation] { return inTables(st.conversations) },
		put: func(st *state, c *conversation) {
			inner(st.touched, st.conversations, c.OwnerUserID).put(c.ConversationID, c)
		},
		remove: func(st *state, c *conversation) { st.conversations[c.OwnerUserID].delete(c.ConversationID) },
	}, collection{
		indexes: []index{unique("owner_user_id", "conversation_id"), plain("user_id"), plain("conversation_id")},
		cached: &cached{
			topic:   "DELETE_CACHE_CONVERSATION",
			list:    func(id []string) string { return "CONVERSATION_IDS:" + id[0] },
			item:    func(id []string) string { return "CONVERSATION:" + id[0] + ":" + id[1] },
			members: func(st *state, id []string) []string { return keys(st.conversations[id[0]]) },
		},
	})
}

func clientLogs() *collection {
	return collectionOf("log", 1, form[clientLog]{
		{"log_id", func(l *clientLog) any { return &l.logID }},
		{"platform", func(l *clientLog) any { return &l.platform }},
		{"user_id", func(l *clientLog) any { return &l.userID }},
		{"create_time", func(l *clientLog) any { return (*date)(&l.createTime) }},
		{"url", func(l *clientLog) any { return &l.url }},
		{"file_name", func(l *clientLog) any { return &l.filename }},
		{"system_type", func(*clientLog) any { return new(string) }}, // never set
		{"app_framework", func(l *clientLog) any { return &l.appFramework }},
		{"version", func(l *clientLog) any { return &l.version }},
		{"ex", func(l *clientLog) any { return &l.ex }},
	}, rows[clientLog]{
		find:   func(st *state, id []string) *clientLog { return rowAt(st.logs, id[0]) },
		all:    func(st *state) iter.Seq[*clientLog] { return values(st.logs) },
		put:    func(st *state, l *clientLog) { st.logs.put(l.logID, l) },
		remove: func(st *state, l *clientLog) { st.logs.delete(l.logID) },
	}, collection{indexes: []index{unique("log_id"), plain("user_id"), plain("-create_time")}})
}
