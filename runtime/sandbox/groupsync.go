package sandbox

import "errors"

// membersSync is the answer of one group's sync.
type membersSync struct {
	syncAnswer
	Insert      []memberInfo `json:"insert"`
	Update      []memberInfo `json:"update"`
	Group       *groupInfo   `json:"group"`
	SortVersion uint64       `json:"sortVersion"`
}

func getIncrementalMembers(c *call, req syncReq) (any, error) {
	answer, err := c.syncMembers(req)
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// syncMembers tells the group itself when it or its members changed.
func (c *call) syncMembers(req syncReq) (membersSync, error) {
	if err := c.inGroup(req.GroupID); err != nil {
		return membersSync{}, err
	}
	g, err := c.group(req.GroupID)
	if err != nil {
		return membersSync{}, err
	}
	ch := c.changes(groupMemberVersion, g.groupID, req)
	answer := membersSync{
		syncAnswer: ch.answer(), SortVersion: ch.sort,
		Insert: c.memberInfos(g.groupID, ch.inserted), Update: c.memberInfos(g.groupID, ch.updated),
	}
	if ch.full || ch.group {
		if c.ownerOf(g.groupID) == "" {
			return membersSync{}, notFound("the group has no owner")
		}
		info := c.groupInfo(g)
		answer.Group = &info
	}
	return answer, nil
}

const batchSyncLimit = 500 // more members than this in a batch and it stops

type batchSyncReq struct {
	UserID  string
	ReqList []syncReq
}

// getIncrementalMembersBatch skips dismissed groups.
func getIncrementalMembersBatch(c *call, req batchSyncReq) (any, error) {
	list := map[string]membersSync{}
	n := 0
	for _, r := range req.ReqList {
		if _, done := list[r.GroupID]; done {
			continue
		}
		answer, err := c.syncMembers(r)
		if e := (*apiError)(nil); errors.As(err, &e) && e.code == codeDismissed {
			continue
		}
		if err != nil {
			return nil, err
		}
		list[r.GroupID] = answer
		if n += len(answer.Insert) + len(answer.Update) + len(answer.Delete); n >= batchSyncLimit {
			break
		}
	}
	return struct {
		RespList map[string]membersSync `json:"respList,omitempty"`
	}{list}, nil
}

type fullMembersReq struct {
	GroupID string
	IDHash  uint64
}

func (r fullMembersReq) check() error { return required("groupID", r.GroupID) }

func getFullMemberIDs(c *call, req fullMembersReq) (any, error) {
	if err := c.inGroup(req.GroupID); err != nil {
		return nil, err
	}
	full := c.fullIDs(groupMemberVersion, req.GroupID, req.IDHash, keys(c.members[req.GroupID]))
	return struct {
		fullAnswer
		UserIDs []string `json:"userIDs"`
	}{full.fullAnswer, full.ids}, nil
}

func getIncrementalJoins(c *call, req syncReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	ch := c.changes(groupJoinVersion, req.UserID, req)
	return struct {
		syncAnswer
		Insert      []groupInfo `json:"insert"`
		Update      []groupInfo `json:"update"`
		SortVersion uint64      `json:"sortVersion"`
	}{ch.answer(), c.groupInfos(ch.inserted), c.groupInfos(ch.updated), ch.sort}, nil
}

func getFullJoinIDs(c *call, req fullIDsReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	full := c.fullIDs(groupJoinVersion, req.UserID, req.IDHash, c.joinedGroupIDs(req.UserID))
	return struct {
		fullAnswer
		GroupIDs []string `json:"groupIDs"`
	}{full.fullAnswer, full.ids}, nil
}
