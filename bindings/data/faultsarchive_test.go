package data

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/openimsdk/imctl/bindings/archive"
	"github.com/openimsdk/imctl/bindings/fault"
)

// insertBefore puts a member before the manifest.
func insertBefore(members []member, more ...member) []member {
	return slices.Insert(members, len(members)-1, more...)
}

// refused holds that nothing of a bad archive gets anywhere.
func refused(t *testing.T, w *world, what, file string, kind fault.Kind, part string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "dump")
	for op, err := range map[string]error{
		"verify":  second(runVerify(t.Context(), w.env, VerifyParams{From: file})),
		"extract": second(runExtract(t.Context(), w.env, ExtractParams{From: file, To: dir})),
		"replace": second(runRestore(t.Context(), w.env, RestoreParams{From: file, Policy: replacePolicy})),
		"skip":    second(runRestore(t.Context(), w.env, RestoreParams{From: file, Policy: skipPolicy})),
	} {
		if !fault.Is(err, kind) || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %s: %v, want one of kind %s with %q", what, op, err, kind, part)
		}
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s: something was extracted: %v", what, err)
	}
}

func TestBadArchives(t *testing.T) {
	noLeaks(t)
	w := newWorld(t)
	put(t, w.db, "user", bson.D{{Key: "user_id", Value: "later"}})
	now := contents(t, w.db)
	other := w.file + ".other"
	if _, err := runBackup(t.Context(), w.env, BackupParams{To: other, Parallel: 1}); err != nil {
		t.Fatal(err)
	}
	good, last := unpack(t, w.file), unpack(t, other)
	reg := byte(tar.TypeReg)
	huge := binary.LittleEndian.AppendUint32(nil, archive.MaxDocument+1)
	for _, c := range []struct {
		name  string
		kind  fault.Kind
		part  string
		spoil func(members []member) []member
	}{
		{"later format", fault.Unsupported, "has format 2", func(m []member) []member {
			h := find(t, m, headMember)
			h.body = bytes.Replace(h.body, []byte(`"format": 1`), []byte(`"format": 2`), 1)
			honest(t, m, func(m *archive.Manifest) { m.Format = 2 })
			return m
		}},
		{"a collection twice in the manifest", fault.Usage, "names 7 collections, and there are 6", func(m []member) []member {
			honest(t, m, func(m *archive.Manifest) { m.Collections = append(m.Collections, m.Collections[0]) })
			return m
		}},
		{"a collection twice", fault.Usage, "stands in it twice", func(m []member) []member {
			m = insertBefore(m, *find(t, m, userMetadata), *find(t, m, userDocuments))
			honest(t, m, nil)
			return m
		}},
		{"metadata of another", fault.Usage, `is of the collection "group"`, func(m []member) []member {
			find(t, m, userMetadata).body = find(t, m, "openim_v3/group.metadata.json").body
			honest(t, m, nil)
			return m
		}},
		{"documents without metadata", fault.Usage, "come without its metadata", func(m []member) []member {
			m = slices.DeleteFunc(m, func(m member) bool { return m.name == userMetadata })
			honest(t, m, nil)
			return m
		}},
		{"metadata without documents", fault.Usage, "are missing", func(m []member) []member {
			m = slices.DeleteFunc(m, func(m member) bool { return m.name == userDocuments })
			honest(t, m, func(m *archive.Manifest) { m.Collections = append(m.Collections, archive.Collection{Name: "user"}) })
			return m
		}},
		{"manifest of another backup", fault.Usage, "of another backup than its head", func(m []member) []member {
			*find(t, m, manifestMember) = *find(t, last, manifestMember)
			return m
		}},
		{"manifest twice", fault.Usage, "follows the manifest", func(m []member) []member { return append(m, m[len(m)-1]) }},
		{"manifest before the rest", fault.Usage, "follows the manifest", func(m []member) []member {
			return slices.Concat(m[:1], m[len(m)-1:], m[1:len(m)-1])
		}},
		{"journal of a restore", fault.Usage, `a collection "imctl_restore"`, func(m []member) []member {
			text := bytes.ReplaceAll(find(t, m, "openim_v3/account.metadata.json").body, []byte("account"), []byte(markName))
			m = insertBefore(m, member{"openim_v3/" + markName + ".metadata.json", reg, text}, member{"openim_v3/" + markName + ".bson", reg, find(t, m, "openim_v3/account.bson").body})
			honest(t, m, nil)
			return m
		}},
		{"document over 16 MB", fault.Usage, "claims 16793601 bytes", func(m []member) []member {
			find(t, m, userDocuments).body = append(huge, make([]byte, 100)...)
			honest(t, m, nil)
			return m
		}},
		{"document of 4 bytes", fault.Usage, "claims 4 bytes", func(m []member) []member {
			find(t, m, userDocuments).body = []byte{4, 0, 0, 0}
			honest(t, m, nil)
			return m
		}},
		{"half a document", fault.Usage, "it was cut off", func(m []member) []member {
			u := find(t, m, userDocuments)
			u.body = u.body[:len(u.body)-1]
			honest(t, m, nil)
			return m
		}},
		{"symlink", fault.Usage, "is no plain file", entry("openim_v3/x.bson", tar.TypeSymlink)},
		{"hard link", fault.Usage, "is no plain file", entry("openim_v3/x.bson", tar.TypeLink)},
		{"folder", fault.Usage, "is no plain file", entry("openim_v3/", tar.TypeDir)},
		{"device", fault.Usage, "is no plain file", entry("openim_v3/x.bson", tar.TypeBlock)},
		{"climbs", fault.Usage, "does not belong into it", entry("../x.bson", reg)},
		{"climbs inside", fault.Usage, "does not belong into it", entry("openim_v3/../../x.bson", reg)},
		{"absolute", fault.Usage, "does not belong into it", entry("/x.bson", reg)},
		{"backslash", fault.Usage, "does not belong into it", entry(`openim_v3/..\x.bson`, reg)},
		{"deeper", fault.Usage, "does not belong into it", entry("openim_v3/a/x.bson", reg)},
		{"another database", fault.Usage, "does not belong into it", entry("openim_v4/x.bson", reg)},
		{"foreign member", fault.Usage, "does not belong into it", entry("imctl/notes.txt", reg)},
	} {
		file := filepath.Join(t.TempDir(), "bad.tar.zst")
		members := slices.Clone(good)
		pack(t, file, c.spoil(members), -1)
		refused(t, w, c.name, file, c.kind, c.part)
	}
	for n := range good {
		file := filepath.Join(t.TempDir(), "cut.tar.zst")
		pack(t, file, good, n)
		refused(t, w, fmt.Sprintf("cut after %d members", n), file, fault.Usage, "the archive is broken")
	}
	equalContents(t, contents(t, w.db), now)
	// What was spoiled is all that was wrong: packed again without it the archive is good.
	again := filepath.Join(t.TempDir(), "again.tar.zst")
	honest(t, good, nil)
	pack(t, again, good, -1)
	if _, err := runVerify(t.Context(), w.env, VerifyParams{From: again}); err != nil {
		t.Errorf("packed again: %v", err)
	}
}

