package data

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/store"
	"github.com/openimsdk/imctl/bindings/value"
)

// sandbox is a whole OpenIM with its stores, as its users see it.
type sandbox struct {
	t   testing.TB
	env *bindings.Env
}

func startSandbox(t testing.TB) *sandbox {
	t.Helper()
	cmd := exec.Command(sandboxProgram(t), "--until-stdin-closes")
	cmd.Stderr = os.Stderr
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
	var ready struct{ API, Mongo, Database, Redis, Secret, Admin string }
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &ready) != nil || ready.Mongo == "" {
		t.Fatalf("the sandbox said %q, %v", line, err)
	}
	stores := store.New(store.Config{Context: "test", Mongo: store.Mongo{Addresses: []string{ready.Mongo}, Database: ready.Database},
		Redis: store.Redis{Addresses: []string{ready.Redis}}})
	t.Cleanup(func() { _ = stores.Close() })
	env := testEnv(t, stores)
	env.API = openim.New(openim.Config{Context: "test", API: openim.Setting{Value: ready.API}, AdminUserID: ready.Admin, Timeout: time.Minute,
		Secret: openim.Secret{Get: func(context.Context) (string, error) { return ready.Secret, nil }}})
	t.Cleanup(env.API.Close)
	return &sandbox{t, env}
}

func do[T any](s *sandbox, path string, fields ...any) T {
	s.t.Helper()
	got, err := openim.Do[T](s.t.Context(), s.env.API, path, value.NewObject(fields...))
	if err != nil {
		s.t.Fatalf("%s: %v", path, err)
	}
	return got
}

func (s *sandbox) register(ids ...string) {
	s.t.Helper()
	users := value.List{}
	for _, id := range ids {
		users = append(users, value.NewObject("userID", id, "nickname", "N "+id))
	}
	do[struct{}](s, "/user/user_register", "users", users)
}

// say sends a text from a to b and waits until it is stored; it returns its seq.
func (s *sandbox) say(a, b, text string) int64 {
	s.t.Helper()
	before := s.newest(a, b)
	do[struct{}](s, "/msg/send_msg", "sendID", a, "recvID", b, "contentType", int64(101), "sessionType", int64(1),
		"content", value.NewObject("content", text))
	for range 200 {
		if now := s.newest(a, b); now > before {
			return now
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.t.Fatalf("%q of %s was not stored within 4 s", text, a)
	return 0
}

// newest is the newest seq of a conversation as b sees it.
func (s *sandbox) newest(a, b string) int64 {
	s.t.Helper()
	r := do[struct {
		MaxSeqs map[string]int64 `json:"maxSeqs"`
	}](s, "/msg/newest_seq", "userID", b)
	return r.MaxSeqs["si_"+a+"_"+b]
}

// texts are the messages of a conversation that b can read, by seq.
func (s *sandbox) texts(a, b string, to int64) map[int64]string {
	s.t.Helper()
	type pulled struct {
		Msgs map[string]struct {
			Msgs []struct {
				Seq     int64  `json:"seq"`
				Content string `json:"content"` // base64, as the JSON of protobuf has bytes
				Status  int32  `json:"status"`
			} `json:"Msgs"`
		} `json:"msgs"`
	}
	id := "si_" + a + "_" + b
	r := do[pulled](s, "/msg/pull_msg_by_seq", "userID", b, "seqRanges", value.List{value.NewObject("conversationID", id, "begin", int64(1), "end", to, "num", to)})
	out := map[int64]string{}
	for _, m := range r.Msgs[id].Msgs {
		var elem struct{ Content string }
		if content, err := base64.StdEncoding.DecodeString(m.Content); err == nil && json.Unmarshal(content, &elem) == nil && elem.Content != "" {
			out[m.Seq] = elem.Content
		}
	}
	return out
}
