package user

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// OnlineParams are the parameters of user.online.
type OnlineParams struct {
	UserIDs []string `arg:"1...,required" help:"the accounts to look at"`
}

// Presence is a row of user.online.
type Presence struct {
	UserID      string   `key:"true" column:"1" help:"the account"`
	State       string   `column:"2" help:"online, offline, or unknown when the server did not say"`
	Platforms   []string `column:"3" help:"where the account is online"`
	PlatformIDs []int32  `json:"platformIDs" help:"the same by id"`
	Reason      string   `json:"reason,omitempty" help:"why the state is unknown"`
}

func onlineOp() bindings.Op {
	return bindings.Op{
		Name: "online", Effect: bindings.Read,
		Doc: "Tell which accounts are online, and on which platforms.",
		Notes: "The answer is the server's presence record, up to a second behind; after the crash of a gateway its users may be shown online for up to half an hour. " +
			"user.sessions asks the gateways for the connections of this moment.\nThe server calls an unknown id offline; here it is an error (kind not_found).",
		Example: `for _, u in ipairs(user.online{userIDs={"alice", "bob"}}) do print(u.userID, u.state) end`,
		Run:     bindings.Func(runOnline),
	}
}

func runOnline(ctx context.Context, env *bindings.Env, p OnlineParams) ([]Presence, error) {
	if err := checkIDs("userIDs", p.UserIDs...); err != nil {
		return nil, err
	}
	ids := distinct(p.UserIDs)
	if err := mustExist(ctx, env, ids); err != nil {
		return nil, err
	}
	var rows []Presence
	for part := range slices.Chunk(ids, chunk) {
		got, err := presence(ctx, env, part)
		if err != nil {
			return nil, err
		}
		rows = append(rows, got...)
	}
	return rows, nil
}

// presence reads the states of one chunk. When the server itself fails to tell, the states are unknown: neither online
// nor offline may be made of that.
func presence(ctx context.Context, env *bindings.Env, ids []string) ([]Presence, error) {
	type answer struct {
		StatusList []struct {
			UserID      string
			Status      int32
			PlatformIDs []int32
		}
	}
	got, err := openim.Do[answer](ctx, env.API, "/user/get_users_status",
		value.NewObject("userID", env.Target.Admin, "userIDs", list(ids)))
	rows := make([]Presence, len(ids))
	place := make(map[string]int, len(ids))
	for i, id := range ids {
		place[id] = i
		rows[i] = Presence{UserID: id, State: "unknown", Reason: "the server's answer leaves this account out"}
	}
	if err != nil {
		if !fault.Is(err, fault.API) {
			return nil, err
		}
		for i := range rows {
			rows[i].Reason = err.Error()
		}
		env.Warning("the server could not tell who is online: %v", err)
		return rows, nil
	}
	for _, s := range got.StatusList {
		i, asked := place[s.UserID]
		if !asked {
			continue
		}
		rows[i] = Presence{UserID: s.UserID, State: "offline"}
		if s.Status == 1 {
			slices.Sort(s.PlatformIDs)
			rows[i].State, rows[i].PlatformIDs, rows[i].Platforms = "online", s.PlatformIDs, platformNames(s.PlatformIDs)
		}
	}
	return rows, nil
}

// mustExist is the not_found error for the ids that no account has.
func mustExist(ctx context.Context, env *bindings.Env, ids []string) error {
	found, err := known(ctx, env, ids)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return found[id] })
	if len(missing) > 0 {
		return notFound(missing)
	}
	return nil
}