func entry(name string, kind byte) func([]member) []member {
	return func(m []member) []member { return insertBefore(m, member{name: name, kind: kind}) }
}

// TestNoArchive hands over files that are something else.
func TestNoArchive(t *testing.T) {
	noLeaks(t)
	w := newWorld(t)
	data, err := os.ReadFile(w.file)
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"empty": nil, "gzip of a backup": zipped.Bytes(), "zip": []byte("PK\x03\x04"), "documents": unpack(t, w.file)[1].body,
		"twice": append(bytes.Clone(data), data...),
	} {
		file := filepath.Join(t.TempDir(), "no.tar.zst")
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		refused(t, w, name, file, fault.Usage, "the archive is broken")
	}
	refused(t, w, "not there", filepath.Join(t.TempDir(), "none"), fault.Usage, "none")
	refused(t, w, "a folder", t.TempDir(), fault.Usage, "")
	refused(t, w, "standard input", "-", fault.Usage, "standard input")
	equalContents(t, contents(t, w.db), w.before)
}

// TestDuplicates restores an archive whose documents its own unique indexes do not allow.
func TestDuplicates(t *testing.T) {
	noLeaks(t)
	direct := newWorld(t)
	p, w := direct.through(t)
	p.stop(func(command, on string) *refusal { // FerretDB refuses it as an internal error; MongoDB so
		if command == "createIndexes" && strings.HasSuffix(on, "user") {
			return duplicate
		}
		return nil
	})
	put(t, direct.db, "user", bson.D{{Key: "user_id", Value: "later"}})
	now := contents(t, direct.db)
	double := func(id any) []byte {
		doc, err := bson.Marshal(bson.D{{Key: "_id", Value: id}, {Key: "user_id", Value: "u7"}})
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	for _, c := range []struct {
		name string
		w    *world
		more []byte
		kind fault.Kind
		part string
	}{
		{"user_id", w, double("another"), fault.Usage, "documents of user that a unique index does not allow"},
		{"user_id of FerretDB", direct, double("another"), fault.API, "user_id_1"},
		{"_id", direct, append(double("same"), double("same")...), fault.Usage, "documents of user that a unique index does not allow"},
	} {
		members := unpack(t, w.file)
		u := find(t, members, userDocuments)
		u.body = append(u.body, c.more...)
		honest(t, members, nil)
		file := filepath.Join(t.TempDir(), "double.tar.zst")
		pack(t, file, members, -1)
		if _, err := runVerify(t.Context(), c.w.env, VerifyParams{From: file}); err != nil {
			t.Fatalf("%s: the archive itself is whole: %v", c.name, err)
		}
		for op, err := range map[string]error{
			"verify":  second(runVerify(t.Context(), c.w.env, VerifyParams{From: file, Deep: true})),
			"restore": second(runRestore(t.Context(), c.w.env, RestoreParams{From: file, Policy: replacePolicy})),
		} {
			if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.part) {
				t.Errorf("%s, %s: %v, want one of kind %s with %q", c.name, op, err, c.kind, c.part)
			}
		}
		equalContents(t, contents(t, direct.db), now) // no staging, no mark
		if names, err := direct.db.Client().ListDatabaseNames(t.Context(), bson.D{}); err != nil || slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, "imctl_verify") }) {
			t.Errorf("%s: verify left a database: %q, %v", c.name, names, err)
		}
	}
}

// TestSeqsOfAnotherForm restores an archive whose seqs are no seqs.
func TestSeqsOfAnotherForm(t *testing.T) {
	noLeaks(t)
	w := newWorld(t)
	members := unpack(t, w.file)
	doc, err := bson.Marshal(bson.D{{Key: "_id", Value: "x"}, {Key: "conversation_id", Value: 7}})
	if err != nil {
		t.Fatal(err)
	}
	s := find(t, members, "openim_v3/seq.bson")
	s.body = append(s.body, doc...)
	honest(t, members, nil)
	file := filepath.Join(t.TempDir(), "seqs.tar.zst")
	pack(t, file, members, -1)
	_, err = runRestore(t.Context(), w.env, RestoreParams{From: file, Policy: replacePolicy})
	wantKind(t, err, fault.API, "conversation_id")
	equalContents(t, contents(t, w.db), w.before)
}
