package data

import (
	"context"
	"fmt"
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

// Policies of a restore.
const (
	replacePolicy   = "replace"
	skipPolicy      = "skip"
	overwritePolicy = "overwrite"
)

// RestoreParams are the parameters of data.restore.
type RestoreParams struct {
	From        string   `arg:"1" help:"the archive: a file or s3://BUCKET/KEY; needed but for rollback"`
	Policy      string   `default:"replace" enum:"replace,skip,overwrite" help:"replace: its collections take the place of those there; skip and overwrite merge, and where both have a document skip keeps that in MongoDB and overwrite that of the archive"`
	Collections []string `help:"only these; left out: all of the archive"`
	FromContext string   `json:"from_context" help:"the context the archive was taken from, when that is another one than the one restored into: to show that it is meant"`
	Database    string   `help:"restore into this database of the context's MongoDB; left out: the context's own"`
	Without     []string `help:"stores that are left as they are although a correct restore touches them: redis, kafka"`
	RedisKeys   bool     `json:"redis_keys" help:"also write the Redis keys of the archive back"`
	Logout      bool     `help:"also delete the login tokens, so that everybody logs in again"`
	KeepOld     bool     `json:"keep_old" help:"leave what was replaced in collections imctl_old_…, for a rollback"`
	Resume      bool     `help:"complete a restore of this archive that was interrupted; the other options have to be given again"`
	Rollback    bool     `help:"bring back what a restore replaced: of one that was interrupted, or was run with keep_old"`
	ArchiveParams
}

// RestoreResult is the result of data.restore.
type RestoreResult struct {
	From        string        `json:"from,omitempty" key:"true" column:"1" help:"the archive"`
	Database    string        `json:"database" column:"2" help:"the database that was restored"`
	Collections int           `json:"collections" column:"3" help:"collections restored"`
	Documents   int64         `json:"documents" column:"4" help:"documents in them"`
	SeqsRaised  int           `json:"seqsRaised" column:"5" help:"conversations whose seq was raised above that of the archive"`
	KeysDeleted int64         `json:"keysDeleted" column:"6" help:"keys of Redis that were deleted"`
	Steps       []RestoreStep `json:"steps" help:"what was done, with the evidence"`
}

// RestoreStep is one step of a restore.
type RestoreStep struct {
	Step     string `json:"step" help:"what it is"`
	Done     bool   `json:"done" help:"false: it was left out, for the reason given"`
	Evidence string `json:"evidence,omitempty" help:"what was seen"`
}

func restoreOp() bindings.Op {
	return bindings.Op{
		Name: "restore", Effect: bindings.Destroy,
		Doc: "Restore a backup, with all that a correct restore of OpenIM takes: seqs, version logs, caches, Kafka offsets.",
		Notes: "Stop OpenIM's services first, or enter maintenance. The archive is proved before anything is touched. Its collections are loaded beside " +
			"the live ones and proved again; then they change places, the old ones stay aside until all is done. Killed anywhere the old data or the " +
			"new is there, and the database says so: resume=true completes, rollback=true brings the old back.\n" +
			"seqs become max(old, restored, highest stored), so that no number is given twice (DATA-MODEL, Seqs); the version logs go, so that clients sync " +
			"fully; the caches in Redis are deleted and the services told; Kafka's consumer groups skip what is older.\n" +
			"Collections that are not in the archive stay as they are.",
		Example: `data.restore{from="openim.tar.zst", from_context="prod"}`,
		Run:     bindings.Func(runRestore),
		Preview: bindings.PreviewOf(previewRestore),
	}
}

func (p RestoreParams) check() error {
	switch {
	case p.Rollback && (p.From != "" || p.Resume):
		return fault.New(fault.Usage, "rollback takes neither an archive nor resume: it goes by what the database says")
	case !p.Rollback && p.From == "":
		return fault.New(fault.Usage, "from: the archive is missing")
	}
	for _, s := range p.Without {
		if s != "redis" && s != "kafka" {
			return fault.New(fault.Usage, "without: there is no store %q to leave out%s", s, fault.DidYouMean(s, []string{"redis", "kafka"}))
		}
	}
	return nil
}

func previewRestore(ctx context.Context, env *bindings.Env, p RestoreParams) (bindings.Preview, error) {
	r, err := newRestore(ctx, env, p)
	if err != nil {
		return bindings.Preview{}, err
	}
	names, err := collectionNames(ctx, r.db)
	if err != nil {
		return bindings.Preview{}, err
	}
	if p.Rollback {
		return bindings.Preview{Count: len(names), Sample: names, Text: fmt.Sprintf("bring the collections of %s back that a restore replaced", r.db.Name())}, nil
	}
	head, err := r.source.head(ctx, env)
	if err != nil {
		return bindings.Preview{}, err
	}
	if err := r.checkContext(head); err != nil {
		return bindings.Preview{}, err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "restore %s\ninto the database %s of context %s, which holds %d collections:", head, r.db.Name(), env.Target.Name, len(names))
	for i, step := range r.steps() {
		fmt.Fprintf(&text, "\n  %d. %s", i+1, step)
	}
	text.WriteString("\nDo that")
	return bindings.Preview{Count: len(names), Text: text.String()}, nil
}

func runRestore(ctx context.Context, env *bindings.Env, p RestoreParams) (*RestoreResult, error) {
	r, err := newRestore(ctx, env, p)
	if err != nil {
		return nil, err
	}
	if p.Rollback {
		return r.rollback(ctx)
	}
	return r.run(ctx)
}

// restore is one run of data.restore.
type restore struct {
	env      *bindings.Env
	p        RestoreParams
	db       *mongo.Database
	source   *source
	manifest *archive.Manifest
	mark     *mark
	highest  map[string]int64 // of the archive's messages: the last seq of each conversation
	result   RestoreResult
	again    bool   // the collections changed places in an earlier run, and may have been used since
	leaveOut string // a step that a test leaves out, to see the damage
}

func newRestore(ctx context.Context, env *bindings.Env, p RestoreParams) (*restore, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	db, err := env.Stores.Mongo(ctx)
	if err != nil {
		return nil, err
	}
	if p.Database != "" {
		if err := archive.CheckName("the database", p.Database); err != nil {
			return nil, err
		}
		db = db.Client().Database(p.Database)
	}
	r := &restore{env: env, p: p, db: db, highest: map[string]int64{}}
	if r.source, err = openSource(env, p.From, p.ArchiveParams); err != nil {
		return nil, err
	}
	r.result = RestoreResult{From: p.From, Database: db.Name()}
	return r, r.needRedis(ctx)
}

// checkContext guards against a restore into the wrong deployment.
func (r *restore) checkContext(head archive.Head) error {
	if r.p.FromContext != "" && r.p.FromContext != head.Context {
		return fault.New(fault.Usage, "from_context is %q, and the archive was taken from context %q", r.p.FromContext, head.Context)
	}
	if r.p.FromContext == "" && head.Context != r.env.Target.Name {
		return fault.New(fault.Denied, "the archive was taken from context %q, and this would restore it into context %q", head.Context, r.env.Target.Name).
			WithHint("from_context=%q says that it is meant", head.Context)
	}
	return nil
}

// run proves the archive, then takes step after step.
func (r *restore) run(ctx context.Context) (*RestoreResult, error) {
	var err error
	visit := archive.Visitor{Head: r.checkContext, Document: func(name string, doc bson.Raw) error {
		r.see(name, doc)
		return nil
	}}
	if r.manifest, err = r.source.scan(ctx, r.env, visit); err != nil {
		return nil, err
	}
	r.did("the archive was proved", "%d files, %d collections", len(r.manifest.Files), len(r.manifest.Collections))
	if err := r.chooseCollections(); err != nil {
		return nil, err
	}
	if err := r.start(ctx); err != nil {
		return nil, err
	}
	for _, c := range r.manifest.Collections {
		if r.wanted(c.Name) {
			r.result.Collections++
			r.result.Documents += c.Documents
		}
	}
	if r.p.Policy != replacePolicy {
		if err := r.merge(ctx); err != nil {
			return nil, err
		}
	} else if err := r.replace(ctx); err != nil {
		return nil, err
	}
	if err := r.after(ctx); err != nil {
		return nil, err
	}
	return &r.result, nil
}

// replace loads the archive beside the live collections and lets them change places.
func (r *restore) replace(ctx context.Context) error {
	if r.mark.State == loading {
		if err := r.loadStaging(ctx); err != nil {
			return r.abandon(ctx, err)
		}
		if err := r.raiseSeqs(ctx); err != nil {
			return r.abandon(ctx, err)
		}
		if err := r.noteHad(ctx); err != nil {
			return r.abandon(ctx, err)
		}
		r.mark.State = swapping
		if err := r.mark.write(ctx, r.db); err != nil {
			return err
		}
	}
	if r.mark.State == swapping {
		if err := r.swap(ctx); err != nil {
			return err
		}
		r.mark.State = swapped
		if err := r.mark.write(ctx, r.db); err != nil {
			return err
		}
	}
	return nil
}

// chooseCollections decides what of the archive is restored.
func (r *restore) chooseCollections() error {
	var have []string
	for _, c := range r.manifest.Collections {
		have = append(have, c.Name)
	}
	for _, want := range r.p.Collections {
		if !slices.Contains(have, want) {
			return fault.New(fault.NotFound, "collections: the archive has no collection %q%s", want, fault.DidYouMean(want, have))
		}
	}
	if !slices.ContainsFunc(have, r.wanted) {
		return fault.New(fault.Usage, "there is nothing in the archive to restore")
	}
	return nil
}

// wanted tells whether a collection of the archive is restored: version logs never are (DATA-MODEL, Version logs).
func (r *restore) wanted(name string) bool {
	c, _ := known(name)
	return !c.version && (len(r.p.Collections) == 0 || slices.Contains(r.p.Collections, name))
}

// start writes the mark, or takes up the one of an interrupted restore.
func (r *restore) start(ctx context.Context) error {
	sum := sumOf(r.manifest)
	found, err := readMark(ctx, r.db)
	if err != nil {
		return err
	}
	if found != nil && found.State == kept {
		if err := r.refuseLeftovers(ctx); err != nil {
			return err
		}
		if err := r.db.Collection(markName).Drop(ctx); err != nil {
			return store.MongoError(ctx, "forgetting an earlier restore", err)
		}
		found = nil
	}
	if found == nil && r.p.Resume {
		return fault.New(fault.NotFound, "resume: no restore into the database %s is unfinished", r.db.Name())
	}
	if found != nil {
		switch {
		case !r.p.Resume || found.State == undoing:
			return refuseUnfinished(ctx, r.db)
		case found.Archive != sum:
			return fault.New(fault.Denied, "resume: the unfinished restore is of another archive: %s, begun at %s", found.From, found.Begun.UTC().Format(time.RFC3339))
		case found.Policy != r.p.Policy:
			return fault.New(fault.Denied, "resume: the unfinished restore has policy=%s", found.Policy)
		}
		r.mark, r.p.Collections = found, found.Names
		r.again = found.State == swapped || found.State == ending
		r.did("an interrupted restore was taken up", "it was begun at %s, and was %s", found.Begun.UTC().Format(time.RFC3339), found.State)
		return nil
	}
	if err := r.refuseLeftovers(ctx); err != nil {
		return err
	}
	r.mark = &mark{ID: markID, From: r.p.From, Archive: sum, Policy: r.p.Policy, State: loading, Begun: r.env.Now().UTC(), Loaded: []string{}}
	if r.p.Policy != replacePolicy {
		r.mark.State = merging
	}
	for _, c := range r.manifest.Collections {
		if r.wanted(c.Name) {
			r.mark.Names = append(r.mark.Names, c.Name)
		}
	}
	return r.mark.begin(ctx, r.db)
}

// refuseLeftovers holds that nothing is in the way of a way back.
func (r *restore) refuseLeftovers(ctx context.Context) error {
	old, err := ownCollections(ctx, r.db, asidePrefix)
	if err != nil || len(old) == 0 {
		return err
	}
	return fault.New(fault.Denied, "the database %s still holds what an earlier restore replaced: %s", r.db.Name(), strings.Join(old, ", ")).
		WithHint("rollback=true brings it back; when it is no longer wanted, drop those collections")
}

// abandon clears away what was loaded when the server refused it: nothing live was touched yet. What may go better later
// is left for a resume.
func (r *restore) abandon(ctx context.Context, err error) error {
	f := fault.From(err)
	switch f.Kind {
	case fault.Canceled, fault.Timeout, fault.Unreachable:
		if f.Hint == "" {
			f.Hint = "nothing live was touched; resume=true goes on where it stopped, rollback=true clears away what was loaded"
		}
		return f
	}
	if cleared := r.clearStaging(ctx); cleared != nil {
		return f.WithHint("nothing live was touched; rollback=true clears away what was loaded")
	}
	if f.Hint == "" {
		f.Hint = "nothing was changed"
	}
	return f
}

func (r *restore) clearStaging(ctx context.Context) error {
	names, err := ownCollections(ctx, r.db, stagingPrefix)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := r.db.Collection(name).Drop(ctx); err != nil {
			return store.MongoError(ctx, "dropping "+name, err)
		}
	}
	return store.MongoError(ctx, "ending the restore", r.db.Collection(markName).Drop(ctx))
}

// did notes a step that was taken.
func (r *restore) did(step, evidence string, args ...any) {
	r.result.Steps = append(r.result.Steps, RestoreStep{Step: step, Done: true, Evidence: fmt.Sprintf(evidence, args...)})
}

// left notes a step that was left out.
func (r *restore) left(step, why string) {
	r.result.Steps = append(r.result.Steps, RestoreStep{Step: step, Evidence: why})
	r.env.Warn("left out: %s: %s", step, why)
}
