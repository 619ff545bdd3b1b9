package sandbox

// notificationLevel is the lowest appMangerLevel of a notification account.
const notificationLevel = 3

// Notification accounts (SERVER-BEHAVIOUR §6, user).
func notificationEndpoints() []endpoint {
	return []endpoint{
		{path: "/user/add_notification_account", access: adminOnly, run: handle(addNotificationAccount)},
		{path: "/user/update_notification_account", access: adminOnly, run: handle(updateNotificationAccount)},
		{path: "/user/search_notification_account", access: adminOnly, reads: true, run: handle(searchNotificationAccounts)},
	}
}

// notificationAccount is user.NotificationAccountInfo; nickName is spelt so here.
type notificationAccount struct {
	UserID         string `json:"userID"`
	FaceURL        string `json:"faceURL"`
	NickName       string `json:"nickName"`
	AppMangerLevel int32  `json:"appMangerLevel"`
}

type addNotificationReq struct{ notificationAccount }

func (r addNotificationReq) check() error { return required("nickName", r.NickName) }

func addNotificationAccount(c *call, req addNotificationReq) (any, error) {
	if req.AppMangerLevel < notificationLevel {
		return nil, argsError("app level not supported")
	}
	if req.UserID == "" {
		req.UserID = c.newID(c.users.has)
	} else if c.users.has(req.UserID) {
		return nil, argsError("userID is used")
	}
	c.addUser(&user{
		UserID: req.UserID, Nickname: req.NickName, FaceURL: req.FaceURL,
		AppMangerLevel: req.AppMangerLevel, CreateTime: c.nowMilli(),
	})
	return req.notificationAccount, nil
}

type updateNotificationReq struct{ UserID, FaceURL, NickName string }

func (r updateNotificationReq) check() error {
	return first(
		required("userID", r.UserID),
		requiredIf(r.FaceURL == "" && r.NickName == "", "nickName"),
	)
}

// updateNotificationAccount works on any user, as on the real server.
func updateNotificationAccount(c *call, req updateNotificationReq) (any, error) {
	u, ok := c.users.get(req.UserID)
	if !ok {
		return nil, argsError("user not found")
	}
	if req.NickName != "" {
		u.Nickname = req.NickName
	}
	if req.FaceURL != "" {
		u.FaceURL = req.FaceURL
	}
	return nil, nil
}

type searchNotificationReq struct {
	paged
	Keyword         string
	AppManagerLevel *int32 // spelt so here
}

// searchNotificationAccounts takes the keyword as an exact id, else as an exact name.
func searchNotificationAccounts(c *call, req searchNotificationReq) (any, error) {
	byID, isID := c.users.get(req.Keyword)
	var found []notificationAccount
	for _, u := range c.notices {
		switch {
		case req.AppManagerLevel != nil && u.AppMangerLevel != *req.AppManagerLevel:
		case req.Keyword != "" && isID && u != byID:
		case req.Keyword != "" && !isID && u.Nickname != req.Keyword:
		default:
			found = append(found, notificationAccount{u.UserID, u.FaceURL, u.Nickname, u.AppMangerLevel})
		}
	}
	return struct {
		Total                int                   `json:"total"`
		NotificationAccounts []notificationAccount `json:"notificationAccounts"`
	}{len(found), pageOf(found, req.Pagination)}, nil
}
