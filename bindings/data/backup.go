package data

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/archive"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
)

// BackupParams are the parameters of data.backup.
type BackupParams struct {
	To          string          `arg:"1" help:"the file to write, s3://BUCKET/KEY in the context's object store, or - for standard output; left out, or a folder with its slash: a name made of context and time"`
	Collections []string        `help:"only these; left out: all of the database, the chat server's too"`
	Redis       bool            `help:"also the keys that live only in Redis: tokens, push tokens, badges, read positions"`
	Objects     string          `help:"mirror the object store's bucket into this folder, after MongoDB was read"`
	Recipients  []string        `help:"public keys of age (age1…) that can open it"`
	Passphrase  bindings.Secret `help:"or a passphrase that opens it"`
	Consistency string          `default:"auto" enum:"auto,snapshot,in_order" help:"snapshot is one point in time and needs a replica set; auto takes it where it can"`
	Parallel    int64           `default:"4" min:"1" help:"collections read at a time"`
	Spool       string          `help:"folder for the parts while they are read, with room for the whole; left out: beside the file"`
}

// BackupResult is the result of data.backup.
type BackupResult struct {
	File        string   `json:"file" key:"true" column:"1" help:"where it is"`
	Collections int      `json:"collections" column:"2" help:"collections in it"`
	Documents   int64    `json:"documents" column:"3" help:"documents in it"`
	Bytes       int64    `json:"bytes" column:"4" help:"of the documents, uncompressed"`
	Size        int64    `json:"size" column:"5" help:"of the file, bytes"`
	Consistency string   `json:"consistency" column:"6" help:"snapshot: one point in time; in order: read one after another"`
	SkewMs      int64    `json:"skewMs" column:"7" help:"between the first and the last reading, ms; 0 with a snapshot"`
	RedisKeys   int64    `json:"redisKeys,omitempty" help:"keys of Redis in it"`
	Objects     int64    `json:"objects,omitempty" help:"objects that were mirrored"`
	Warnings    []string `json:"warnings,omitempty" help:"what one should know of it"`
}

func backupOp() bindings.Op {
	return bindings.Op{
		Name: "backup", Effect: bindings.Read,
		Doc: "Back up MongoDB, and on request what lives only in Redis, into one file that proves itself.",
		Notes: "The file is a tar in the folder layout that mongorestore reads, compressed with zstd, with a manifest of counts, sums, indexes and " +
			"seq heads; data.extract gives the plain folder. It appears under its name when it is complete, never before.\n" +
			"Messages are read before seqs, so that no seq is behind its messages (DATA-MODEL). A stand-alone MongoDB has no single point in " +
			"time: skewMs says over which time it was read; a replica set is read as one snapshot.\n" +
			"Messages that are still in Kafka are not in it. With to=\"-\" it goes to standard output, and there is no other result.",
		Example: `data.backup{to="openim.tar.zst", recipients={"age1…"}}`,
		Run:     bindings.Func(runBackup),
	}
}

func runBackup(ctx context.Context, env *bindings.Env, p BackupParams) (*BackupResult, error) {
	if p.To == "" || strings.HasSuffix(p.To, "/") {
		p.To += fmt.Sprintf("openim-%s-%s.tar.zst", env.Target.Name, env.Now().UTC().Format("20060102T150405Z"))
		if len(p.Recipients) > 0 || p.Passphrase != "" {
			p.To += ".age"
		}
	}
	at, err := parsePlace(p.To)
	if err != nil {
		return nil, err
	}
	to, err := recipients(p.Recipients, p.Passphrase)
	if err != nil {
		return nil, err
	}
	db, err := wholeDatabase(ctx, env)
	if err != nil {
		return nil, err
	}
	if p.Redis { // asked before anything is read
		if _, err := env.Stores.Redis(ctx); err != nil {
			return nil, err
		}
	}
	b := &backup{env: env, p: p, db: db, spool: p.Spool}
	if b.spool == "" {
		b.spool = at.folder(os.TempDir())
	}
	return b.run(ctx, at, to)
}

// backup is one run of data.backup.
type backup struct {
	env      *bindings.Env
	p        BackupParams
	db       *mongo.Database
	spool    string
	names    []string
	sessions *snapshot
	builder  *archive.Builder
	manifest archive.Manifest
	warnings []string
}

