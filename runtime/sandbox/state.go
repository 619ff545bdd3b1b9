package sandbox

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// state is all that the stand-in knows, but for what lives in its Redis. The router
// holds mu while a handler runs; anything else that touches the state takes it itself.
//
// What a handler does to the state depends on the state, the request and now alone, so
// that a journal of requests brings it back: no other clock and no other randomness, and
// nothing that follows the order of a map.
type state struct {
	mu   sync.Mutex
	now  time.Time  // it stands still while a handler runs
	rnd  *rand.Rand // from pcg
	pcg  *rand.PCG
	seed uint64

	touched *touches // of changes, for the stores outside

	users        *table[string, *user]     // by userID
	listed       []*user                   // those of level 0 and 1, which get_users lists
	notices      []*user                   // notification accounts: level 3 and up
	commands     map[string][]*userCommand // by userID
	commandsMade int64
	clientConfig *table[clientConfigKey, string]
	online       map[string][]*session        // by userID
	watchers     map[string]map[*session]bool // of a user's presence, by userID

	friends        map[string]*table[string, *friend]        // by owner, then friend
	received       map[string]*table[string, *friendRequest] // by recipient, then sender
	sent           map[string]*table[string, *friendRequest] // by sender, then recipient: the same requests
	blacks         map[string]*table[string, *black]         // by owner, then blocked
	groups         *table[string, *group]                    // by groupID
	members        map[string]*table[string, *member]        // by group, then user
	joined         map[string]*table[string, *member]        // by user, then group: the same members
	groupRequests  map[string]*table[string, *groupRequest]  // by group, then user
	groupRequested map[string]*table[string, *groupRequest]  // by user, then group: the same requests
	conversations  map[string]*table[string, *conversation]  // by owner, then conversationID
	chat           *chatState                                // the chat server's own data

	messages map[string]*conversationLog // by conversationID
	docs     []doc                       // in the order of their making
	outbox   []*outgoing                 // sent, not yet stored
	versions map[versionKey]*versionLog
	logs     *table[string, *clientLog] // by logID
}

// user is a row of the collection "user" (DATA-MODEL) and, as JSON, sdkws.UserInfo.
type user struct {
	UserID           string `json:"userID"`
	Nickname         string `json:"nickname"`
	FaceURL          string `json:"faceURL"`
	Ex               string `json:"ex"`
	CreateTime       int64  `json:"createTime"` // ms
	AppMangerLevel   int32  `json:"appMangerLevel"`
	GlobalRecvMsgOpt int32  `json:"globalRecvMsgOpt"`
}

// friend is one direction of a friendship.
type friend struct {
	ownerUserID, friendUserID string
	remark, ex                string
	operatorUserID            string
	addSource                 int32
	isPinned                  bool
	createTime                int64 // ms
}

type friendRequest struct {
	fromUserID, toUserID   string
	reqMsg, handleMsg, ex  string
	handlerUserID          string
	handleResult           int32
	createTime, handleTime int64 // ms
}

type black struct {
	ownerUserID, blackUserID string
	operatorUserID, ex       string
	addSource                int32
	createTime               int64 // ms
}

// group is a row of the collection "group"; owner and number of members are counted
// from the members.
type group struct {
	groupID, groupName, notification, introduction string
	faceURL, ex, creatorUserID, notificationUserID string
	status, groupType                              int32
	needVerification                               int32
	lookMemberInfo, applyMemberFriend              int32
	createTime, notificationUpdateTime             int64 // ms
}

type member struct {
	groupID, userID, nickname, faceURL, ex string
	inviterUserID, operatorUserID          string
	roleLevel, joinSource                  int32
	joinTime, muteEndTime                  int64 // ms
}

type groupRequest struct {
	groupID, userID, reqMsg, handledMsg string
	handleUserID, inviterUserID, ex     string
	handleResult, joinSource            int32
	reqTime, handledTime                int64 // ms
}

// conversation is one owner's view of a conversation.
type conversation struct {
	OwnerUserID           string `json:"ownerUserID"`
	ConversationID        string `json:"conversationID"`
	RecvMsgOpt            int32  `json:"recvMsgOpt"`
	ConversationType      int32  `json:"conversationType"`
	UserID                string `json:"userID"`
	GroupID               string `json:"groupID"`
	IsPinned              bool   `json:"isPinned"`
	AttachedInfo          string `json:"attachedInfo"`
	IsPrivateChat         bool   `json:"isPrivateChat"`
	GroupAtType           int32  `json:"groupAtType"`
	Ex                    string `json:"ex"`
	BurnDuration          int32  `json:"burnDuration"`
	MinSeq                int64  `json:"minSeq"`
	MaxSeq                int64  `json:"maxSeq"`
	MsgDestructTime       int64  `json:"msgDestructTime"`
	LatestMsgDestructTime int64  `json:"latestMsgDestructTime"`
	IsMsgDestruct         bool   `json:"isMsgDestruct"`
	createTime            int64  // ms
}

