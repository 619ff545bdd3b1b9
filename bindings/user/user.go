// Package user is the area "user": accounts of an OpenIM deployment, on the message server and, where one is
// configured, on the chat server, which owns login names, passwords, phone numbers and bans.
//
// One file holds one operation. Facts about the servers cite SERVER-BEHAVIOUR, REST-API, CHAT-ADMIN and DATA-MODEL.
package user

import "github.com/openimsdk/imctl/bindings"

// Area is the area "user".
func Area() bindings.Area {
	return bindings.Area{
		Name: "user",
		Doc:  "Accounts: register, find, change, disable, import and export them.",
		Ops: []bindings.Op{
			addOp(), registerOp(), getOp(), findOp(), listOp(), countOp(), existsOp(), updateOp(),
			disableOp(), enableOp(), disabledOp(), deleteOp(), logoutOp(), tokenOp(), onlineOp(), sessionsOp(), importOp(), exportOp(), resetPasswordOp(),
		},
	}
}
