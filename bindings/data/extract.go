package data

import (
	"context"
	"io"
	"path/filepath"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/archive"
	"github.com/openimsdk/imctl/bindings/fault"
)

// ExtractParams are the parameters of data.extract.
type ExtractParams struct {
	From string `arg:"1,required" help:"the archive: a file or s3://BUCKET/KEY"`
	To   string `arg:"2,required" help:"the folder to make; it must not hold a backup yet"`
	ArchiveParams
}

// ExtractResult is the result of data.extract.
type ExtractResult struct {
	Folder    string `json:"folder" key:"true" column:"1" help:"for mongorestore: the folder"`
	Database  string `json:"database" column:"2" help:"its folder below it"`
	Files     int    `json:"files" column:"3" help:"files written"`
	Documents int64  `json:"documents" column:"4" help:"documents in them"`
}

func extractOp() bindings.Op {
	return bindings.Op{
		Name: "extract", Effect: bindings.Read,
		Doc: "Write a backup out as the plain folder that mongorestore reads.",
		Notes: "The archive is proved first: from a broken one nothing is written. mongorestore then takes the folder: " +
			"mongorestore --dir FOLDER/DATABASE --db DATABASE. What a correct restore takes beside that, data.restore does: seqs, caches, version logs.",
		Example: `data.extract("openim.tar.zst", "dump")`,
		Run:     bindings.Func(runExtract),
	}
}

func runExtract(ctx context.Context, env *bindings.Env, p ExtractParams) (ExtractResult, error) {
	source, err := openSource(env, p.From, p.ArchiveParams)
	if err != nil {
		return ExtractResult{}, err
	}
	m, err := source.scan(ctx, env, archive.Visitor{})
	if err != nil {
		return ExtractResult{}, err
	}
	for _, f := range m.Files {
		if have, err := env.Open(filepath.Join(p.To, filepath.FromSlash(f.Name))); err == nil {
			_ = have.Close()
			return ExtractResult{}, fault.New(fault.Exists, "the folder %s holds %s already", p.To, f.Name).WithHint("name an empty folder")
		}
	}
	r := ExtractResult{Folder: p.To, Database: m.Database}
	_, err = source.scan(ctx, env, archive.Visitor{File: func(name string, content io.Reader) error {
		file := filepath.Join(p.To, filepath.FromSlash(name))
		if err := env.Folder(filepath.Dir(file)); err != nil {
			return err
		}
		to, err := env.Create(file)
		if err != nil {
			return asFault(err, "%s can't be written", name)
		}
		defer to.Discard()
		if _, err := io.Copy(to, content); err != nil {
			return asFault(err, "%s can't be written", name)
		}
		if err := to.Commit(); err != nil {
			return asFault(err, "%s can't be written", name)
		}
		r.Files++
		return nil
	}})
	for _, c := range m.Collections {
		r.Documents += c.Documents
	}
	return r, err
}
