package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// CopyParams are the parameters of data.copy.
type CopyParams struct {
	FromContext string   `json:"from_context" arg:"1,required" help:"the context to copy from; it is only read"`
	Users       []string `help:"only these accounts, and of others what they have to do with: their friends, the members of their groups, those they have chats with"`
	Since       string   `help:"only messages sent since: a day (2026-01-31, UTC), a time (RFC 3339), or an age like 720h"`
	Restart     bool     `help:"begin anew even though an earlier copy was interrupted"`
	ImportOptions
}

func copyOp() bindings.Op {
	return bindings.Op{
		Name: "copy", Effect: bindings.Write,
		Doc: "Copy users, friends, groups, members, conversations and messages from another context into this one, through the API alone.",
		Notes: "It is data.export from the other context, of which nothing is ever written to, and data.import into this one; what is said of these holds here. " +
			"The guards are those of this context, where the writing is done: a protected one must be named by --context.\n" +
			"In between, the export lies in the state folder, which only this user can read, and is removed at the end. " +
			"An interrupted copy goes on when it is given again: with what the interrupted one had read, or, if it was still reading, from the beginning. restart=true reads anew.",
		Example: `data.copy{from_context="old", on_conflict="skip"}`,
		Run:     bindings.Func(runCopy), OwnDryRun: true,
	}
}

func runCopy(ctx context.Context, env *bindings.Env, p CopyParams) ([]KindResult, error) {
	if env.Other == nil || env.StateDir == "" {
		return nil, fault.New(fault.Unsupported, "no other context can be read here").WithHint("data.export and data.import do it in two steps")
	}
	from, err := env.Other(ctx, p.FromContext)
	if err != nil {
		return nil, err
	}
	h := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%q\n%q\n%q", from.Target.Name, from.API.API(), p.Kinds, p.Users, p.Since))
	folder := filepath.Join(env.StateDir, "copies", hex.EncodeToString(h[:])[:20])
	if p.Restart {
		if err := dropCopy(folder); err != nil {
			return nil, err
		}
	}
	if _, _, err := readManifest(env, folder); err == nil {
		env.Warning("continuing an interrupted copy from %s with what it had read", p.FromContext)
	} else if err := exportFrom(ctx, env, from, ExportParams{To: folder, Kinds: p.Kinds, Users: p.Users, Since: p.Since, Format: formatJSONL}); err != nil {
		return nil, err
	}
	rows, err := runImport(ctx, env, ImportParams{From: folder, ImportOptions: p.ImportOptions})
	if err == nil || fault.Is(err, fault.Partial) || env.DryRun {
		if dropped := dropCopy(folder); dropped != nil {
			return rows, dropped
		}
	}
	return rows, err
}

// exportFrom exports another context, with the files of this one.
func exportFrom(ctx context.Context, env, from *bindings.Env, p ExportParams) error {
	source := *from
	source.Open, source.Create, source.Folder, source.Track = env.Open, env.Create, env.Folder, env.Track
	_, err := runExport(ctx, &source, p)
	return err
}

func dropCopy(folder string) error {
	if err := os.RemoveAll(folder); err != nil {
		return fault.New(fault.Internal, "what was copied can't be removed from the state folder: %w", err)
	}
	return nil
}
