package sandbox

import (
	"regexp"
	"strings"
)

// chatUserAdminEndpoints are the users' accounts on the chat server's admin API.
// The xlsx import isn't built.
func chatUserAdminEndpoints() []endpoint {
	return []endpoint{
		{path: "/account/add_user", run: handle(chatAddUser)},
		{path: "/user/import/json", run: handle(chatImportUsers)},
		{path: "/user/password/reset", run: handle(chatResetPassword)},
	}
}

// chatUserEndpoints are those of its user API (port 10008).
func chatUserEndpoints() []endpoint {
	return []endpoint{
		{path: "/account/login", access: noToken, run: handle(chatLogin)},
		{path: "/account/register", access: noToken, run: handle(chatRegister)},
		{path: "/user/update", run: handle(chatUpdateUser)},
		{path: "/user/find/full", reads: true, run: handle(chatFindFull)},
		{path: "/user/find/public", reads: true, run: handle(chatFindPublic)},
		{path: "/user/search/full", reads: true, run: handle(chatSearchFull)},
		{path: "/user/search/public", reads: true, run: handle(chatSearchPublic)},
	}
}

// chatUserInfo is what a caller gives of a new user: RegisterUserInfo.
type chatUserInfo struct {
	UserID       string `json:"userID"`
	Nickname     string `json:"nickname"`
	FaceURL      string `json:"faceURL"`
	Birth        int64  `json:"birth"`
	Gender       int32  `json:"gender"`
	AreaCode     string `json:"areaCode"`
	PhoneNumber  string `json:"phoneNumber"`
	Email        string `json:"email"`
	Account      string `json:"account"`
	Password     string `json:"password"`
	RegisterType int32  `json:"registerType"`
}

// chatUser is a user of the chat server and, as JSON, UserFullInfo.
type chatUser struct {
	chatUserInfo
	Level            int32 `json:"level"`
	AllowAddFriend   int32 `json:"allowAddFriend"`
	AllowBeep        int32 `json:"allowBeep"`
	AllowVibration   int32 `json:"allowVibration"`
	GlobalRecvMsgOpt int32 `json:"globalRecvMsgOpt"`
}

// full is the user as callers see it: without the password.
func (u *chatUser) full() chatUser {
	out := *u
	out.Password = ""
	return out
}

// chatPublicInfo is UserPublicInfo.
type chatPublicInfo struct {
	UserID   string `json:"userID"`
	Account  string `json:"account"`
	Email    string `json:"email"`
	Nickname string `json:"nickname"`
	FaceURL  string `json:"faceURL"`
	Gender   int32  `json:"gender"`
	Level    int32  `json:"level"`
}

func (u *chatUser) public() chatPublicInfo {
	return chatPublicInfo{u.UserID, u.Account, u.Email, u.Nickname, u.FaceURL, u.Gender, u.Level}
}

// publicInfo is null for an unknown user.
func (st *state) publicInfo(userID string) *chatPublicInfo {
	u, ok := st.chat.users.get(userID)
	if !ok {
		return nil
	}
	info := u.public()
	return &info
}

var (
	emailForm   = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
	accountForm = regexp.MustCompile(`^[A-Za-z0-9]+$`)
	phoneForm   = regexp.MustCompile(`^[0-9]+$`)
	areaForm    = regexp.MustCompile(`^\+?[0-9]+$`)
)

// checkNames wants e-mail or area code with phone; an account name alone is refused
// (SERVER-BEHAVIOUR §13).
func checkNames(email, areaCode, phone string) error {
	switch {
	case email != "":
		if !emailForm.MatchString(email) {
			return argsError("email must be right")
		}
	case areaCode == "" || phone == "":
		return argsError("email or area code and phone number must be given")
	}
	if phone != "" && (!areaForm.MatchString(areaCode) || !phoneForm.MatchString(phone)) {
		return argsError("phone number must be digits with an area code")
	}
	return nil
}

func (u *chatUserInfo) check() error {
	if u == nil {
		return missingParameter("user")
	}
	return first(
		required("nickname", u.Nickname),
		required("password", u.Password),
		checkNames(u.Email, u.AreaCode, u.PhoneNumber),
	)
}

