package group

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// JoinParams names an account and the group it asks to enter.
type JoinParams struct {
	GroupID    string `json:"groupID" arg:"1,required" help:"the group"`
	UserID     string `json:"userID" arg:"2,required" help:"the account that asks"`
	ReqMessage string `json:"reqMessage" help:"its words to the group's owner"`
	JoinSource int64  `json:"joinSource" default:"3" help:"how it found the group: 3 by search, 4 by QR code"`
	Ex         string `json:"ex" help:"extra data of the application"`
}

// QuitParams names a member that leaves.
type QuitParams struct {
	GroupID string `json:"groupID" arg:"1,required" help:"the group"`
	UserID  string `json:"userID" arg:"2,required" help:"the member that leaves"`
}

func joinOp() bindings.Op {
	return bindings.Op{
		Name: "join", Effect: bindings.Write,
		Doc:     "Let an account ask to enter a group, as its user would.",
		Example: `group.join{groupID="g1", userID="dave", reqMessage="please"}`,
		Notes: "Status `joined` when the group has needVerification 2, else `requested`: group.accept lets it in. `already` for a member. " +
			"The server calls the applicant inviterUserID. group.invite brings an account in without asking.",
		Run: bindings.Func(runJoin), Undo: bindings.UndoOf(undoJoin),
	}
}

func runJoin(ctx context.Context, env *bindings.Env, p JoinParams) (Row, error) {
	if p.JoinSource != 3 && p.JoinSource != 4 {
		return Row{}, fault.New(fault.Usage, "joinSource: want 3 (search) or 4 (QR code), got %d", p.JoinSource).
			WithHint("the sources 1 and 2 are invitations: group.invite")
	}
	g, row, in, err := one(ctx, env, p.GroupID, p.UserID)
	if err != nil {
		return Row{}, err
	}
	if in {
		row.Status = "already"
		return row, nil
	}
	body := value.NewObject("groupID", p.GroupID, "joinSource", p.JoinSource, "inviterUserID", p.UserID, "reqMessage", p.ReqMessage)
	if p.Ex != "" {
		body.Set("ex", p.Ex)
	}
	if _, err := env.API.Call(ctx, "/group/join_group", body); err != nil {
		return Row{}, err
	}
	row.Status = "requested"
	if g.NeedVerification == 2 {
		row.Status = "joined"
	}
	return row, nil
}

func quitOp() bindings.Op {
	return bindings.Op{
		Name: "quit", Effect: bindings.Write,
		Doc:     "Let a member leave a group, as its user would.",
		Example: `group.quit{groupID="g1", userID="dave"}`,
		Notes:   "The owner can't leave: group.transfer or group.dismiss first. Status `left`, or `not_member` when there was nothing to do.",
		Run:     bindings.Func(runQuit),
	}
}

func runQuit(ctx context.Context, env *bindings.Env, p QuitParams) (Row, error) {
	_, row, in, err := one(ctx, env, p.GroupID, p.UserID)
	if err != nil {
		return Row{}, err
	}
	if !in {
		row.Status = "not_member"
		return row, nil
	}
	if _, err := env.API.Call(ctx, "/group/quit_group", value.NewObject("groupID", p.GroupID, "userID", p.UserID)); err != nil {
		return Row{}, err
	}
	row.Status = "left"
	return row, nil
}

// one reads the group and whether the account is in it, and begins the row.
func one(ctx context.Context, env *bindings.Env, groupID, userID string) (g Info, row Row, in bool, err error) {
	row = Row{GroupID: groupID, UserID: userID}
	if err = bindings.CheckID("userID", userID); err != nil {
		return g, row, false, err
	}
	if g, err = alive(ctx, env, groupID); err != nil {
		return g, row, false, err
	}
	members, err := present(ctx, env, groupID, []string{userID})
	_, in = members[userID]
	return g, row, in, err
}
