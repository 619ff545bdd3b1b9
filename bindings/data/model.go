package data

import "slices"

// collection is one of OpenIM's collections in MongoDB with what depends on it (DATA-MODEL).
type collection struct {
	name    string
	keys    []string // patterns of Redis keys that cache it; safe to delete after a restore
	topic   string   // on which the services are told to drop what they hold in memory; "" is none
	version bool     // a version log: dropped after a restore, so that clients sync fully
}

// model is OpenIM's collections in the order of a backup: msg first, then seq, so that a seq is never behind its messages,
// and what refers to something before what it refers to. Version logs come last.
var model = []collection{
	{name: "msg", keys: []string{"MSG_CACHE:*"}},
	{name: "seq", keys: []string{"MALLOC_SEQ:*", "MALLOC_MIN_SEQ:*"}},
	{name: "seq_user", keys: []string{"SEQ_USER_MAX:*", "SEQ_USER_MIN:*", "SEQ_USER_READ:*"}},
	{name: "conversation", topic: "DELETE_CACHE_CONVERSATION", keys: []string{"CONVERSATION:*", "CONVERSATION_IDS:*",
		"NOT_NOTIFY_CONVERSATION_IDS:*", "PINNED_CONVERSATION_IDS:*", "CONVERSATION_IDS_HASH:*", "RECV_MSG_OPT:*",
		"SUPER_GROUP_RECV_MSG_NOT_NOTIFY_USER_IDS:*", "SUPER_GROUP_RECV_MSG_NOT_NOTIFY_USER_IDS_HASH:*",
		"CONVERSATION_NOT_RECEIVE_MESSAGE_USER_IDS:*", "CONVERSATION_USER_MAX:*"}},
	{name: "group_member", topic: "DELETE_CACHE_GROUP", keys: []string{"GROUP_MEMBER_IDS:*", "GROUP_MEMBERS_HASH2:*",
		"GROUP_MEMBER_INFO:*", "JOIN_GROUPS_KEY:*", "GROUP_MEMBER_NUM_CACHE:*", "GROUP_ROLE_LEVEL_MEMBER_IDS:*",
		"GROUP_MEMBER_MAX_VERSION:*", "GROUP_JOIN_MAX_VERSION:*"}},
	{name: "group", topic: "DELETE_CACHE_GROUP", keys: []string{"GROUP_INFO:*"}},
	{name: "friend", topic: "DELETE_CACHE_FRIEND", keys: []string{"FRIEND_IDS:*", "COMMON_FRIENDS_IDS:*", "FRIEND_INFO:*", "FRIEND_MAX_VERSION:*"}},
	{name: "black", topic: "DELETE_CACHE_FRIEND", keys: []string{"BLACK_IDS:*"}},
	{name: "friend_request"},
	{name: "group_request"},
	{name: "user", topic: "DELETE_CACHE_USER", keys: []string{"USER_INFO:*", "USER_GLOBAL_RECV_MSG_OPT_KEY:*", "ONLINE:*"}},
	{name: "userCommands"},
	{name: "s3", keys: []string{"OBJECT:*", "S3:*", "MINIO:IMAGE:*", "MINIO:THUMBNAIL:*"}},
	{name: "config", keys: []string{"CLIENT_CONFIG", "CLIENT_CONFIG:*"}},
	{name: "log"},
	{name: "friend_version", version: true},
	{name: "group_member_version", version: true},
	{name: "group_join_version", version: true},
	{name: "conversation_version", version: true},
}

// known returns the collection of that name; false for one that is not of the IM server: the chat server's, or a stranger.
func known(name string) (collection, bool) {
	i := slices.IndexFunc(model, func(c collection) bool { return c.name == name })
	if i < 0 {
		return collection{}, false
	}
	return model[i], true
}

// inOrder sorts names into the order of a backup; those that are not in the model come after the data and before the
// version logs, by name.
func inOrder(names []string) {
	rank := func(name string) int {
		i := slices.IndexFunc(model, func(c collection) bool { return c.name == name })
		switch {
		case i < 0:
			return len(model)
		case model[i].version:
			return len(model) + 1 + i
		}
		return i
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		if a < b {
			return -1
		}
		return 1
	})
}
