package openim

// The kinds of conversation. Two accounts can have one of each; a group has messages and notifications.
const (
	ChatConversation         = "chat"         // messages
	OAConversation           = "oa"           // OA notifications to an account
	NotificationConversation = "notification" // what the system tells; hidden
)

// PairConversation is the id of a conversation of two accounts, which may be the same one: both sides have the same id. It
// can't be split again, since a userID may hold an underscore (SERVER-BEHAVIOUR §7).
func PairConversation(kind, a, b string) string {
	prefix := "si_"
	switch kind {
	case OAConversation:
		prefix = "sn_"
	case NotificationConversation:
		prefix = "n_"
	}
	return prefix + min(a, b) + "_" + max(a, b)
}

// GroupConversation is the id of a conversation of a group.
func GroupConversation(kind, groupID string) string {
	if kind == NotificationConversation {
		return "n_" + groupID
	}
	return "sg_" + groupID
}
