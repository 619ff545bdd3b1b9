package friend

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// SyncParams says what is known already.
type SyncParams struct {
	UserID    string `json:"userID" arg:"1,required" help:"the account"`
	VersionID string `json:"versionID" arg:"2" help:"id of the history, as the last sync gave it; left out: everything"`
	Version   uint64 `json:"version" arg:"3" help:"the version that is known, as the last sync gave it"`
}

// Changes are what became of a friend list since a version.
type Changes struct {
	Version     uint64   `json:"version" column:"1" help:"the version now, for the next sync"`
	VersionID   string   `json:"versionID" column:"2" help:"id of the history, for the next sync"`
	Full        bool     `json:"full" column:"3" help:"the server has no changes since that version: insert holds all there is"`
	Delete      []string `json:"delete" column:"4" help:"ids of those that are gone"`
	SortVersion uint64   `json:"sortVersion" help:"the version at which the order last changed; 0: not since"`
	Insert      []Friend `json:"insert" help:"new ones"`
	Update      []Friend `json:"update" help:"changed ones"`

	Rest value.Rest `json:"-"`
}

func syncOp() bindings.Op {
	return bindings.Op{
		Name: "sync", Effect: bindings.Read,
		Doc:     "Show what changed in the friend list of an account since a version.",
		Example: `friend.sync("alice")`,
		Notes: "The server answers `full` with empty lists when it doesn't know the version, or when more than 200 changes came after it: then all ids are asked for and all friends are in insert, " +
			"with the version from before, so that nothing is missed. Give versionID and version of one result to the next call. Block lists have no such call: the server routes get_incremental_blacks and does not implement it.",
		Run: bindings.Func(runSync),
	}
}

func runSync(ctx context.Context, env *bindings.Env, p SyncParams) (Changes, error) {
	if err := bindings.CheckID("userID", p.UserID); err != nil {
		return Changes{}, err
	}
	if (p.VersionID == "") != (p.Version == 0) {
		return Changes{}, fault.New(fault.Usage, "versionID and version go together")
	}
	out, err := openim.Do[Changes](ctx, env.API, "/friend/get_incremental_friends",
		value.NewObject("userID", p.UserID, "versionID", p.VersionID, "version", p.Version))
	if err != nil {
		return Changes{}, err
	}
	for _, list := range [][]Friend{out.Insert, out.Update} {
		for i, f := range list {
			list[i] = f.shown()
		}
	}
	if !out.Full {
		return out, nil
	}
	type answer struct {
		UserIDs []string `json:"userIDs"`
	}
	all, err := openim.Do[answer](ctx, env.API, "/friend/get_full_friend_user_ids", value.NewObject("userID", p.UserID, "idHash", int64(0)))
	if err != nil {
		return Changes{}, err
	}
	out.Delete, out.Update = nil, nil
	out.Insert, err = entries(ctx, env, p.UserID, all.UserIDs)
	return out, err
}
