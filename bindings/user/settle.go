package user

import (
	"context"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// settle decides every row of a batch. An error ends the whole import.
func (im *importer) settle(ctx context.Context, b *batch) error {
	var plain, logins []*item
	for _, it := range b.items {
		switch {
		case it.outcome != waiting:
		case im.chat && it.login.wanted():
			logins = append(logins, it)
		default:
			plain = append(plain, it)
		}
	}
	if b.again || im.env.DryRun || im.p.OnConflict == "update" {
		var err error
		if plain, err = im.sortOut(ctx, plain, b.again); err != nil {
			return err
		}
	}
	if err := im.create(ctx, plain); err != nil {
		return err
	}
	logins, err := im.sortOut(ctx, logins, b.again)
	if err != nil {
		return err
	}
	return im.createLogins(ctx, logins)
}

// create registers accounts on the message server, which takes all of them or none.
func (im *importer) create(ctx context.Context, items []*item) error {
	if len(items) == 0 {
		return nil
	}
	if im.env.DryRun {
		finish(items, created)
		return nil
	}
	items = im.named(items)
	if len(items) == 0 {
		return nil
	}
	err := im.send(ctx, items)
	switch {
	case err == nil:
		im.giveUp.success()
		finish(items, created)
		return nil
	case fault.Is(err, fault.Exists):
		return im.createUnknown(ctx, items, err)
	case !fault.Is(err, fault.API):
		return err
	case len(items) == 1:
		items[0].reject(fault.From(err).Error())
		if fault.From(err).Code == 1001 { // ArgsError: a fault of the row
			return nil
		}
		return im.giveUp.failure(err)
	}
	half := len(items) / 2
	if err := im.create(ctx, items[:half]); err != nil {
		return err
	}
	return im.create(ctx, items[half:])
}

// named rejects rows without a nickname: they may only update.
func (im *importer) named(items []*item) []*item {
	var out []*item
	for _, it := range items {
		if it.user.Nickname == "" {
			it.reject("nickname is blank, and no account has this userID yet")
		} else {
			out = append(out, it)
		}
	}
	return out
}

// createUnknown goes on after a batch that holds a registered id: the server does not say which.
func (im *importer) createUnknown(ctx context.Context, items []*item, refusal error) error {
	left, err := im.sortOut(ctx, items, false)
	if err != nil {
		return err
	}
	if len(left) < len(items) {
		return im.create(ctx, left)
	}
	if len(items) > 1 { // the check knows none of them: find the row by halves
		half := len(items) / 2
		if err := im.create(ctx, items[:half]); err != nil {
			return err
		}
		return im.create(ctx, items[half:])
	}
	items[0].reject(fault.From(refusal).Error())
	return nil
}

// send registers a batch. When the answer was lost the server is asked whether it did it: a batch whose ids are all
// registered is done, since it would have been refused whole had one of them been there before.
func (im *importer) send(ctx context.Context, items []*item) error {
	const tries = 3
	users := make([]NewUser, len(items))
	ids := make([]string, len(items))
	for i, it := range items {
		users[i], ids[i] = it.user, it.user.UserID
	}
	ended, err := im.env.Making(ctx, "user.import", retiring(ids...))
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		err := register(ctx, im.env, users)
		if try == 1 || err == nil { // a refusal after a lost answer tells nothing: it may be of what the first try made
			ended(err)
		}
		if err == nil || ctx.Err() != nil || !fault.Is(err, fault.Unreachable) && !fault.Is(err, fault.Timeout) || try == tries {
			return err
		}
		if werr := bindings.Wait(ctx, time.Duration(try)*500*time.Millisecond); werr != nil {
			return err
		}
		found, cerr := known(ctx, im.env, ids)
		if cerr == nil && len(found) == len(ids) {
			ended(nil)
			return nil
		}
	}
}

// sortOut asks which of the accounts are registered, decides those rows, and returns the others. again says that an
// interrupted run of this import may have registered them.
func (im *importer) sortOut(ctx context.Context, items []*item, again bool) ([]*item, error) {
	if len(items) == 0 {
		return nil, nil
	}
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.user.UserID
	}
	found, err := known(ctx, im.env, ids)
	if err != nil {
		return nil, err
	}
	var mine map[string]bool
	if again && len(found) > 0 {
		if mine, err = im.ownWork(ctx, found); err != nil {
			return nil, err
		}
	}
	var unknown []*item
	for _, it := range items {
		switch {
		case !found[it.user.UserID]:
			unknown = append(unknown, it)
		case mine[it.user.UserID]:
			it.outcome = resumed
		default:
			if err := im.conflict(ctx, it); err != nil {
				return nil, err
			}
		}
	}
	return unknown, nil
}

// ownWork tells which of the registered accounts were made since the interrupted run began, by the server's clock.
func (im *importer) ownWork(ctx context.Context, found map[string]bool) (map[string]bool, error) {
	ids := make([]string, 0, len(found))
	for id := range found {
		ids = append(ids, id)
	}
	users, err := usersInfo(ctx, im.env, ids)
	if err != nil {
		return nil, err
	}
	since, err := im.point.since(ctx, im.env)
	if err != nil {
		return nil, err
	}
	mine := map[string]bool{}
	for id, u := range users {
		mine[id] = u.CreateTime >= since
	}
	return mine, nil
}

// conflict decides a row whose account exists.
func (im *importer) conflict(ctx context.Context, it *item) error {
	switch {
	case im.p.OnConflict == "skip":
		it.outcome = skipped
		return nil
	case im.p.OnConflict != "update":
		it.reject("the userID is registered already")
		return nil
	case own(im.env, it.user.UserID):
		it.reject("the account that imctl is logged in as is not changed by an import")
		return nil
	case im.env.DryRun:
		it.outcome = updated
		return nil
	}
	err := im.update(ctx, it)
	switch {
	case err == nil:
		im.giveUp.success()
		it.outcome = updated
		return nil
	case fault.Is(err, fault.API), fault.Is(err, fault.NotFound), fault.Is(err, fault.Exists):
		it.reject(fault.From(err).Error())
		return im.giveUp.failure(err)
	}
	return err
}

// update changes the account to what the row gives; blank cells leave a field alone.
func (im *importer) update(ctx context.Context, it *item) error {
	u, l := it.user, it.login
	if im.chat && (l.wanted() || l.Gender != nil || l.Birth != 0) {
		p := UpdateParams{UserID: u.UserID, Nickname: some(u.Nickname), FaceURL: some(u.FaceURL), Account: some(l.Account),
			AreaCode: some(l.AreaCode), PhoneNumber: some(l.PhoneNumber), Email: some(l.Email), Gender: l.Gender, Birth: some(l.Birth)}
		if err := updateChat(ctx, im.env, p, p.chatChanges()); err != nil {
			return err
		}
	}
	var opt *int32
	if it.opted {
		opt = &u.GlobalRecvMsgOpt
	}
	info := changes(u.UserID, some(u.Nickname), some(u.FaceURL), some(u.Ex), opt)
	if info.Len() == 1 {
		return nil
	}
	return updateIM(ctx, im.env, info)
}

func finish(items []*item, o outcome) {
	for _, it := range items {
		it.outcome = o
	}
}
