package sandbox

import (
	"cmp"
	"slices"
	"strings"
)

// chatBlockEndpoints are blocked users and the rules for addresses (CHAT-ADMIN).
func chatBlockEndpoints() []endpoint {
	return []endpoint{
		{path: "/block/add", run: handle(chatBlockAdd)},
		{path: "/block/del", run: handle(chatBlockDelete)},
		{path: "/block/search", reads: true, run: handle(chatBlockSearch)},
		{path: "/forbidden/ip/add", run: handle(ipRuleAdd)},
		{path: "/forbidden/ip/del", run: handle(ipRuleDelete)},
		{path: "/forbidden/ip/search", reads: true, run: handle(ipRuleSearch)},
		{path: "/forbidden/user/add", run: handle(userIPAdd)},
		{path: "/forbidden/user/del", run: handle(userIPDelete)},
		{path: "/forbidden/user/search", reads: true, run: handle(userIPSearch)},
	}
}

// keywordSearch is a paged search.
type keywordSearch struct {
	chatPaged
	Keyword string
}

// hasKeyword tells whether one of the fields holds the keyword; an empty one is no filter.
func hasKeyword(keyword string, fields ...string) bool {
	if keyword == "" {
		return true
	}
	keyword = strings.ToLower(keyword)
	return slices.ContainsFunc(fields, func(f string) bool {
		return strings.Contains(strings.ToLower(f), keyword)
	})
}

type chatBlock struct {
	reason, opUserID string
	createTime       int64 // ms
}

type chatBlockAddReq struct{ UserID, Reason string }

func (r chatBlockAddReq) check() error { return required("userID", r.UserID) }

// chatBlockAdd also logs the user out of IM on every platform. The IM server itself
// learns nothing of the block.
func chatBlockAdd(c *call, req chatBlockAddReq) (any, error) {
	if c.chat.blocked.has(req.UserID) {
		return nil, argsError("user already blocked")
	}
	c.chat.blocked.put(req.UserID, &chatBlock{reason: req.Reason, opUserID: c.userID, createTime: c.nowMilli()})
	c.logoutEverywhere(req.UserID)
	return nil, nil
}

// chatBlockDelete does all or nothing.
func chatBlockDelete(c *call, req idList) (any, error) {
	for _, id := range req.UserIDs {
		if !c.chat.blocked.has(id) {
			return nil, argsError("user not blocked: " + id)
		}
	}
	for _, id := range req.UserIDs {
		c.chat.blocked.delete(id)
	}
	return nil, nil
}

func chatBlockSearch(c *call, req keywordSearch) (any, error) {
	type blockedUser struct {
		UserID      string `json:"userID"`
		Account     string `json:"account"`
		PhoneNumber string `json:"phoneNumber"`
		AreaCode    string `json:"areaCode"`
		Email       string `json:"email"`
		Nickname    string `json:"nickname"`
		FaceURL     string `json:"faceURL"`
		Gender      int32  `json:"gender"`
		Reason      string `json:"reason"`
		OpUserID    string `json:"opUserID"`
		CreateTime  int64  `json:"createTime"`
	}
	var rows []blockedUser
	for id, b := range c.chat.blocked.all() {
		u, ok := c.chat.users.get(id)
		if !ok {
			u = &chatUser{}
		}
		if hasKeyword(req.Keyword, id, b.reason, u.Account, u.Nickname) {
			rows = append(rows, blockedUser{
				id, u.Account, u.PhoneNumber, u.AreaCode, u.Email, u.Nickname, u.FaceURL, u.Gender,
				b.reason, b.opUserID, b.createTime,
			})
		}
	}
	slices.Reverse(rows) // newest first
	return struct {
		Total int           `json:"total"`
		Users []blockedUser `json:"users"`
	}{len(rows), pageOf(rows, req.Pagination)}, nil
}

