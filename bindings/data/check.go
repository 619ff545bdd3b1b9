package data

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
)

// CheckParams are the parameters of data.check.
type CheckParams struct {
	Kinds []string `arg:"1..." help:"kinds of damage to look for; all when there are none"`
	Fail  bool     `help:"end with an error of kind partial (exit code 5) when there is damage; notices don't count"`
}

// Finding is a fault that data.check found.
type Finding struct {
	Kind       string `json:"kind" column:"1" help:"the kind of damage"`
	Severity   string `json:"severity" help:"damage, or notice: it may be wanted"`
	Collection string `json:"collection" column:"2" help:"where"`
	ID         string `json:"id" column:"3" key:"true" help:"what it is about: a conversation, a group, owner/friend, group/member, conversation/user"`
	Seq        int64  `json:"seq,omitempty" column:"4" help:"the message's number"`
	Detail     string `json:"detail" column:"5" help:"what was found, and what should be there"`
	Repairable bool   `json:"repairable" column:"6" help:"whether data.repair mends it"`

	fix *fix // how
}

func checkOp() bindings.Op {
	return bindings.Op{
		Name: "check", Effect: bindings.Read,
		Doc: "Look for damage in MongoDB, and between MongoDB and Redis; change nothing.",
		Notes: "A row for each fault, as it is found, and the counts at the end as a line on stderr. Found damage is a result, not an error: " +
			"the exit code is 0 unless fail=true is given.\n" + kindNotes() +
			"A server that is running does no harm: what looks wrong is read again before it is said. Without Redis in the context live_seq_behind is left out, and a warning says so. " +
			"Messages are read once, in the order of their documents; memory grows with users, groups and conversations, not with messages.",
		Example: `for f in data.check{kinds={"seq_behind", "orphan_member"}} do print(f.kind, f.id, f.detail) end`,
		Run:     bindings.Stream(runCheck),
	}
}

func runCheck(ctx context.Context, env *bindings.Env, p CheckParams) iter.Seq2[Finding, error] {
	return func(yield func(Finding, error) bool) {
		counts := map[string]int{}
		for f, err := range findings(ctx, env, p.Kinds) {
			if err != nil {
				yield(Finding{}, err)
				return
			}
			counts[f.Kind]++
			if !yield(f, nil) {
				return
			}
		}
		damage, summary := summed(counts)
		if summary != "" {
			env.Warning("%s", summary)
		}
		if p.Fail && damage > 0 {
			yield(Finding{}, fault.New(fault.Partial, "%s", summary).WithHint("data.repair mends what is repairable, after a backup"))
		}
	}
}

// summed counts what is damage, and says in words what was found.
func summed(counts map[string]int) (damage int, summary string) {
	var parts []string
	total := 0
	for _, k := range kinds {
		n := counts[k.name]
		if n == 0 {
			continue
		}
		if total += n; !k.notice {
			damage += n
		}
		parts = append(parts, fmt.Sprintf("%s %d", k.name, n))
	}
	if total == 0 {
		return 0, ""
	}
	return damage, fmt.Sprintf("found %d: %s", total, strings.Join(parts, ", "))
}

// checker is a check that runs.
type checker struct {
	env    *bindings.Env
	db     *mongo.Database
	rdb    redis.UniversalClient // nil: not configured
	chosen map[string]bool
	yield  func(Finding, error) bool
	there  map[string]bool // the collections that exist
	read   map[string]bool // those whose types were looked at

	users  map[string]bool
	groups map[string]*groupState
	heads  map[string]*head // by conversation
}

// errEnough ends a check whose rows nobody wants any more.
var errEnough = errors.New("enough")

// findings streams the faults of the kinds.
func findings(ctx context.Context, env *bindings.Env, names []string) iter.Seq2[Finding, error] {
	return func(yield func(Finding, error) bool) {
		c := &checker{env: env, yield: yield, users: map[string]bool{}, groups: map[string]*groupState{}, heads: map[string]*head{}, read: map[string]bool{}}
		if err := c.run(ctx, names); err != nil && !errors.Is(err, errEnough) {
			yield(Finding{}, err)
		}
	}
}

