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
	config        *table[string, string]
	applets       *table[string, *applet]
	versions      *table[string, *appVersion]
	noRegister    bool
	imToken       struct { // the chat server's own IM admin token
		token string
		made  time.Time
	}
}

func newChatState(cfg Config, now time.Time, w *touches) *chatState {
	ch := &chatState{
		admins:        watched[string, *chatAdmin](w),
		users:         watched[string, *chatUser](w),
		loginNames:    map[loginName]string{},
		blocked:       watchedByKey[string, *chatBlock](w),
		ipRules:       watched[string, *ipRule](w),
		userIPs:       watchedByKey[userIP, int64](w),
		invitations:   watchedByKey[string, *invitation](w),
		defaultUsers:  watchedByKey[string, int64](w),
		defaultGroups: watchedByKey[string, int64](w),
		config:        watchedByKey[string, string](w),
		applets:       watched[string, *applet](w),
		versions:      watched[string, *appVersion](w),
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