// ipRule is IPForbidden.
type ipRule struct {
	IP            string `json:"ip"`
	LimitRegister bool   `json:"limitRegister"`
	LimitLogin    bool   `json:"limitLogin"`
	CreateTime    int64  `json:"createTime"`
}

type ipRuleAddReq struct{ Forbiddens []*ipRule }

func (r ipRuleAddReq) check() error {
	if len(r.Forbiddens) == 0 || slices.Contains(r.Forbiddens, nil) {
		return missingParameter("forbiddens")
	}
	return nil
}

func ipRuleAdd(c *call, req ipRuleAddReq) (any, error) {
	for _, f := range req.Forbiddens {
		if c.chat.ipRules.has(f.IP) {
			return nil, duplicateKeyError("ip")
		}
	}
	for _, f := range req.Forbiddens {
		f.CreateTime = c.nowMilli()
		c.chat.ipRules.put(f.IP, f)
	}
	return nil, nil
}

type ipRuleDeleteReq struct{ IPs []string }

func (r ipRuleDeleteReq) check() error { return requiredIf(len(r.IPs) == 0, "ips") }

func ipRuleDelete(c *call, req ipRuleDeleteReq) (any, error) {
	for _, ip := range req.IPs {
		c.chat.ipRules.delete(ip)
	}
	return nil, nil
}

type ipRuleSearchReq struct {
	keywordSearch
	Status int32
}

// hasStatus: 0 all, 1 none limited, 2 only login, 3 only register, 4 login, 5 register, 6 both.
func (f *ipRule) hasStatus(status int32) bool {
	switch status {
	case 1:
		return !f.LimitLogin && !f.LimitRegister
	case 2:
		return f.LimitLogin && !f.LimitRegister
	case 3:
		return !f.LimitLogin && f.LimitRegister
	case 4:
		return f.LimitLogin
	case 5:
		return f.LimitRegister
	case 6:
		return f.LimitLogin && f.LimitRegister
	}
	return true
}

func ipRuleSearch(c *call, req ipRuleSearchReq) (any, error) {
	var rows []ipRule
	for ip, f := range c.chat.ipRules.all() {
		if f.hasStatus(req.Status) && hasKeyword(req.Keyword, ip) {
			rows = append(rows, *f)
		}
	}
	return struct {
		Total      int      `json:"total"`
		Forbiddens []ipRule `json:"forbiddens"`
	}{len(rows), pageOf(rows, req.Pagination)}, nil
}

// userIP allows a user to log in from an address; a user with any may log in from
// those only.
type userIP struct{ UserID, IP string }

type userIPReq struct{ Limits []userIP }

func (r userIPReq) check() error { return requiredIf(len(r.Limits) == 0, "limits") }

func userIPAdd(c *call, req userIPReq) (any, error) {
	for _, l := range req.Limits {
		if c.chat.userIPs.has(l) {
			return nil, duplicateKeyError("user_id, ip")
		}
	}
	for _, l := range req.Limits {
		c.chat.userIPs.put(l, c.nowMilli())
	}
	return nil, nil
}

func userIPDelete(c *call, req userIPReq) (any, error) {
	for _, l := range req.Limits {
		c.chat.userIPs.delete(l)
	}
	return nil, nil
}

func userIPSearch(c *call, req keywordSearch) (any, error) {
	type limit struct {
		UserID     string          `json:"userID"`
		IP         string          `json:"ip"`
		CreateTime int64           `json:"createTime"`
		User       *chatPublicInfo `json:"user"`
	}
	var rows []limit
	for l, added := range c.chat.userIPs.all() {
		if hasKeyword(req.Keyword, l.UserID, l.IP) {
			rows = append(rows, limit{l.UserID, l.IP, added, c.publicInfo(l.UserID)})
		}
	}
	slices.SortStableFunc(rows, func(a, b limit) int { return cmp.Compare(b.CreateTime, a.CreateTime) })
	return struct {
		Total  int     `json:"total"`
		Limits []limit `json:"limits"`
	}{len(rows), pageOf(rows, req.Pagination)}, nil
}
