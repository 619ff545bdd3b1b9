package group

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

const syncNotes = "The server answers `full` with empty lists when it doesn't know the version, or when more than 200 changes came after it: then all ids are asked for and insert holds all there is, " +
	"with the version from before, so that nothing is missed. Give versionID and version of one result to the next call. "

// SyncParams says what is known already of the groups of an account.
type SyncParams struct {
	UserID    string `json:"userID" arg:"1,required" help:"the account"`
	VersionID string `json:"versionID" arg:"2" help:"id of the history, as the last sync gave it; left out: everything"`
	Version   uint64 `json:"version" arg:"3" help:"the version that is known, as the last sync gave it"`
}

// Version says how new a list is.
type Version struct {
	Version     uint64   `json:"version" column:"1" help:"the version now, for the next sync"`
	VersionID   string   `json:"versionID" column:"2" help:"id of the history, for the next sync"`
	Full        bool     `json:"full" column:"3" help:"the server has no changes since that version"`
	Delete      []string `json:"delete" column:"4" help:"ids of those that are gone"`
	SortVersion uint64   `json:"sortVersion" help:"the version at which the order last changed; 0: not since"`
}

// Changes are what became of the groups that an account is in since a version.
type Changes struct {
	Version
	Insert []Info `json:"insert" help:"new ones"`
	Update []Info `json:"update" help:"changed ones"`

	Rest value.Rest `json:"-"`
}

func syncOp() bindings.Op {
	return bindings.Op{
		Name: "sync", Effect: bindings.Read,
		Doc:     "Show what changed in the groups that an account is in since a version.",
		Example: `group.sync("alice")`,
		Notes:   syncNotes + "group.sync_members shows the members of one group.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p SyncParams) (Changes, error) {
			if err := checkSync("userID", p.UserID, p.VersionID, p.Version); err != nil {
				return Changes{}, err
			}
			out, err := openim.Do[Changes](ctx, env.API, "/group/get_incremental_join_groups",
				value.NewObject("userID", p.UserID, "versionID", p.VersionID, "version", p.Version))
			if err != nil || !out.Full {
				return out, err
			}
			type answer struct {
				GroupIDs []string `json:"groupIDs"`
			}
			all, err := openim.Do[answer](ctx, env.API, "/group/get_full_join_group_ids", value.NewObject("userID", p.UserID, "idHash", int64(0)))
			if err != nil {
				return Changes{}, err
			}
			out.Delete, out.Update = nil, nil
			out.Insert, err = groupsOf(ctx, env, all.GroupIDs)
			return out, err
		}),
	}
}

func checkSync(field, id, versionID string, version uint64) error {
	if (versionID == "") != (version == 0) {
		return fault.New(fault.Usage, "versionID and version go together")
	}
	return bindings.CheckID(field, id)
}
