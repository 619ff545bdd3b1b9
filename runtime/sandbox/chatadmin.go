package sandbox

import (
	"crypto/md5"
	"encoding/hex"
	"time"
)

// Codes of the chat server (CHAT-ADMIN, "Error codes of this server").
const (
	codeChatPassword        = 20001
	codeChatAccountNotFound = 20002
	codeChatPhoneTaken      = 20003
	codeChatAccountTaken    = 20004
	codeChatVerifyCode      = 20005
	codeChatForbidden       = 20012
	codeChatEmailTaken      = 20014
	codeChatTokenNotThere   = 20101
)

// Levels of admins.
const (
	superAdmin    = 100
	ordinaryAdmin = 80
)

// chatAdminEndpoints are the admins' own accounts, on the chat server's admin API
// (CHAT-ADMIN).
func chatAdminEndpoints() []endpoint {
	return []endpoint{
		{path: "/account/login", access: noToken, run: handle(chatAdminLogin)},
		{path: "/account/update", run: handle(chatAdminUpdate)},
		{path: "/account/info", reads: true, run: handle(chatAdminInfo)},
		{path: "/account/change_password", run: handle(chatAdminChangePassword)},
		{path: "/account/add_admin", run: handle(chatAdminAdd)},
		{path: "/account/del_admin", run: handle(chatAdminDelete)},
		{path: "/account/search", reads: true, run: handle(chatAdminSearch)},
	}
}

// chatAdmin is an account of the admin API and, as JSON, GetAdminInfoResp.
type chatAdmin struct {
	Account    string `json:"account"`
	Password   string `json:"password"` // md5 hex of the clear one
	FaceURL    string `json:"faceURL"`
	Nickname   string `json:"nickname"`
	UserID     string `json:"userID"`
	Level      int32  `json:"level"`
	CreateTime int64  `json:"createTime"` // ms
}

// firstChatAdmin is the account made at start: its name is its password too.
func firstChatAdmin(imAdmin string, now time.Time) *chatAdmin {
	const account = "chatAdmin"
	sum := md5.Sum([]byte(account))
	return &chatAdmin{
		Account: account, Password: hex.EncodeToString(sum[:]), Nickname: account,
		UserID: imAdmin, Level: superAdmin, CreateTime: now.UnixMilli(),
	}
}

type chatAdminLoginReq struct{ Account, Password, Version string }

func (r chatAdminLoginReq) check() error {
	if r.Version == "" {
		return uncodedError("the front end is too old")
	}
	return first(required("account", r.Account), required("password", r.Password))
}

func chatAdminLogin(c *call, req chatAdminLoginReq) (any, error) {
	a, ok := c.chat.admins.get(req.Account)
	if !ok {
		return nil, fail(codeChatAccountNotFound, "account not found")
	}
	if a.Password != req.Password {
		return nil, fail(codeChatPassword, "wrong password")
	}
	token, err := c.chatToken(a.UserID, chatAdminKind)
	if err != nil {
		return nil, err
	}
	imToken, err := c.imAdminToken()
	if err != nil {
		return nil, err
	}
	return struct {
		AdminAccount string `json:"adminAccount"`
		AdminToken   string `json:"adminToken"`
		Nickname     string `json:"nickname"`
		FaceURL      string `json:"faceURL"`
		Level        int32  `json:"level"`
		AdminUserID  string `json:"adminUserID"`
		IMUserID     string `json:"imUserID"`
		IMToken      string `json:"imToken"`
	}{a.Account, token, a.Nickname, a.FaceURL, a.Level, a.UserID, c.cfg.AdminUserID, imToken}, nil
}

// adminByID finds an admin account by its user id.
func (st *state) adminByID(userID string) (*chatAdmin, error) {
	for _, a := range st.chat.admins.all() {
		if a.UserID == userID {
			return a, nil
		}
	}
	return nil, notFound("admin not found")
}

// superAdmin refuses admins below level 100.
func (c *call) superAdmin() error {
	a, err := c.adminByID(c.userID)
	if err != nil {
		return err
	}
	if a.Level != superAdmin {
		return noPermission("only the super admin may do this")
	}
	return nil
}

type chatAdminUpdateReq struct {
	Account, Password, FaceURL, Nickname *string
	Level                                *int32
}

