package sandbox

import "strings"

// Session types, which are conversation types too.
const (
	singleChat       = 1
	writeGroup       = 2 // old
	groupChat        = 3
	notificationChat = 4
)

const (
	groupPrefix        = "sg_"
	notificationPrefix = "n_"
)

func pair(a, b string) string {
	if a > b {
		a, b = b, a
	}
	return a + "_" + b
}

func singleConversation(a, b string) string     { return "si_" + pair(a, b) }
func groupConversation(groupID string) string   { return groupPrefix + groupID }
func accountConversation(a, b string) string    { return "sn_" + pair(a, b) }
func selfNotifications(userID string) string    { return notificationPrefix + pair(userID, userID) }
func isNotificationConversation(id string) bool { return strings.HasPrefix(id, notificationPrefix) }
func isSearched(id string) bool {
	return strings.HasPrefix(id, "si_") || strings.HasPrefix(id, groupPrefix)
}

// conversationOf is the chat that a message belongs to (SERVER-BEHAVIOUR §7).
func conversationOf(m *msgData) string {
	switch m.SessionType {
	case groupChat:
		return groupConversation(m.GroupID)
	case notificationChat:
		return accountConversation(m.SendID, m.RecvID)
	}
	return singleConversation(m.SendID, m.RecvID)
}

// notificationsOf is the hidden notification conversation of a chat.
func notificationsOf(conversationID string) string {
	_, rest, _ := strings.Cut(conversationID, "_")
	return notificationPrefix + rest
}
