package data

import (
	"context"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// BackupNeeded is what an operation asks for that writes to MongoDB directly.
type BackupNeeded struct {
	Backup        string `help:"a backup of this context; it is verified first"`
	WithoutBackup bool   `json:"without_backup" help:"do it although there is no backup"`
	ArchiveParams
}

// oldBackup is from when on a backup is called old.
const oldBackup = 24 * time.Hour

// check refuses what names no backup, or one that is not whole or not of this context. An old one is only a warning.
func (b BackupNeeded) check(ctx context.Context, env *bindings.Env) error {
	switch {
	case b.Backup != "" && b.WithoutBackup:
		return fault.New(fault.Usage, "backup and without_backup exclude each other")
	case b.WithoutBackup:
		return nil
	case b.Backup == "":
		return fault.New(fault.Denied, "this writes to MongoDB directly, and no backup is named").
			WithHint("nothing was changed; make one with data.backup and name it as backup, or set without_backup=true")
	}
	verified, err := runVerify(ctx, env, VerifyParams{From: b.Backup, ArchiveParams: b.ArchiveParams})
	if err != nil {
		return err
	}
	if verified.Context != env.Target.Name {
		return fault.New(fault.Denied, "%s is a backup of the context %q, and this is %q", b.Backup, verified.Context, env.Target.Name)
	}
	if age := env.Now().Sub(verified.Created); age > oldBackup {
		env.Warning("the backup %s is %s old", b.Backup, age.Round(time.Hour))
	}
	return nil
}
