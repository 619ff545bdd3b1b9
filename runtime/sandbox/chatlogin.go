package sandbox

import "net"

type chatLoginReq struct {
	AreaCode, PhoneNumber, VerifyCode string
	Account, Password, Email          string
	Platform                          int32
}

func (r chatLoginReq) check() error { return checkNames(r.Email, r.AreaCode, r.PhoneNumber) }

type chatLoginAnswer struct {
	ChatToken string `json:"chatToken"`
	IMToken   string `json:"imToken"`
	UserID    string `json:"userID"`
}

// chatLogin takes a password; codes by SMS or e-mail are never sent here, so any is wrong.
func chatLogin(c *call, req chatLoginReq) (any, error) {
	name := loginName{byEmail, req.Email}
	if req.Email == "" {
		name = loginName{byPhone, phoneName(req.AreaCode, req.PhoneNumber)}
	}
	userID, ok := c.chat.loginNames[name]
	if !ok {
		return nil, fail(codeChatAccountNotFound, "account not found")
	}
	if err := c.mayLogIn(userID); err != nil {
		return nil, err
	}
	u, ok := c.chat.users.get(userID)
	if !ok || req.Password == "" || u.Password != req.Password {
		return nil, fail(codeChatPassword, "wrong password")
	}
	return c.logInUser(userID, req.Platform)
}

// logInUser makes the chat token and the IM token of a user.
func (c *call) logInUser(userID string, platform int32) (any, error) {
	chatToken, err := c.chatToken(userID, chatUserKind)
	if err != nil {
		return nil, err
	}
	imToken, err := c.tokens.createUser(userID, platform, c.now)
	if err != nil {
		return nil, err
	}
	c.chat.visits = append(c.chat.visits, visit{userID, c.nowMilli()})
	c.touched.touch(visitAt(len(c.chat.visits) - 1))
	return chatLoginAnswer{ChatToken: chatToken, IMToken: imToken, UserID: userID}, nil
}

// clientIP is where the caller calls from.
func (c *call) clientIP() string {
	host, _, err := net.SplitHostPort(c.r.RemoteAddr)
	if err != nil {
		return c.r.RemoteAddr
	}
	return host
}

// mayLogIn looks at blocks and at the rules for addresses.
func (c *call) mayLogIn(userID string) error {
	ip := c.clientIP()
	if b, blocked := c.chat.blocked.get(userID); blocked {
		return fail(codeChatForbidden, b.reason)
	}
	if rule, ok := c.chat.ipRules.get(ip); ok && rule.LimitLogin {
		return fail(codeChatForbidden, "ip forbidden")
	}
	limited := false
	for limit := range c.chat.userIPs.all() {
		if limit.UserID != userID {
			continue
		}
		if limit.IP == ip {
			return nil
		}
		limited = true
	}
	if limited {
		return fail(codeChatForbidden, "login from this ip is not allowed")
	}
	return nil
}

type chatRegisterReq struct {
	InvitationCode, VerifyCode string
	Platform                   int32
	AutoLogin                  bool
	User                       *chatUserInfo
}

func (r chatRegisterReq) check() error { return r.User.check() }

// chatRegister takes an admin's token, if there is one, in place of a verify code.
func chatRegister(c *call, req chatRegisterReq) (any, error) {
	if token := c.r.Header.Get("token"); token != "" {
		if err := c.authenticateChatAdmin(c, token); err != nil {
			return nil, err
		}
	}
	if !c.admin {
		if c.chat.noRegister {
			return nil, noPermission("register user is disabled")
		}
		return nil, fail(codeChatVerifyCode, "verify code is invalid")
	}
	userID, err := c.addChatUser(req.User)
	if err != nil {
		return nil, err
	}
	if inv, ok := c.chat.invitations.get(req.InvitationCode); ok {
		inv.usedUserID = userID
	}
	if req.AutoLogin {
		return c.logInUser(userID, req.Platform)
	}
	return chatLoginAnswer{UserID: userID}, nil
}

