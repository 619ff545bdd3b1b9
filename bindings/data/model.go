package data

import (
	"cmp"
	"slices"
	"strings"
)

// collection is one of OpenIM's collections in MongoDB with what depends on it (DATA-MODEL).
type collection struct {
	name    string
	stage   int      // of a backup: it is read when all those of a lower stage have been
	keys    []string // patterns of Redis keys that cache it; safe to delete after a restore
	topic   string   // on which the services are told to drop what they hold in memory; "" is none
	version bool     // a version log: dropped after a restore, so that clients sync fully
}

// Stages of a backup: what refers to something is read before what it refers to, so that the latter is never missing.
const (
	messagesStage = iota // before the seqs, so that no seq is behind its messages
	seqsStage
	viewsStage // each user's own part in conversations and groups
	relationsStage
	restStage
	versionsStage
)

// model is OpenIM's collections in the order of a backup (DATA-MODEL, A correct backup).
var model = []collection{
	{name: "msg", stage: messagesStage, keys: []string{"MSG_CACHE:*"}},
	{name: "seq", stage: seqsStage, keys: []string{"MALLOC_SEQ:*", "MALLOC_MIN_SEQ:*"}},
	{name: "seq_user", stage: viewsStage, keys: []string{"SEQ_USER_MAX:*", "SEQ_USER_MIN:*", "SEQ_USER_READ:*"}},
	{name: "conversation", stage: viewsStage, topic: "DELETE_CACHE_CONVERSATION", keys: []string{"CONVERSATION:*", "CONVERSATION_IDS:*",
		"NOT_NOTIFY_CONVERSATION_IDS:*", "PINNED_CONVERSATION_IDS:*", "CONVERSATION_IDS_HASH:*", "RECV_MSG_OPT:*",
		"SUPER_GROUP_RECV_MSG_NOT_NOTIFY_USER_IDS:*", "SUPER_GROUP_RECV_MSG_NOT_NOTIFY_USER_IDS_HASH:*",
		"CONVERSATION_NOT_RECEIVE_MESSAGE_USER_IDS:*", "CONVERSATION_USER_MAX:*"}},
	{name: "group_member", stage: viewsStage, topic: "DELETE_CACHE_GROUP", keys: []string{"GROUP_MEMBER_IDS:*", "GROUP_MEMBERS_HASH2:*",
		"GROUP_MEMBER_INFO:*", "JOIN_GROUPS_KEY:*", "GROUP_MEMBER_NUM_CACHE:*", "GROUP_ROLE_LEVEL_MEMBER_IDS:*",
		"GROUP_MEMBER_MAX_VERSION:*", "GROUP_JOIN_MAX_VERSION:*"}},
	{name: "group", stage: relationsStage, topic: "DELETE_CACHE_GROUP", keys: []string{"GROUP_INFO:*"}},
	{name: "friend", stage: relationsStage, topic: "DELETE_CACHE_FRIEND", keys: []string{"FRIEND_IDS:*", "COMMON_FRIENDS_IDS:*", "FRIEND_INFO:*", "FRIEND_MAX_VERSION:*"}},
	{name: "black", stage: relationsStage, topic: "DELETE_CACHE_FRIEND", keys: []string{"BLACK_IDS:*"}},
	{name: "friend_request", stage: relationsStage},
	{name: "group_request", stage: relationsStage},
	{name: "user", stage: restStage, topic: "DELETE_CACHE_USER", keys: []string{"USER_INFO:*", "USER_GLOBAL_RECV_MSG_OPT_KEY:*", "ONLINE:*"}},
	{name: "userCommands", stage: restStage},
	{name: "s3", stage: restStage, keys: []string{"OBJECT:*", "S3:*", "MINIO:IMAGE:*", "MINIO:THUMBNAIL:*"}},
	{name: "config", stage: restStage, keys: []string{"CLIENT_CONFIG", "CLIENT_CONFIG:*"}},
	{name: "log", stage: restStage},
	{name: "friend_version", stage: versionsStage, version: true},
	{name: "group_member_version", stage: versionsStage, version: true},
	{name: "group_join_version", stage: versionsStage, version: true},
	{name: "conversation_version", stage: versionsStage, version: true},
}

// aloneInRedis is the keys that live only in Redis: tokens, push tokens, badges, and read positions ahead of MongoDB (DATA-MODEL,
// A correct backup).
var aloneInRedis = []string{"UID_PID_TOKEN_STATUS:*", "CHAT_UID_TOKEN_STATUS:*", "FCM_TOKEN:*", "USER_BADGE_UNREAD_COUNT_SUM:*", "SEQ_USER_READ:*"}

// Names of collections that imctl itself makes in the database, for the time of a restore.
const (
	ownPrefix     = "imctl_"
	stagingPrefix = ownPrefix + "new_"
	asidePrefix   = ownPrefix + "old_"
	markName      = ownPrefix + "restore"
)

// known returns the collection of that name; false for one that is not of the IM server: the chat server's, or a stranger.
func known(name string) (collection, bool) {
	i := slices.IndexFunc(model, func(c collection) bool { return c.name == name })
	if i < 0 {
		return collection{}, false
	}
	return model[i], true
}

// stage is that of a collection by name; one that is not in the model is the chat server's, or a stranger.
func stage(name string) int {
	if c, ok := known(name); ok {
		return c.stage
	}
	return restStage
}

// inOrder sorts names into the order of a backup; of a stage those that are not in the model come last, by name.
func inOrder(names []string) {
	rank := func(name string) int {
		if i := slices.IndexFunc(model, func(c collection) bool { return c.name == name }); i >= 0 {
			return i
		}
		return len(model)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(stage(a)-stage(b), rank(a)-rank(b), strings.Compare(a, b))
	})
}
