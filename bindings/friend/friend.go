// Package friend is the area of friends, friend requests and block lists. A friendship has two directions, each a
// record of its own; the operations here say which they mean. Times are milliseconds throughout, also where the server
// gives seconds (SERVER-BEHAVIOUR §5). It imports no other area.
package friend

import "github.com/openimsdk/imctl/bindings"

// Area lists the operations on friends.
func Area() bindings.Area {
	return bindings.Area{
		Name: "friend",
		Doc:  "Friends, friend requests and block lists.",
		Ops: []bindings.Op{
			importOp(), addOp(), acceptOp(), refuseOp(), requestsOp(),
			listOp(), deleteOp(), checkOp(),
			findOp(), relationsOp(), idsOp(), updateOp(), setRemarkOp(),
			requestsBetweenOp(), unhandledCountOp(), syncOp(),
			blockOp(), unblockOp(), blockedOp(),
		},
	}
}

// millis is t in milliseconds. The server gives the createTime of friends and blocked ones in seconds in its lists and
// in milliseconds elsewhere, so that the size of the number has to tell: a number of seconds stays below 10^11 until
// the year 5138.
func millis(t int64) int64 {
	if t < 100_000_000_000 {
		return t * 1000
	}
	return t
}