func (b *backup) run(ctx context.Context, at place, to archive.Recipients) (_ *BackupResult, err error) {
	if err := b.choose(ctx); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	file, err := at.create(ctx, b.env, stop)
	if err != nil {
		return nil, err
	}
	defer file.Discard()
	if err := b.env.Folder(b.spool); err != nil {
		return nil, err
	}
	if b.builder, err = archive.NewBuilder(b.spool); err != nil {
		return nil, err
	}
	defer func() {
		if closed := b.builder.Close(); err == nil {
			err = closed
		}
	}()
	if err := b.describe(ctx); err != nil {
		return nil, err
	}
	begin := time.Now()
	files, err := b.read(ctx)
	if err != nil {
		return nil, err
	}
	if b.manifest.Consistency == archive.InOrder {
		b.manifest.SkewMs = time.Since(begin).Milliseconds()
		b.warn("MongoDB gives no single point in time here: it was read over %d ms, in an order that keeps every seq ahead of its messages", b.manifest.SkewMs)
	}
	if b.p.Redis {
		keys, err := b.readRedis(ctx)
		if err != nil {
			return nil, err
		}
		files = append(files, keys)
	}
	size := &written{File: file, ctx: ctx}
	if err := b.builder.Assemble(size, to, &b.manifest, files); err != nil {
		return nil, err
	}
	if err := context.Cause(ctx); err != nil {
		return nil, store.MongoError(ctx, "the backup", err)
	}
	if err := file.Commit(); err != nil {
		return nil, asFault(err, "%s can't be written", at.name)
	}
	result := b.result(at.name, size.n)
	if b.p.Objects != "" {
		if result.Objects, err = mirror(ctx, b.env, b.p.Objects); err != nil {
			return nil, err
		}
	}
	if at.name == "-" {
		return nil, nil
	}
	return result, nil
}

// choose lists the collections that are wanted.
func (b *backup) choose(ctx context.Context) error {
	names, err := collectionNames(ctx, b.db)
	if err != nil {
		return err
	}
	for _, want := range b.p.Collections {
		if !slices.Contains(names, want) {
			return fault.New(fault.NotFound, "collections: the database %s has no collection %q%s", b.db.Name(), want, fault.DidYouMean(want, names))
		}
	}
	if len(b.p.Collections) > 0 {
		names = slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(b.p.Collections, name) })
	}
	if len(names) == 0 {
		return fault.New(fault.NotFound, "the database %s holds no collection: there is nothing to back up", b.db.Name()).
			WithHint("mongo.database in the context names the database; OpenIM's is %s", store.DefaultDatabase)
	}
	for _, name := range append([]string{b.db.Name()}, names...) {
		if err := archive.CheckName("the collection", name); err != nil {
			return err
		}
	}
	b.names = names
	return nil
}

// describe fills the manifest with what is known before the data are, and decides about the snapshot.
func (b *backup) describe(ctx context.Context) error {
	var hello struct {
		SetName string `bson:"setName"`
		Msg     string `bson:"msg"`
	}
	if err := b.db.RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello); err != nil {
		return store.MongoError(ctx, "asking MongoDB what it is", err)
	}
	var build struct {
		Version string `bson:"version"`
	}
	if err := b.db.RunCommand(ctx, bson.D{{Key: "buildInfo", Value: 1}}).Decode(&build); err != nil {
		return store.MongoError(ctx, "asking MongoDB for its version", err)
	}
	canSnapshot := hello.SetName != "" || hello.Msg == "isdbgrid"
	switch {
	case b.p.Consistency == "snapshot" && !canSnapshot:
		return fault.New(fault.Unsupported, "consistency=snapshot needs a replica set, and this MongoDB stands alone").
			WithHint("leave consistency out: collections are read in an order that keeps seqs ahead of messages")
	case canSnapshot && b.p.Consistency != "in_order":
		b.sessions = &snapshot{client: b.db.Client()}
	}
	b.manifest = archive.Manifest{
		Head:    archive.Head{Format: archive.Format, Tool: strings.TrimSpace("imctl " + b.env.Version), Created: b.env.Now().UTC().Truncate(time.Millisecond), Context: b.env.Target.Name, Database: b.db.Name()},
		MongoDB: build.Version, Consistency: archive.InOrder, SeqHeads: map[string]int64{},
		Options: map[string]any{"collections": b.names, "redis": b.p.Redis},
	}
	if b.sessions != nil {
		b.manifest.Consistency = archive.Snapshot
	}
	return nil
}

func (b *backup) warn(format string, args ...any) {
	b.warnings = append(b.warnings, fmt.Sprintf(format, args...))
	b.env.Warn(format, args...)
}

func (b *backup) result(name string, size int64) *BackupResult {
	r := &BackupResult{File: name, Size: size, Consistency: b.manifest.Consistency, SkewMs: b.manifest.SkewMs,
		Collections: len(b.manifest.Collections), RedisKeys: b.manifest.RedisKeys, Warnings: b.warnings}
	for _, c := range b.manifest.Collections {
		r.Documents += c.Documents
		r.Bytes += c.Bytes
	}
	return r
}

// written counts the bytes of a file, and takes none when the backup was canceled.
type written struct {
	bindings.File
	ctx context.Context
	n   int64
}

func (w *written) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, store.MongoError(w.ctx, "the backup", err)
	}
	n, err := w.File.Write(p)
	w.n += int64(n)
	return n, err
}
