package sandbox

import (
	"regexp"
	"unicode"
)

// The area user: accounts (SERVER-BEHAVIOUR §6). Notification accounts are in
// notification.go, presence in online.go, commands and client settings in userdata.go.
func userEndpoints() []endpoint {
	return []endpoint{
		{path: "/user/user_register", access: adminOnly, run: handle(registerUsers)},
		{path: "/user/update_user_info", run: handle(updateUser)},
		{path: "/user/update_user_info_ex", run: handle(updateUserEx)},
		{path: "/user/set_global_msg_recv_opt", run: handle(setGlobalRecvOpt)},
		{path: "/user/get_users_info", reads: true, run: handle(getUsersInfo)},
		{path: "/user/get_all_users_uid", reads: true, run: handle(getAllUserIDs)},
		{path: "/user/account_check", access: adminOnly, reads: true, run: handle(accountCheck)},
		{path: "/user/get_users", reads: true, run: handle(getUsers)},
	}
}

type registerReq struct{ Users []*user }

func (r registerReq) check() error {
	if len(r.Users) == 0 {
		return missingParameter("users")
	}
	for _, u := range r.Users {
		switch {
		case u == nil:
			return argsError("users holds a null")
		case u.Nickname == "":
			return missingParameter("nickname")
		case !legalUserID(u.UserID):
			return argsError("userID is legal") // so worded by the server
		}
	}
	return nil
}

