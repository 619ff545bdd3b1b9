package sandbox

// connection is one open WebSocket of a user, as it is told.
type connection struct {
	PlatformID   int32  `json:"platformID"`
	ConnID       string `json:"connID"`
	IsBackground bool   `json:"isBackground"`
	Token        string `json:"token"` // the live token, as on the real server
}

// Presence (SERVER-BEHAVIOUR §6, user).
func onlineEndpoints() []endpoint {
	return []endpoint{
		{path: "/user/get_users_online_status", access: adminOnly, bind: strict500, reads: true, run: handle(getOnlineStatus)},
		{path: "/user/get_users_online_token_detail", bind: strict, reads: true, run: handle(getOnlineTokens)},
		{path: "/user/get_users_status", reads: true, run: handle(getUsersStatus)},
		{path: "/user/subscribe_users_status", reads: true, run: handle(subscribeStatus)},
		{path: "/user/get_subscribe_users_status", reads: true, run: handle(getSubscribedStatus)},
	}
}

type onlineReq struct{ UserIDs []string }

// getOnlineStatus answers an array in the order of the request.
func getOnlineStatus(c *call, req onlineReq) (any, error) {
	type status struct {
		UserID               string       `json:"userID"`
		Status               int32        `json:"status"`
		DetailPlatformStatus []connection `json:"detailPlatformStatus"`
	}
	var out []status
	for _, id := range req.UserIDs {
		st := status{UserID: id}
		for _, conn := range c.online[id] {
			st.DetailPlatformStatus = append(st.DetailPlatformStatus, connection{conn.platformID, conn.connID, conn.background, conn.token})
		}
		if len(st.DetailPlatformStatus) > 0 {
			st.Status = 1
		}
		out = append(out, st)
	}
	return out, nil
}

// getOnlineTokens lists online users only, and nothing to a caller who is no admin.
func getOnlineTokens(c *call, req onlineReq) (any, error) {
	type platformTokens struct {
		PlatformID int32    `json:"platformID"`
		Total      int      `json:"total"`
		Token      []string `json:"token"`
	}
	type detail struct {
		UserID              string           `json:"userID"`
		Status              int32            `json:"status"`
		SinglePlatformToken []platformTokens `json:"singlePlatformToken"`
	}
	var out []detail
	if !c.admin {
		return out, nil
	}
	for _, id := range req.UserIDs {
		byPlatform := newTable[int32, platformTokens]()
		for _, conn := range c.online[id] {
			p, _ := byPlatform.get(conn.platformID)
			p.PlatformID = conn.platformID
			p.Total++
			p.Token = append(p.Token, conn.token)
			byPlatform.put(conn.platformID, p)
		}
		if byPlatform.len() == 0 {
			continue
		}
		d := detail{UserID: id, Status: 1}
		for _, p := range byPlatform.all() {
			d.SinglePlatformToken = append(d.SinglePlatformToken, p)
		}
		out = append(out, d)
	}
	return out, nil
}

type onlineStatus struct {
	UserID      string  `json:"userID"`
	Status      int32   `json:"status"`
	PlatformIDs []int32 `json:"platformIDs"`
}

type statusList struct {
	StatusList []onlineStatus `json:"statusList"`
}

type usersStatusReq struct {
	UserID  string
	UserIDs []string
}

// check refuses the empty list too.
func (r usersStatusReq) check() error { return requiredIf(len(r.UserIDs) == 0, "userIDs") }

func getUsersStatus(c *call, req usersStatusReq) (any, error) {
	var out statusList
	for _, id := range req.UserIDs {
		st := onlineStatus{UserID: id, PlatformIDs: c.platforms(id)}
		if len(st.PlatformIDs) > 0 {
			st.Status = 1
		}
		out.StatusList = append(out.StatusList, st)
	}
	return out, nil
}

type subscribeReq struct {
	UserID  string
	UserIDs []string
	Genre   int32
}

func (r subscribeReq) check() error {
	return first(
		required("userID", r.UserID),
		requiredIf(r.UserIDs == nil, "userIDs"),
		requiredIf(r.Genre < 1 || r.Genre > 2, "genre"),
	)
}

// subscribeStatus does nothing: subscribing works over the WebSocket only.
func subscribeStatus(*call, subscribeReq) (any, error) { return statusList{}, nil }

type userIDReq struct{ UserID string }

func (r userIDReq) check() error { return required("userID", r.UserID) }

func getSubscribedStatus(*call, userIDReq) (any, error) { return statusList{}, nil }
