package user

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// clear empties what only the account itself sees: its block list, its view of its messages, its conversations.
func (r *retirement) clear(id string) {
	blocked, err := blackIDs(r.ctx, r.env, id)
	if err != nil {
		r.do("unblock", "", func() error { return err })
	}
	for _, other := range blocked {
		r.do("unblock", other, func() error {
			_, err := r.env.API.Call(r.ctx, "/friend/remove_black", value.NewObject("ownerUserID", id, "blackUserID", other))
			return err
		})
	}
	r.do("clear messages", "", func() error {
		_, err := r.env.API.Call(r.ctx, "/msg/user_clear_all_msg",
			value.NewObject("userID", id, "deleteSyncOpt", value.NewObject("IsSyncSelf", true, "IsSyncOther", false)))
		return err
	})
	r.do("delete conversations", "", func() error {
		err := deleteConversations(r.ctx, r.env, id)
		if fault.Is(err, fault.Unsupported) { // servers up to 3.8.3: they are empty, and stay
			r.res.Kept += "; its empty conversations, which this server can't delete"
			return nil
		}
		return err
	})
}

// blackIDs lists whom an account blocks.
func blackIDs(ctx context.Context, env *bindings.Env, id string) ([]string, error) {
	type black struct{ BlackUserInfo struct{ UserID string } }
	type answer struct {
		Total  int64
		Blacks []black
	}
	var ids []string
	for b, err := range bindings.Pages(env, "blocked ones of "+id, chunk, func(b black) string { return b.BlackUserInfo.UserID },
		func(number, size int64) ([]black, int64, error) {
			got, err := openim.Do[answer](ctx, env.API, "/friend/get_black_list",
				value.NewObject("userID", id, "pagination", bindings.Pagination(number, size)))
			return got.Blacks, got.Total, err
		}) {
		if err != nil {
			return nil, err
		}
		ids = append(ids, b.BlackUserInfo.UserID)
	}
	return ids, nil
}

// deleteConversations takes all conversations out of an account's list; the others keep theirs.
func deleteConversations(ctx context.Context, env *bindings.Env, id string) error {
	type answer struct{ ConversationIDs []string }
	got, err := openim.Do[answer](ctx, env.API, "/conversation/get_full_conversation_ids", value.NewObject("userID", id, "idHash", int64(0)))
	if err != nil {
		return err
	}
	for part := range slices.Chunk(got.ConversationIDs, chunk) {
		_, err := env.API.Call(ctx, "/conversation/delete_conversations", value.NewObject("ownerUserID", id, "conversationIDs", list(part)))
		if err != nil {
			return err
		}
	}
	return nil
}
