package sandbox

// friendInfo is sdkws.FriendInfo as JSON.
type friendInfo struct {
	OwnerUserID    string `json:"ownerUserID"`
	Remark         string `json:"remark"`
	CreateTime     int64  `json:"createTime"`
	FriendUser     *user  `json:"friendUser"`
	AddSource      int32  `json:"addSource"`
	OperatorUserID string `json:"operatorUserID"`
	Ex             string `json:"ex"`
	IsPinned       bool   `json:"isPinned"`
}

// friendInfo gives the creation time in seconds and four fields of the user
// (SERVER-BEHAVIOUR §5).
func (st *state) friendInfo(f *friend) friendInfo {
	info := friendInfo{
		OwnerUserID: f.ownerUserID, Remark: f.remark, CreateTime: f.createTime / 1000, FriendUser: &user{},
		AddSource: f.addSource, OperatorUserID: f.operatorUserID, Ex: f.ex, IsPinned: f.isPinned,
	}
	if u, ok := st.users.get(f.friendUserID); ok {
		*info.FriendUser = user{UserID: u.UserID, Nickname: u.Nickname, FaceURL: u.FaceURL, Ex: u.Ex}
	}
	return info
}

// friendsOf are the friends out of a list of ids, others left out.
func (st *state) friendsOf(owner string, ids []string) []friendInfo {
	var out []friendInfo
	for _, id := range ids {
		if f, ok := st.friends[owner].get(id); ok {
			out = append(out, st.friendInfo(f))
		}
	}
	return out
}

// pagedUserReq is a paged request of one user's rows.
type pagedUserReq struct {
	paged
	UserID string
}

func (r pagedUserReq) check() error { return first(r.paged.check(), required("userID", r.UserID)) }

// getFriendList sorts the pinned ones first, then by insertion.
func getFriendList(c *call, req pagedUserReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	var pinned, others []*friend
	for _, f := range c.friends[req.UserID].all() {
		if f.isPinned {
			pinned = append(pinned, f)
		} else {
			others = append(others, f)
		}
	}
	var infos []friendInfo
	for _, f := range pageOf(append(pinned, others...), req.Pagination) {
		infos = append(infos, c.friendInfo(f))
	}
	return struct {
		FriendsInfo []friendInfo `json:"friendsInfo"`
		Total       int          `json:"total"`
	}{infos, c.friends[req.UserID].len()}, nil
}

type friendsReq struct {
	OwnerUserID   string
	FriendUserIDs []string
}

func (r friendsReq) check() error {
	return first(
		required("ownerUserID", r.OwnerUserID),
		requiredIf(r.FriendUserIDs == nil, "friendUserIDs"),
	)
}

func getDesignatedFriends(c *call, req friendsReq) (any, error) {
	if err := c.self(req.OwnerUserID); err != nil {
		return nil, err
	}
	if repeated(req.FriendUserIDs) {
		return nil, repeatedParameter("friend userID")
	}
	return struct {
		FriendsInfo []friendInfo `json:"friendsInfo"`
	}{c.friendsOf(req.OwnerUserID, req.FriendUserIDs)}, nil
}

func getFriendIDs(c *call, req userIDReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	return struct {
		FriendIDs []string `json:"friendIDs"`
	}{keys(c.friends[req.UserID])}, nil
}

type specifiedReq struct {
	OwnerUserID string
	UserIDList  []string
}

func (r specifiedReq) check() error {
	return first(
		required("ownerUserID", r.OwnerUserID),
		requiredIf(len(r.UserIDList) == 0, "userIDList"),
		tooMany("userIDList", len(r.UserIDList)),
	)
}

// getSpecifiedFriends gives the times in milliseconds, and null for what isn't there.
func getSpecifiedFriends(c *call, req specifiedReq) (any, error) {
	type info struct {
		UserInfo   user        `json:"userInfo"`
		FriendInfo *friendInfo `json:"friendInfo"`
		BlackInfo  *blackInfo  `json:"blackInfo"`
	}
	if repeated(req.UserIDList) {
		return nil, repeatedParameter("userIDList")
	}
	if err := c.self(req.OwnerUserID); err != nil {
		return nil, err
	}
	var infos []info
	for _, u := range c.knownUsers(req.UserIDList) {
		i := info{UserInfo: u}
		if f, ok := c.friends[req.OwnerUserID].get(u.UserID); ok {
			fi := c.friendInfo(f)
			fi.CreateTime, fi.FriendUser = f.createTime, nil
			i.FriendInfo = &fi
		}
		if b, ok := c.blacks[req.OwnerUserID].get(u.UserID); ok {
			bi := c.blackInfo(b)
			bi.CreateTime, bi.BlackUserInfo = b.createTime, nil
			i.BlackInfo = &bi
		}
		infos = append(infos, i)
	}
	return struct {
		Infos []info `json:"infos"`
	}{infos}, nil
}