// legalUserID takes letters, digits and underscores; the empty id passes here.
func legalUserID(id string) bool {
	for _, r := range id {
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return true
}

func registerUsers(c *call, req registerReq) (any, error) {
	return nil, c.register(req.Users)
}

// register adds users, all or none.
func (st *state) register(users []*user) error {
	seen := make(map[string]bool, len(users))
	for _, u := range users {
		if u.UserID == "" {
			return missingParameter("userID")
		}
		if seen[u.UserID] {
			return repeatedParameter("userID")
		}
		seen[u.UserID] = true
	}
	for id := range seen {
		if st.users.has(id) {
			return fail(codeRegisteredAlready, "userID registered already")
		}
	}
	now := st.nowMilli()
	for _, u := range users {
		u.CreateTime = now
		st.addUser(u)
	}
	return nil
}

type updateUserReq struct{ UserInfo *user }

func (r updateUserReq) check() error {
	if r.UserInfo == nil {
		return missingParameter("userInfo")
	}
	return required("userID", r.UserInfo.UserID)
}

// updateUser skips empty fields, and never changes the level.
func updateUser(c *call, req updateUserReq) (any, error) {
	ex := userInfoEx{UserID: req.UserInfo.UserID}
	for _, f := range []struct {
		value *string
		to    **string
	}{
		{&req.UserInfo.Nickname, &ex.Nickname}, {&req.UserInfo.FaceURL, &ex.FaceURL}, {&req.UserInfo.Ex, &ex.Ex},
	} {
		if *f.value != "" {
			*f.to = f.value
		}
	}
	if req.UserInfo.GlobalRecvMsgOpt != 0 {
		ex.GlobalRecvMsgOpt = &req.UserInfo.GlobalRecvMsgOpt
	}
	return updateUserEx(c, updateUserExReq{&ex})
}

// userInfoEx is sdkws.UserInfoWithEx: null or absent leaves a field alone.
type userInfoEx struct {
	UserID                string
	Nickname, FaceURL, Ex *string
	GlobalRecvMsgOpt      *int32
}

type updateUserExReq struct{ UserInfo *userInfoEx }

func (r updateUserExReq) check() error {
	if r.UserInfo == nil {
		return missingParameter("userInfo")
	}
	return required("userID", r.UserInfo.UserID)
}

func updateUserEx(c *call, req updateUserExReq) (any, error) {
	in := req.UserInfo
	if err := c.self(in.UserID); err != nil {
		return nil, err
	}
	u, ok := c.users.get(in.UserID)
	if !ok {
		return nil, notFound("user not found")
	}
	set(&u.Nickname, in.Nickname)
	set(&u.FaceURL, in.FaceURL)
	set(&u.Ex, in.Ex)
	set(&u.GlobalRecvMsgOpt, in.GlobalRecvMsgOpt)
	c.userChanged(u)
	return nil, nil
}

// set gives a field the value of a nullable one, if there is one.
func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

type recvOptReq struct {
	UserID           string
	GlobalRecvMsgOpt int32
}

func (r recvOptReq) check() error {
	if r.GlobalRecvMsgOpt < 0 || r.GlobalRecvMsgOpt > 2 {
		return argsError("globalRecvMsgOpt is invalid")
	}
	return required("userID", r.UserID)
}

// setGlobalRecvOpt has no owner check, as on the real server.
func setGlobalRecvOpt(c *call, req recvOptReq) (any, error) {
	u, ok := c.users.get(req.UserID)
	if !ok {
		return nil, notFound("user not found")
	}
	u.GlobalRecvMsgOpt = req.GlobalRecvMsgOpt
	c.tellUser(c.userID, u.UserID, noteUserInfo, userIDTips{u.UserID})
	return nil, nil
}

type userIDsReq struct{ UserIDs []string }

func (r userIDsReq) check() error { return requiredIf(r.UserIDs == nil, "userIDs") }

func getUsersInfo(c *call, req userIDsReq) (any, error) {
	return struct {
		UsersInfo []user `json:"usersInfo"`
	}{c.knownUsers(req.UserIDs)}, nil
}

// knownUsers are the users of a list of ids, each once, unknown ones left out.
func (st *state) knownUsers(ids []string) []user {
	var out []user
	for _, id := range distinct(ids) {
		if u, ok := st.users.get(id); ok {
			out = append(out, *u)
		}
	}
	return out
}

// paged is a request with a pagination that the server checks.
type paged struct{ Pagination *pagination }

func (r paged) check() error { return r.Pagination.check() }

func getAllUserIDs(c *call, req paged) (any, error) {
	var ids []string
	for _, u := range c.users.page(req.Pagination) {
		ids = append(ids, u.UserID)
	}
	return struct {
		Total   int      `json:"total"`
		UserIDs []string `json:"userIDs"`
	}{c.users.len(), ids}, nil
}

type accountCheckReq struct{ CheckUserIDs []string }

func (r accountCheckReq) check() error { return requiredIf(r.CheckUserIDs == nil, "checkUserIDs") }

func accountCheck(c *call, req accountCheckReq) (any, error) {
	type result struct {
		UserID        string `json:"userID"`
		AccountStatus int32  `json:"accountStatus"`
	}
	if repeated(req.CheckUserIDs) {
		return nil, repeatedParameter("userID")
	}
	var results []result
	for _, id := range req.CheckUserIDs {
		r := result{UserID: id}
		if c.users.has(id) {
			r.AccountStatus = 1
		}
		results = append(results, r)
	}
	return struct {
		Results []result `json:"results"`
	}{results}, nil
}

type getUsersReq struct {
	paged
	UserID, NickName string
}

// getUsers lists users of level 0 and 1. Both filters are expressions that ignore
// case; together they mean OR.
func getUsers(c *call, req getUsersReq) (any, error) {
	found := c.listed
	if req.UserID != "" || req.NickName != "" {
		id, err := filterExpression(req.UserID)
		if err != nil {
			return nil, err
		}
		name, err := filterExpression(req.NickName)
		if err != nil {
			return nil, err
		}
		found = nil
		for _, u := range c.listed {
			if id != nil && id.MatchString(u.UserID) || name != nil && name.MatchString(u.Nickname) {
				found = append(found, u)
			}
		}
	}
	var users []user
	for _, u := range pageOf(found, req.Pagination) {
		users = append(users, *u)
	}
	return struct {
		Total int    `json:"total"`
		Users []user `json:"users"`
	}{len(found), users}, nil
}

// filterExpression is nil for an empty filter; a broken one is a database error.
func filterExpression(text string) (*regexp.Regexp, error) {
	if text == "" {
		return nil, nil
	}
	re, err := regexp.Compile("(?i)" + text)
	if err != nil {
		return nil, uncodedError(err.Error())
	}
	return re, nil
}
