package sandbox

import (
	"cmp"
	"slices"
	"strings"
)

// The area statistics (SERVER-BEHAVIOUR §6); days are UTC days.
func statisticsEndpoints() []endpoint {
	return []endpoint{
		{path: "/statistics/user/register", reads: true, run: handle(countRegistrations)},
		{path: "/statistics/group/create", access: adminOnly, reads: true, run: handle(countNewGroups)},
		{path: "/statistics/user/active", access: adminOnly, reads: true, run: handle(getActiveUsers)},
		{path: "/statistics/group/active", access: adminOnly, reads: true, run: handle(getActiveGroups)},
	}
}

type windowReq struct{ Start, End int64 } // ms

func (r windowReq) check() error {
	return first(
		requiredIf(r.Start <= 0, "start"),
		requiredIf(r.End <= 0, "end"),
		requiredIf(r.Start > r.End, "start before end"),
	)
}

type windowCount struct {
	Total  int            `json:"total"`
	Before int            `json:"before"`
	Count  map[string]int `json:"count,omitempty"` // by day
}

func (r windowReq) count(out *windowCount, created int64) {
	out.Total++
	switch {
	case created < r.Start:
		out.Before++
	case created < r.End:
		out.Count[day(created)]++
	}
}

// countRegistrations has no access check, and counts every account.
func countRegistrations(c *call, req windowReq) (any, error) {
	out := windowCount{Count: map[string]int{}}
	for _, u := range c.users.all() {
		req.count(&out, u.CreateTime)
	}
	return out, nil
}

// countNewGroups counts dismissed groups too.
func countNewGroups(c *call, req windowReq) (any, error) {
	out := windowCount{Count: map[string]int{}}
	for _, g := range c.groups.all() {
		req.count(&out, g.createTime)
	}
	return out, nil
}

type activityReq struct {
	Start, End int64 // ms
	Ase        bool  // ascending, so spelt
	Group      bool  // count group chats too
	Pagination *pagination
}

type ranked struct {
	id string
	n  int
}

// activity is the messages of a window by day and by who or where.
type activity struct {
	messages int
	byDay    map[string]int
	byID     map[string]int
}

// count goes over the messages of the chats that begin with one of the prefixes.
func (r activityReq) count(st *state, idOf func(*message) string, prefixes ...string) activity {
	a := activity{byDay: map[string]int{}, byID: map[string]int{}}
	for id, log := range st.messages {
		if !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(id, p) }) {
			continue
		}
		for _, m := range log.messages {
			if m.SendTime >= r.Start && m.SendTime < r.End {
				a.messages++
				a.byDay[day(m.SendTime)]++
				a.byID[idOf(m)]++
			}
		}
	}
	return a
}

// page cuts the busiest out. Its offset is in rows, not pages; without a pagination the
// real server panics, and asks its database for nonsense when no rows are wanted.
func (r activityReq) page(a activity) ([]ranked, error) {
	if r.Pagination == nil {
		panic("the request has no pagination")
	}
	if len(a.byID) == 0 {
		return nil, nil
	}
	if r.Pagination.ShowNumber < 1 {
		return nil, uncodedError("third argument to $slice must be positive")
	}
	var all []ranked
	for id, n := range a.byID {
		all = append(all, ranked{id, n})
	}
	slices.SortFunc(all, func(a, b ranked) int {
		if r.Ase {
			return cmp.Or(cmp.Compare(a.n, b.n), strings.Compare(a.id, b.id))
		}
		return cmp.Or(cmp.Compare(b.n, a.n), strings.Compare(a.id, b.id))
	})
	from := min(max(int(r.Pagination.PageNumber)-1, 0), len(all))
	return all[from:min(from+int(r.Pagination.ShowNumber), len(all))], nil
}

func getActiveUsers(c *call, req activityReq) (any, error) {
	type row struct {
		User  user `json:"user"`
		Count int  `json:"count"`
	}
	prefixes := []string{"si_"}
	if req.Group {
		prefixes = append(prefixes, "g_", groupPrefix)
	}
	a := req.count(c.state, func(m *message) string { return m.SendID }, prefixes...)
	page, err := req.page(a)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, r := range page {
		u, ok := c.users.get(r.id)
		if !ok {
			u = &user{UserID: r.id}
		}
		rows = append(rows, row{*u, r.n})
	}
	return struct {
		MsgCount  int            `json:"msgCount"`
		UserCount int            `json:"userCount"`
		DateCount map[string]int `json:"dateCount,omitempty"`
		Users     []row          `json:"users"`
	}{a.messages, len(a.byID), a.byDay, rows}, nil
}

// getActiveGroups gives each row its own group; on the real server it may be another's.
func getActiveGroups(c *call, req activityReq) (any, error) {
	type row struct {
		Group groupInfo `json:"group"`
		Count int       `json:"count"`
	}
	a := req.count(c.state, func(m *message) string { return m.GroupID }, groupPrefix)
	page, err := req.page(a)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, r := range page {
		info := groupInfo{GroupID: r.id}
		if g, ok := c.groups.get(r.id); ok {
			info = c.groupInfo(g)
		}
		rows = append(rows, row{info, r.n})
	}
	return struct {
		MsgCount   int            `json:"msgCount"`
		GroupCount int            `json:"groupCount"`
		DateCount  map[string]int `json:"dateCount,omitempty"`
		Groups     []row          `json:"groups"`
	}{a.messages, len(a.byID), a.byDay, rows}, nil
}
