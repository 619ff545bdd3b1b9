package data

import (
	"context"
	"iter"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

const (
	pullSize   = 100 // seqs in one call
	maxViewers = 8   // how many are asked for a message that the first can't see
)

// readState is how far a conversation has come for an account.
type readState struct {
	MaxSeq     int64 `json:"maxSeq"`
	HasReadSeq int64 `json:"hasReadSeq"`
}

// readStates are those of some conversations of an account, of all for nil.
func readStates(ctx context.Context, env *bindings.Env, userID string, conversationIDs []string) (map[string]readState, error) {
	type answer struct {
		Seqs map[string]readState `json:"seqs"`
	}
	body := value.NewObject("userID", userID)
	if conversationIDs != nil {
		body.Set("conversationIDs", conversationIDs)
	}
	a, err := openim.Do[answer](ctx, env.API, "/msg/get_conversations_has_read_and_max_seq", body)
	if a.Seqs == nil {
		a.Seqs = map[string]readState{} // the server leaves an empty map out
	}
	return a.Seqs, err
}

// storedMessages streams the messages 1 to newest of a conversation. One that the first of the viewers can't see is looked
// for as the others see it; one that none of them sees comes with its seq alone.
func storedMessages(ctx context.Context, env *bindings.Env, conversation string, newest int64,
	viewers func(context.Context) ([]string, error)) iter.Seq2[MessageRow, error] {
	return func(yield func(MessageRow, error) bool) {
		who, err := viewers(ctx)
		if err != nil {
			yield(MessageRow{}, err)
			return
		}
		who = who[:min(len(who), maxViewers)]
		for from := int64(1); from <= newest; from += pullSize {
			rows, err := pullAs(ctx, env, conversation, who, from, min(from+pullSize-1, newest))
			if err != nil {
				yield(MessageRow{}, err)
				return
			}
			for _, m := range rows {
				if !yield(m, nil) {
					return
				}
			}
		}
	}
}

// pullAs asks for a range of seqs as each of the viewers sees it, until all are found.
func pullAs(ctx context.Context, env *bindings.Env, conversation string, viewers []string, from, to int64) ([]MessageRow, error) {
	rows := make([]MessageRow, to-from+1)
	for i := range rows {
		rows[i] = MessageRow{ConversationID: conversation, Seq: from + int64(i)}
	}
	missing := func(m MessageRow) bool { return m.SendID == "" || m.Status == statusMessageErased }
	for _, viewer := range viewers {
		found, err := pull(ctx, env, conversation, viewer, from, to)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			if at := &rows[m.Seq-from]; missing(*at) && m.SendID != "" {
				*at = m
			}
		}
		if !slices.ContainsFunc(rows, missing) {
			break
		}
	}
	return rows, nil
}

// pull asks for a range of seqs as one account sees it. The server leaves out ranges that fail, without a word.
func pull(ctx context.Context, env *bindings.Env, conversation, viewer string, from, to int64) ([]MessageRow, error) {
	type list struct {
		Msgs []MessageRow `json:"Msgs"`
	}
	type answer struct {
		Msgs map[string]list `json:"msgs"`
	}
	one := value.NewObject("conversationID", conversation, "begin", from, "end", to, "num", to-from+1)
	a, err := openim.Do[answer](ctx, env.API, "/msg/pull_msg_by_seq",
		value.NewObject("userID", viewer, "seqRanges", value.List{one}, "order", int64(0)))
	if err != nil {
		return nil, err
	}
	rows := slices.DeleteFunc(a.Msgs[conversation].Msgs, func(m MessageRow) bool { return m.Seq < from || m.Seq > to })
	for i := range rows {
		rows[i].ConversationID = conversation
		rows[i].decode()
	}
	return rows, nil
}

// groupViewers are members of a group, the owner first; none when it is gone.
func groupViewers(ctx context.Context, env *bindings.Env, groupID string) ([]string, error) {
	members, _, err := memberPage(ctx, env, groupID, 1, maxViewers)
	if err != nil && !bindings.Fatal(err) {
		return nil, nil // there is no such group any more; who had the conversation is asked all the same
	}
	var out []string
	for _, m := range members {
		out = append(out, m.UserID)
	}
	return out, err
}

func distinct(ids ...string) []string {
	var out []string
	for _, id := range ids {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// usersNow are the accounts as the server has them now, by id.
func usersNow(ctx context.Context, env *bindings.Env, ids []string) (map[string]UserRow, error) {
	type answer struct {
		UsersInfo []UserRow `json:"usersInfo"`
	}
	a, err := openim.Do[answer](ctx, env.API, "/user/get_users_info", value.NewObject("userIDs", ids))
	out := make(map[string]UserRow, len(a.UsersInfo))
	for _, u := range a.UsersInfo {
		out[u.UserID] = u
	}
	return out, err
}

// groupsNow are the groups as the server has them now, by id, dismissed ones too.
func groupsNow(ctx context.Context, env *bindings.Env, ids []string) (map[string]GroupRow, error) {
	type answer struct {
		GroupInfos []GroupRow `json:"groupInfos"`
	}
	a, err := openim.Do[answer](ctx, env.API, "/group/get_groups_info", value.NewObject("groupIDs", ids))
	out := make(map[string]GroupRow, len(a.GroupInfos))
	for _, g := range a.GroupInfos {
		out[g.GroupID] = g
	}
	return out, err
}

// friendsNow are those of the ids that are in an account's list now, by id.
func friendsNow(ctx context.Context, env *bindings.Env, owner string, ids []string) (map[string]FriendRow, error) {
	type answer struct {
		FriendsInfo []friendIn `json:"friendsInfo"`
	}
	a, err := openim.Do[answer](ctx, env.API, "/friend/get_designated_friends", value.NewObject("ownerUserID", owner, "friendUserIDs", ids))
	out := make(map[string]FriendRow, len(a.FriendsInfo))
	for _, f := range a.FriendsInfo {
		r := f.row()
		out[r.FriendUserID] = r
	}
	return out, notThere(err)
}

// membersNow are those of the ids that are in a group now, by id.
func membersNow(ctx context.Context, env *bindings.Env, groupID string, ids []string) (map[string]MemberRow, error) {
	type answer struct {
		Members []MemberRow `json:"members"`
	}
	a, err := openim.Do[answer](ctx, env.API, "/group/get_group_members_info", value.NewObject("groupID", groupID, "userIDs", ids))
	out := make(map[string]MemberRow, len(a.Members))
	for _, m := range a.Members {
		out[m.UserID] = m
	}
	return out, notThere(err)
}

// notThere drops the error of a question about what does not exist.
func notThere(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
