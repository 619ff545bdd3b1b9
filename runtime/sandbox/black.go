package sandbox

type blackReq struct{ OwnerUserID, BlackUserID, Ex string }

func (r blackReq) check() error {
	return first(required("ownerUserID", r.OwnerUserID), required("blackUserID", r.BlackUserID))
}

// addBlack answers "not found" for oneself, and a database error the second time.
func addBlack(c *call, req blackReq) (any, error) {
	if err := c.self(req.OwnerUserID); err != nil {
		return nil, err
	}
	if err := c.checkUsers(req.OwnerUserID, req.BlackUserID); err != nil {
		return nil, err
	}
	t := inner(c.touched, c.blacks, req.OwnerUserID)
	if t.has(req.BlackUserID) {
		return nil, duplicateKeyError("black")
	}
	t.put(req.BlackUserID, &black{
		ownerUserID: req.OwnerUserID, blackUserID: req.BlackUserID,
		operatorUserID: c.userID, ex: req.Ex, createTime: c.nowMilli(),
	})
	c.tellUser(req.OwnerUserID, req.BlackUserID, noteBlackAdded, fromToTips{FromToUserID: fromTo{req.OwnerUserID, req.BlackUserID}})
	return nil, nil
}

func removeBlack(c *call, req blackReq) (any, error) {
	if err := c.self(req.OwnerUserID); err != nil {
		return nil, err
	}
	if c.blacks[req.OwnerUserID].delete(req.BlackUserID) {
		c.tellUser(req.OwnerUserID, req.BlackUserID, noteBlackRemoved, fromToTips{FromToUserID: fromTo{req.OwnerUserID, req.BlackUserID}})
	}
	return nil, nil
}

type publicUser struct {
	UserID   string `json:"userID"`
	Nickname string `json:"nickname"`
	FaceURL  string `json:"faceURL"`
	Ex       string `json:"ex"`
}

// publicUser is nil for an unknown user.
func (st *state) publicUser(userID string) *publicUser {
	u, ok := st.users.get(userID)
	if !ok {
		return nil
	}
	return &publicUser{u.UserID, u.Nickname, u.FaceURL, u.Ex}
}

type blackInfo struct {
	OwnerUserID    string      `json:"ownerUserID"`
	CreateTime     int64       `json:"createTime"`
	BlackUserInfo  *publicUser `json:"blackUserInfo"`
	AddSource      int32       `json:"addSource"`
	OperatorUserID string      `json:"operatorUserID"`
	Ex             string      `json:"ex"`
}

// blackInfo gives the time in seconds (SERVER-BEHAVIOUR §5).
func (st *state) blackInfo(b *black) blackInfo {
	return blackInfo{b.ownerUserID, b.createTime / 1000, st.publicUser(b.blackUserID), b.addSource, b.operatorUserID, b.ex}
}

type blacksAnswer struct {
	Blacks []blackInfo `json:"blacks"`
	Total  int         `json:"total"`
}

func getBlackList(c *call, req pagedUserReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	t := c.blacks[req.UserID]
	out := blacksAnswer{Total: t.len()}
	for _, b := range t.page(req.Pagination) {
		out.Blacks = append(out.Blacks, c.blackInfo(b))
	}
	return out, nil
}

type specifiedBlacksReq struct {
	OwnerUserID string
	UserIDList  []string
}

// getSpecifiedBlacks gives the times in milliseconds; its total counts the hits.
func getSpecifiedBlacks(c *call, req specifiedBlacksReq) (any, error) {
	if err := c.self(req.OwnerUserID); err != nil {
		return nil, err
	}
	if len(req.UserIDList) == 0 {
		return nil, missingParameter("userIDList")
	}
	if repeated(req.UserIDList) {
		return nil, repeatedParameter("userIDList")
	}
	var out blacksAnswer
	for _, id := range req.UserIDList {
		if b, ok := c.blacks[req.OwnerUserID].get(id); ok {
			info := c.blackInfo(b)
			info.CreateTime = b.createTime
			out.Blacks = append(out.Blacks, info)
		}
	}
	out.Total = len(out.Blacks)
	return out, nil
}

// getIncrementalBlacks is routed on the real server, but its service lacks it.
func getIncrementalBlacks(*call, nothing) (any, error) {
	return nil, uncodedError("unknown method getIncrementalBlacks for service openim.relation.friend")
}
