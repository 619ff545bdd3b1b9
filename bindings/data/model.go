package data

import (
	"cmp"
	"slices"
	"strings"
)

// collection is one of OpenIM's collections in MongoDB with what depends on it (DATA-MODEL).
type collection struct {
	name     string
	stage    int       // of a backup: it is read when all those of a lower stage have been
	fields   string    // its fields by type: "user_id ex s; create_time date" (fields.go)
	cached   []string  // Redis keys that cache it, by fields of its documents; safe to delete after a restore
	topic    string    // on which the services are told to drop what they hold in memory; "" is none
	versions []version // version logs that a change of a document makes stale
	version  bool      // a version log: dropped after a restore, so that clients sync fully
}

// version is a version log, and which field of a document names the log's owner.
type version struct{ name, field string }

const versionFields = "d_id s; version deleted i64; last_update date; logs array"

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
	{name: "msg", stage: messagesStage, cached: []string{"MSG_CACHE:{conversation_id}:{seq}"}, fields: "doc_id s; msgs array"},
	{name: "seq", stage: seqsStage, cached: []string{"MALLOC_SEQ:{conversation_id}", "MALLOC_MIN_SEQ:{conversation_id}"},
		fields: "conversation_id s; max_seq min_seq i64"},
	{name: "seq_user", stage: viewsStage, cached: []string{"SEQ_USER_MAX:{conversation_id}:{user_id}", "SEQ_USER_MIN:{conversation_id}:{user_id}",
		"SEQ_USER_READ:{conversation_id}:{user_id}"},
		fields: "user_id conversation_id s; min_seq max_seq read_seq i64"},
	{name: "conversation", stage: viewsStage, topic: "DELETE_CACHE_CONVERSATION", versions: []version{{"conversation_version", "owner_user_id"}},
		cached: []string{"CONVERSATION:{owner_user_id}:{conversation_id}", "CONVERSATION_IDS:{owner_user_id}",
			"NOT_NOTIFY_CONVERSATION_IDS:{owner_user_id}", "PINNED_CONVERSATION_IDS:{owner_user_id}", "CONVERSATION_IDS_HASH:{owner_user_id}",
			"RECV_MSG_OPT:{owner_user_id}:{conversation_id}", "SUPER_GROUP_RECV_MSG_NOT_NOTIFY_USER_IDS:{group_id}",
			"SUPER_GROUP_RECV_MSG_NOT_NOTIFY_USER_IDS_HASH:{group_id}", "CONVERSATION_NOT_RECEIVE_MESSAGE_USER_IDS:{conversation_id}",
			"CONVERSATION_USER_MAX:{owner_user_id}"},
		fields: "owner_user_id conversation_id user_id group_id attached_info ex s; conversation_type recv_msg_opt burn_duration group_at_type i32; " +
			"is_pinned is_private_chat is_msg_destruct bool; max_seq min_seq msg_destruct_time i64; create_time latest_msg_destruct_time date"},
	{name: "group_member", stage: viewsStage, topic: "DELETE_CACHE_GROUP",
		versions: []version{{"group_member_version", "group_id"}, {"group_join_version", "user_id"}},
		cached: []string{"GROUP_MEMBER_IDS:{group_id}", "GROUP_MEMBERS_HASH2:{group_id}", "GROUP_MEMBER_INFO:{group_id}-{user_id}",
			"JOIN_GROUPS_KEY:{user_id}", "GROUP_MEMBER_NUM_CACHE:{group_id}", "GROUP_ROLE_LEVEL_MEMBER_IDS:{group_id}-*",
			"GROUP_MEMBER_MAX_VERSION:{group_id}", "GROUP_JOIN_MAX_VERSION:{user_id}"},
		fields: "group_id user_id nickname face_url inviter_user_id operator_user_id ex s; role_level join_source i32; join_time mute_end_time date"},
	{name: "group", stage: relationsStage, topic: "DELETE_CACHE_GROUP", cached: []string{"GROUP_INFO:{group_id}"},
		fields: "group_id group_name notification introduction face_url ex creator_user_id notification_user_id s; " +
			"status group_type need_verification look_member_info apply_member_friend i32; create_time notification_update_time date"},
	{name: "friend", stage: relationsStage, topic: "DELETE_CACHE_FRIEND", versions: []version{{"friend_version", "owner_user_id"}},
		cached: []string{"FRIEND_IDS:{owner_user_id}", "COMMON_FRIENDS_IDS:{owner_user_id}", "FRIEND_INFO:{owner_user_id}-{friend_user_id}",
			"FRIEND_MAX_VERSION:{owner_user_id}"},
		fields: "owner_user_id friend_user_id remark operator_user_id ex s; create_time date; add_source i32; is_pinned bool"},
	{name: "black", stage: relationsStage, topic: "DELETE_CACHE_FRIEND", cached: []string{"BLACK_IDS:{owner_user_id}"},
		fields: "owner_user_id block_user_id operator_user_id ex s; add_source i32; create_time date"},
	{name: "friend_request", stage: relationsStage,
		fields: "from_user_id to_user_id req_msg handler_user_id handle_msg ex s; handle_result i32; create_time handle_time date"},
	{name: "group_request", stage: relationsStage,
		fields: "user_id group_id req_msg handled_msg handle_user_id inviter_user_id ex s; handle_result join_source i32; req_time handled_time date"},
	{name: "user", stage: restStage, topic: "DELETE_CACHE_USER", cached: []string{"USER_INFO:{user_id}", "USER_GLOBAL_RECV_MSG_OPT_KEY:{user_id}", "ONLINE:{user_id}"},
		fields: "user_id nickname face_url ex s; app_manger_level global_recv_msg_opt i32; create_time date"},
	{name: "userCommands", stage: restStage, fields: "userID uuid value ex s; type i32; createTime i64"},
	{name: "s3", stage: restStage, cached: []string{"OBJECT:*", "S3:*", "MINIO:IMAGE:{key}", "MINIO:THUMBNAIL:*"},
		fields: "name user_id hash engine key content_type group s; size i64; create_time date"},
	{name: "config", stage: restStage, cached: []string{"CLIENT_CONFIG", "CLIENT_CONFIG:{user_id}"}, fields: "key user_id value s"},
	{name: "log", stage: restStage,
		fields: "log_id platform user_id url file_name system_type app_framework version ex s; create_time date"},
	{name: "friend_version", stage: versionsStage, version: true, fields: versionFields},
	{name: "group_member_version", stage: versionsStage, version: true, fields: versionFields},
	{name: "group_join_version", stage: versionsStage, version: true, fields: versionFields},
	{name: "conversation_version", stage: versionsStage, version: true, fields: versionFields},
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
