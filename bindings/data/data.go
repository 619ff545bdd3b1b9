// Package data is the area of what a deployment stores: backups that prove themselves, restores, integrity, upkeep of
// MongoDB, and migration through the API. What it knows of OpenIM's stores is DATA-MODEL. It imports no other area.
package data

import "github.com/openimsdk/imctl/bindings"

// Area lists the operations on stored data.
func Area() bindings.Area {
	return bindings.Area{
		Name: "data",
		Doc:  "Stored data: backup, verify, restore, integrity, migration.",
		Ops: []bindings.Op{
			collectionsOp(), backupOp(), verifyOp(), extractOp(), restoreOp(),
			checkOp(), repairOp(), purgeOp(), statsOp(),
			exportOp(), importOp(), copyOp(),
		},
	}
}
