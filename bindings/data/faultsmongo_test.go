package data

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/store"
)

func TestMongoDoesNotAnswer(t *testing.T) {
	noLeaks(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	_ = l.Close()
	s := store.New(store.Config{Context: "test", Mongo: store.Mongo{Addresses: []string{nobody}}})
	to := filepath.Join(t.TempDir(), "b.tar.zst")
	_, err = runBackup(t.Context(), testEnv(t, s), BackupParams{To: to, Parallel: 1})
	wantKind(t, err, fault.Unreachable, nobody)
	wantEmpty(t, filepath.Dir(to))
}

func TestMongoRefusesTheLogin(t *testing.T) {
	noLeaks(t)
	p := startProxy(t, startMongod(t).addr)
	p.stop(func(command, _ string) *refusal {
		if command == "saslStart" {
			return badLogin
		}
		return nil
	})
	const password = "correct horse battery"
	s := store.New(store.Config{Context: "test", Mongo: store.Mongo{Addresses: []string{p.addr}, Username: "ann",
		Password: openim.Secret{Get: func(context.Context) (string, error) { return password, nil }}}})
	_, err := runBackup(t.Context(), testEnv(t, s), BackupParams{To: filepath.Join(t.TempDir(), "b"), Parallel: 1})
	wantKind(t, err, fault.Auth, "refused the login")
	if p.commands() == 0 {
		t.Error("nobody logged in")
	}
}

func TestNothingToBackUp(t *testing.T) {
	noLeaks(t)
	s := startMongod(t).stores(t, "empty")
	to := filepath.Join(t.TempDir(), "b.tar.zst")
	_, err := runBackup(t.Context(), testEnv(t, s), BackupParams{To: to, Parallel: 1})
	wantKind(t, err, fault.NotFound, "holds no collection")
	put(t, database(t, s), "two words", bson.D{{Key: "a", Value: 1}})
	_, err = runBackup(t.Context(), testEnv(t, s), BackupParams{To: to, Parallel: 1})
	wantKind(t, err, fault.Unsupported, `"two words"`)
	wantEmpty(t, filepath.Dir(to))
}

// failedBackup holds that a failed backup left nothing.
func failedBackup(t testing.TB, w *world, ctx context.Context, kind fault.Kind) error {
	t.Helper()
	dir := t.TempDir()
	_, err := runBackup(ctx, w.env, BackupParams{To: filepath.Join(dir, "b.tar.zst"), Parallel: 3})
	if err == nil {
		return nil
	}
	wantKind(t, err, kind, "")
	wantEmpty(t, dir)
	return err
}

// moments picks seeded commands of n.
func moments(t testing.TB, n, want int) []int {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d, %d commands", seed, n)
	rnd := rand.New(rand.NewPCG(seed, 3))
	var out []int
	for _, i := range rnd.Perm(n) {
		if len(out) < want {
			out = append(out, i+1)
		}
	}
	return out
}

// TestBackupIsStopped lets MongoDB refuse a backup, and the user cancel it, at any of its commands.
func TestBackupIsStopped(t *testing.T) {
	noLeaks(t)
	direct := newWorld(t)
	p, w := direct.through(t)
	if err := failedBackup(t, w, t.Context(), ""); err != nil { // it connects, and tells how many commands there are
		t.Fatal(err)
	}
	p.stop(nil)
	if err := failedBackup(t, w, t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	for _, n := range moments(t, p.commands(), 12) {
		p.at(n, func() *refusal { return noRights })
		if failedBackup(t, w, t.Context(), fault.Auth) == nil {
			t.Errorf("command %d is refused, and the backup passes", n)
		}
		ctx, cancel := context.WithCancel(t.Context())
		p.at(n, func() *refusal { cancel(); return nil })
		if failedBackup(t, w, ctx, fault.Canceled) == nil {
			t.Errorf("it is canceled at command %d, and the backup passes", n)
		}
		cancel()
	}
	p.stop(nil)
	if err := failedBackup(t, w, t.Context(), ""); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestRestoreIsStopped lets MongoDB refuse a restore, fill its disk, hang up, and the user cancel, at any command: the
// old data are there or the new, or the database says that a restore is unfinished, which then is completed or taken back.
func TestRestoreIsStopped(t *testing.T) {
	noLeaks(t)
	direct := newWorld(t)
	p, w := direct.through(t)
	if _, err := w.restore(t, RestoreParams{}); err != nil {
		t.Fatal(err)
	}
	later := 0
	timeGoesOn := func() {
		later++
		put(t, direct.db, "user", bson.D{{Key: "user_id", Value: fmt.Sprint("later", later)}})
	}
	timeGoesOn()
	p.stop(nil)
	if _, err := w.restore(t, RestoreParams{}); err != nil {
		t.Fatal(err)
	}
	for i, n := range moments(t, p.commands(), 40) {
		timeGoesOn()
		old := contents(t, direct.db)
		ctx, cancel := context.WithCancel(t.Context())
		how, kind, answer := "no rights", fault.Auth, noRights
		switch i % 4 {
		case 1:
			how, kind, answer = "canceled", fault.Canceled, nil
		case 2:
			how, kind, answer = "disk full", fault.API, diskFull
		case 3:
			how, kind, answer = "hung up", fault.Unreachable, hangingUp
		}
		p.at(n, func() *refusal {
			if answer == nil {
				cancel()
			}
			return answer
		})
		_, err := runRestore(ctx, w.env, RestoreParams{From: w.file, Policy: replacePolicy})
		cancel()
		p.stop(nil)
		if answer == nil {
			p.settle()
		}
		what := fmt.Sprintf("command %d, %s: %v", n, how, err)
		if err != nil {
			wantKind(t, err, kind, "")
		} else if answer != hangingUp { // the driver does it again
			t.Errorf("%s: it passes", what)
		}
		m, markErr := readMark(t.Context(), direct.db)
		switch {
		case markErr != nil:
			t.Fatal(markErr)
		case m == nil && err == nil:
			equalContents(t, contents(t, direct.db), direct.before, "seq", "friend_version")
		case m == nil: // it did not begin, or was cleared away, or was refused or canceled when all was done
			if now := contents(t, direct.db); now["user"] == direct.before["user"] {
				equalContents(t, now, direct.before, "seq", "friend_version")
			} else {
				equalContents(t, now, old)
			}
		case i%8 < 4 || m.State == ending:
			if _, err := w.restore(t, RestoreParams{Resume: true}); err != nil {
				t.Errorf("%s: resume: %v", what, err)
			}
			equalContents(t, contents(t, direct.db), direct.before, "seq", "friend_version")
		default:
			if _, err := w.restore(t, RestoreParams{Rollback: true}); err != nil {
				t.Errorf("%s: rollback: %v", what, err)
			}
			equalContents(t, contents(t, direct.db), old, "seq")
		}
		if t.Failed() {
			t.Fatalf("%s; mark %+v", what, m)
		}
	}
}

// TestUnfinishedRestore holds what a database with an unfinished restore refuses.
func TestUnfinishedRestore(t *testing.T) {
	noLeaks(t)
	direct := newWorld(t)
	p, w := direct.through(t)
	other := direct.file + ".other"
	put(t, direct.db, "user", bson.D{{Key: "user_id", Value: "later"}})
	if _, err := runBackup(t.Context(), direct.env, BackupParams{To: other, Parallel: 1}); err != nil {
		t.Fatal(err)
	}
	p.stop(func(command, _ string) *refusal {
		if command == "renameCollection" {
			return noRights
		}
		return nil
	})
	_, err := w.restore(t, RestoreParams{})
	wantKind(t, err, fault.Auth, "renaming")
	p.stop(nil)
	unfinished := contents(t, direct.db)
	for _, c := range []struct {
		p    RestoreParams
		part string
	}{
		{RestoreParams{From: w.file}, "is unfinished (swapping)"},
		{RestoreParams{From: other}, "is unfinished (swapping)"},
		{RestoreParams{From: other, Resume: true}, "is of another archive"},
		{RestoreParams{From: w.file, Resume: true, Policy: skipPolicy}, "has policy=replace"},
		{RestoreParams{From: w.file, Policy: overwritePolicy}, "is unfinished (swapping)"},
	} {
		if c.p.Policy == "" {
			c.p.Policy = replacePolicy
		}
		_, err := runRestore(t.Context(), w.env, c.p)
		wantKind(t, err, fault.Denied, c.part)
	}
	_, err = runBackup(t.Context(), w.env, BackupParams{To: w.file + ".new", Parallel: 1})
	wantKind(t, err, fault.Denied, "is unfinished (swapping)")
	if _, err := os.Stat(w.file + ".new"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a refused backup: %v", err)
	}
	equalContents(t, contents(t, direct.db), unfinished)
	if _, err := w.restore(t, RestoreParams{Resume: true}); err != nil {
		t.Fatal(err)
	}
	equalContents(t, contents(t, direct.db), direct.before, "seq", "friend_version")
}

// TestRedisGoesAway ends Redis in the middle of a restore: at its beginning, before seqs are raised, before the caches go.
func TestRedisGoesAway(t *testing.T) {
	noLeaks(t)
	direct := newWorld(t)
	p, w := direct.through(t)
	for _, c := range []struct {
		at    string
		state string
	}{{"create", loading}, {"renameCollection", swapped}} {
		put(t, direct.db, "user", bson.D{{Key: "user_id", Value: "later, at " + c.at}})
		if err := w.redis.Set("USER_INFO:u1", "stale"); err != nil {
			t.Fatal(err)
		}
		w.redis.HSet("MALLOC_SEQ:si_u1_u2", "CURR", "300", "LAST", "350")
		p.stop(func(command, _ string) *refusal {
			if command == c.at {
				w.redis.Close()
			}
			return nil
		})
		_, err := w.restore(t, RestoreParams{})
		wantKind(t, err, fault.Unreachable, "Redis went away")
		p.stop(nil)
		if m, err := readMark(t.Context(), direct.db); err != nil || m == nil || m.State != c.state {
			t.Fatalf("the mark is %+v, %v; want one that is %s", m, err, c.state)
		}
		if err := w.redis.Restart(); err != nil {
			t.Fatal(err)
		}
		if _, err := w.restore(t, RestoreParams{Resume: true}); err != nil {
			t.Fatal(err)
		}
		equalContents(t, contents(t, direct.db), direct.before, "seq", "friend_version")
		if w.redis.Exists("USER_INFO:u1") || w.redis.Exists("MALLOC_SEQ:si_u1_u2") {
			t.Errorf("caches are left: %q", w.redis.Keys())
		}
		highest := int64(0)
		if err := eachSeq(t.Context(), direct.db.Collection(seqName), func(s seqRow) {
			if s.ConversationID == "si_u1_u2" {
				highest = s.MaxSeq
			}
		}); err != nil || highest != 350 {
			t.Errorf("max_seq is %d, %v; want that of the live counter, 350", highest, err)
		}
	}
}
