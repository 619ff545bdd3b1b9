package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// madeJournal is a folder whose journal holds a few entries, and its text.
func madeJournal(t *testing.T) (folder string, text []byte) {
	t.Helper()
	folder = t.TempDir()
	s, err := Start(t.Context(), Config{Data: folder})
	if err != nil {
		t.Fatal(err)
	}
	c := newTestClient(t, s)
	for _, id := range []string{"a", "b", "c"} {
		c.register(id)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if text, err = os.ReadFile(filepath.Join(folder, "journal")); err != nil {
		t.Fatal(err)
	}
	return folder, text
}

// loaded is a server with the state of a folder, that doesn't listen.
func loaded(t *testing.T, cfg Config) (*Server, error) {
	t.Helper()
	s, err := newServer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.journal != nil {
			_ = s.journal.close()
		}
	})
	return s, s.load(t.Context())
}

// TestTornJournal: wherever the last line was cut, the rest holds, and what comes next is
// written behind it.
func TestTornJournal(t *testing.T) {
	t.Parallel()
	folder, whole := madeJournal(t)
	lines := slices.Collect(strings.Lines(string(whole)))
	last := len(whole) - len(lines[len(lines)-1])
	for cut := last; cut <= len(whole); cut += 7 {
		if err := os.WriteFile(filepath.Join(folder, "journal"), whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := loaded(t, Config{Data: folder})
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		st := s.state.Load()
		if want := []string{"imAdmin", "a", "b"}; !slices.Equal(keys(st.users), want) {
			t.Fatalf("cut at %d: %v", cut, keys(st.users))
		}
		if err := s.writeAhead(st, &entry{Kind: kickEntry}); err != nil {
			t.Fatal(err)
		}
		_ = s.journal.close()
		if again, err := loaded(t, Config{Data: folder}); err != nil || again.journal.count != s.journal.count {
			t.Fatalf("cut at %d, and written behind: %d entries, %v", cut, again.journal.count, err)
		} else {
			_ = again.journal.close()
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "journal"), whole[:5], 0o600); err != nil { // not even a header
		t.Fatal(err)
	}
	if s, err := loaded(t, Config{Data: folder}); err != nil || s.journal.count != 0 {
		t.Error(err)
	}
}

func TestDamagedJournal(t *testing.T) {
	t.Parallel()
	folder, whole := madeJournal(t)
	second := len(slices.Collect(strings.Lines(string(whole)))[0])
	flipped := func(at int) []byte {
		text := slices.Clone(whole)
		text[at] ^= 1
		return text
	}
	for name, test := range map[string]struct {
		text []byte
		cfg  Config
		want string
	}{
		"a bit of a checksum":  {flipped(second), Config{}, fmt.Sprintf("journal is damaged at byte %d", second)},
		"a bit of an entry":    {flipped(second + 40), Config{}, fmt.Sprintf("journal is damaged at byte %d", second)},
		"a bit of the header":  {flipped(12), Config{}, "journal is damaged at byte 0"},
		"another file":         {[]byte("# notes\n"), Config{}, "journal is damaged at byte 0"},
		"another generation":   {whole, Config{Generation: Generation383}, "of the generation main"},
		"another admin":        {whole, Config{AdminUserID: "root"}, "whose admin is imAdmin"},
		"a line that is gone":  {append(slices.Clone(whole[:second+3]), whole[second+9:]...), Config{}, fmt.Sprintf("damaged at byte %d", second)},
		"of another version":   {line(t, journalHeader{Version: 99}), Config{}, "another version"},
		"of an unknown kind":   {append(slices.Clone(whole), line(t, entry{Kind: "x"})...), Config{}, fmt.Sprintf("damaged at byte %d: there is no kind", len(whole))},
		"of an unknown call":   {append(slices.Clone(whole), line(t, entry{Kind: callEntry, API: imAPI, Path: "/x"})...), Config{}, "there is no call /x"},
		"of an unknown router": {append(slices.Clone(whole), line(t, entry{Kind: callEntry, API: "x", Path: "/x"})...), Config{}, "there is no API"},
	} {
		if err := os.WriteFile(filepath.Join(folder, "journal"), test.text, 0o600); err != nil {
			t.Fatal(err)
		}
		test.cfg.Data = folder
		s, err := loaded(t, test.cfg)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
		if s.journal != nil {
			_ = s.journal.close()
		}
		if left, err := os.ReadFile(filepath.Join(folder, "journal")); err != nil || string(left) != string(test.text) {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

// line is a line of a journal.
func line(t *testing.T, v any) []byte {
	t.Helper()
	text, err := journalLine(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestFullDisk: when the journal can't be written nothing is changed, and the answer says so.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	s := startTest(t, Config{Data: t.TempDir()})
	c := newTestClient(t, s)
	st := s.state.Load()
	st.mu.Lock()
	readOnly, err := os.Open(s.journal.path)
	if err != nil {
		t.Fatal(err)
	}
	_ = s.journal.file.Close()
	s.journal.file = readOnly
	st.mu.Unlock()
	for range 2 {
		if _, code, err := c.try("/user/user_register", map[string]any{"users": []any{map[string]any{"userID": "a", "nickname": "a"}}}, nil); code != codeInternal || err != nil {
			t.Errorf("errCode %d %v", code, err)
		}
	}
	var got struct{ Total int }
	c.call("/user/get_all_users_uid", map[string]any{"pagination": map[string]any{"pageNumber": 1, "showNumber": 1}}, &got)
	if got.Total != 1 {
		t.Errorf("%d users", got.Total)
	}
}
