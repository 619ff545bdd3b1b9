package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/openimsdk/imctl/bindings/archive"
)

// killedStore is a MongoDB of its own on a folder, at an address that stays.
type killedStore struct {
	t       *testing.T
	program string
	dir     string
	addr    string
	cmd     *exec.Cmd
	stdin   io.Closer
}

func startKilledStore(t *testing.T) *killedStore {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &killedStore{t: t, program: filepath.Join(binaries(t), "imctl-sandbox"), dir: t.TempDir(), addr: free.Addr().String()}
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	s.start()
	t.Cleanup(func() {
		_ = s.stdin.Close()
		_ = s.cmd.Wait()
	})
	return s
}

func (s *killedStore) start() {
	s.t.Helper()
	s.cmd = exec.Command(s.program, "mongod", "--listen", s.addr, "--dir", s.dir)
	s.cmd.Stderr = os.Stderr
	var err error
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		s.t.Fatal(err)
	}
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		s.t.Fatalf("the store said %q, %v", line, err)
	}
}

// kill ends the store as kill -9 does, and starts it anew on what it left.
func (s *killedStore) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.start()
}

// killWorld is a store with imctl pointed at it.
type killWorld struct {
	t      *testing.T
	store  *killedStore
	redis  *miniredis.Miniredis
	imctl  string
	home   string
	client *mongo.Client
}

