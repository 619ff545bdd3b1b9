package data

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/bindingtest"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// withFiles gives an environment files and a state folder of the test's own.
func withFiles(t *testing.T, env *bindings.Env) *bindings.Env {
	t.Helper()
	env.StateDir = t.TempDir()
	env.Open = func(name string) (io.ReadCloser, error) { return os.Open(name) }
	env.Create = func(name string) (bindings.File, error) {
		f, err := os.Create(name + ".new")
		return plainFile{f, name}, err
	}
	env.Folder = func(name string) error { return os.MkdirAll(name, 0o700) }
	return env
}

// plainFile appears when it is committed.
type plainFile struct {
	*os.File
	name string
}

func (f plainFile) Commit() error { return errors.Join(f.Close(), os.Rename(f.Name(), f.name)) }
func (f plainFile) Discard()      { _ = f.Close() }

// exportOf writes an export with these rows.
func exportOf(t *testing.T, env *bindings.Env, rows map[string][]row) string {
	t.Helper()
	folder := t.TempDir()
	m := exportManifest{Form: manifestForm, Format: formatJSONL}
	for _, k := range rowKinds() {
		if rows[k.name] == nil {
			continue
		}
		f, err := env.Create(filepath.Join(folder, k.name+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		w, err := newRowWriter(f, k, formatJSONL)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows[k.name] {
			if err := w.write(r); err != nil {
				t.Fatal(err)
			}
		}
		file, err := w.commit()
		if err != nil {
			t.Fatal(err)
		}
		m.Files = append(m.Files, file)
	}
	if err := writeManifest(env, folder, m); err != nil {
		t.Fatal(err)
	}
	return folder
}

const timeCall = "/msg/get_server_time"

// said are the answers of a server that has no message of a conversation of alice and bob yet.
func nothingStored() []bindingtest.Call {
	return []bindingtest.Call{
		{"/msg/get_conversations_has_read_and_max_seq", `{"userID":"alice","conversationIDs":["si_alice_bob"]}`, `{}`},
		{"/msg/get_conversations_has_read_and_max_seq", `{"userID":"bob","conversationIDs":["si_alice_bob"]}`, `{}`},
	}
}

func textMessage(n int64) *MessageRow {
	return &MessageRow{ConversationID: "si_alice_bob", Seq: n, SendID: "alice", RecvID: "bob", SessionType: 1, ContentType: 101,
		Content: fmt.Sprintf(`{"content":"m%d"}`, n), SendTime: 1_700_000_000_000 + n}
}

// TestSentAndNotStored: a message that an interrupted run sent, and that the server has not stored yet, is not sent again;
// the server knows it by the operationID of its row.
func TestSentAndNotStored(t *testing.T) {
	const send, status = "/msg/send_msg", "/msg/check_msg_is_send_success"
	calls := []bindingtest.Call{{timeCall, "", `{"serverTime":1700000100000}`}}
	calls = append(calls, nothingStored()...)
	calls = append(calls,
		bindingtest.Call{status, "", `{"status":2}`},
		bindingtest.Call{status, "", `{"status":0}`},
		bindingtest.Call{send, `{"sendID":"alice","recvID":"bob","contentType":101,"sessionType":1,"content":{"content":"m2"},"sendTime":1700000000002,
			"senderNickname":"","senderFaceURL":"","senderPlatformID":0,"ex":"","notOfflinePush":true}`, `{"clientMsgID":"c"}`},
		bindingtest.Call{"/msg/get_conversations_has_read_and_max_seq", "", `{"seqs":{"si_alice_bob":{"maxSeq":2,"hasReadSeq":0}}}`},
		bindingtest.Call{"/msg/pull_msg_by_seq", "", `{"msgs":{"si_alice_bob":{"Msgs":[{"seq":2,"sendID":"alice","contentType":101,"content":"eyJjb250ZW50IjoibTIifQ==","sendTime":1700000000002}]}}}`},
	)
	var warnings []string
	env := withFiles(t, bindingtest.Env(t, calls, &warnings))
	folder := exportOf(t, env, map[string][]row{"messages": {textMessage(1), textMessage(2)}})
	_, sum, err := readManifest(env, folder)
	if err != nil {
		t.Fatal(err)
	}
	interrupted := &importer{env: env, p: ImportParams{From: folder}, sum: sum}
	if err := interrupted.begin(1_700_000_099_000); err != nil {
		t.Fatal(err)
	}
	interrupted.mark.close()
	got, failure := bindingtest.Invoke(t.Context(), t, Area(), env, "import", fmt.Sprintf(`{"from":%q,"concurrency":1}`, folder))
	if text := value.Text(got); failure != nil || !strings.Contains(text, `"done":2,"skipped":0,"failed":0`) {
		t.Errorf("%s, %v", text, failure)
	}
	if !strings.Contains(strings.Join(warnings, "\n"), "continuing an interrupted import") {
		t.Errorf("warnings %q", warnings)
	}
	if left, _ := filepath.Glob(filepath.Join(env.StateDir, "imports", "*")); len(left) > 0 {
		t.Errorf("left in the state folder: %v", left)
	}
}

// TestStoredMessages: what the first viewer can't see is looked for as others see it.
func TestStoredMessages(t *testing.T) {
	msgs := func(rows ...string) string {
		return `{"msgs":{"si_alice_bob":{"Msgs":[` + strings.Join(rows, ",") + `]}}}`
	}
	const (
		one    = `{"seq":1,"sendID":"alice","status":2,"contentType":101,"content":"e30="}`
		gone   = `{"seq":2,"sendID":"bob","status":4,"contentType":101,"content":null}`
		two    = `{"seq":2,"sendID":"bob","status":2,"contentType":101,"content":"e30="}`
		none   = `{"seq":3,"sendID":"","status":4,"content":null}`
		binary = `{"seq":1,"sendID":"alice","contentType":101,"content":"/w=="}`
	)
	for _, c := range []struct {
		name   string
		newest int64
		calls  []bindingtest.Call
		want   string
	}{
		{"the other sees it", 2, []bindingtest.Call{{"/msg/pull_msg_by_seq", "", msgs(one, gone)}, {"/msg/pull_msg_by_seq", "", msgs(one, two)}}, "1 alice {}; 2 bob {}"},
		{"nobody sees it", 3, []bindingtest.Call{{"/msg/pull_msg_by_seq", "", msgs(one, gone, none)}, {"/msg/pull_msg_by_seq", "", `{}`}}, "1 alice {}; 2 bob ; 3  "},
		{"no text", 1, []bindingtest.Call{{"/msg/pull_msg_by_seq", "", msgs(binary)}}, "1 alice /w=="},
		{"beside the range", 1, []bindingtest.Call{{"/msg/pull_msg_by_seq", "", msgs(one, two)}}, "1 alice {}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := bindingtest.Env(t, c.calls, nil)
			var got []string
			viewers := func(context.Context) ([]string, error) { return []string{"alice", "bob"}, nil }
			for m, err := range storedMessages(t.Context(), env, "si_alice_bob", c.newest, viewers) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, fmt.Sprintf("%d %s %s%s", m.Seq, m.SendID, m.Content, m.ContentBase64))
			}
			if text := strings.Join(got, "; "); text != c.want {
				t.Errorf("got %q, want %q", text, c.want)
			}
		})
	}
}

