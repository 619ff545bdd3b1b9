package sandbox

import "slices"

// Values of handleResult.
const (
	unhandled = 0
	agreed    = 1
	refused   = -1
)

type addFriendReq struct{ FromUserID, ToUserID, ReqMsg, Ex string }

func (r addFriendReq) check() error {
	return first(required("fromUserID", r.FromUserID), required("toUserID", r.ToUserID))
}

// addFriend resets the request if there is one already.
func addFriend(c *call, req addFriendReq) (any, error) {
	if err := c.self(req.FromUserID); err != nil {
		return nil, err
	}
	if req.FromUserID == req.ToUserID {
		return nil, fail(codeAddYourself, "can not add yourself")
	}
	if err := c.checkUsers(req.ToUserID, req.FromUserID); err != nil {
		return nil, err
	}
	if c.areFriends(req.FromUserID, req.ToUserID) && c.areFriends(req.ToUserID, req.FromUserID) {
		return nil, fail(codeRelationExists, "already friends")
	}
	r := &friendRequest{
		fromUserID: req.FromUserID, toUserID: req.ToUserID, reqMsg: req.ReqMsg, ex: req.Ex, createTime: c.nowMilli(),
	}
	c.putFriendRequest(r)
	c.tellRequest(req.FromUserID, req.ToUserID, noteFriendApplied, r)
	return nil, nil
}

// putFriendRequest replaces the request that is there.
func (st *state) putFriendRequest(r *friendRequest) {
	inner(st.touched, st.received, r.toUserID).put(r.fromUserID, r)
	inner(st.touched, st.sent, r.fromUserID).put(r.toUserID, r)
}

type respondFriendReq struct {
	FromUserID, ToUserID, HandleMsg string
	HandleResult                    int32
}

func (r respondFriendReq) check() error {
	return first(required("fromUserID", r.FromUserID), required("toUserID", r.ToUserID))
}

func respondFriend(c *call, req respondFriendReq) (any, error) {
	if err := c.self(req.ToUserID); err != nil {
		return nil, err
	}
	if req.HandleResult != agreed && req.HandleResult != refused {
		return nil, argsError("handleResult is neither 1 nor -1")
	}
	r, ok := c.received[req.ToUserID].get(req.FromUserID)
	switch {
	case !ok:
		return nil, notFound("friend request not found")
	case r.handleResult != unhandled && req.HandleResult == agreed:
		return nil, argsError("the friend request has been processed")
	case r.handleResult != unhandled:
		return nil, fail(codeFriendRequestDone, "friend request has already been processed")
	}
	now := c.nowMilli()
	r.handleResult, r.handleMsg, r.handleTime = req.HandleResult, req.HandleMsg, now
	if req.HandleResult == refused {
		c.tellRequest(req.ToUserID, req.FromUserID, noteFriendRefused, r)
		return nil, nil
	}
	r.handlerUserID = c.userID
	if back, ok := c.received[req.FromUserID].get(req.ToUserID); ok && back.handleResult == unhandled {
		back.handleResult, back.handlerUserID, back.handleTime = agreed, c.userID, now
	}
	// The operator recorded is the applicant, whoever calls.
	c.befriend(req.ToUserID, []string{req.FromUserID}, friendByApply, req.FromUserID)
	c.tellFriends(req.FromUserID, req.ToUserID, req.HandleMsg)
	return nil, nil
}

type friendRequestInfo struct {
	FromUserID    string `json:"fromUserID"`
	FromNickname  string `json:"fromNickname"`
	FromFaceURL   string `json:"fromFaceURL"`
	ToUserID      string `json:"toUserID"`
	ToNickname    string `json:"toNickname"`
	ToFaceURL     string `json:"toFaceURL"`
	HandleResult  int32  `json:"handleResult"`
	ReqMsg        string `json:"reqMsg"`
	CreateTime    int64  `json:"createTime"`
	HandlerUserID string `json:"handlerUserID"`
	HandleMsg     string `json:"handleMsg"`
	HandleTime    int64  `json:"handleTime"`
	Ex            string `json:"ex"`
}

func (st *state) friendRequestInfos(requests []*friendRequest) []friendRequestInfo {
	var out []friendRequestInfo
	for _, r := range requests {
		info := friendRequestInfo{
			FromUserID: r.fromUserID, ToUserID: r.toUserID, HandleResult: r.handleResult, ReqMsg: r.reqMsg,
			CreateTime: r.createTime, HandlerUserID: r.handlerUserID, HandleMsg: r.handleMsg, HandleTime: r.handleTime, Ex: r.ex,
		}
		if u, ok := st.users.get(r.fromUserID); ok {
			info.FromNickname, info.FromFaceURL = u.Nickname, u.FaceURL
		}
		if u, ok := st.users.get(r.toUserID); ok {
			info.ToNickname, info.ToFaceURL = u.Nickname, u.FaceURL
		}
		out = append(out, info)
	}
	return out
}

type requestsReq struct {
	pagedUserReq
	HandleResults []int32
}

// requestPage is a page of requests, newest first, and the total.
func requestPage(t *table[string, *friendRequest], req requestsReq) ([]*friendRequest, int) {
	var found []*friendRequest
	for _, r := range t.all() {
		if len(req.HandleResults) == 0 || slices.Contains(req.HandleResults, r.handleResult) {
			found = append(found, r)
		}
	}
	slices.SortStableFunc(found, func(a, b *friendRequest) int { return int(b.createTime - a.createTime) })
	return pageOf(found, req.Pagination), len(found)
}

// getReceivedRequests spells its list with a capital, unlike its siblings.
func getReceivedRequests(c *call, req requestsReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	page, total := requestPage(c.received[req.UserID], req)
	return struct {
		FriendRequests []friendRequestInfo `json:"FriendRequests"`
		Total          int                 `json:"total"`
	}{c.friendRequestInfos(page), total}, nil
}

func getSentRequests(c *call, req requestsReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	page, total := requestPage(c.sent[req.UserID], req)
	return struct {
		FriendRequests []friendRequestInfo `json:"friendRequests"`
		Total          int                 `json:"total"`
	}{c.friendRequestInfos(page), total}, nil
}

type designatedRequestsReq struct{ FromUserID, ToUserID string }

func (r designatedRequestsReq) check() error {
	return first(required("fromUserID", r.FromUserID), required("toUserID", r.ToUserID))
}

// getDesignatedRequests lists both directions.
func getDesignatedRequests(c *call, req designatedRequestsReq) (any, error) {
	if err := c.self(req.FromUserID, req.ToUserID); err != nil {
		return nil, err
	}
	var found []*friendRequest
	for _, pair := range [][2]string{{req.FromUserID, req.ToUserID}, {req.ToUserID, req.FromUserID}} {
		if r, ok := c.received[pair[1]].get(pair[0]); ok {
			found = append(found, r)
		}
	}
	return struct {
		FriendRequests []friendRequestInfo `json:"friendRequests"`
	}{c.friendRequestInfos(found)}, nil
}

type countReq struct {
	UserID string
	Time   int64
}

type countAnswer struct {
	Count int `json:"count"`
}

// countUnhandledRequests counts those after a time.
func countUnhandledRequests(c *call, req countReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	var n int
	for _, r := range c.received[req.UserID].all() {
		if r.handleResult == unhandled && r.createTime > req.Time {
			n++
		}
	}
	return countAnswer{n}, nil
}
