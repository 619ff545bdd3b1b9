// Package ferret is the MongoDB of the sandbox: FerretDB, which speaks MongoDB's wire protocol over SQLite. It has a package
// of its own so that only the program imctl-sandbox carries a database engine.
package ferret

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"

	"github.com/FerretDB/FerretDB/ferretdb"
)

// Engine is a running server.
type Engine struct {
	Addr string // host:port
	stop context.CancelFunc
	done chan error
}

// Start starts a server on a TCP address, where port 0 picks a free one. It keeps its data in a folder, or in memory when
// that is "". What it was told is in the folder when it has answered, so that a kill -9 loses nothing of it. It has no
// sessions, no transactions, and its renameCollection can't replace a collection.
func Start(addr, dir string) (*Engine, error) {
	at := "file:./?mode=memory"
	if dir != "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		at = "file:" + strings.TrimSuffix(dir, "/") + "/"
	}
	db, err := ferretdb.New(&ferretdb.Config{
		Listener: ferretdb.ListenerConfig{TCP: addr}, Handler: "sqlite", SQLiteURL: at,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	e := &Engine{stop: stop, done: make(chan error, 1)}
	go func() { e.done <- db.Run(ctx) }()
	uri, err := url.Parse(db.MongoDBURI())
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	e.Addr = uri.Host
	return e, nil
}

// Close ends the server and waits until it has ended.
func (e *Engine) Close() error {
	e.stop()
	return <-e.done
}
