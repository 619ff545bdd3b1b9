// Package message is the area of messages: sending, finding, pulling, waiting for and revoking them. Sending is
// asynchronous on the server: a message shows a moment after its call is answered (SERVER-BEHAVIOUR §7), which is what
// message.wait is for. It imports no other area.
package message

import "github.com/openimsdk/imctl/bindings"

// Area lists the operations on messages.
func Area() bindings.Area {
	return bindings.Area{
		Name: "message",
		Doc:  "Messages: send, find, pull, wait for, revoke, delete.",
		Ops: []bindings.Op{
			sendOp(), broadcastOp(), searchOp(), pullOp(), waitOp(), revokeOp(), seqsOp(), conversationOp(),
			markReadOp(), deleteOp(), eraseOp(), clearOp(), clearAllOp(),
			businessOp(), sendSimpleOp(), checkSentOp(), serverTimeOp(),
		},
	}
}

// Content types and kinds of session (REST-API, Enumerations).
const (
	typeText     = 101
	typePicture  = 102
	typeAtText   = 106
	typeCustom   = 110
	typeMarkdown = 118
	typeOA       = 1400
	typeRevoked  = 2101

	sessionSingle = 1
	sessionGroup  = 3
	sessionOA     = 4
)
