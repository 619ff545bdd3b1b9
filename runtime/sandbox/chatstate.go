package sandbox

import "time"

// chatState is what the chat server knows (CHAT-ADMIN, "Collections").
type chatState struct {
	admins        *table[string, *chatAdmin] // by account
	users         *table[string, *chatUser]  // by userID
	loginNames    map[loginName]string       // userID by name
	visits        []visit                    // logins of users, in order of time
	blocked       *table[string, *chatBlock] // by userID
	ipRules       *table[string, *ipRule]    // by address
	userIPs       *table[userIP, int64]      // when added, in ms
	invitations   *table[string, *invitation]
	defaultUsers  *table[string, int64] // when added, in ms
	defaultGroups *table[string, int64]
	config        map[string]string
	applets       *table[string, *applet]
	versions      *table[string, *appVersion]
	noRegister    bool
	imToken       struct { // the chat server's own IM admin token
		token string
		made  time.Time
	}
}

func newChatState(cfg Config, now time.Time) *chatState {
	ch := &chatState{
		admins:        newTable[string, *chatAdmin](),
		users:         newTable[string, *chatUser](),
		loginNames:    map[loginName]string{},
		blocked:       newTable[string, *chatBlock](),
		ipRules:       newTable[string, *ipRule](),
		userIPs:       newTable[userIP, int64](),
		invitations:   newTable[string, *invitation](),
		defaultUsers:  newTable[string, int64](),
		defaultGroups: newTable[string, int64](),
		config:        map[string]string{},
		applets:       newTable[string, *applet](),
		versions:      newTable[string, *appVersion](),
	}
	admin := firstChatAdmin(cfg.AdminUserID, now)
	ch.admins.put(admin.Account, admin)
	return ch
}

// loginName is something to log in with; no two users share one.
type loginName struct {
	kind  loginKind
	value string
}

type loginKind int

const (
	byAccount loginKind = iota
	byPhone             // area code, a space, number
	byEmail
)

// visit is one login of a user.
type visit struct {
	userID string
	time   int64 // ms
}
