package data

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
)

// RepairParams are the parameters of data.repair.
type RepairParams struct {
	Kinds []string `arg:"1...,required" help:"the kinds of damage to mend; data.check explains them"`
	Limit int      `default:"100000" min:"1" help:"the most faults to mend in one call; a further call goes on"`
	BackupNeeded

	listed *listing // what the preview showed, and so what is mended
}

// listing is what a call will do, as it was shown.
type listing struct {
	findings []Finding
	more     bool // the limit ended it
}

// Repair says what became of a finding.
type Repair struct {
	Kind       string `json:"kind" column:"1" help:"the kind of damage"`
	Collection string `json:"collection" column:"2" help:"where"`
	ID         string `json:"id" column:"3" key:"true" help:"what it is about, as in data.check"`
	Seq        int64  `json:"seq,omitempty" help:"the message's number"`
	Detail     string `json:"detail" help:"what was found"`
	Outcome    string `json:"outcome" column:"4" help:"done; changed: it is no longer as it was found, and was left alone; failed; left: not repairable; planned, in a dry run"`
	Error      string `json:"error,omitempty" column:"5" help:"why it failed"`
}

func repairOp() bindings.Op {
	return bindings.Op{
		Name: "repair", Effect: bindings.Destroy,
		Doc: "Mend what data.check finds, of chosen kinds.",
		Notes: "It needs a backup that verifies, or without_backup=true. First it checks, and shows what it would mend; then it mends that same list. Each document is written only " +
			"while it is as it was found: what changed meanwhile is left alone and said so. The services may run: what they cache of the documents is deleted from Redis and published " +
			"on their DELETE_CACHE topics, and the version logs are removed, so that clients sync fully once.\n" +
			"A call where something was left alone or failed ends with kind partial (exit code 5); the same call again goes on.\n" +
			"The repair of one kind may show another: a group whose owner had no account gets a new owner when group_without_owner is chosen too.",
		Example: `data.repair{kinds={"seq_behind", "orphan_member"}, backup="before.tar.zst"}`,
		Preview: func(ctx context.Context, env *bindings.Env, params any) (bindings.Preview, error) {
			return previewRepair(ctx, env, params.(*RepairParams))
		},
		Run: bindings.Stream(runRepair), OwnDryRun: true,
	}
}

// previewRepair checks, and keeps in p what it found, so that the same is mended.
func previewRepair(ctx context.Context, env *bindings.Env, p *RepairParams) (bindings.Preview, error) {
	if err := p.list(ctx, env); err != nil {
		return bindings.Preview{}, err
	}
	preview := bindings.Preview{}
	counts := map[string]int{}
	for _, f := range p.listed.findings {
		if !f.Repairable {
			continue
		}
		counts[f.Kind]++
		if preview.Count++; len(preview.Sample) < 5 {
			preview.Sample = append(preview.Sample, f.Kind+" "+f.ID)
		}
	}
	_, summary := summed(counts)
	if summary == "" {
		summary = "found nothing"
	}
	preview.Text = fmt.Sprintf("repair %d faults (%s)", preview.Count, summary)
	if p.listed.more {
		preview.Text += "; there are more, which a further call mends"
	}
	return preview, nil
}

// list checks the parameters, and the stores.
func (p *RepairParams) list(ctx context.Context, env *bindings.Env) error {
	if len(p.Kinds) == 0 {
		return fault.New(fault.Usage, "kinds is an empty list").WithHint("name the kinds to mend, as data.check shows them")
	}
	if _, err := damageKinds(p.Kinds); err != nil {
		return err
	}
	if !env.DryRun {
		if err := p.BackupNeeded.check(ctx, env); err != nil {
			return err
		}
	}
	p.listed = &listing{}
	mended := 0
	for f, err := range findings(ctx, env, p.Kinds) {
		if err != nil {
			return err
		}
		if f.Repairable {
			if mended == p.Limit {
				p.listed.more = true
				break
			}
			mended++
		}
		p.listed.findings = append(p.listed.findings, f)
	}
	return nil
}

func runRepair(ctx context.Context, env *bindings.Env, p RepairParams) iter.Seq2[Repair, error] {
	return func(yield func(Repair, error) bool) {
		if p.listed == nil {
			if err := p.list(ctx, env); err != nil {
				yield(Repair{}, err)
				return
			}
		}
		r := &repairer{env: env, yield: yield, own: map[string]bson.D{}}
		if err := r.run(ctx, p.listed); err != nil {
			yield(Repair{}, err)
		}
	}
}

// repairBatch is after how many repairs the caches are dropped and the rows told.
const repairBatch = 200

// repairer is a repair that runs.
type repairer struct {
	env   *bindings.Env
	db    *mongo.Database
	yield func(Repair, error) bool
	own   map[string]bson.D // fields that this repair has set, by document; nil fields: it removed it
	rows  []Repair          // mended, and not told yet
	stale []caches
	logs  map[versionLog]bool // to remove
	bad   int
	noted bool // that there is no Redis
}

