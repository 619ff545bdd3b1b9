package user

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// chatBatch is how many accounts go to the chat server in one call: it makes them one after the other.
const chatBatch = 50

// createLogins makes accounts through the chat server. Its import stops at the first bad row and does not say which
// rows were done (CHAT-ADMIN, Batch import): the message server is asked after a failure, and the first row that it
// does not know is the bad one.
func (im *importer) createLogins(ctx context.Context, items []*item) error {
	items = im.named(items)
	if im.env.DryRun {
		finish(items, created)
		return nil
	}
	for part := range slices.Chunk(items, chatBatch) {
		for len(part) > 0 {
			done, err := im.sendLogins(ctx, part)
			if err != nil {
				return err
			}
			part = part[done:]
		}
	}
	return nil
}

// sendLogins sends rows and tells how many of them are decided.
func (im *importer) sendLogins(ctx context.Context, items []*item) (int, error) {
	users := make(value.List, len(items))
	ids := make([]string, len(items))
	for i, it := range items {
		users[i], ids[i] = chatUser(it.user, it.login), it.user.UserID
	}
	ended, err := im.env.Making(ctx, "user.import", retiring(ids...))
	if err != nil {
		return 0, err
	}
	_, refusal := im.env.API.Chat(ctx, "/user/import/json", value.NewObject("users", users))
	if refusal == nil {
		ended(nil)
		im.giveUp.success()
		return len(items), im.afterLogins(ctx, items)
	}
	if ctx.Err() != nil || !fault.Is(refusal, fault.API) && !fault.Is(refusal, fault.Exists) {
		return 0, refusal
	}
	found, err := known(ctx, im.env, ids)
	if err != nil {
		return 0, err
	}
	bad := slices.IndexFunc(items, func(it *item) bool { return !found[it.user.UserID] })
	if bad < 0 {
		bad = len(items) // all of them are there: the failure came after the last
	}
	if bad > 0 {
		im.giveUp.success()
		ended(nil)
	} else {
		ended(refusal)
	}
	if err := im.afterLogins(ctx, items[:bad]); err != nil || bad == len(items) {
		return bad, err
	}
	items[bad].reject(fault.From(refusal).Error())
	if code := fault.From(refusal).Code; code == 1001 || fault.Is(refusal, fault.Exists) {
		return bad + 1, nil
	}
	return bad + 1, im.giveUp.failure(refusal)
}

// afterLogins sets on the message server what the chat server does not pass on, and marks the rows as created.
func (im *importer) afterLogins(ctx context.Context, items []*item) error {
	finish(items, created)
	for _, it := range items {
		if it.user.Ex == "" && it.user.GlobalRecvMsgOpt == 0 {
			continue
		}
		err := updateIM(ctx, im.env, changes(it.user.UserID, nil, nil, some(it.user.Ex), some(it.user.GlobalRecvMsgOpt)))
		if fault.Is(err, fault.API) || fault.Is(err, fault.NotFound) {
			it.reject("the account was made, but ex and globalRecvMsgOpt were not set: " + fault.From(err).Error())
		} else if err != nil {
			return err
		}
	}
	return nil
}