// conversationLog is the messages of one conversation with its seqs (DATA-MODEL,
// collections msg, seq and seq_user).
type conversationLog struct {
	conversationID string
	touched        *touches

	messages []*message          // ascending by seq
	reserved int64               // seq.max_seq: the end of the block of seqs taken so far
	minSeq   int64               // the first one visible to all; 0 is 1
	users    map[string]*userSeq // by userID
	docs     int64               // documents made so far, of those that are searched
}

type userSeq struct{ minSeq, maxSeq, readSeq int64 }

// message is one stored message.
type message struct {
	msgData
	revoked   *revocation
	deletedBy map[string]bool
}

type revocation struct {
	userID, nickname string
	role             int32
	time             int64 // ms
}

type clientLog struct {
	logID, userID, platform, url, filename, ex, version, appFramework string
	createTime                                                        int64 // ms
}

// newState is a fresh server: the admin account and nothing else. The admin gets no
// creation time: year 1 (SERVER-BEHAVIOUR §13).
func newState(cfg Config, now time.Time) *state {
	pcg := rand.NewPCG(cfg.Seed, cfg.Seed)
	w := &touches{}
	st := &state{
		touched:        w,
		now:            now,
		rnd:            rand.New(pcg),
		seed:           cfg.Seed,
		pcg:            pcg,
		users:          watched[string, *user](w),
		commands:       map[string][]*userCommand{},
		clientConfig:   watchedByKey[clientConfigKey, string](w),
		online:         map[string][]*session{},
		watchers:       map[string]map[*session]bool{},
		friends:        map[string]*table[string, *friend]{},
		received:       map[string]*table[string, *friendRequest]{},
		sent:           map[string]*table[string, *friendRequest]{},
		blacks:         map[string]*table[string, *black]{},
		groups:         watched[string, *group](w),
		members:        map[string]*table[string, *member]{},
		joined:         map[string]*table[string, *member]{},
		groupRequests:  map[string]*table[string, *groupRequest]{},
		groupRequested: map[string]*table[string, *groupRequest]{},
		conversations:  map[string]*table[string, *conversation]{},
		messages:       map[string]*conversationLog{},
		versions:       map[versionKey]*versionLog{},
		logs:           watched[string, *clientLog](w),
		chat:           newChatState(cfg, now, w),
	}
	st.addUser(&user{UserID: cfg.AdminUserID, Nickname: "superAdmin", AppMangerLevel: 2, CreateTime: time.Time{}.UnixMilli()})
	return st
}

func (st *state) addUser(u *user) {
	st.users.put(u.UserID, u)
	st.listUser(u)
}

// listUsers makes the lists of users anew.
func (st *state) listUsers() {
	st.listed, st.notices = nil, nil
	for u := range values(st.users) {
		st.listUser(u)
	}
}

func (st *state) listUser(u *user) {
	switch {
	case u.AppMangerLevel <= 1:
		st.listed = append(st.listed, u)
	case u.AppMangerLevel >= notificationLevel:
		st.notices = append(st.notices, u)
	}
}

// newID is an unused user or group id: ten digits, the first not 0.
func (st *state) newID(used func(string) bool) string {
	for {
		if id := fmt.Sprint(1_000_000_000 + st.rnd.Int64N(9_000_000_000)); !used(id) {
			return id
		}
	}
}

// inner is the table at key, made when it isn't there.
func inner[K comparable, V any](w *touches, m map[string]*table[K, V], key string) *table[K, V] {
	t := m[key]
	if t == nil {
		t = watched[K, V](w)
		m[key] = t
	}
	return t
}

// repeated tells whether a list holds a value twice.
func repeated(list []string) bool {
	seen := make(map[string]bool, len(list))
	for _, s := range list {
		if seen[s] {
			return true
		}
		seen[s] = true
	}
	return false
}

// distinct is the list without repetitions, in order.
func distinct(list []string) []string {
	seen := make(map[string]bool, len(list))
	var out []string
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

func (st *state) nowMilli() int64 { return st.now.UnixMilli() }
