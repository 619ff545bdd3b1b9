package sandbox

import (
	"slices"
	"time"
)

// chatDefaultEndpoints are what new users get, who may register, and how many did
// (CHAT-ADMIN).
func chatDefaultEndpoints() []endpoint {
	return []endpoint{
		{path: "/default/user/add", run: handle(defaultUserAdd)},
		{path: "/default/user/del", run: handle(defaultUserDelete)},
		{path: "/default/user/find", reads: true, run: handle(defaultUserFind)},
		{path: "/default/user/search", reads: true, run: handle(defaultUserSearch)},
		{path: "/default/group/add", run: handle(defaultGroupAdd)},
		{path: "/default/group/del", run: handle(defaultGroupDelete)},
		{path: "/default/group/find", reads: true, run: handle(defaultGroupFind)},
		{path: "/user/allow_register/get", reads: true, run: handle(allowRegisterGet)},
		{path: "/user/allow_register/set", run: handle(allowRegisterSet)},
		{path: "/statistic/login_user_count", reads: true, run: handle(loginUserCount)},
		{path: "/statistic/new_user_count", reads: true, run: handle(newUserCount)},
	}
}

// joinDefaults makes a new user a friend of the default users and a member of the
// default groups, as the IM server's admin. Errors of it don't matter, as on the real
// server.
func (c *call) joinDefaults(userID string) {
	admin := *c
	admin.userID, admin.admin = c.cfg.AdminUserID, true
	tried := func(what string, err error) {
		if err != nil {
			c.log.Printf("defaults of %s: %s: %v", userID, what, err)
		}
	}
	if ids := defaultIDs(c.chat.defaultUsers); len(ids) > 0 {
		_, err := importFriends(&admin, importReq{userID, ids})
		tried("friends", err)
	}
	for id := range c.chat.defaultGroups.all() {
		_, err := inviteToGroup(&admin, inviteReq{GroupID: id, InvitedUserIDs: []string{userID}})
		tried("group "+id, err)
	}
}

// addDefaults adds ids to a list of defaults; one that is there is 1003.
func (c *call) addDefaults(t *table[string, int64], ids []string) (any, error) {
	if slices.ContainsFunc(ids, t.has) {
		return nil, fail(codeDuplicateKey, "already a default")
	}
	for _, id := range ids {
		t.put(id, c.nowMilli())
	}
	return nil, nil
}

// deleteDefaults takes ids away; one that isn't there is 1004.
func deleteDefaults(t *table[string, int64], ids []string) (any, error) {
	for _, id := range ids {
		if !t.has(id) {
			return nil, notFound("not a default: " + id)
		}
	}
	for _, id := range ids {
		t.delete(id)
	}
	return nil, nil
}

func defaultIDs(t *table[string, int64]) []string {
	var out []string
	for id := range t.all() {
		out = append(out, id)
	}
	return out
}

func defaultUserAdd(c *call, req idList) (any, error) {
	for _, id := range req.UserIDs {
		if !c.chat.users.has(id) {
			return nil, notFound("user not found: " + id)
		}
	}
	return c.addDefaults(c.chat.defaultUsers, req.UserIDs)
}

func defaultUserDelete(c *call, req idList) (any, error) {
	return deleteDefaults(c.chat.defaultUsers, req.UserIDs)
}

func defaultUserFind(c *call, _ nothing) (any, error) {
	return struct {
		UserIDs []string `json:"userIDs"`
	}{defaultIDs(c.chat.defaultUsers)}, nil
}

func defaultUserSearch(c *call, req keywordSearch) (any, error) {
	type row struct {
		UserID     string          `json:"userID"`
		CreateTime int64           `json:"createTime"`
		User       *chatPublicInfo `json:"user"`
	}
	var rows []row
	for id, added := range c.chat.defaultUsers.all() {
		if hasKeyword(req.Keyword, id) {
			rows = append(rows, row{id, added, c.publicInfo(id)})
		}
	}
	return struct {
		Total int   `json:"total"`
		Users []row `json:"users"`
	}{len(rows), pageOf(rows, req.Pagination)}, nil
}

type groupIDList struct{ GroupIDs []string }

func (r groupIDList) check() error { return checkIDs("groupIDs", r.GroupIDs) }

func defaultGroupAdd(c *call, req groupIDList) (any, error) {
	for _, id := range req.GroupIDs {
		if !c.groups.has(id) {
			return nil, argsError("group not found: " + id)
		}
	}
	return c.addDefaults(c.chat.defaultGroups, req.GroupIDs)
}

func defaultGroupDelete(c *call, req groupIDList) (any, error) {
	return deleteDefaults(c.chat.defaultGroups, req.GroupIDs)
}

func defaultGroupFind(c *call, _ nothing) (any, error) {
	return struct {
		GroupIDs []string `json:"groupIDs"`
	}{defaultIDs(c.chat.defaultGroups)}, nil
}

type allowRegister struct {
	AllowRegister bool `json:"allowRegister"`
}

func allowRegisterGet(c *call, _ nothing) (any, error) {
	return allowRegister{!c.chat.noRegister}, nil
}

func allowRegisterSet(c *call, req allowRegister) (any, error) {
	c.chat.noRegister = !req.AllowRegister
	return nil, nil
}

// window is a time from start to end in ms.
type window struct{ Start, End int64 }

func (w window) check() error {
	if w.Start > w.End {
		return argsError("start is after end")
	}
	return nil
}

// day is the UTC date of a time in ms.
func day(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.DateOnly) }

// loginUserCount counts users who logged in within the window, each once; and once a
// day in the map.
func loginUserCount(c *call, req window) (any, error) {
	users := map[string]bool{}
	byDay := map[string]map[string]bool{}
	for _, v := range c.chat.visits {
		if v.time < req.Start || v.time > req.End {
			continue
		}
		users[v.userID] = true
		if byDay[day(v.time)] == nil {
			byDay[day(v.time)] = map[string]bool{}
		}
		byDay[day(v.time)][v.userID] = true
	}
	count := map[string]int{}
	for d, who := range byDay {
		count[d] = len(who)
	}
	return struct {
		LoginCount   int            `json:"loginCount"`
		UnloginCount int            `json:"unloginCount"`
		Count        map[string]int `json:"count,omitempty"`
	}{len(users), c.chat.users.len() - len(users), count}, nil
}

// newUserCount asks the IM server, which wants both times.
func newUserCount(c *call, req window) (any, error) {
	if req.Start <= 0 || req.End <= 0 {
		return nil, argsError("start and end must be given")
	}
	count := map[string]int{}
	for _, u := range c.users.all() {
		if u.CreateTime >= req.Start && u.CreateTime <= req.End {
			count[day(u.CreateTime)]++
		}
	}
	return struct {
		Total     int            `json:"total"`
		DateCount map[string]int `json:"date_count,omitempty"`
	}{c.users.len(), count}, nil
}
