package data

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// row is a row of an export.
type row interface {
	key() string // rows with the same key are imported in the order of the file; "" is a key of its own for each
	check() (field string, why string)
}

// rowKind is a kind of rows: a file of an export. Its columns are the fields of the struct that fresh makes.
type rowKind struct {
	name  string
	what  string // for messages
	fresh func() row
	put   func(*importer) putter
	alone bool // one batch after the other
}

// rowKinds are the kinds in the order of an export. An import takes messages before conversations, since the settings
// of a conversation may refuse messages (SERVER-BEHAVIOUR §7).
func rowKinds() []rowKind {
	return []rowKind{
		{name: "users", what: "accounts", fresh: func() row { return &UserRow{} },
			put: func(im *importer) putter { return plainPut(im.putUsers) }},
		{name: "friends", what: "friends", fresh: func() row { return &FriendRow{} },
			put: func(im *importer) putter { return plainPut(im.putFriends) }, alone: true}, // both sides of a friendship at once would be made twice
		{name: "groups", what: "groups", fresh: func() row { return &GroupRow{} },
			put: func(im *importer) putter { return plainPut(im.putGroups) }},
		{name: "members", what: "members", fresh: func() row { return &MemberRow{} },
			put: func(im *importer) putter { return plainPut(im.putMembers) }},
		{name: "messages", what: "messages", fresh: func() row { return &MessageRow{} },
			put: func(im *importer) putter { return &messagePutter{im: im} }},
		{name: "conversations", what: "conversations", fresh: func() row { return &ConversationRow{} },
			put: func(im *importer) putter { return plainPut(im.putConversations) }},
	}
}

// kindNames are the names of all kinds.
func kindNames() []string {
	var out []string
	for _, k := range rowKinds() {
		out = append(out, k.name)
	}
	return out
}

// chosenKinds are the kinds of that names, all of them for an empty list.
func chosenKinds(names []string) ([]rowKind, error) {
	all := rowKinds()
	if len(names) == 0 {
		return all, nil
	}
	wanted := map[string]bool{}
	for _, n := range names {
		wanted[n] = true
	}
	var out []rowKind
	for _, k := range all {
		if wanted[k.name] {
			out = append(out, k)
			delete(wanted, k.name)
		}
	}
	for _, n := range names {
		if wanted[n] {
			return nil, fault.New(fault.Usage, "kinds: no kind %s%s", n, fault.DidYouMean(n, kindNames())).
				WithHint("the kinds are %s", strings.Join(kindNames(), ", "))
		}
	}
	return out, nil
}

// ids checks fields that hold an id, in pairs of a name and a value.
func ids(pairs ...string) (field, why string) {
	for i := 0; i < len(pairs); i += 2 {
		if err := bindings.CheckID(pairs[i], pairs[i+1]); err != nil {
			return pairs[i], strings.TrimPrefix(fault.From(err).Message, pairs[i])
		}
	}
	return "", ""
}

// within checks that a number is one of a few.
func within(name string, n int32, allowed ...int32) (field, why string) {
	for _, a := range allowed {
		if n == a {
			return "", ""
		}
	}
	return name, fmt.Sprintf(": want one of %v, got %d", allowed, n)
}

// UserRow is an account, as /user/get_users_info gives it.
type UserRow struct {
	UserID           string `json:"userID"`
	Nickname         string `json:"nickname"`
	FaceURL          string `json:"faceURL"`
	Ex               string `json:"ex"`
	AppMangerLevel   int32  `json:"appMangerLevel"`
	GlobalRecvMsgOpt int32  `json:"globalRecvMsgOpt"`
	CreateTime       int64  `json:"createTime"` // ms; for the record
}

func (r *UserRow) key() string { return "" }

func (r *UserRow) check() (string, string) {
	if field, why := ids("userID", r.UserID); why != "" {
		return field, why
	}
	return within("globalRecvMsgOpt", r.GlobalRecvMsgOpt, 0, 1, 2)
}

