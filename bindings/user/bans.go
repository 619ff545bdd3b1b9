package user

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// bansFile is imctl's own ban list in the state folder, for deployments without a chat server.
const bansFile = "bans.json"

// ban is an entry of the list.
type ban struct {
	UserID     string `json:"userID"`
	Reason     string `json:"reason"`
	CreateTime int64  `json:"createTime"` // Unix milliseconds
}

// banFile is the form of the file: entries in order of their ids.
type banFile struct {
	Bans []ban `json:"bans"`
}

// readBans reads the list; a missing file is an empty list.
func readBans(env *bindings.Env) ([]ban, error) {
	if env.StateDir == "" {
		return nil, nil
	}
	path := filepath.Join(env.StateDir, bansFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var f banFile
	if err == nil {
		err = json.Unmarshal(data, &f)
	}
	if err != nil {
		return nil, fault.New(fault.Internal, "the ban list %s can't be read: %w", path, err).
			WithHint("mend or remove the file; accounts on it count as disabled until then")
	}
	return f.Bans, nil
}

// turns lets the callers in this process change the list one after the other: waiting for the lock of the file, which is
// for other processes, is slow.
var turns sync.Mutex

// changeBans reads, changes and writes the list under a lock; the file is replaced whole.
func changeBans(ctx context.Context, env *bindings.Env, change func([]ban) []ban) error {
	if env.StateDir == "" {
		return fault.New(fault.Internal, "there is no state folder to keep the ban list in")
	}
	if err := os.MkdirAll(env.StateDir, 0o700); err != nil {
		return fault.New(fault.Internal, "the state folder can't be made: %w", err)
	}
	turns.Lock()
	defer turns.Unlock()
	path := filepath.Join(env.StateDir, bansFile)
	lock := flock.New(path + ".lock")
	if _, err := lock.TryLockContext(ctx, 50*time.Millisecond); err != nil {
		return fault.New(fault.Internal, "the ban list can't be locked: %w", err)
	}
	defer func() { _ = lock.Unlock() }() // the lock ends with the process at the latest
	bans, err := readBans(env)
	if err != nil {
		return err
	}
	bans = change(bans)
	slices.SortFunc(bans, func(a, b ban) int { return strings.Compare(a.UserID, b.UserID) })
	data, err := json.MarshalIndent(banFile{Bans: bans}, "", " ")
	if err == nil {
		err = renameio.WriteFile(path, append(data, '\n'), 0o600)
	}
	if err != nil {
		return fault.New(fault.Internal, "the ban list can't be written: %w", err)
	}
	return nil
}

// addBans puts ids on the list; those that are on it keep their entry.
func addBans(ctx context.Context, env *bindings.Env, ids []string, reason string) error {
	now := env.Now().UnixMilli()
	return changeBans(ctx, env, func(bans []ban) []ban {
		on := bannedIDs(bans)
		for _, id := range ids {
			if _, there := on[id]; !there {
				bans = append(bans, ban{id, reason, now})
			}
		}
		return bans
	})
}

// dropBans takes ids off the list.
func dropBans(ctx context.Context, env *bindings.Env, ids []string) error {
	drop := make(map[string]bool, len(ids))
	for _, id := range ids {
		drop[id] = true
	}
	return changeBans(ctx, env, func(bans []ban) []ban {
		return slices.DeleteFunc(bans, func(b ban) bool { return drop[b.UserID] })
	})
}

func bannedIDs(bans []ban) map[string]ban {
	on := make(map[string]ban, len(bans))
	for _, b := range bans {
		on[b.UserID] = b
	}
	return on
}
