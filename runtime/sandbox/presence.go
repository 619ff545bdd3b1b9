package sandbox

import (
	"slices"

	"github.com/openimsdk/protocol/sdkws"
	"google.golang.org/protobuf/proto"
)

// register makes a connection known: it is online, and under multi-login policy 1 those
// of the same platform with another token are kicked (SERVER-BEHAVIOUR §9). It fails
// when the token or the whole state went in the meantime.
func (g *gateway) register(c *session) bool {
	c.st.mu.Lock()
	defer c.st.mu.Unlock()
	if g.state.Load() != c.st {
		return false
	}
	if _, err := g.tokens.checkFor(c.token, c.userID, c.platformID); err != nil {
		return false
	}
	g.mu.Lock()
	if !g.closed {
		g.sessions[c] = true
	}
	closed := g.closed
	g.mu.Unlock()
	if closed {
		return false
	}
	for _, other := range slices.Clone(c.st.online[c.userID]) {
		if other.platformID == c.platformID && other.token != c.token {
			r := &entry{Kind: kickEntry, UserID: other.userID, PlatformID: other.platformID, Kicked: other.token}
			if err := g.writeAhead(c.st, r); err != nil {
				g.log.Print(err)
			} else {
				g.tokens.kickOne(other.userID, other.platformID, other.token)
			}
			g.kick(other)
		}
	}
	before := c.st.platforms(c.userID)
	c.st.online[c.userID] = append(c.st.online[c.userID], c)
	c.attached = true
	g.markOnline(c.userID, c.platformID)
	g.tellPresence(c.st, c.userID, before)
	return true
}

// detach takes a connection out of the presence. The state's lock is held.
func (g *gateway) detach(c *session) {
	if !c.attached {
		return
	}
	c.attached = false
	st := c.st
	before := st.platforms(c.userID)
	st.online[c.userID] = slices.DeleteFunc(st.online[c.userID], func(other *session) bool { return other == c })
	if len(st.online[c.userID]) == 0 {
		delete(st.online, c.userID)
	}
	for id := range c.watched {
		st.unwatch(c, id)
	}
	if !slices.Contains(st.platforms(c.userID), c.platformID) {
		g.markOffline(c.userID, c.platformID)
	}
	g.tellPresence(st, c.userID, before)
}

// kick tells a connection that it is kicked, and closes it. The state's lock is held.
func (g *gateway) kick(c *session) {
	g.detach(c)
	c.sendReply(&encodings{reply: wsReply{ReqIdentifier: wsKicked}})
	if !g.faults.strikes("ws-kick-open", "", c.userID) {
		c.finish()
	}
}

// kickAll kicks the connections of a user on a platform. The state's lock is held.
func (g *gateway) kickAll(st *state, userID string, platformID int32) {
	for _, c := range slices.Clone(st.online[userID]) {
		if c.platformID == platformID {
			g.kick(c)
		}
	}
}

// platforms are those on which a user is online, each once, in order.
func (st *state) platforms(userID string) []int32 {
	var ids []int32
	for _, c := range st.online[userID] {
		if !slices.Contains(ids, c.platformID) {
			ids = append(ids, c.platformID)
		}
	}
	slices.Sort(ids)
	return ids
}

// presence is a user's state as sdkws has it.
func (st *state) presence(userIDs ...string) ([]byte, error) {
	tips := &sdkws.SubUserOnlineStatusTips{}
	for _, id := range userIDs {
		tips.Subscribers = append(tips.Subscribers, &sdkws.SubUserOnlineStatusElem{UserID: id, OnlinePlatformIDs: st.platforms(id)})
	}
	return proto.Marshal(tips)
}

// tellPresence pushes a change to those who watch the user.
func (g *gateway) tellPresence(st *state, userID string, before []int32) {
	if len(st.watchers[userID]) == 0 || slices.Equal(before, st.platforms(userID)) {
		return
	}
	data, err := st.presence(userID)
	if err != nil {
		g.log.Printf("presence of %s: %v", userID, err)
		return
	}
	frames := &encodings{reply: wsReply{ReqIdentifier: wsSubscribe, Data: data}}
	for c := range st.watchers[userID] {
		c.sendReply(frames)
	}
}

func (st *state) watch(c *session, userID string) {
	if st.watchers[userID] == nil {
		st.watchers[userID] = map[*session]bool{}
	}
	st.watchers[userID][c] = true
	if c.watched == nil {
		c.watched = map[string]bool{}
	}
	c.watched[userID] = true
}

func (st *state) unwatch(c *session, userID string) {
	delete(c.watched, userID)
	delete(st.watchers[userID], c)
	if len(st.watchers[userID]) == 0 {
		delete(st.watchers, userID)
	}
}
