package conversation

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// SyncParams says what is known already.
type SyncParams struct {
	OwnerUserID string `json:"ownerUserID" arg:"1,required" help:"the account"`
	VersionID   string `json:"versionID" arg:"2" help:"id of the history, as the last sync gave it; left out: everything"`
	Version     uint64 `json:"version" arg:"3" help:"the version that is known, as the last sync gave it"`
}

// Changes are what became of the conversations since a version.
type Changes struct {
	Version   uint64         `json:"version" column:"1" help:"the version now, for the next sync"`
	VersionID string         `json:"versionID" column:"2" help:"id of the history, for the next sync"`
	Full      bool           `json:"full" column:"3" help:"the server has no changes since that version: insert holds all there is"`
	Delete    []string       `json:"delete" column:"4" help:"ids of those that are gone"`
	Insert    []Conversation `json:"insert" help:"new ones"`
	Update    []Conversation `json:"update" help:"changed ones"`

	Rest value.Rest `json:"-"`
}

func syncOp() bindings.Op {
	return bindings.Op{
		Name: "sync", Effect: bindings.Read,
		Doc:     "Show what changed in the conversations of an account since a version.",
		Example: `conversation.sync("alice")`,
		Notes: "The server answers `full` with empty lists when it doesn't know the version, or when more than 200 changes came after it: then all ids are asked for and all conversations are in insert, " +
			"with the version from before, so that nothing is missed. Give versionID and version of one result to the next call.",
		Run: bindings.Func(runSync),
	}
}

func runSync(ctx context.Context, env *bindings.Env, p SyncParams) (Changes, error) {
	if err := bindings.CheckID("ownerUserID", p.OwnerUserID); err != nil {
		return Changes{}, err
	}
	if (p.VersionID == "") != (p.Version == 0) {
		return Changes{}, fault.New(fault.Usage, "versionID and version go together")
	}
	out, err := openim.Do[Changes](ctx, env.API, "/conversation/get_incremental_conversations",
		value.NewObject("userID", p.OwnerUserID, "versionID", p.VersionID, "version", p.Version))
	if err != nil || !out.Full {
		return out, err
	}
	all, err := allIDs(ctx, env, p.OwnerUserID, 0)
	if err != nil {
		return Changes{}, err
	}
	out.Delete, out.Update = nil, nil
	out.Insert, err = several(ctx, env, p.OwnerUserID, all.ConversationIDs)
	return out, err
}