func (r *repairer) run(ctx context.Context, l *listing) (err error) {
	if r.db, err = wholeDatabase(ctx, r.env); err != nil {
		return err
	}
	r.logs = map[versionLog]bool{}
	progress := track(r.env, "repairing")
	defer progress.Finish("")
	for i, f := range l.findings {
		row := Repair{Kind: f.Kind, Collection: f.Collection, ID: f.ID, Seq: f.Seq, Detail: f.Detail, Outcome: "left"}
		switch {
		case f.fix == nil:
		case r.env.DryRun:
			row.Outcome = "planned"
		default:
			row.Outcome, err = r.mend(ctx, f.fix)
			if err != nil {
				row.Outcome, row.Error = "failed", err.Error()
			}
			if row.Outcome != "done" {
				r.bad++
			}
		}
		r.rows = append(r.rows, row)
		fatal := err != nil && bindings.Fatal(err)
		if len(r.rows) == repairBatch || i == len(l.findings)-1 || fatal {
			progress.Set(int64(i+1), int64(len(l.findings)))
			if more, flushErr := r.flush(ctx); flushErr != nil || !more {
				return flushErr
			}
		}
		if fatal {
			return err
		}
	}
	if l.more {
		r.env.Warning("there is more to mend: call it again")
	}
	if r.bad > 0 {
		return fault.New(fault.Partial, "%d of %d faults were not mended", r.bad, len(l.findings)).
			WithHint("the rows say why; the same call again finds what is left")
	}
	return nil
}

// mend carries out one fix.
func (r *repairer) mend(ctx context.Context, f *fix) (outcome string, err error) {
	for _, g := range f.given {
		if ok, err := g.holds(ctx, r.db); err != nil || !ok {
			return "changed", err
		}
	}
	for i, w := range f.writes {
		if w.doc != nil {
			key := w.collection + string(w.doc.Lookup("_id").Value)
			set, written := r.own[key]
			if written && set == nil {
				continue // gone by another repair of this call
			}
			if w.filter == nil {
				w.filter = patched(asFound(w.doc), set)
			}
			if w.set != nil {
				r.own[key] = patched(set, w.set)
			} else {
				r.own[key] = nil
			}
		}
		ok, err := w.run(ctx, r.db)
		switch {
		case err == nil && ok:
			r.touched(w)
			continue
		case w.doc != nil:
			delete(r.own, w.collection+string(w.doc.Lookup("_id").Value))
		}
		if i > 0 && err == nil {
			err = fault.New(fault.Partial, "a document of %s changed meanwhile; what came before it is done", w.collection)
		}
		return "changed", err
	}
	if f.live != nil {
		rdb, err := r.env.Stores.Redis(ctx)
		if err != nil {
			return "", err
		}
		if ok, err := f.live.drop(ctx, rdb); err != nil || !ok {
			return "changed", err
		}
	}
	r.stale = append(r.stale, f.caches...)
	return "done", nil
}

// patched is the fields of d with those of set in their places.
func patched(d, set bson.D) bson.D {
	d = slices.Clone(d)
	for _, e := range set {
		if i := slices.IndexFunc(d, func(had bson.E) bool { return had.Key == e.Key }); i >= 0 {
			d[i].Value = e.Value
		} else {
			d = append(d, e)
		}
	}
	return d
}

// touched notes what a write made stale.
func (r *repairer) touched(w write) {
	if w.doc == nil {
		return
	}
	r.stale = append(r.stale, w.stale())
	c, _ := known(w.collection)
	for _, v := range c.versions {
		r.logs[versionLog{v.name, text(w.doc, v.field)}] = true
	}
}

// flush removes version logs and caches of what was written, and tells the rows. It does so also when the repair was
// interrupted: what is written must not stay hidden behind a cache.
func (r *repairer) flush(ctx context.Context) (more bool, err error) {
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	err = dropStale(clean, r.env, r.db, r.stale, r.logs, &r.noted)
	r.stale, r.logs = nil, map[versionLog]bool{}
	for _, row := range r.rows {
		if !r.yield(row, nil) {
			return false, nil
		}
	}
	r.rows = r.rows[:0]
	return true, err
}

// versionLog is the version log of a user or a group.
type versionLog struct{ collection, id string } // d_id

// dropStale removes version logs, and what is cached. Without Redis in the context it says so, once.
func dropStale(ctx context.Context, env *bindings.Env, db *mongo.Database, stale []caches, logs map[versionLog]bool, noted *bool) error {
	byLog := map[string][]string{}
	for v := range logs {
		byLog[v.collection] = append(byLog[v.collection], v.id)
	}
	for name, ids := range byLog {
		slices.Sort(ids)
		for some := range slices.Chunk(ids, 500) {
			_, err := db.Collection(name).DeleteMany(ctx, bson.D{{Key: "d_id", Value: bson.D{{Key: "$in", Value: some}}}})
			if err != nil {
				return store.MongoError(ctx, "removing version logs of "+name, err)
			}
		}
	}
	if !slices.ContainsFunc(stale, func(c caches) bool { return len(c.keys)+len(c.patterns) > 0 }) {
		return nil
	}
	rdb, err := env.Stores.Redis(ctx)
	if fault.Is(err, fault.Unsupported) {
		if !*noted {
			*noted = true
			env.Warning("the services may show what they have cached for up to 12 hours: %s", err)
		}
		return nil
	}
	if err != nil {
		return err
	}
	_, err = invalidate(ctx, rdb, stale)
	return err
}