// chatAdminUpdate changes the caller's own account, and its name and picture on the IM
// server too.
func chatAdminUpdate(c *call, req chatAdminUpdateReq) (any, error) {
	a, err := c.adminByID(c.userID)
	if err != nil {
		return nil, err
	}
	if req.Account != nil && *req.Account != a.Account {
		if c.chat.admins.has(*req.Account) {
			return nil, fail(codeDuplicateKey, "account is used")
		}
		c.chat.admins.delete(a.Account)
		c.chat.admins.put(*req.Account, a)
	}
	set(&a.Account, req.Account)
	set(&a.Password, req.Password)
	set(&a.FaceURL, req.FaceURL)
	set(&a.Nickname, req.Nickname)
	set(&a.Level, req.Level)
	c.pushToIM(a.UserID, req.Nickname, req.FaceURL)
	return nil, nil
}

// pushToIM gives a user of the IM server a new name and picture.
func (st *state) pushToIM(userID string, nickname, faceURL *string) {
	if u, ok := st.users.get(userID); ok {
		set(&u.Nickname, nickname)
		set(&u.FaceURL, faceURL)
	}
}

func chatAdminInfo(c *call, _ nothing) (any, error) {
	a, err := c.adminByID(c.userID)
	if err != nil {
		return nil, err
	}
	return *a, nil
}

type changePasswordReq struct{ UserID, CurrentPassword, NewPassword string }

func (r changePasswordReq) check() error {
	return first(required("userID", r.UserID), required("newPassword", r.NewPassword))
}

func chatAdminChangePassword(c *call, req changePasswordReq) (any, error) {
	a, err := c.adminByID(req.UserID)
	if err != nil {
		return nil, err
	}
	if a.Password != req.CurrentPassword {
		return nil, uncodedError("password error")
	}
	a.Password = req.NewPassword
	return nil, nil
}

type chatAdminAddReq struct{ Account, Password, FaceURL, Nickname string }

func (r chatAdminAddReq) check() error {
	return first(required("account", r.Account), required("password", r.Password))
}

func chatAdminAdd(c *call, req chatAdminAddReq) (any, error) {
	if err := c.superAdmin(); err != nil {
		return nil, err
	}
	if c.chat.admins.has(req.Account) {
		return nil, fail(codeDuplicateKey, "the account is registered")
	}
	c.chat.admins.put(req.Account, &chatAdmin{
		Account: req.Account, Password: req.Password, FaceURL: req.FaceURL, Nickname: req.Nickname,
		UserID: c.newID(c.users.has), Level: ordinaryAdmin, CreateTime: c.nowMilli(),
	})
	return nil, nil
}

// idList is a request that names some ids, at least one and each once.
type idList struct{ UserIDs []string }

func (r idList) check() error { return checkIDs("userIDs", r.UserIDs) }

func checkIDs(name string, ids []string) error {
	if len(ids) == 0 {
		return missingParameter(name)
	}
	if repeated(ids) {
		return repeatedParameter(name)
	}
	return nil
}

func chatAdminDelete(c *call, req idList) (any, error) {
	if err := c.superAdmin(); err != nil {
		return nil, err
	}
	var accounts []string
	for _, id := range req.UserIDs {
		a, err := c.adminByID(id)
		if err != nil {
			return nil, err
		}
		if a.Level == superAdmin {
			return nil, noPermission("the super admin stays")
		}
		accounts = append(accounts, a.Account)
	}
	for _, account := range accounts {
		c.chat.admins.delete(account)
	}
	return nil, nil
}

// chatPaged is a request with the chat server's pagination, which checks both numbers.
type chatPaged struct{ Pagination *pagination }

func (r chatPaged) check() error {
	if err := r.Pagination.check(); err != nil {
		return err
	}
	if r.Pagination.ShowNumber < 1 {
		return argsError("showNumber is invalid")
	}
	return nil
}

// chatAdminSearch gives createTime in seconds, as the real server does here only.
func chatAdminSearch(c *call, req chatPaged) (any, error) {
	if err := c.superAdmin(); err != nil {
		return nil, err
	}
	var rows []chatAdmin
	for _, a := range c.chat.admins.page(req.Pagination) {
		row := *a
		row.CreateTime /= 1000
		rows = append(rows, row)
	}
	return struct {
		Total         int         `json:"total"`
		AdminAccounts []chatAdmin `json:"adminAccounts"`
	}{c.chat.admins.len(), rows}, nil
}
