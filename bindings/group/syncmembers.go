package group

import (
	"context"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// Known says what is known already of the members of a group.
type Known struct {
	GroupID   string `json:"groupID" arg:"1,required" help:"the group"`
	VersionID string `json:"versionID" arg:"2" help:"id of the history, as the last sync gave it; left out: everything"`
	Version   uint64 `json:"version" arg:"3" help:"the version that is known, as the last sync gave it"`
}

// MemberChanges are what became of the members of a group since a version.
type MemberChanges struct {
	Version
	Insert []Member `json:"insert" help:"new ones"`
	Update []Member `json:"update" help:"changed ones"`
	Group  *Info    `json:"group" help:"the group, when it changed too; else null"`

	Rest value.Rest `json:"-"`
}

func (k Known) body() *value.Object {
	return value.NewObject("groupID", k.GroupID, "versionID", k.VersionID, "version", k.Version)
}

func syncMembersOp() bindings.Op {
	return bindings.Op{
		Name: "sync_members", Effect: bindings.Read,
		Doc:     "Show what changed in the members of a group since a version.",
		Example: `group.sync_members("g1")`,
		Notes:   syncNotes + "A dismissed group is an error.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p Known) (MemberChanges, error) {
			if err := checkSync("groupID", p.GroupID, p.VersionID, p.Version); err != nil {
				return MemberChanges{}, err
			}
			out, err := openim.Do[MemberChanges](ctx, env.API, "/group/get_incremental_group_members", p.body())
			if err != nil || !out.Full {
				return out, err
			}
			return out.filled(ctx, env, p.GroupID)
		}),
	}
}

// filled puts all members of the group into insert.
func (c MemberChanges) filled(ctx context.Context, env *bindings.Env, groupID string) (MemberChanges, error) {
	type answer struct {
		UserIDs []string `json:"userIDs"`
	}
	all, err := openim.Do[answer](ctx, env.API, "/group/get_full_group_member_user_ids", value.NewObject("groupID", groupID, "idHash", int64(0)))
	if err != nil {
		return c, err
	}
	members, err := present(ctx, env, groupID, all.UserIDs)
	c.Delete, c.Update, c.Insert = nil, nil, []Member{}
	for _, id := range all.UserIDs {
		if m, in := members[id]; in {
			c.Insert = append(c.Insert, m)
		}
	}
	return c, err
}

// SyncManyParams says what is known already of the members of several groups.
type SyncManyParams struct {
	UserID string  `json:"userID" arg:"1,required" help:"an account that is in the groups"`
	Groups []Known `json:"groups" required:"true" help:"the groups"`
}

// GroupChanges are what became of the members of one of several groups.
type GroupChanges struct {
	GroupID string `json:"groupID" column:"1" key:"true" help:"the group"`
	Status  string `json:"status" column:"2" help:"changes, full: ask group.sync_members for all, or skipped: dismissed, or beyond what the server puts into one answer"`
	MemberChanges
}

func syncManyOp() bindings.Op {
	return bindings.Op{
		Name: "sync_many", Effect: bindings.Read,
		Doc:     "Show what changed in the members of several groups since a version of each, in one call.",
		Example: `group.sync_many{userID="alice", groups={{groupID="g1"}, {groupID="g2"}}}`,
		Notes: "What clients ask for when they connect. The server leaves dismissed groups out, and ends its answer with the group that brings it to 500 changes: such groups have status `skipped`. " +
			"One unknown group fails the whole call. A row with status `full` has empty lists; group.sync_members fills them.",
		Run: bindings.Func(runSyncMany),
	}
}

func runSyncMany(ctx context.Context, env *bindings.Env, p SyncManyParams) ([]GroupChanges, error) {
	if err := bindings.CheckID("userID", p.UserID); err != nil {
		return nil, err
	}
	list := make(value.List, len(p.Groups))
	var ids []string
	for i, k := range p.Groups {
		if err := checkSync("groups.groupID", k.GroupID, k.VersionID, k.Version); err != nil {
			return nil, err
		}
		if slices.Contains(ids, k.GroupID) {
			return nil, fault.New(fault.Usage, "groups: %q is there twice", k.GroupID)
		}
		ids = append(ids, k.GroupID)
		list[i] = k.body()
	}
	type answer struct {
		RespList map[string]MemberChanges `json:"respList"` // left out when empty
	}
	a, err := openim.Do[answer](ctx, env.API, "/group/get_incremental_group_members_batch", value.NewObject("userID", p.UserID, "reqList", list))
	if err != nil {
		return nil, err
	}
	rows := make([]GroupChanges, len(ids))
	for i, id := range ids {
		c, there := a.RespList[id]
		rows[i] = GroupChanges{GroupID: id, Status: "changes", MemberChanges: c}
		switch {
		case !there:
			rows[i].Status = "skipped"
		case c.Full:
			rows[i].Status = "full"
		}
	}
	return rows, nil
}
