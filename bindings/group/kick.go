package group

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// KickParams names whom to take out of a group.
type KickParams struct {
	GroupID     string   `json:"groupID" arg:"1,required" help:"the group"`
	UserIDs     []string `json:"userIDs" arg:"2...,required" help:"the members to take out"`
	Reason      string   `json:"reason" help:"shown to the members"`
	SendMessage *bool    `json:"sendMessage" help:"false: no message in the group says so"`
}

func kickOp() bindings.Op {
	return bindings.Op{
		Name: "kick", Effect: bindings.Write,
		Doc:     "Take members out of a group; a row for each says what became of it.",
		Example: `group.kick{groupID="g1", userIDs={"dave"}, reason="spam"}`,
		Notes: "The server kicks all or nobody, so members are looked up first. Status `kicked`, `not_member` (nothing to do: safe to repeat), " +
			"`skipped` (the account imctl runs as) or `failed` (the owner, an unknown account). A kick is no ban: the account can be invited again.",
		Run:    bindings.Func(runKick),
		Before: before(func(p KickParams) string { return p.GroupID }),
		Preview: bindings.PreviewOf(func(_ context.Context, _ *bindings.Env, p KickParams) (bindings.Preview, error) {
			return bindings.PreviewAccounts("kick", p.UserIDs), nil
		}),
	}
}

func runKick(ctx context.Context, env *bindings.Env, p KickParams) ([]Row, error) {
	ids, err := bindings.CheckIDs("userIDs", p.UserIDs)
	if err != nil {
		return nil, err
	}
	if len(ids) == 1 && ids[0] == env.Target.Admin {
		return nil, fault.New(fault.Usage, "%q is the account that imctl runs as; the server lets nobody kick itself", ids[0]).
			WithHint("use group.quit")
	}
	if _, err := alive(ctx, env, p.GroupID); err != nil {
		return nil, err
	}
	members, err := present(ctx, env, p.GroupID, ids)
	if err != nil {
		return nil, err
	}
	var rows []Row
	var todo, strangers []string
	for _, id := range ids {
		m, in := members[id]
		switch {
		case id == env.Target.Admin:
			rows = append(rows, Row{GroupID: p.GroupID, UserID: id, Status: "skipped"})
		case !in:
			strangers = append(strangers, id)
		case m.RoleLevel == roleOwner:
			rows = append(rows, failed(p.GroupID, id, fault.New(fault.Denied, "%q owns the group", id).
				WithHint("group.transfer gives it another owner first, or group.dismiss ends it")))
		default:
			todo = append(todo, id)
		}
	}
	if len(strangers) > 0 {
		accounts, err := bindings.KnownAccounts(ctx, env, strangers)
		if err != nil {
			return nil, err
		}
		for _, id := range strangers {
			if accounts[id] {
				rows = append(rows, Row{GroupID: p.GroupID, UserID: id, Status: "not_member"})
			} else {
				rows = append(rows, failed(p.GroupID, id, bindings.NoAccount(id)))
			}
		}
	}
	bindings.Batches(todo, maxMembers, func(some []string) error {
		body := value.NewObject("groupID", p.GroupID, "kickedUserIDs", some, "reason", p.Reason)
		setOptional(body, "sendMessage", p.SendMessage)
		_, err := env.API.Call(ctx, "/group/kick_group", body)
		return err
	}, func(id string, err error) {
		rows = append(rows, outcome(p.GroupID, id, "kicked", err))
	})
	order(rows, ids)
	return rows, partial("kicked", rows)
}
