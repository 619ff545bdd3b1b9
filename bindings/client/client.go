// Package client is the area of virtual users: connections to the WebSocket gateway, as the apps of real users make
// them, for end-to-end tests and load. A connection keeps every event it receives, in order and with its time, so that a
// test can look back as well as forward. It imports no other area.
//
// A connection belongs to the script that made it and ends with it. It costs one goroutine that reads; heartbeats of all
// connections come from one more. Nothing that a script does or leaves undone holds up the reading of any connection.
package client

import "github.com/openimsdk/imctl/bindings"

// Area lists the operations on connections.
func Area() bindings.Area {
	return bindings.Area{
		Name: areaName,
		Doc:  "Virtual users on the WebSocket gateway: connect, send, expect, kick and reconnect.",
		Ops: []bindings.Op{
			connectOp(), sendOp(), flushOp(), expectOp(), expectNoneOp(), eventsOp(), typingOp(), readOp(), pullOp(), seqsOp(),
			syncOp(), subscribeOp(), backgroundOp(), kickedOp(), closedOp(), storyOp(), statsOp(), reconnectOp(), dropOp(),
			logoutOp(), closeOp(), watchOp(),
		},
	}
}

const areaName = "client"

// Content types and kinds of session (REST-API, Enumerations).
const (
	typeText     = 101
	typeAtText   = 106
	typeCustom   = 110
	typeTyping   = 113
	typeMarkdown = 118
	typeRead     = 2200

	sessionSingle = 1
	sessionGroup  = 3

	fromUser      = 100
	statusSending = 1
)
