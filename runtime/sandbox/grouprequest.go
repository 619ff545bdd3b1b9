package sandbox

import "slices"

// Values of needVerification; 0 is: those who ask need approval, those invited don't.
const (
	verifyAll  = 1
	joinFreely = 2
)

const lastJoinSource = 4

type joinReq struct {
	GroupID, ReqMessage, InviterUserID, Ex string
	JoinSource                             int32
}

func (r joinReq) check() error {
	if r.JoinSource < 1 || r.JoinSource > lastJoinSource {
		return argsError("joinSource is invalid")
	}
	return first(required("groupID", r.GroupID), required("inviterUserID", r.InviterUserID))
}

// joinGroup takes inviterUserID as the applicant, whoever calls.
func joinGroup(c *call, req joinReq) (any, error) {
	id := req.InviterUserID
	if err := c.checkUsers(id); err != nil {
		return nil, err
	}
	g, err := c.group(req.GroupID)
	if err != nil {
		return nil, err
	}
	if c.members[g.groupID].has(id) {
		return nil, argsError("")
	}
	if g.needVerification != joinFreely {
		r := &groupRequest{groupID: g.groupID, userID: id, reqMsg: req.ReqMessage, joinSource: req.JoinSource, ex: req.Ex}
		c.requestToJoin(r)
		c.tellJoin(r, noteJoinApplied)
		return nil, nil
	}
	c.addMember(g.groupID, id, roleMember, 0, id) // the real server keeps no source here
	m, _ := c.members[g.groupID].get(id)
	m.operatorUserID = c.userID
	c.welcome(g, []string{id}, "", nil)
	return nil, nil
}

// requestToJoin replaces the request that is there.
func (st *state) requestToJoin(r *groupRequest) {
	r.reqTime = st.nowMilli()
	st.putGroupRequest(r)
}

func (st *state) putGroupRequest(r *groupRequest) {
	inner(st.touched, st.groupRequests, r.groupID).put(r.userID, r)
	inner(st.touched, st.groupRequested, r.userID).put(r.groupID, r)
}

type respondGroupReq struct {
	GroupID, FromUserID, HandledMsg string
	HandleResult                    int32
}

func (r respondGroupReq) check() error {
	if r.HandleResult < refused || r.HandleResult > agreed {
		return argsError("handleResult is invalid")
	}
	return first(required("groupID", r.GroupID), required("fromUserID", r.FromUserID))
}

func respondGroup(c *call, req respondGroupReq) (any, error) {
	if req.HandleResult == unhandled {
		return nil, argsError("HandleResult unknown")
	}
	if !c.admin {
		m, ok := c.members[req.GroupID].get(c.userID)
		if !ok {
			return nil, notFound("not a member of the group")
		}
		if m.roleLevel < roleAdmin {
			return nil, noPermission("no group owner or admin")
		}
	}
	g, ok := c.groups.get(req.GroupID)
	if !ok {
		return nil, notFound("group not found")
	}
	r, ok := c.groupRequests[g.groupID].get(req.FromUserID)
	switch {
	case !ok:
		return nil, notFound("group request not found")
	case r.handleResult != unhandled:
		return nil, fail(codeGroupRequestDone, "group request already processed")
	}
	if err := c.checkUsers(req.FromUserID); err != nil {
		return nil, err
	}
	r.handleResult, r.handledMsg, r.handleUserID, r.handledTime = req.HandleResult, req.HandledMsg, c.userID, c.nowMilli()
	if r.handleResult == agreed {
		c.tellJoin(r, noteJoinAccepted)
	} else {
		c.tellJoin(r, noteJoinRefused)
	}
	if r.handleResult == agreed && !c.members[g.groupID].has(r.userID) {
		c.addMember(g.groupID, r.userID, roleMember, r.joinSource, r.inviterUserID)
		m, _ := c.members[g.groupID].get(r.userID)
		m.operatorUserID = c.userID
		c.welcome(g, []string{r.userID}, r.inviterUserID, nil)
	}
	return nil, nil
}

// groupRequestInfo is sdkws.GroupRequest as JSON.
type groupRequestInfo struct {
	UserInfo      *publicUser `json:"userInfo"`
	GroupInfo     groupInfo   `json:"groupInfo"`
	HandleResult  int32       `json:"handleResult"`
	ReqMsg        string      `json:"reqMsg"`
	HandleMsg     string      `json:"handleMsg"`
	ReqTime       int64       `json:"reqTime"`
	HandleUserID  string      `json:"handleUserID"`
	HandleTime    int64       `json:"handleTime"`
	Ex            string      `json:"ex"`
	JoinSource    int32       `json:"joinSource"`
	InviterUserID string      `json:"inviterUserID"`
}

func (st *state) groupRequestInfos(requests []*groupRequest) []groupRequestInfo {
	var out []groupRequestInfo
	for _, r := range requests {
		info := groupRequestInfo{
			UserInfo: st.publicUser(r.userID), HandleResult: r.handleResult, ReqMsg: r.reqMsg, HandleMsg: r.handledMsg,
			ReqTime: r.reqTime, HandleUserID: r.handleUserID, HandleTime: r.handledTime, Ex: r.ex,
			JoinSource: r.joinSource, InviterUserID: r.inviterUserID,
		}
		if g, ok := st.groups.get(r.groupID); ok {
			info.GroupInfo = st.groupInfo(g)
		}
		out = append(out, info)
	}
	return out
}

