package data

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/archive"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
)

// ArchiveParams name an archive and what opens it.
type ArchiveParams struct {
	Identity   string          `help:"file of age's private keys that open an encrypted archive"`
	Passphrase bindings.Secret `help:"or the passphrase that opens it"`
}

// VerifyParams are the parameters of data.verify.
type VerifyParams struct {
	From string `arg:"1,required" help:"the archive: a file or s3://BUCKET/KEY"`
	Deep bool   `help:"also restore it into a database of its own on the context's MongoDB, compare every document, and drop that database"`
	ArchiveParams
}

// VerifyResult is the result of data.verify.
type VerifyResult struct {
	File        string    `json:"file" key:"true" column:"1" help:"the archive"`
	Context     string    `json:"context" column:"2" help:"the context it was taken from"`
	Created     time.Time `json:"created" column:"3" help:"when"`
	Database    string    `json:"database" help:"the database it was taken from"`
	Collections int       `json:"collections" column:"4" help:"collections in it"`
	Documents   int64     `json:"documents" column:"5" help:"documents in it"`
	Bytes       int64     `json:"bytes" column:"6" help:"of the documents"`
	Messages    int       `json:"conversations" column:"7" help:"conversations with messages"`
	Consistency string    `json:"consistency" help:"snapshot: one point in time; in order: read one after another"`
	SkewMs      int64     `json:"skewMs" help:"between the first and the last reading, ms"`
	Deep        bool      `json:"deep" column:"8" help:"it was restored and compared"`
}

func verifyOp() bindings.Op {
	return bindings.Op{
		Name: "verify", Effect: bindings.Read,
		Doc: "Prove that a backup is whole: every sum, count and document; with deep by restoring it.",
		Notes: "It reads all of the archive and believes nothing of it: the form of each document, the SHA-256 of each file, the manifest, the end. " +
			"deep=true restores it into a new database imctl_verify_…, with its indexes, compares what MongoDB then holds, and drops that database.",
		Example:  `data.verify("openim.tar.zst")`,
		Run:      bindings.Func(runVerify),
		EffectOf: effectOfVerify,
	}
}

// effectOfVerify: a deep one writes, be it into a database of its own.
func effectOfVerify(params any) bindings.Effect {
	if params.(*VerifyParams).Deep {
		return bindings.Write
	}
	return bindings.Read
}

func runVerify(ctx context.Context, env *bindings.Env, p VerifyParams) (VerifyResult, error) {
	source, err := openSource(env, p.From, p.ArchiveParams)
	if err != nil {
		return VerifyResult{}, err
	}
	m, err := source.scan(ctx, env, archive.Visitor{})
	if err != nil {
		return VerifyResult{}, err
	}
	if p.Deep {
		if err := verifyDeep(ctx, env, source, m); err != nil {
			return VerifyResult{}, err
		}
	}
	r := VerifyResult{File: p.From, Context: m.Context, Created: m.Created, Database: m.Database, Collections: len(m.Collections),
		Messages: len(m.SeqHeads), Consistency: m.Consistency, SkewMs: m.SkewMs, Deep: p.Deep}
	for _, c := range m.Collections {
		r.Documents += c.Documents
		r.Bytes += c.Bytes
	}
	return r, nil
}

// source is an archive that is read more than once.
type source struct {
	place
	ids archive.Identities
}

func openSource(env *bindings.Env, from string, p ArchiveParams) (*source, error) {
	at, err := parsePlace(from)
	if err != nil {
		return nil, err
	}
	ids, err := identities(env, p.Identity, p.Passphrase)
	if err != nil {
		return nil, err
	}
	return &source{at, ids}, nil
}

// scan reads all of it.
func (s *source) scan(ctx context.Context, env *bindings.Env, visit archive.Visitor) (*archive.Manifest, error) {
	f, err := s.open(ctx, env)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	m, err := archive.Scan(ctx, f, s.ids, visit)
	if err != nil {
		return nil, store.MongoError(ctx, "reading "+s.name, err)
	}
	for _, c := range m.Collections {
		if reserved(c.Name) { // restored it would take the place of a restore's own journal
			return nil, fault.New(fault.Usage, "the archive is broken: it holds a collection %q, which no backup has", c.Name)
		}
	}
	return m, nil
}

// head reads only what the archive says it is.
func (s *source) head(ctx context.Context, env *bindings.Env) (archive.Head, error) {
	var head archive.Head
	_, err := s.scan(ctx, env, archive.Visitor{Head: func(h archive.Head) error {
		head = h
		return errSeen
	}})
	if errors.Is(err, errSeen) {
		err = nil
	}
	return head, err
}

var errSeen = errors.New("the head was read")

// verifyDeep restores an archive into a database of its own and compares.
func verifyDeep(ctx context.Context, env *bindings.Env, s *source, m *archive.Manifest) (err error) {
	live, err := env.Stores.Mongo(ctx)
	if err != nil {
		return err
	}
	var random [6]byte
	if _, err := io.ReadFull(env.Rand, random[:]); err != nil {
		return fault.New(fault.Internal, "no random name: %w", err)
	}
	db := live.Client().Database("imctl_verify_" + hex.EncodeToString(random[:]))
	defer func() {
		if dropped := db.Drop(context.WithoutCancel(ctx)); dropped != nil && err == nil {
			err = store.MongoError(ctx, fmt.Sprintf("dropping the database %s, which is no longer needed", db.Name()), dropped)
		}
	}()
	l := &loader{env: env, db: db, source: s, label: "verify"}
	if err := l.load(ctx, m, func(name string) string { return name }); err != nil {
		return err
	}
	for _, c := range m.Collections {
		if err := compareContent(ctx, db.Collection(c.Name), c); err != nil {
			return err
		}
	}
	return nil
}
