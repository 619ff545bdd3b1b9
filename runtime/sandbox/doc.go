// Package sandbox is "OpenIM in a box": a stand-in for an OpenIM deployment that
// answers as the real server does, errors and oddities included. It is for
// learning and for tests; it keeps its state in memory and forgets it at the end, unless
// it has a data folder.
//
// How it is put together:
//
//   - server.go    starts and stops the listeners and names them in Ready
//   - areas.go     the list of areas: one line each
//   - endpoint.go  what an endpoint is, and the router that checks headers,
//     binds the body, checks rights and runs the handler
//   - answer.go    the envelope, error values, compression
//   - state.go     all data, behind one lock
//   - journal.go   the file of a data folder: all requests that may change something;
//     replay.go writes them before they are carried out, and carries them out once more
//     at the next start; keystore.go is Redis, with its keys' ends in a replay
//   - auth.go, user.go, ...  one file an area: its table of endpoints and its handlers
//   - gateway.go   the WebSocket listener; handshake.go, frame.go and wire.go read and
//     write what goes over it, session.go is one connection, wsrequest.go its requests
//   - transfer.go, push.go  store what was sent, and push it to those who are online
//   - note.go, tips.go  notifications: who is told what of a change
//   - touches.go notes which rows a request may have changed; mirror.go has MongoDB and the
//     caches in Redis follow them, and reads back what others write there; collections.go
//     says how each row stands in MongoDB, mongoproxy.go is its listener
//   - fault.go, faultrule.go, faultapply.go  what goes wrong on purpose
//
// To add an area, write a file with a function that returns its []endpoint and add
// that function to the list in areas.go. The router holds the state's lock while a
// handler runs, so handlers are plain sequential code. They must do the same in a replay:
// state.go says what that takes. An endpoint is journalled, and what it takes out of the
// state is compared with MongoDB, unless its row says `reads`.
//
// The package imports nothing else of this module.
package sandbox