// FriendRow is one direction of a friendship: that ownerUserID has friendUserID in its list.
type FriendRow struct {
	OwnerUserID    string `json:"ownerUserID"`
	FriendUserID   string `json:"friendUserID"`
	Remark         string `json:"remark"`
	Ex             string `json:"ex"`
	IsPinned       bool   `json:"isPinned"`
	AddSource      int32  `json:"addSource"`      // for the record
	OperatorUserID string `json:"operatorUserID"` // for the record
	CreateTime     int64  `json:"createTime"`     // ms; for the record
}

func (r *FriendRow) key() string { return r.OwnerUserID }

func (r *FriendRow) check() (string, string) {
	if field, why := ids("ownerUserID", r.OwnerUserID, "friendUserID", r.FriendUserID); why != "" {
		return field, why
	}
	if r.OwnerUserID == r.FriendUserID {
		return "friendUserID", " is the owner itself"
	}
	return "", ""
}

// GroupRow is a group, as /group/get_groups gives it.
type GroupRow struct {
	GroupID                string `json:"groupID"`
	GroupName              string `json:"groupName"`
	Notification           string `json:"notification"`
	Introduction           string `json:"introduction"`
	FaceURL                string `json:"faceURL"`
	Ex                     string `json:"ex"`
	OwnerUserID            string `json:"ownerUserID"`
	CreatorUserID          string `json:"creatorUserID"`
	GroupType              int32  `json:"groupType"`
	Status                 int32  `json:"status"`
	NeedVerification       int32  `json:"needVerification"`
	LookMemberInfo         int32  `json:"lookMemberInfo"`
	ApplyMemberFriend      int32  `json:"applyMemberFriend"`
	NotificationUserID     string `json:"notificationUserID"`
	NotificationUpdateTime int64  `json:"notificationUpdateTime"` // ms
	MemberCount            int64  `json:"memberCount"`            // for the record
	CreateTime             int64  `json:"createTime"`             // ms; for the record
}

// Values of a group's status.
const (
	groupDismissed = 2
	groupMuted     = 3
)

func (r *GroupRow) key() string { return "" }

func (r *GroupRow) check() (string, string) {
	if field, why := ids("groupID", r.GroupID, "ownerUserID", r.OwnerUserID); why != "" {
		return field, why
	}
	return within("status", r.Status, 0, 1, groupDismissed, groupMuted)
}

// MemberRow is a member of a group, as /group/get_group_member_list gives it.
type MemberRow struct {
	GroupID        string `json:"groupID"`
	UserID         string `json:"userID"`
	RoleLevel      int32  `json:"roleLevel"`
	Nickname       string `json:"nickname"`
	FaceURL        string `json:"faceURL"`
	Ex             string `json:"ex"`
	MuteEndTime    int64  `json:"muteEndTime"` // ms; 0 is not muted
	JoinTime       int64  `json:"joinTime"`    // ms; for the record
	JoinSource     int32  `json:"joinSource"`  // for the record
	InviterUserID  string `json:"inviterUserID"`
	OperatorUserID string `json:"operatorUserID"`
}

// Roles in a group.
const (
	roleMember = 20
	roleAdmin  = 60
	roleOwner  = 100
)

func (r *MemberRow) key() string { return r.GroupID }

func (r *MemberRow) check() (string, string) {
	if field, why := ids("groupID", r.GroupID, "userID", r.UserID); why != "" {
		return field, why
	}
	return within("roleLevel", r.RoleLevel, roleMember, roleAdmin, roleOwner)
}

