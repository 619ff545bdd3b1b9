// Package ferret is the MongoDB of the sandbox: FerretDB, which speaks MongoDB's wire protocol over SQLite. It has a package
// of its own so that only the program imctl-sandbox carries a database engine.
package ferret

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/FerretDB/FerretDB/ferretdb"
)

// Engine is a running server.
type Engine struct {
	Addr    string // host:port
	dir     string
	scratch bool // the folder goes with the server
	stop    context.CancelFunc
	done    chan error
}

// Start starts a server on a TCP address, where port 0 picks a free one. It keeps its data in a folder, or in a temporary
// one when that is "": in memory alone it has one connection, and any update waits for itself forever. What it was told is
// in the folder when it has answered, so that a kill -9 loses nothing of it. It has no sessions, no transactions, and its
// renameCollection can't replace a collection.
func Start(addr, dir string) (*Engine, error) {
	scratch, err := dir == "", error(nil)
	if scratch {
		dir, err = os.MkdirTemp("", "imctl-sandbox-mongo-")
	} else if err = os.MkdirAll(dir, 0o700); err == nil {
		err = mend(context.Background(), dir)
	}
	if err != nil {
		return nil, err
	}
	at := "file:" + strings.TrimSuffix(dir, "/") + "/"
	if scratch {
		at += "?_pragma=synchronous(off)"
	}
	db, err := ferretdb.New(&ferretdb.Config{
		Listener: ferretdb.ListenerConfig{TCP: addr}, Handler: "sqlite", SQLiteURL: at,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		if scratch {
			_ = os.RemoveAll(dir)
		}
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	e := &Engine{dir: dir, scratch: scratch, stop: stop, done: make(chan error, 1)}
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
	err := <-e.done
	if e.scratch {
		err = errors.Join(err, os.RemoveAll(e.dir))
	}
	return err
}

// Quicken lets the server find documents by _id with an index, in all collections that there are: its own index is over
// another expression than its queries have, so that each update by _id would go over the whole collection.
func (e *Engine) Quicken(ctx context.Context) error {
	files, err := filepath.Glob(filepath.Join(e.dir, "*.sqlite"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := quicken(ctx, file); err != nil {
			return fmt.Errorf("indexes of %s: %w", filepath.Base(file), err)
		}
	}
	return nil
}

func quicken(ctx context.Context, file string) error {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(10000)") // the driver comes with the server
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(ctx, `SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%_ferretdb_sjson%' AND name NOT LIKE '\_ferretdb%' ESCAPE '\'`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		tables = append(tables, name)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, name := range tables {
		if _, err := db.ExecContext(ctx, fmt.Sprintf(`CREATE INDEX IF NOT EXISTS "%[1]s_by_id" ON "%[1]s" (_ferretdb_sjson->'$._id')`, name)); err != nil {
			return err
		}
	}
	return nil
}
