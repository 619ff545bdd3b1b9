package user

import (
	"context"
	"iter"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// blockInfo is an entry of the chat server's own ban list.
type blockInfo struct {
	UserID, Nickname, Reason, OpUserID string
	CreateTime                         int64
}

// blocks lists the chat server's ban list (CHAT-ADMIN, /block/search).
func blocks(ctx context.Context, env *bindings.Env, keyword string) iter.Seq2[blockInfo, error] {
	type answer struct {
		Total int64
		Users []blockInfo
	}
	const path = "/block/search"
	return bindings.Pages(env, "blocked accounts", chunk, func(b blockInfo) string { return b.UserID },
		func(number, size int64) ([]blockInfo, int64, error) {
			ans, err := env.API.Chat(ctx, path, value.NewObject("keyword", keyword, "pagination", bindings.Pagination(number, size)))
			got, err := openim.Decode[answer](path, ans, err)
			return got.Users, got.Total, err
		})
}

// blocked tells whether the chat server has blocked the account.
func blocked(ctx context.Context, env *bindings.Env, id string) (bool, error) {
	for b, err := range blocks(ctx, env, id) {
		if err != nil {
			return false, err
		}
		if b.UserID == id {
			return true, nil
		}
	}
	return false, nil
}

// block blocks the account at the chat server, which then also ends its sessions on every platform and tells nobody
// when that fails (CHAT-ADMIN, Disable). An account that is blocked already is refused there with 1001, so the list is
// asked first.
func block(ctx context.Context, env *bindings.Env, id, reason string) (already bool, err error) {
	if already, err = blocked(ctx, env, id); already || err != nil {
		return already, err
	}
	_, err = env.API.Chat(ctx, "/block/add", value.NewObject("userID", id, "reason", reason))
	return false, err
}

// unblock lifts the blocks; all of the ids must be blocked, each named once.
func unblock(ctx context.Context, env *bindings.Env, ids []string) error {
	_, err := env.API.Chat(ctx, "/block/del", value.NewObject("userIDs", list(ids)))
	return err
}