// ConversationRow is a conversation as one account has it.
type ConversationRow struct {
	OwnerUserID           string `json:"ownerUserID"`
	ConversationID        string `json:"conversationID"`
	ConversationType      int32  `json:"conversationType"`
	UserID                string `json:"userID"`
	GroupID               string `json:"groupID"`
	RecvMsgOpt            int32  `json:"recvMsgOpt"`
	IsPinned              bool   `json:"isPinned"`
	IsPrivateChat         bool   `json:"isPrivateChat"`
	BurnDuration          int32  `json:"burnDuration"` // s
	GroupAtType           int32  `json:"groupAtType"`
	IsMsgDestruct         bool   `json:"isMsgDestruct"`
	MsgDestructTime       int64  `json:"msgDestructTime"`       // s
	LatestMsgDestructTime int64  `json:"latestMsgDestructTime"` // ms; for the record
	AttachedInfo          string `json:"attachedInfo"`
	Ex                    string `json:"ex"`
	MinSeq                int64  `json:"minSeq"` // for the record: seqs are other ones elsewhere
	MaxSeq                int64  `json:"maxSeq"` // for the record
	Unread                int64  `json:"unread"` // messages that the account has not read
}

// Kinds of conversations.
const (
	singleChat = 1
	groupChat  = 3
	oaChat     = 4
)

func (r *ConversationRow) key() string { return r.OwnerUserID }

func (r *ConversationRow) check() (string, string) {
	if field, why := ids("ownerUserID", r.OwnerUserID, "conversationID", r.ConversationID); why != "" {
		return field, why
	}
	switch r.ConversationType {
	case singleChat, oaChat:
		return ids("userID", r.UserID)
	case groupChat, 2:
		return ids("groupID", r.GroupID)
	}
	return within("conversationType", r.ConversationType, singleChat, 2, groupChat, oaChat)
}

// MessageRow is a stored message as those who are in its conversation may see it.
type MessageRow struct {
	ConversationID   string          `json:"conversationID"`
	Seq              int64           `json:"seq"`
	SendID           string          `json:"sendID"`
	RecvID           string          `json:"recvID"`
	GroupID          string          `json:"groupID"`
	SessionType      int32           `json:"sessionType"`
	ContentType      int32           `json:"contentType"`
	Content          string          `json:"content"`       // a JSON text
	ContentBase64    string          `json:"contentBase64"` // in place of content that is no UTF-8
	SendTime         int64           `json:"sendTime"`      // ms
	ClientMsgID      string          `json:"clientMsgID"`
	ServerMsgID      string          `json:"serverMsgID"`
	SenderPlatformID int32           `json:"senderPlatformID"`
	SenderNickname   string          `json:"senderNickname"`
	SenderFaceURL    string          `json:"senderFaceURL"`
	MsgFrom          int32           `json:"msgFrom"`
	CreateTime       int64           `json:"createTime"` // ms
	Status           int32           `json:"status"`
	IsRead           bool            `json:"isRead"`
	Options          map[string]bool `json:"options"`
	OfflinePushInfo  *value.Object   `json:"offlinePushInfo"`
	AtUserIDList     []string        `json:"atUserIDList"`
	AttachedInfo     string          `json:"attachedInfo"`
	Ex               string          `json:"ex"`
}

// Facts of messages (SERVER-BEHAVIOUR §7, REST-API "Enumerations").
const (
	contentRevoked      = 2101
	contentOA           = 1400
	notificationsBegin  = 1000
	notificationsEnd    = 5000
	statusMessageErased = 4 // in a pull: the message is gone, for the one who asks or for all
)

func (r *MessageRow) key() string { return r.ConversationID }

func (r *MessageRow) check() (string, string) {
	if field, why := ids("conversationID", r.ConversationID, "sendID", r.SendID); why != "" {
		return field, why
	}
	switch {
	case r.SendTime <= 0:
		return "sendTime", fmt.Sprintf(": %d is no time in milliseconds", r.SendTime)
	case r.SessionType == groupChat || r.SessionType == 2:
		return ids("groupID", r.GroupID)
	case r.SessionType == singleChat || r.SessionType == oaChat:
		return ids("recvID", r.RecvID)
	}
	return within("sessionType", r.SessionType, singleChat, 2, groupChat, oaChat)
}

// decode takes the content out of the base64 that a pull gives it in.
func (r *MessageRow) decode() {
	raw, err := base64.StdEncoding.DecodeString(r.Content)
	switch {
	case err != nil:
	case utf8.Valid(raw):
		r.Content = string(raw)
	default:
		r.Content, r.ContentBase64 = "", r.Content
	}
}
