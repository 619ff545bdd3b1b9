// Package group is the area of groups: making and ending them, their members and roles, mutes, and the requests to
// join. It knows the traps of the server (SERVER-BEHAVIOUR §6) and reads first where a call alone would do damage.
// It imports no other area.
package group

import (
	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
)

// Area lists the operations on groups.
func Area() bindings.Area {
	return bindings.Area{
		Name: "group",
		Doc:  "Groups, their members, roles, mutes and join requests.",
		Ops: []bindings.Op{
			createOp(), getOp(), listOp(), updateOp(), dismissOp(),
			inviteOp(), kickOp(), membersOp(), setRoleOp(), transferOp(),
			muteOp(), unmuteOp(),
			joinOp(), quitOp(), requestsOp(), acceptOp(), refuseOp(),
			requestsByOp(), requestsOfOp(), requestOp(), unhandledCountOp(),
			setMemberOp(), memberIDsOp(), abstractOp(), syncOp(), syncMembersOp(), syncManyOp(),
		},
	}
}

// The states of a group and the roles in it (REST-API, Enumerations).
const (
	statusDismissed = 2

	roleOwner  = 100
	roleAdmin  = 60
	roleMember = 20

	groupType = 2 // the only type that the server accepts (SERVER-BEHAVIOUR §6, create_group)
)

// Info is a group as the server knows it.
type Info struct {
	GroupID                string `json:"groupID" column:"1" key:"true" help:"the group's id"`
	GroupName              string `json:"groupName" column:"2" help:"its name"`
	OwnerUserID            string `json:"ownerUserID" column:"3" help:"its owner; empty when it has none"`
	MemberCount            int64  `json:"memberCount" column:"4" help:"members, the owner included"`
	Status                 int64  `json:"status" column:"5" help:"0 normal, 1 banned, 2 dismissed, 3 muted"`
	Notification           string `json:"notification" help:"the announcement"`
	Introduction           string `json:"introduction" help:"the introduction"`
	FaceURL                string `json:"faceURL" help:"address of its picture"`
	CreateTime             int64  `json:"createTime" help:"when it was made, in ms"`
	CreatorUserID          string `json:"creatorUserID" help:"who made it"`
	GroupType              int64  `json:"groupType" help:"always 2"`
	NeedVerification       int64  `json:"needVerification" help:"0 applying needs approval, 1 inviting too, 2 nothing does"`
	LookMemberInfo         int64  `json:"lookMemberInfo" help:"0 members may look at each other's profile, 1 not"`
	ApplyMemberFriend      int64  `json:"applyMemberFriend" help:"0 members may ask each other to be friends, 1 not"`
	NotificationUpdateTime int64  `json:"notificationUpdateTime" help:"when the announcement was set, in ms; 0 never"`
	NotificationUserID     string `json:"notificationUserID" help:"who set the announcement"`
	Ex                     string `json:"ex" help:"extra data of the application"`

	Rest value.Rest `json:"-"`
}

func (g Info) dismissed() bool { return g.Status == statusDismissed }

// Member is a member of a group.
type Member struct {
	UserID         string `json:"userID" column:"1" key:"true" help:"the member"`
	Nickname       string `json:"nickname" column:"2" help:"the name in the group"`
	RoleLevel      int64  `json:"roleLevel" column:"3" help:"100 owner, 60 admin, 20 member"`
	JoinTime       int64  `json:"joinTime" column:"4" help:"when it joined, in ms"`
	MuteEndTime    int64  `json:"muteEndTime" column:"5" help:"until when it is muted, in ms; 0 or past: not muted"`
	GroupID        string `json:"groupID" help:"the group"`
	FaceURL        string `json:"faceURL" help:"address of the picture"`
	AppMangerLevel int64  `json:"appMangerLevel" help:"the account's level"`
	JoinSource     int64  `json:"joinSource" help:"1 by an admin, 2 invited, 3 by search, 4 by QR code"`
	OperatorUserID string `json:"operatorUserID" help:"who let it in"`
	InviterUserID  string `json:"inviterUserID" help:"who invited it"`
	Ex             string `json:"ex" help:"extra data of the application"`

	Rest value.Rest `json:"-"`
}
