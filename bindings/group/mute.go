package group

import (
	"context"
	"math"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// MuteParams names a group, or members of it, to silence.
type MuteParams struct {
	GroupID      string        `json:"groupID" arg:"1,required" help:"the group"`
	UserIDs      []string      `json:"userIDs" arg:"2..." help:"the members; left out: the whole group"`
	MutedSeconds time.Duration `json:"mutedSeconds" help:"how long the members are muted: seconds, or a text like 10m"`
}

// UnmuteParams names a group, or members of it, to let speak again.
type UnmuteParams struct {
	GroupID string   `json:"groupID" arg:"1,required" help:"the group"`
	UserIDs []string `json:"userIDs" arg:"2..." help:"the members; left out: the whole group"`
}

// MuteRow is the outcome for the group (userID empty) or one member.
type MuteRow struct {
	GroupID     string `json:"groupID" column:"1" help:"the group"`
	UserID      string `json:"userID" column:"2" key:"true" help:"the member; empty: the whole group"`
	Status      string `json:"status" column:"3" help:"muted, unmuted, already, or failed"`
	MuteEndTime int64  `json:"muteEndTime" column:"4" help:"until when a member is muted, in ms; 0: not muted, or the whole group"`
	Error       string `json:"error,omitempty" column:"5" help:"why it failed; absent when it did not"`
}

func muteOp() bindings.Op {
	return bindings.Op{
		Name: "mute", Effect: bindings.Write,
		Doc:     "Silence members of a group for a time, or the whole group.",
		Example: `group.mute{groupID="g1", userIDs={"dave"}, mutedSeconds="10m"}`,
		Notes: "Without userIDs the whole group is muted, until group.unmute; the owner and the group's admins may still write. An empty list is refused, never taken as the whole group. " +
			"A member's mute always has an end. The owner is refused: the server accepts the mute, and the owner writes on. " +
			"A dismissed group is refused: the server would bring it back to life.",
		Run:    bindings.Func(runMute),
		Before: before(func(p MuteParams) string { return p.GroupID }),
		Preview: bindings.PreviewOf(func(_ context.Context, _ *bindings.Env, p MuteParams) (bindings.Preview, error) {
			return mutePreview("mute", p.GroupID, p.UserIDs), nil
		}),
	}
}

func unmuteOp() bindings.Op {
	return bindings.Op{
		Name: "unmute", Effect: bindings.Write,
		Doc:     "Let muted members of a group, or the whole group, write again.",
		Example: `group.unmute{groupID="g1", userIDs={"dave"}}`,
		Notes: "Without userIDs the mute of the whole group ends; members muted by themselves stay so. A dismissed group is refused: " +
			"the server would bring it back to life (its cancel_mute_group sets status 0 without a look). Safe to repeat.",
		Run:    bindings.Func(runUnmute),
		Before: before(func(p UnmuteParams) string { return p.GroupID }),
		Preview: bindings.PreviewOf(func(_ context.Context, _ *bindings.Env, p UnmuteParams) (bindings.Preview, error) {
			return mutePreview("unmute", p.GroupID, p.UserIDs), nil
		}),
	}
}

func mutePreview(verb, groupID string, ids []string) bindings.Preview {
	if ids == nil {
		return bindings.Preview{Count: 1, Sample: []string{groupID}, Text: verb + " the whole group " + groupID}
	}
	return bindings.PreviewAccounts(verb, ids)
}

func runMute(ctx context.Context, env *bindings.Env, p MuteParams) ([]MuteRow, error) {
	seconds := int64(p.MutedSeconds / time.Second)
	switch whole := p.UserIDs == nil; {
	case whole && p.MutedSeconds != 0:
		return nil, fault.New(fault.Usage, "mutedSeconds is for members: the mute of a whole group has no end").
			WithHint("leave mutedSeconds out, or name userIDs")
	case !whole && p.MutedSeconds == 0:
		return nil, fault.New(fault.Usage, "missing field mutedSeconds: how long the members are muted")
	case !whole && (seconds < 1 || seconds > math.MaxUint32):
		return nil, fault.New(fault.Usage, "mutedSeconds: want one second or more, got %s", p.MutedSeconds)
	case whole:
		return wholeGroup(ctx, env, p.GroupID, "/group/mute_group", "muted")
	}
	return eachMember(ctx, env, p.GroupID, p.UserIDs, "muted", func(m Member) (string, *value.Object, error) {
		if m.RoleLevel == roleOwner {
			return "", nil, fault.New(fault.Denied, "%q owns the group and can't be silenced", m.UserID)
		}
		return "/group/mute_group_member",
			value.NewObject("groupID", p.GroupID, "userID", m.UserID, "mutedSeconds", seconds), nil
	})
}

func runUnmute(ctx context.Context, env *bindings.Env, p UnmuteParams) ([]MuteRow, error) {
	if p.UserIDs == nil {
		return wholeGroup(ctx, env, p.GroupID, "/group/cancel_mute_group", "unmuted")
	}
	now := env.Now().UnixMilli()
	return eachMember(ctx, env, p.GroupID, p.UserIDs, "unmuted", func(m Member) (string, *value.Object, error) {
		if m.MuteEndTime <= now {
			return "", nil, nil
		}
		return "/group/cancel_mute_group_member", value.NewObject("groupID", p.GroupID, "userID", m.UserID), nil
	})
}

func wholeGroup(ctx context.Context, env *bindings.Env, groupID, path, done string) ([]MuteRow, error) {
	g, err := alive(ctx, env, groupID)
	if err != nil {
		return nil, err
	}
	const statusMuted = 3
	row := MuteRow{GroupID: groupID, Status: "already"}
	if (g.Status == statusMuted) != (done == "muted") {
		if _, err := env.API.Call(ctx, path, value.NewObject("groupID", groupID)); err != nil {
			return nil, err
		}
		row.Status = done
	}
	return []MuteRow{row}, nil
}

// eachMember sends for each member the call that plan makes; no path means that there is nothing to do.
func eachMember(ctx context.Context, env *bindings.Env, groupID string, userIDs []string, done string,
	plan func(Member) (string, *value.Object, error)) ([]MuteRow, error) {
	ids, members, err := among(ctx, env, groupID, userIDs)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, len(ids))
	var stop error
	for i, id := range ids {
		m, in := members[id]
		if !in {
			rows[i] = failed(groupID, id, fault.New(fault.NotFound, "%q is not in the group", id))
			continue
		}
		path, body, err := plan(m)
		if rows[i] = (Row{GroupID: groupID, UserID: id, Status: "already"}); err == nil && path != "" {
			if err = stop; err == nil {
				_, err = env.API.Call(ctx, path, body)
			}
			if rows[i].Status = done; err != nil && bindings.Fatal(err) {
				stop = err
			}
		}
		if err != nil {
			rows[i] = failed(groupID, id, err)
		}
	}
	if stop == nil { // what the server now has; a failure to read it is no failure of the mute
		if after, err := present(ctx, env, groupID, ids); err == nil {
			members = after
		}
	}
	out := make([]MuteRow, len(rows))
	for i, r := range rows {
		out[i] = MuteRow{GroupID: groupID, UserID: r.UserID, Status: r.Status, Error: r.Error, MuteEndTime: members[r.UserID].MuteEndTime}
	}
	return out, partial(done, rows)
}