func (c *checker) run(ctx context.Context, names []string) error {
	var err error
	if c.chosen, err = damageKinds(names); err != nil {
		return err
	}
	if c.db, err = wholeDatabase(ctx, c.env); err != nil {
		return err
	}
	if c.rdb, err = c.env.Stores.Redis(ctx); fault.Is(err, fault.Unsupported) {
		if c.wants(liveSeqBehind) {
			c.env.Warning("live_seq_behind is left out: %s", err)
		}
	} else if err != nil {
		return err
	}
	existing, err := collectionNames(ctx, c.db)
	if err != nil {
		return err
	}
	c.there = map[string]bool{}
	for _, name := range existing {
		c.there[name] = true
	}
	// Messages before seqs, so that a seq that moves meanwhile is not behind; ids before what refers to them.
	for _, step := range []struct {
		do    func(context.Context) error
		finds []kind
	}{
		{c.messages, []kind{seqBehind, liveSeqBehind, readAhead, minAboveMax, messageMisplaced, duplicateClientMsg, badType}},
		{c.seqs, []kind{seqBehind, liveSeqBehind, readAhead, minAboveMax, duplicateSeqRow, badType}},
		{c.userSeqs, []kind{readAhead, minAboveMax, duplicateSeqRow, badType}},
		{c.userIDs, []kind{orphanMember, orphanFriend, oneSidedFriend, orphanConversation, badType}},
		{c.groupIDs, []kind{orphanMember, groupWithoutOwner, groupTwoOwners, badType}},
		{c.members, []kind{orphanMember, groupWithoutOwner, groupTwoOwners, badType}},
		{c.owners, []kind{groupWithoutOwner, groupTwoOwners}},
		{c.friends, []kind{orphanFriend, badType}},
		{c.blacks, []kind{orphanFriend, badType}},
		{c.oneSided, []kind{oneSidedFriend}},
		{c.conversations, []kind{orphanConversation, badType}},
		{c.others, []kind{badType}},
	} {
		if !c.wants(step.finds...) {
			continue
		}
		if err := step.do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// wants tells whether any of the kinds is looked for.
func (c *checker) wants(some ...kind) bool {
	return slices.ContainsFunc(some, func(k kind) bool { return c.chosen[k.name] })
}

// found tells of a fault, when its kind is looked for.
func (c *checker) found(k kind, f Finding) error {
	if !c.wants(k) {
		return nil
	}
	f.Kind, f.Severity, f.Repairable = k.name, k.severity(), f.fix != nil
	if !c.yield(f, nil) {
		return errEnough
	}
	return nil
}

// scan reads a collection, the named fields of it or all of it, in the order of sort, and looks at the types of the
// documents on the way.
func (c *checker) scan(ctx context.Context, name string, fields, sort []string, each func(bson.Raw) error) error {
	if c.wants(badType) {
		fields = nil
	}
	c.read[name] = true
	var total int64
	if c.there[name] {
		var err error
		if _, total, err = collectionSize(ctx, c.db, name); err != nil {
			return err
		}
	}
	progress, done := track(c.env, "checking "+name), int64(0)
	defer progress.Finish("")
	return read(ctx, c.db.Collection(name), bson.D{}, fields, sort, func(doc bson.Raw) error {
		if done++; done%1000 == 0 {
			progress.Set(done, total)
		}
		if err := c.types(name, doc); err != nil {
			return err
		}
		return each(doc)
	})
}

// read gives the documents of a collection that fit a filter: the named fields, or all when there are none.
func read(ctx context.Context, in *mongo.Collection, filter any, fields, sort []string, each func(bson.Raw) error) error {
	opts := options.Find().SetAllowDiskUse(true)
	if len(fields) > 0 {
		opts.SetProjection(ordered(fields))
	}
	if len(sort) > 0 {
		opts.SetSort(ordered(sort))
	}
	doing := "reading " + in.Name()
	cursor, err := in.Find(ctx, filter, opts)
	if err != nil {
		return store.MongoError(ctx, doing, err)
	}
	defer func() { _ = cursor.Close(context.WithoutCancel(ctx)) }()
	for cursor.Next(ctx) {
		if err := each(cursor.Current); err != nil {
			return err
		}
	}
	return store.MongoError(ctx, doing, cursor.Err())
}

func ordered(fields []string) bson.D {
	var d bson.D
	for _, f := range fields {
		d = append(d, bson.E{Key: f, Value: 1})
	}
	return d
}

// track shows progress, where anybody looks.
func track(env *bindings.Env, label string) bindings.Progress {
	if env.Track == nil {
		return unseen{}
	}
	return env.Track(label)
}

type unseen struct{}

func (unseen) Set(int64, int64) {}
func (unseen) Finish(string)    {}