func newKillWorld(t *testing.T) *killWorld {
	t.Helper()
	w := &killWorld{t: t, store: startKilledStore(t), redis: miniredis.RunT(t), imctl: filepath.Join(binaries(t), "imctl"), home: t.TempDir()}
	config := fmt.Sprintf("current: kill\ncontexts:\n- name: kill\n  api: http://127.0.0.1:9\n  mongo: {addresses: [%q]}\n  redis: {addresses: [%q]}\n", w.store.addr, w.redis.Addr())
	if err := os.MkdirAll(filepath.Join(w.home, "imctl"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.home, "imctl", "config.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	if w.client, err = mongo.Connect(options.Client().SetHosts([]string{w.store.addr}).SetDirect(true)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.client.Disconnect(context.Background()) })
	return w
}

func (w *killWorld) command(args ...string) *exec.Cmd {
	cmd := exec.Command(w.imctl, args...)
	cmd.Dir = w.home
	cmd.Env = []string{"HOME=" + w.home, "XDG_CONFIG_HOME=" + w.home, "XDG_STATE_HOME=" + w.home, "XDG_CACHE_HOME=" + w.home, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + w.home}
	return cmd
}

// run runs imctl to its end.
func (w *killWorld) run(args ...string) (string, error) {
	out, err := w.command(args...).CombinedOutput()
	return string(out), err
}

func (w *killWorld) mustRun(args ...string) {
	w.t.Helper()
	if out, err := w.run(args...); err != nil {
		w.t.Fatalf("imctl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// fill makes the database hold the given generation of data and nothing else.
func (w *killWorld) fill(generation string) {
	w.t.Helper()
	db := w.client.Database("openim_v3")
	if err := db.Drop(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	var users, messages, seqs []any
	for i := range 100 {
		users = append(users, bson.D{{Key: "user_id", Value: fmt.Sprint("u", i)}, {Key: "nickname", Value: generation}})
	}
	for i := range 6 {
		conversation := fmt.Sprintf("si_u%d_u%d", i, i+1)
		elements := make(bson.A, 100)
		for j := range elements {
			elements[j] = bson.D{{Key: "msg", Value: bson.D{{Key: "seq", Value: int64(j + 1)}, {Key: "content", Value: generation}}}}
		}
		messages = append(messages, bson.D{{Key: "doc_id", Value: conversation + ":0"}, {Key: "msgs", Value: elements}})
		seqs = append(seqs, bson.D{{Key: "conversation_id", Value: conversation}, {Key: "max_seq", Value: int64(150)}, {Key: "min_seq", Value: int64(0)}})
	}
	for name, docs := range map[string][]any{"user": users, "msg": messages, "seq": seqs, "only_" + generation: {bson.D{{Key: "a", Value: 1}}}} {
		if _, err := db.Collection(name).InsertMany(w.t.Context(), docs); err != nil {
			w.t.Fatal(err)
		}
	}
	index := mongo.IndexModel{Keys: bson.D{{Key: "user_id", Value: 1}}, Options: options.Index().SetUnique(true)}
	if _, err := db.Collection("user").Indexes().CreateOne(w.t.Context(), index); err != nil {
		w.t.Fatal(err)
	}
}

// holds tells what the store holds: a sum of each collection, under the names that users of it see.
func (w *killWorld) holds() map[string]string {
	w.t.Helper()
	db := w.client.Database("openim_v3")
	for try := 0; ; try++ {
		sums, err := sumsOf(w.t.Context(), db)
		if err == nil {
			return sums
		}
		if try == 5 { // the connections are of a store that was killed
			w.t.Fatal(err)
		}
	}
}

func sumsOf(ctx context.Context, db *mongo.Database) (map[string]string, error) {
	names, err := db.ListCollectionNames(ctx, bson.D{})
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for _, name := range names {
		cursor, err := db.Collection(name).Find(ctx, bson.D{})
		if err != nil {
			return nil, err
		}
		var sum archive.Content
		for cursor.Next(ctx) {
			sum.Add(cursor.Current)
		}
		if err := cursor.Err(); err != nil {
			return nil, err
		}
		sums[name] = fmt.Sprint(sum.Count, " ", sum)
	}
	return sums, nil
}

// dataKills is how many moments are tried; IMCTL_KILLS tries more or fewer.
func dataKills(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("IMCTL_KILLS"))
	if err != nil {
		return 50
	}
	return n
}

func seeded(t *testing.T) *rand.Rand {
	seed := uint64(time.Now().UnixNano())
	if given, err := strconv.ParseUint(os.Getenv("IMCTL_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("IMCTL_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

// killAt runs imctl and kills it, or the store, at a moment drawn from the time that it takes undisturbed.
func (w *killWorld) killAt(rnd *rand.Rand, within time.Duration, store bool, args ...string) {
	w.t.Helper()
	cmd := w.command(args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	from := time.Duration(rnd.IntN(2)) * within / 2 // more often in the second half: there collections change places
	time.Sleep(from + time.Duration(rnd.Int64N(int64(within-from))))
	if store {
		w.store.kill()
	} else {
		_ = cmd.Process.Kill()
	}
	err := cmd.Wait()
	if store && err != nil && strings.Contains(out.String(), "fault of imctl") {
		w.t.Fatalf("%v\n%s", err, out.String())
	}
}

func TestKilledBackup(t *testing.T) {
	for _, victim := range []string{"imctl", "store"} {
		t.Run(victim, func(t *testing.T) {
			t.Parallel()
			rnd := seeded(t)
			w := newKillWorld(t)
			w.fill("old")
			begin := time.Now()
			w.mustRun("data", "backup", "whole.tar.zst")
			took := time.Since(begin)
			complete := 0
			for range dataKills(t) {
				w.killAt(rnd, took, victim == "store", "data", "backup", "b.tar.zst")
				if _, err := os.Stat(filepath.Join(w.home, "b.tar.zst")); err == nil {
					w.mustRun("data", "verify", "b.tar.zst") // what is there under the name is whole
					complete++
					if err := os.Remove(filepath.Join(w.home, "b.tar.zst")); err != nil {
						t.Fatal(err)
					}
				}
			}
			w.mustRun("data", "backup", "b.tar.zst")
			w.mustRun("data", "verify", "--deep", "b.tar.zst")
			if left, _ := filepath.Glob(filepath.Join(w.home, ".imctl-spool-*")); len(left) > 0 {
				t.Errorf("the next backup left %v", left)
			}
			t.Logf("%d of %d came to their end before they were killed", complete, dataKills(t))
		})
	}
}

func TestKilledRestore(t *testing.T) {
	for _, victim := range []string{"imctl", "store"} {
		t.Run(victim, func(t *testing.T) {
			t.Parallel()
			rnd := seeded(t)
			w := newKillWorld(t)
			w.fill("old")
			w.mustRun("data", "backup", "old.tar.zst")
			w.fill("new")
			w.mustRun("data", "backup", "new.tar.zst")
			now := w.holds()
			begin := time.Now()
			w.mustRun("data", "restore", "old.tar.zst", "--yes")
			took := time.Since(begin)
			old := w.holds()
			w.mustRun("data", "restore", "new.tar.zst", "--yes")
			now["only_old"] = old["only_old"] // a collection that is not in an archive stays

			unfinished := map[string]int{}
			for i := range dataKills(t) {
				w.killAt(rnd, took, victim == "store", "data", "restore", "old.tar.zst", "--yes")
				state := w.state()
				unfinished[state]++
				switch {
				case state != "":
					if out, err := w.run("data", "backup", "mix.tar.zst"); err == nil {
						t.Fatalf("moment %d (%s): a backup of a database that is neither old nor new: %s", i, state, out)
					}
					if rnd.IntN(2) == 0 || state == "ending" {
						w.mustRun("data", "restore", "old.tar.zst", "--yes", "--resume")
						w.same(i, state+" resumed", old)
					} else {
						w.mustRun("data", "restore", "--yes", "--rollback")
						w.same(i, state+" rolled back", now)
					}
				case w.holds()["user"] == now["user"]:
					w.same(i, "not begun", now)
				default:
					w.same(i, "done", old)
				}
				if w.holds()["user"] != now["user"] {
					w.mustRun("data", "restore", "new.tar.zst", "--yes")
				}
			}
			t.Logf("states: %v", unfinished)
		})
	}
}

// state is that of an unfinished restore, "" when there is none.
func (w *killWorld) state() string {
	w.t.Helper()
	for try := 0; ; try++ {
		var mark struct{ State string }
		err := w.client.Database("openim_v3").Collection("imctl_restore").FindOne(w.t.Context(), bson.D{}).Decode(&mark)
		if err == nil || err == mongo.ErrNoDocuments {
			return mark.State
		}
		if try == 5 {
			w.t.Fatal(err)
		}
	}
}

func (w *killWorld) same(moment int, what string, want map[string]string) {
	w.t.Helper()
	got := w.holds()
	for name := range want {
		if got[name] != want[name] {
			w.t.Fatalf("moment %d (%s): %s holds %s, want %s", moment, what, name, got[name], want[name])
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok && name != "imctl_restore" {
			w.t.Fatalf("moment %d (%s): there is a collection %s", moment, what, name)
		}
	}
}