// openIM starts a sandbox and returns an environment on it.
func openIM(t *testing.T) *bindings.Env {
	t.Helper()
	cmd := exec.Command(sandboxProgram(t), "--until-stdin-closes")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	var ready struct{ API, Secret, Admin string }
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &ready) != nil {
		t.Fatalf("imctl-sandbox said %q, %v", line, err)
	}
	client := openim.New(openim.Config{API: openim.Setting{Value: ready.API}, AdminUserID: ready.Admin,
		Secret: openim.Secret{Get: func(context.Context) (string, error) { return ready.Secret, nil }}})
	t.Cleanup(client.Close)
	return withFiles(t, &bindings.Env{API: client, Target: bindings.Target{Name: "test", Admin: ready.Admin}, Now: time.Now,
		Warn: func(format string, args ...any) { t.Logf(format, args...) }})
}

// smallWorld is an export of 30 accounts, three groups, and messages, made of nothing.
func smallWorld(t *testing.T, env *bindings.Env) string {
	rows := map[string][]row{}
	for i := range 30 {
		id := fmt.Sprintf("u%02d", i)
		rows["users"] = append(rows["users"], &UserRow{UserID: id, Nickname: "User " + id})
		if i > 0 {
			rows["friends"] = append(rows["friends"], &FriendRow{OwnerUserID: id, FriendUserID: "u00", Remark: "first", IsPinned: i%2 == 0})
		}
	}
	for g := range 3 {
		id := fmt.Sprintf("g%d", g)
		rows["groups"] = append(rows["groups"], &GroupRow{GroupID: id, GroupName: "Group", OwnerUserID: "u00", GroupType: 2})
		for i := range 30 {
			m := &MemberRow{GroupID: id, UserID: fmt.Sprintf("u%02d", i), RoleLevel: roleMember, Nickname: fmt.Sprintf("User u%02d", i)}
			if i == 0 {
				m.RoleLevel = roleOwner
			}
			rows["members"] = append(rows["members"], m)
		}
		for i := range 100 {
			rows["messages"] = append(rows["messages"], &MessageRow{ConversationID: "sg_" + id, SendID: fmt.Sprintf("u%02d", i%30), GroupID: id,
				SessionType: 3, ContentType: 101, Content: fmt.Sprintf(`{"content":"%d"}`, i), SendTime: 1_700_000_000_000 + int64(i)})
		}
	}
	return exportOf(t, env, rows)
}

