package ferret

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
)

// mend drops tables that belong to no collection. The server makes a table before it registers it, and drops it after it
// forgot it: killed in between it leaves one, and then never can make a collection of that name again.
func mend(ctx context.Context, dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.sqlite"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := mendFile(ctx, file); err != nil {
			return fmt.Errorf("tables of %s: %w", filepath.Base(file), err)
		}
	}
	return nil
}

func mendFile(ctx context.Context, file string) error {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var registry int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '_ferretdb_collections'`).Scan(&registry); err != nil || registry == 0 {
		return err
	}
	rows, err := db.QueryContext(ctx, `SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%_ferretdb_sjson%'
		AND name <> '_ferretdb_collections' AND name NOT IN (SELECT table_name FROM _ferretdb_collections)`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	var lost []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		lost = append(lost, name)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, name := range lost {
		if _, err := db.ExecContext(ctx, fmt.Sprintf(`DROP TABLE "%s"`, name)); err != nil {
			return err
		}
	}
	return nil
}
