package user

import (
	"github.com/openimsdk/imctl/bindings/value"
)

// User is an account as the message server shows it. With a chat server its attributes (account, phoneNumber, email …)
// may follow as further fields.
type User struct {
	UserID           string     `key:"true" column:"1" help:"the account's id"`
	Nickname         string     `column:"2" help:"the name that others see"`
	FaceURL          string     `help:"address of the picture"`
	Ex               string     `help:"free text for the application"`
	CreateTime       int64      `column:"3" help:"Unix milliseconds"`
	AppMangerLevel   int32      `help:"0 and 1 ordinary, 2 admin, 3 notification account, 4 robot (the server spells it so)"`
	GlobalRecvMsgOpt int32      `help:"0 receive, 1 do not receive, 2 receive without a notification"`
	Rest             value.Rest `json:"-"`
}

// NewUser is an account to register on the message server.
type NewUser struct {
	UserID           string `required:"true" key:"true" help:"the id: letters, digits and _ only"`
	Nickname         string `required:"true" help:"the name that others see"`
	FaceURL          string `json:"faceURL,omitempty" help:"address of the picture"`
	Ex               string `json:"ex,omitempty" help:"free text for the application"`
	AppMangerLevel   int32  `json:"appMangerLevel,omitempty" min:"0" help:"0 ordinary user, 2 admin, 3 notification account, 4 robot"`
	GlobalRecvMsgOpt int32  `json:"globalRecvMsgOpt,omitempty" min:"0" help:"0 receive, 1 do not receive, 2 receive without a notification"`
}

// merge adds the members of o to the account's further fields, but for those that must never be shown.
func (u *User) merge(o *value.Object) {
	for _, k := range o.Keys() {
		switch k {
		case "password": // the chat server's schema has it (CHAT-ADMIN, Search)
			continue
		case "userID", "nickname", "faceURL":
			continue
		}
		if u.Rest.Members == nil {
			u.Rest.Members = value.NewObject()
		}
		v, _ := o.Get(k)
		u.Rest.Members.Set(k, v)
	}
}
