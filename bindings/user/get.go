package user

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// GetParams are the parameters of user.get.
type GetParams struct {
	UserIDs   []string `arg:"1...,required" help:"the accounts to get"`
	MissingOK bool     `json:"missing_ok" help:"leave unknown ids out instead of failing"`
	Full      bool     `help:"add the chat server's attributes: login name, phone, e-mail, gender, birth"`
}

func getOp() bindings.Op {
	return bindings.Op{
		Name: "get", Effect: bindings.Read,
		Doc: "Get accounts by id, a row for each in the order asked.",
		Notes: "The server leaves unknown ids out silently: they are an error here (kind not_found, which names them) unless missing_ok=true.\n" +
			"user.exists tells which ids are known without failing.",
		Example: `print(user.get("alice")[1].nickname)`,
		Run:     bindings.Func(runGet),
	}
}

func runGet(ctx context.Context, env *bindings.Env, p GetParams) ([]User, error) {
	if err := checkIDs("userIDs", p.UserIDs...); err != nil {
		return nil, err
	}
	found, err := usersInfo(ctx, env, p.UserIDs)
	if err != nil {
		return nil, err
	}
	var users []User
	var missing []string
	for _, id := range distinct(p.UserIDs) {
		if u, ok := found[id]; ok {
			users = append(users, u)
		} else {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 && !p.MissingOK {
		return nil, notFound(missing)
	}
	if p.Full {
		if err := addAttributes(ctx, env, users); err != nil {
			return nil, err
		}
	}
	return users, nil
}

func notFound(ids []string) *fault.Error {
	if len(ids) == 1 {
		return fault.New(fault.NotFound, "no account %s", ids[0])
	}
	return fault.New(fault.NotFound, "no accounts %s (%d of the ids are unknown)", sample(ids), len(ids)).
		WithHint("user.exists tells which ids are known; missing_ok=true leaves the others out")
}

// one gets a single account, or the not_found error.
func one(ctx context.Context, env *bindings.Env, id string) (User, error) {
	found, err := usersInfo(ctx, env, []string{id})
	if err != nil {
		return User{}, err
	}
	u, ok := found[id]
	if !ok {
		return u, notFound([]string{id})
	}
	return u, nil
}

// addAttributes adds what the chat server knows of the accounts.
func addAttributes(ctx context.Context, env *bindings.Env, users []User) error {
	for part := range slices.Chunk(users, chunk) {
		ids := make([]string, len(part))
		for i, u := range part {
			ids[i] = u.UserID
		}
		found, err := attributes(ctx, env, ids)
		if err != nil {
			return err
		}
		for i := range part {
			if o, ok := found[part[i].UserID]; ok {
				part[i].merge(o)
			}
		}
	}
	return nil
}

// attributes gets the chat server's records by id (CHAT-ADMIN, /user/find/full: the list must not be empty).
func attributes(ctx context.Context, env *bindings.Env, ids []string) (map[string]*value.Object, error) {
	type answer struct{ Users []*value.Object }
	const path = "/user/find/full"
	ans, err := env.API.ChatAPI(ctx, path, value.NewObject("userIDs", list(ids)))
	got, err := openim.Decode[answer](path, ans, err)
	if err != nil {
		return nil, err
	}
	found := make(map[string]*value.Object, len(got.Users))
	for _, o := range got.Users {
		if id, ok := member(o, "userID").(string); ok {
			found[id] = o
		}
	}
	return found, nil
}

func usage(format string, args ...any) *fault.Error { return fault.New(fault.Usage, format, args...) }
