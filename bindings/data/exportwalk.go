package data

import (
	"context"
	"crypto/sha256"
	"iter"
	"maps"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// exporter walks a server once: account by account with what each has, then group by group.
type exporter struct {
	env      *bindings.Env
	users    []string // only these; all when empty
	since    int64
	out      map[string]*rowWriter // by kind; what isn't wanted has none
	progress bindings.Progress
	rows     int64

	seen   map[[16]byte]bool // conversations whose messages are written; each member lists them
	groups map[string]bool   // of the chosen accounts
	others map[string]bool   // accounts that the chosen ones have to do with

	holes, erased, revoked int64 // messages without a trace, without content, and revoked
}

func (e *exporter) discard() {
	for _, w := range e.out {
		w.to.Discard()
	}
}

func (e *exporter) wants(kinds ...string) bool {
	return slices.ContainsFunc(kinds, func(k string) bool { return e.out[k] != nil })
}

func (e *exporter) write(kind string, r row) error {
	w := e.out[kind]
	if w == nil {
		return nil
	}
	if e.rows++; e.progress != nil && e.rows%100 == 0 {
		e.progress.Set(e.rows, 0)
	}
	return w.write(r)
}

// knows notes accounts that the chosen ones have to do with: without them nothing of it could be imported.
func (e *exporter) knows(ids ...string) {
	for _, id := range ids {
		if len(e.users) > 0 && id != "" {
			e.others[id] = true
		}
	}
}

func (e *exporter) walk(ctx context.Context) error {
	if err := e.walkAccounts(ctx); err != nil {
		return err
	}
	if err := e.walkGroups(ctx); err != nil {
		return err
	}
	return e.writeOthers(ctx)
}

// writeOthers writes the accounts that the chosen ones have to do with.
func (e *exporter) writeOthers(ctx context.Context) error {
	for _, id := range e.users {
		delete(e.others, id)
	}
	for some := range slices.Chunk(slices.Sorted(maps.Keys(e.others)), bindings.PageSize) {
		found, err := usersNow(ctx, e.env, some)
		if err != nil {
			return err
		}
		for _, id := range some {
			if u, there := found[id]; there {
				if err := e.write("users", &u); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (e *exporter) walkAccounts(ctx context.Context) error {
	if e.wants("users", "friends", "conversations", "messages") || len(e.users) > 0 {
		for u, err := range e.accounts(ctx) {
			if err != nil {
				return err
			}
			if err := e.account(ctx, u); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *exporter) walkGroups(ctx context.Context) error {
	if !e.wants("groups", "members") {
		return nil
	}
	for g, err := range e.allGroups(ctx) {
		if err != nil {
			return err
		}
		e.knows(g.OwnerUserID)
		if err := e.write("groups", &g); err != nil {
			return err
		}
		if err := e.members(ctx, g.GroupID); err != nil {
			return err
		}
	}
	return nil
}

// accounts streams the accounts of all levels, or the chosen ones.
func (e *exporter) accounts(ctx context.Context) iter.Seq2[UserRow, error] {
	type ids struct {
		Total   int64    `json:"total"`
		UserIDs []string `json:"userIDs"`
	}
	return bindings.Pages(e.env, "accounts", bindings.PageSize, func(u UserRow) string { return u.UserID },
		func(number, size int64) ([]UserRow, int64, error) {
			a := ids{Total: int64(len(e.users))}
			if from := (number - 1) * size; len(e.users) > 0 && from < a.Total {
				a.UserIDs = e.users[from:min(from+size, a.Total)]
			} else if len(e.users) == 0 {
				var err error
				a, err = openim.Do[ids](ctx, e.env.API, "/user/get_all_users_uid", value.NewObject("pagination", bindings.Pagination(number, size)))
				if err != nil {
					return nil, 0, err
				}
			}
			if len(a.UserIDs) == 0 {
				return nil, a.Total, nil
			}
			found, err := usersNow(ctx, e.env, a.UserIDs)
			rows := make([]UserRow, len(a.UserIDs))
			for i, id := range a.UserIDs {
				rows[i] = found[id]
				rows[i].UserID = id // one that was removed meanwhile has nothing else
			}
			return rows, a.Total, err
		})
}

// account writes an account with what it has.
func (e *exporter) account(ctx context.Context, u UserRow) error {
	if err := e.write("users", &u); err != nil {
		return err
	}
	if e.wants("friends") {
		for f, err := range friendsOf(ctx, e.env, u.UserID) {
			if err != nil {
				return err
			}
			e.knows(f.FriendUserID)
			if err := e.write("friends", &f); err != nil {
				return err
			}
		}
	}
	if len(e.users) > 0 && e.wants("groups", "members") {
		for g, err := range joinedGroups(ctx, e.env, u.UserID) {
			if err != nil {
				return err
			}
			e.groups[g.GroupID] = true
		}
	}
	if !e.wants("conversations", "messages") {
		return nil
	}
	return e.conversations(ctx, u.UserID)
}

// friendsOf streams the friends of an account. The server's list has its times in seconds (SERVER-BEHAVIOUR §5).
func friendsOf(ctx context.Context, env *bindings.Env, owner string) iter.Seq2[FriendRow, error] {
	type answer struct {
		Total       int64      `json:"total"`
		FriendsInfo []friendIn `json:"friendsInfo"`
	}
	return bindings.Pages(env, "friends of "+owner, bindings.PageSize, func(f FriendRow) string { return f.FriendUserID },
		func(number, size int64) ([]FriendRow, int64, error) {
			a, err := openim.Do[answer](ctx, env.API, "/friend/get_friend_list",
				value.NewObject("userID", owner, "pagination", bindings.Pagination(number, size)))
			rows := make([]FriendRow, len(a.FriendsInfo))
			for i, f := range a.FriendsInfo {
				rows[i] = f.row()
			}
			return rows, a.Total, err
		})
}

// friendIn is a friend as lists of the server give it.
type friendIn struct {
	FriendRow
	FriendUser struct {
		UserID string `json:"userID"`
	} `json:"friendUser"`
}

func (f friendIn) row() FriendRow {
	f.FriendUserID, f.CreateTime = f.FriendUser.UserID, f.CreateTime*1000
	return f.FriendRow
}

func joinedGroups(ctx context.Context, env *bindings.Env, userID string) iter.Seq2[GroupRow, error] {
	type answer struct {
		Total  int64      `json:"total"`
		Groups []GroupRow `json:"groups"`
	}
	return bindings.Pages(env, "groups of "+userID, bindings.PageSize, func(g GroupRow) string { return g.GroupID },
		func(number, size int64) ([]GroupRow, int64, error) {
			a, err := openim.Do[answer](ctx, env.API, "/group/get_joined_group_list",
				value.NewObject("fromUserID", userID, "pagination", bindings.Pagination(number, size)))
			return a.Groups, a.Total, err
		})
}

// allGroups streams the groups that are not dismissed, or those of the chosen accounts.
func (e *exporter) allGroups(ctx context.Context) iter.Seq2[GroupRow, error] {
	if len(e.users) > 0 {
		return e.chosenGroups(ctx)
	}
	type found struct {
		GroupInfo        GroupRow `json:"groupInfo"`
		GroupOwnerUserID string   `json:"groupOwnerUserID"`
	}
	type answer struct {
		Total  int64   `json:"total"`
		Groups []found `json:"groups"`
	}
	return bindings.Pages(e.env, "groups", bindings.PageSize, func(g GroupRow) string { return g.GroupID },
		func(number, size int64) ([]GroupRow, int64, error) {
			a, err := openim.Do[answer](ctx, e.env.API, "/group/get_groups", value.NewObject("pagination", bindings.Pagination(number, size)))
			rows := make([]GroupRow, len(a.Groups))
			for i, g := range a.Groups {
				rows[i] = g.GroupInfo
				if rows[i].OwnerUserID == "" {
					rows[i].OwnerUserID = g.GroupOwnerUserID
				}
			}
			return rows, a.Total, err
		})
}

func (e *exporter) chosenGroups(ctx context.Context) iter.Seq2[GroupRow, error] {
	ids := slices.Sorted(maps.Keys(e.groups))
	return func(yield func(GroupRow, error) bool) {
		for some := range slices.Chunk(ids, bindings.PageSize) {
			found, err := groupsNow(ctx, e.env, some)
			if err != nil {
				yield(GroupRow{}, err)
				return
			}
			for _, id := range some {
				if g, there := found[id]; there && g.Status != groupDismissed && !yield(g, nil) {
					return
				}
			}
		}
	}
}

func (e *exporter) members(ctx context.Context, groupID string) error {
	if !e.wants("members") {
		return nil
	}
	rows := bindings.Pages(e.env, "members of "+groupID, bindings.PageSize, func(m MemberRow) string { return m.UserID },
		func(number, size int64) ([]MemberRow, int64, error) {
			return memberPage(ctx, e.env, groupID, number, size)
		})
	for m, err := range rows {
		if err != nil {
			return err
		}
		e.knows(m.UserID)
		if err := e.write("members", &m); err != nil {
			return err
		}
	}
	return nil
}

func memberPage(ctx context.Context, env *bindings.Env, groupID string, number, size int64) ([]MemberRow, int64, error) {
	type answer struct {
		Total   int64       `json:"total"`
		Members []MemberRow `json:"members"`
	}
	a, err := openim.Do[answer](ctx, env.API, "/group/get_group_member_list",
		value.NewObject("groupID", groupID, "pagination", bindings.Pagination(number, size)))
	return a.Members, a.Total, err
}

// conversations writes the conversations of an account, and the messages of those that no account before it had.
func (e *exporter) conversations(ctx context.Context, owner string) error {
	type answer struct {
		Total         int64             `json:"total"`
		Conversations []ConversationRow `json:"conversations"`
	}
	var seqs map[string]readState
	rows := bindings.Pages(e.env, "conversations of "+owner, bindings.PageSize, func(c ConversationRow) string { return c.ConversationID },
		func(number, size int64) ([]ConversationRow, int64, error) {
			a, err := openim.Do[answer](ctx, e.env.API, "/conversation/get_owner_conversation",
				value.NewObject("userID", owner, "pagination", bindings.Pagination(number, size)))
			if err == nil && len(a.Conversations) > 0 && seqs == nil {
				seqs, err = readStates(ctx, e.env, owner, nil)
			}
			return a.Conversations, a.Total, err
		})
	for c, err := range rows {
		if err != nil {
			return err
		}
		e.knows(c.UserID)
		state := seqs[c.ConversationID]
		c.Unread = max(0, state.MaxSeq-state.HasReadSeq)
		if err := e.write("conversations", &c); err != nil {
			return err
		}
		if err := e.messages(ctx, c, state.MaxSeq); err != nil {
			return err
		}
	}
	return nil
}

// messages writes the messages of a conversation, once.
func (e *exporter) messages(ctx context.Context, c ConversationRow, newest int64) error {
	if !e.wants("messages") || newest == 0 {
		return nil
	}
	sum := sha256.Sum256([]byte(c.ConversationID))
	if id := [16]byte(sum[:16]); e.seen[id] {
		return nil
	} else {
		e.seen[id] = true
	}
	for m, err := range storedMessages(ctx, e.env, c.ConversationID, newest, e.viewers(c)) {
		switch {
		case err != nil:
			return err
		case m.SendID == "":
			e.holes++
			continue
		case m.SendTime < e.since:
			continue
		case m.ContentType == contentRevoked:
			e.revoked++
		case m.Status == statusMessageErased:
			e.erased++
		}
		e.knows(m.SendID, m.RecvID)
		if err := e.write("messages", &m); err != nil {
			return err
		}
	}
	return nil
}

// viewers are those who may see the messages of a conversation, its owner first.
func (e *exporter) viewers(c ConversationRow) func(context.Context) ([]string, error) {
	return func(ctx context.Context) ([]string, error) {
		if c.GroupID == "" {
			return distinct(c.OwnerUserID, c.UserID), nil
		}
		others, err := groupViewers(ctx, e.env, c.GroupID)
		return distinct(append([]string{c.OwnerUserID}, others...)...), err
	}
}