type groupRequestsAnswer struct {
	Total         int                `json:"total"`
	GroupRequests []groupRequestInfo `json:"groupRequests"`
}

// groupRequestFilter is what the paged lists of requests have in common.
type groupRequestFilter struct {
	paged
	GroupIDs      []string
	HandleResults []int32
}

// page is a page of requests, newest first.
func (f groupRequestFilter) page(st *state, all []*groupRequest) groupRequestsAnswer {
	var found []*groupRequest
	for _, r := range all {
		if len(f.HandleResults) == 0 || slices.Contains(f.HandleResults, r.handleResult) {
			found = append(found, r)
		}
	}
	slices.SortStableFunc(found, func(a, b *groupRequest) int { return int(b.reqTime - a.reqTime) })
	return groupRequestsAnswer{len(found), st.groupRequestInfos(pageOf(found, f.Pagination))}
}

// managedGroups are the groups that a user owns or is an admin of.
func (st *state) managedGroups(userID string) []string {
	var ids []string
	for id, m := range st.joined[userID].all() {
		if m.roleLevel >= roleAdmin {
			ids = append(ids, id)
		}
	}
	return ids
}

// requestsOf are the requests to join some groups.
func (st *state) requestsOf(groupIDs []string) []*groupRequest {
	var out []*groupRequest
	for _, id := range groupIDs {
		for _, r := range st.groupRequests[id].all() {
			out = append(out, r)
		}
	}
	return out
}

type receivedGroupReq struct {
	groupRequestFilter
	FromUserID string
}

func (r receivedGroupReq) check() error {
	return first(r.paged.check(), required("fromUserID", r.FromUserID))
}

func getReceivedGroupRequests(c *call, req receivedGroupReq) (any, error) {
	if err := c.self(req.FromUserID); err != nil {
		return nil, err
	}
	ids := distinct(req.GroupIDs)
	for _, id := range ids {
		if err := c.managesGroup(id); err != nil {
			return nil, err
		}
	}
	if len(ids) == 0 {
		ids = c.managedGroups(req.FromUserID)
	}
	return req.page(c.state, c.requestsOf(ids)), nil
}

type ownGroupReq struct {
	groupRequestFilter
	UserID string
}

func (r ownGroupReq) check() error { return first(r.paged.check(), required("userID", r.UserID)) }

func getOwnGroupRequests(c *call, req ownGroupReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	if err := c.checkUsers(req.UserID); err != nil {
		return nil, err
	}
	var found []*groupRequest
	for id, r := range c.groupRequested[req.UserID].all() {
		if len(req.GroupIDs) == 0 || slices.Contains(req.GroupIDs, id) {
			found = append(found, r)
		}
	}
	return req.page(c.state, found), nil
}

type groupUsersReq struct {
	GroupID string
	UserIDs []string
}

func (r groupUsersReq) check() error {
	return first(
		required("groupID", r.GroupID),
		requiredIf(r.UserIDs == nil, "userIDs"),
		tooMany("userIDs", len(r.UserIDs)),
	)
}

// getGroupUsersRequests never tells who asks: a condition is inverted on the real server.
func getGroupUsersRequests(c *call, req groupUsersReq) (any, error) {
	if err := c.managesGroup(req.GroupID); err != nil {
		return nil, err
	}
	var found []*groupRequest
	for _, id := range distinct(req.UserIDs) {
		if r, ok := c.groupRequests[req.GroupID].get(id); ok {
			found = append(found, r)
		}
	}
	out := groupRequestsAnswer{len(found), c.groupRequestInfos(found)}
	for i := range out.GroupRequests {
		out.GroupRequests[i].UserInfo = nil
	}
	return out, nil
}

type specifiedGroupReq struct{ GroupID, UserID string }

// getSpecifiedGroupRequest is for the applicant, managers and admins. A group without
// an owner makes the real server panic, and so here.
func getSpecifiedGroupRequest(c *call, req specifiedGroupReq) (any, error) {
	if req.UserID != c.userID {
		if c.ownerOf(req.GroupID) == "" {
			panic("index out of range: the group has no owner")
		}
		if err := c.managesGroup(req.GroupID); err != nil {
			return nil, noPermission("opUser no permission")
		}
	}
	var found []*groupRequest
	if r, ok := c.groupRequests[req.GroupID].get(req.UserID); ok {
		found = append(found, r)
	}
	return groupRequestsAnswer{len(found), c.groupRequestInfos(found)}, nil
}

func countUnhandledGroupRequests(c *call, req countReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	var n int
	for _, r := range c.requestsOf(c.managedGroups(req.UserID)) {
		if r.handleResult == unhandled && r.reqTime > req.Time {
			n++
		}
	}
	return countAnswer{n}, nil
}