type chatUpdateReq struct {
	UserID                                string
	Account, PhoneNumber, AreaCode, Email *string
	Nickname, FaceURL                     *string
	Gender, Level                         *int32
	Birth                                 *int64
	AllowAddFriend, AllowBeep             *int32
	AllowVibration, GlobalRecvMsgOpt      *int32
	RegisterType                          *int32
}

func (r chatUpdateReq) check() error { return required("userID", r.UserID) }

// chatUpdateUser never takes the last login name away, and gives the IM server the new
// name and picture.
func chatUpdateUser(c *call, req chatUpdateReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	u, ok := c.chat.users.get(req.UserID)
	if !ok {
		return nil, argsError("user has no credential")
	}
	changed := *u
	set(&changed.Account, req.Account)
	set(&changed.PhoneNumber, req.PhoneNumber)
	set(&changed.AreaCode, req.AreaCode)
	set(&changed.Email, req.Email)
	set(&changed.Nickname, req.Nickname)
	set(&changed.FaceURL, req.FaceURL)
	set(&changed.Gender, req.Gender)
	set(&changed.Level, req.Level)
	set(&changed.Birth, req.Birth)
	set(&changed.AllowAddFriend, req.AllowAddFriend)
	set(&changed.AllowBeep, req.AllowBeep)
	set(&changed.AllowVibration, req.AllowVibration)
	set(&changed.GlobalRecvMsgOpt, req.GlobalRecvMsgOpt)
	set(&changed.RegisterType, req.RegisterType)
	switch {
	case (changed.AreaCode == "") != (changed.PhoneNumber == ""):
		return nil, argsError("area code and phone number go together")
	case changed.Email != "" && !emailForm.MatchString(changed.Email):
		return nil, argsError("email must be right")
	case len(changed.names()) == 0:
		return nil, argsError("a login account must exist")
	}
	if err := c.chat.checkFree(u.UserID, &changed.chatUserInfo); err != nil {
		return nil, err
	}
	for _, n := range u.names() {
		delete(c.chat.loginNames, n)
	}
	*u = changed
	for _, n := range u.names() {
		c.chat.loginNames[n] = u.UserID
	}
	c.pushToIM(u.UserID, req.Nickname, req.FaceURL)
	return nil, nil
}

type chatFindReq struct{ UserIDs []string }

func (r chatFindReq) check() error { return requiredIf(len(r.UserIDs) == 0, "userIDs") }

type chatUserList[T any] struct {
	Total *int `json:"total,omitempty"`
	Users []T  `json:"users"`
}

func chatFindFull(c *call, req chatFindReq) (any, error) {
	return chatUserList[chatUser]{Users: found(c, req.UserIDs, (*chatUser).full)}, nil
}

func chatFindPublic(c *call, req chatFindReq) (any, error) {
	return chatUserList[chatPublicInfo]{Users: found(c, req.UserIDs, (*chatUser).public)}, nil
}

func found[T any](c *call, ids []string, view func(*chatUser) T) []T {
	var out []T
	for _, id := range distinct(ids) {
		if u, ok := c.chat.users.get(id); ok {
			out = append(out, view(u))
		}
	}
	return out
}

type chatSearchReq struct {
	chatPaged
	Keyword         string
	Genders, Normal int32
}

func chatSearchFull(c *call, req chatSearchReq) (any, error) {
	return search(c, req, (*chatUser).full), nil
}

func chatSearchPublic(c *call, req chatSearchReq) (any, error) {
	return search(c, req, (*chatUser).public), nil
}

func search[T any](c *call, req chatSearchReq, view func(*chatUser) T) chatUserList[T] {
	var hits []*chatUser
	for id, u := range c.chat.users.all() {
		if req.Normal == 1 && c.chat.blocked.has(id) || req.Genders != 0 && u.Gender != req.Genders {
			continue
		}
		if hasKeyword(req.Keyword, id, u.Account, u.Nickname, u.PhoneNumber, u.Email) {
			hits = append(hits, u)
		}
	}
	total := len(hits)
	out := chatUserList[T]{Total: &total}
	for _, u := range pageOf(hits, req.Pagination) {
		out.Users = append(out.Users, view(u))
	}
	return out
}
