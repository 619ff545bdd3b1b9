package data

import (
	"fmt"
	"path/filepath"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// aged is a sandbox with a backup, in which time went on afterwards: more messages, another name, another account.
func aged(t *testing.T) (s *sandbox, file string) {
	t.Helper()
	s = startSandbox(t)
	s.register("ann", "ben")
	for i := range 3 {
		s.say("ann", "ben", fmt.Sprint("before ", i+1))
	}
	file = filepath.Join(t.TempDir(), "b.tar.zst")
	if _, err := runBackup(t.Context(), s.env, BackupParams{To: file, Parallel: 2}); err != nil {
		t.Fatal(err)
	}
	s.register("cid")
	do[struct{}](s, "/user/update_user_info", "userInfo", value.NewObject("userID", "ann", "nickname", "Later"))
	for i := range 60 { // past the block of seqs that was reserved at the time of the backup
		s.say("ann", "ben", fmt.Sprint("later ", i+1))
	}
	return s, file
}

// restoreWithout restores and leaves out one step, "" being none.
func (s *sandbox) restoreWithout(step, file string) {
	s.t.Helper()
	r, err := newRestore(s.t.Context(), s.env, RestoreParams{From: file, Policy: replacePolicy})
	if err != nil {
		s.t.Fatal(err)
	}
	r.leaveOut = step
	if _, err := r.run(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sandbox) nickname(id string) string {
	s.t.Helper()
	r := do[struct {
		UsersInfo []struct{ Nickname string } `json:"usersInfo"`
	}](s, "/user/get_users_info", "userIDs", value.List{id})
	if len(r.UsersInfo) == 0 {
		return ""
	}
	return r.UsersInfo[0].Nickname
}

// damage looks at a restored deployment as its users do, and tells what is wrong with it. Their apps hold the messages up
// to seq known, and ask for what is newer.
func (s *sandbox) damage(known int64) []string {
	s.t.Helper()
	var wrong []string
	if got := s.nickname("ann"); got != "N ann" {
		wrong = append(wrong, fmt.Sprintf("ann's name is %q", got))
	}
	if s.nickname("cid") != "" {
		wrong = append(wrong, "cid is there")
	}
	texts := s.texts("ann", "ben", known)
	for seq, text := range texts {
		if want := fmt.Sprint("before ", seq); text != want {
			wrong = append(wrong, fmt.Sprintf("message %d is %q, want %q", seq, text, want))
		}
	}
	if len(texts) != 3 {
		wrong = append(wrong, fmt.Sprintf("%d messages are there, want 3", len(texts)))
	}
	_, err := openim.Do[struct{}](s.t.Context(), s.env.API, "/msg/send_msg", value.NewObject("sendID", "ann", "recvID", "ben", "contentType", int64(101),
		"sessionType", int64(1), "content", value.NewObject("content", "after")))
	if err != nil {
		return append(wrong, err.Error())
	}
	seq := s.stored("after")
	if seq <= known {
		wrong = append(wrong, fmt.Sprintf("the next message has seq %d, which apps that know %d never ask for", seq, known))
	}
	return wrong
}

// stored waits for a text in MongoDB and returns its seq.
func (s *sandbox) stored(text string) int64 {
	s.t.Helper()
	db := database(s.t, s.env.Stores)
	for range 200 {
		cursor, err := db.Collection("msg").Find(s.t.Context(), bson.D{})
		if err != nil {
			s.t.Fatal(err)
		}
		for cursor.Next(s.t.Context()) {
			elements, err := messageElements(cursor.Current)
			if err != nil {
				s.t.Fatal(err)
			}
			for _, e := range elements {
				if hasMessage(e) && e.Document().Lookup("msg", "content").StringValue() == `{"content":"`+text+`"}` {
					return e.Document().Lookup("msg", "seq").AsInt64()
				}
			}
		}
	}
	s.t.Fatalf("%q was not stored", text)
	return 0
}

func TestRestoreIsRight(t *testing.T) {
	t.Parallel()
	s, file := aged(t)
	known := s.newest("ann", "ben")
	s.restoreWithout("", file)
	if wrong := s.damage(known); len(wrong) > 0 {
		t.Errorf("after a whole restore: %q", wrong)
	}
}

// TestDamage holds that the tests would see what a restore without one of its steps does.
func TestDamage(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"seqs", "caches"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			s, file := aged(t)
			known := s.newest("ann", "ben")
			s.restoreWithout(step, file)
			wrong := s.damage(known)
			if len(wrong) == 0 {
				t.Errorf("a restore without its %s shows no damage", step)
			}
			t.Logf("without %s: %q", step, wrong)
		})
	}
}