// TestImportAndCancel cancels an import in the middle, finishes it, and looks at what is there: also that one-sided
// friendships are one-sided, that messages are in order, and that no goroutine is left.
func TestImportAndCancel(t *testing.T) {
	env := openIM(t)
	folder := smallWorld(t, env)
	before := goleak.IgnoreCurrent()
	ctx, cancel := context.WithCancel(t.Context())
	sent := 0
	watched := *env
	watched.Track = func(label string) bindings.Progress {
		return onProgress(func(done int64) {
			if sent++; strings.Contains(label, "messages") {
				cancel()
			}
		})
	}
	p := ImportParams{From: folder, ImportOptions: ImportOptions{OnConflict: "fail", Concurrency: 4}}
	if _, err := runImport(ctx, &watched, p); !fault.Is(err, fault.Canceled) && !errors.Is(err, context.Canceled) {
		t.Errorf("canceled with %v after %d batches", err, sent)
	}
	env.API.Close()
	goleak.VerifyNone(t, before)
	rows, err := runImport(t.Context(), env, p)
	if err != nil {
		t.Fatalf("%v: %+v", err, rows)
	}
	to := filepath.Join(t.TempDir(), "export")
	if _, err := runExport(t.Context(), env, ExportParams{To: to, Format: formatJSONL}); err != nil {
		t.Fatal(err)
	}
	read := func(kind string) []row {
		f, err := os.ReadFile(filepath.Join(to, kind+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		rows, flaws, err := readAll(formatJSONL, string(f), kindOf(t, kind))
		if err != nil || len(flaws) > 0 {
			t.Fatal(flaws, err)
		}
		return rows
	}
	friends := read("friends")
	for _, r := range friends {
		if f := r.(*FriendRow); f.FriendUserID != "u00" || f.Remark != "first" {
			t.Errorf("a friend that was not imported: %+v", f)
		}
	}
	if len(friends) != 29 {
		t.Errorf("%d friends, want 29", len(friends))
	}
	texts := map[string][]string{}
	for _, r := range read("messages") {
		if m := r.(*MessageRow); m.ContentType == 101 {
			texts[m.ConversationID] = append(texts[m.ConversationID], m.Content)
		}
	}
	var want []string
	for i := range 100 {
		want = append(want, fmt.Sprintf(`{"content":"%d"}`, i))
	}
	for g := range 3 {
		if id := fmt.Sprintf("sg_g%d", g); !slices.Equal(texts[id], want) {
			t.Errorf("%s has %v", id, texts[id])
		}
	}
}

type onProgress func(done int64)

func (f onProgress) Set(done, _ int64) { f(done) }
func (f onProgress) Finish(string)     {}

// TestAPIDeclarations holds the operations of this file's subject to the house's rules.
func TestAPIDeclarations(t *testing.T) {
	area := Area()
	area.Ops = []bindings.Op{exportOp(), importOp(), copyOp()}
	bindingtest.CheckDeclarations(t, area)
}