// names are the login names that the info holds.
func (u *chatUserInfo) names() []loginName {
	var out []loginName
	for _, n := range []struct {
		kind  loginKind
		value string
	}{
		{byAccount, u.Account}, {byPhone, phoneName(u.AreaCode, u.PhoneNumber)}, {byEmail, u.Email},
	} {
		if n.value != "" {
			out = append(out, loginName{n.kind, n.value})
		}
	}
	return out
}

func phoneName(areaCode, phone string) string {
	if phone == "" {
		return ""
	}
	return "+" + strings.TrimPrefix(areaCode, "+") + " " + phone
}

// checkFree tells whether a user may have these login names.
func (ch *chatState) checkFree(userID string, u *chatUserInfo) error {
	if u.Account != "" && !accountForm.MatchString(u.Account) {
		return argsError("account must be alphanumeric")
	}
	for _, n := range u.names() {
		owner, taken := ch.loginNames[n]
		if !taken || owner == userID {
			continue
		}
		switch n.kind {
		case byPhone:
			return fail(codeChatPhoneTaken, "phone number is taken")
		case byEmail:
			return fail(codeChatEmailTaken, "email is taken")
		}
		return fail(codeChatAccountTaken, "account is taken")
	}
	return nil
}

// addChatUser writes the rows of the chat server, then registers the user on the IM
// server and lets it join the defaults; with no way back, as on the real one.
func (c *call) addChatUser(info *chatUserInfo) (string, error) {
	ch := c.chat
	u := &chatUser{chatUserInfo: *info, Level: 1, AllowAddFriend: 1, AllowBeep: 1, AllowVibration: 1}
	if u.UserID == "" {
		u.UserID = c.newID(func(id string) bool { return ch.users.has(id) || c.users.has(id) })
	} else if ch.users.has(u.UserID) {
		return "", argsError("userID is taken")
	}
	if err := ch.checkFree(u.UserID, &u.chatUserInfo); err != nil {
		return "", err
	}
	ch.users.put(u.UserID, u)
	for _, n := range u.names() {
		ch.loginNames[n] = u.UserID
	}
	im := registerReq{Users: []*user{{UserID: u.UserID, Nickname: u.Nickname, FaceURL: u.FaceURL}}}
	if err := im.check(); err != nil {
		return "", err
	}
	if err := c.register(im.Users); err != nil {
		return "", err
	}
	c.joinDefaults(u.UserID)
	return u.UserID, nil
}

type chatAddUserReq struct {
	IP, DeviceID string
	Platform     int32
	User         *chatUserInfo
}

func (r chatAddUserReq) check() error { return r.User.check() }

// chatAddUser answers an empty body when the registration fails (CHAT-ADMIN, traps).
func chatAddUser(c *call, req chatAddUserReq) (any, error) {
	if _, err := c.addChatUser(req.User); err != nil {
		c.log.Printf("add_user: %v", err)
		return rawAnswer{status: 200}, nil
	}
	return nil, nil
}

type chatImportReq struct{ Users []*chatUserInfo }

func (r chatImportReq) check() error { return requiredIf(len(r.Users) == 0, "users") }

// chatImportUsers stops at the first error; what was done before it stays.
func chatImportUsers(c *call, req chatImportReq) (any, error) {
	for _, info := range req.Users {
		if err := info.check(); err != nil {
			return nil, err
		}
		if _, err := c.addChatUser(info); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

type chatResetPasswordReq struct{ UserID, NewPassword string }

func (r chatResetPasswordReq) check() error {
	return first(required("userID", r.UserID), required("newPassword", r.NewPassword))
}

// chatResetPassword ends the chat tokens too, and logs out of IM everywhere.
func chatResetPassword(c *call, req chatResetPasswordReq) (any, error) {
	u, ok := c.chat.users.get(req.UserID)
	if !ok {
		return nil, notFound("user not found")
	}
	u.Password = req.NewPassword
	c.redis.Del(chatTokenKey(req.UserID))
	c.logoutEverywhere(req.UserID)
	return nil, nil
}

func (c *call) logoutEverywhere(userID string) {
	for platform := range int32(lastPlatform) {
		c.logout(userID, platform+1)
	}
}
