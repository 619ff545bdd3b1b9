package sandbox

import (
	"crypto/md5" //nolint:gosec // the real server's hash, not for security
	"encoding/binary"
	"encoding/json"
	"fmt"
	"regexp"
)

// Version logs tell clients what changed since they last asked (SERVER-BEHAVIOUR §8,
// DATA-MODEL, version logs).
type versionKind int

const (
	friendVersion       versionKind = iota // by owner: friends
	groupJoinVersion                       // by user: groups
	groupMemberVersion                     // by group: members
	conversationVersion                    // by owner: conversations
)

type changeState int

const (
	inserted changeState = iota + 1
	deleted
	updated
)

// Entries of a version log that name no element.
const (
	groupChange = ""                    // the group itself changed
	sortChange  = "____S_O_R_T_I_D____" // the order changed
)

const syncLimit = 200 // more changes than this and the client has to fetch all

type versionKey struct {
	kind  versionKind
	owner string
}

// versionLog holds the last change of each element, in the order of the changes.
type versionLog struct {
	id      string
	version uint64
	entries *table[string, change]
}

type change struct {
	state   changeState
	version uint64
	time    int64 // ms
}

func (st *state) versionLog(kind versionKind, owner string) *versionLog {
	key := versionKey{kind, owner}
	log := st.versions[key]
	if log == nil {
		log = &versionLog{
			id:      fmt.Sprintf("%08x%016x", uint32(st.now.Unix()), st.rnd.Uint64()), //nolint:gosec // as an ObjectID begins
			version: 1, entries: newTable[string, change](),
		}
		st.versions[key] = log
	}
	st.touched.touch(key)
	return log
}

// changed notes one change of some elements.
func (st *state) changed(kind versionKind, owner string, state changeState, ids ...string) {
	if len(ids) == 0 {
		return
	}
	_, known := st.versions[versionKey{kind, owner}]
	log := st.versionLog(kind, owner)
	if known {
		log.version++
	}
	for _, id := range ids {
		log.entries.delete(id) // so that it goes to the end
		log.entries.put(id, change{state, log.version, st.nowMilli()})
	}
}

// syncReq asks for the changes since a version, of a user or a group.
type syncReq struct {
	UserID, GroupID, VersionID string
	Version                    uint64
}

type syncAnswer struct {
	Version   uint64   `json:"version"`
	VersionID string   `json:"versionID"`
	Full      bool     `json:"full"`
	Delete    []string `json:"delete"`
}

// changeSet is what happened since a version; when it is full it lists nothing.
type changeSet struct {
	log                        *versionLog
	full                       bool
	inserted, deleted, updated []string
	group                      bool   // the group itself changed
	sort                       uint64 // the version at which the order changed
}

func (ch changeSet) answer() syncAnswer {
	return syncAnswer{ch.log.version, ch.log.id, ch.full, ch.deleted}
}

// changes are full for an unknown or foreign version, and for too many of them.
func (st *state) changes(kind versionKind, owner string, since syncReq) changeSet {
	log := st.versionLog(kind, owner)
	ch := changeSet{log: log}
	if since.Version == 0 || since.VersionID != log.id || since.Version > log.version {
		ch.full = true
		return ch
	}
	n := 0
	for i := len(log.entries.rows) - 1; i >= 0; i-- {
		row := log.entries.rows[i]
		if row.deleted {
			continue
		}
		if row.value.version <= since.Version {
			break
		}
		if n++; n > syncLimit {
			return changeSet{log: log, full: true}
		}
		switch {
		case row.key == groupChange && kind == groupMemberVersion:
			ch.group = true
		case row.key == sortChange:
			ch.sort = row.value.version
		case row.value.state == inserted:
			ch.inserted = append(ch.inserted, row.key)
		case row.value.state == deleted:
			ch.deleted = append(ch.deleted, row.key)
		default:
			ch.updated = append(ch.updated, row.key)
		}
	}
	ch.group = ch.group || len(ch.inserted)+len(ch.deleted)+len(ch.updated) > 0
	return ch
}

type fullAnswer struct {
	Version   uint64 `json:"version"`
	VersionID string `json:"versionID"`
	Equal     bool   `json:"equal"`
}

type fullSet struct {
	fullAnswer
	ids []string // none when the client has them already
}

// fullIDs compares the client's hash with that of the ids.
func (st *state) fullIDs(kind versionKind, owner string, hash uint64, ids []string) fullSet {
	log := st.versionLog(kind, owner)
	if idHash(ids) == hash {
		return fullSet{fullAnswer{log.version, log.id, true}, nil}
	}
	return fullSet{fullAnswer{log.version, log.id, false}, ids}
}

// idHash is the first half of the MD5 of the ids as JSON; 0 for none.
func idHash(ids []string) uint64 {
	if len(ids) == 0 {
		return 0
	}
	text, err := json.Marshal(ids)
	if err != nil {
		panic(err) // strings always encode
	}
	sum := md5.Sum(text) //nolint:gosec // see above
	return binary.BigEndian.Uint64(sum[:])
}

// caseSensitive is an expression as MongoDB takes it; a broken one is a database error.
func caseSensitive(text string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, uncodedError(err.Error())
	}
	return re, nil
}
