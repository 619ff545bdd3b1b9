package bindings

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// Invoke runs the operation with parameters that Bind made: guards first, then confirmation, then the journal of a
// test, then the operation itself, then the audit record. A streaming operation returns Rows. Every error is a
// *fault.Error that names the operation; a panic becomes kind internal.
func (o Op) Invoke(ctx context.Context, env *Env, params any) (result any, err error) {
	effect := o.Effect
	if o.EffectOf != nil {
		effect = o.EffectOf(params)
	}
	if effect != Read {
		planned, err := o.gate(ctx, env, params, effect)
		if err != nil {
			return nil, o.named(err)
		}
		if planned != nil {
			return *planned, nil
		}
	}
	ended := func(error) {}
	if effect != Read && !env.DryRun {
		if ended, err = o.making(ctx, env, params); err != nil {
			return nil, o.named(err)
		}
	}
	start := time.Now()
	result, err = o.run(ctx, env, params)
	rows, streams := result.(Rows)
	if env.Observe != nil && !(streams && err == nil) {
		env.Observe(o.FullName(), time.Since(start), err)
	}
	ended(err)
	if effect != Read && !env.DryRun && env.Audit != nil {
		if auditErr := env.Audit(o.record(env, params, effect, err)); auditErr != nil {
			err = errors.Join(err, fault.New(fault.Internal, "the audit file can't be written: %w", auditErr))
		}
	}
	if err != nil {
		return result, o.named(err)
	}
	if streams {
		return o.guardRows(env, rows), nil
	}
	return result, nil
}

// gate applies read-only, protection, dry-run, the object limit and confirmation. A non-nil plan means: don't run.
func (o Op) gate(ctx context.Context, env *Env, params any, effect Effect) (*Planned, error) {
	t := env.Target
	if t.ReadOnly && t.ReadOnlyBy != "" {
		return nil, fault.New(fault.Denied, "this would write, and %s says that it only reads", t.ReadOnlyBy).
			WithHint("nothing was sent; give it effect: write")
	}
	if t.ReadOnly {
		return nil, fault.New(fault.Denied, "context %q is read-only", t.Name).
			WithHint("nothing was sent; leave out --read-only, or change read_only in the context")
	}
	if t.Protected && !t.Named && !env.DryRun {
		return nil, fault.New(fault.Denied, "context %q is protected", t.Name).
			WithHint("nothing was sent; name it on this command line: --context %s", t.Name)
	}
	var p Preview
	if o.Preview != nil {
		var err error
		if p, err = o.Preview(ctx, env, params); err != nil {
			return nil, err
		}
		if t.MaxObjects > 0 && p.Count > t.MaxObjects {
			return nil, fault.New(fault.Denied, "this would touch %d objects, and context %q allows %d in one call",
				p.Count, t.Name, t.MaxObjects).WithHint("nothing was sent; max_objects is set in the context")
		}
	}
	if env.DryRun {
		if o.OwnDryRun && !env.Planning {
			return nil, nil
		}
		planned := Planned{Op: o.FullName(), Params: o.Given(params), Count: p.Count}
		if env.Planning {
			var err error
			if planned.Before, err = o.Fingerprint(ctx, env, params); err != nil {
				return nil, err
			}
		}
		if env.Plan != nil {
			if err := env.Plan(planned); err != nil {
				return nil, err
			}
		}
		return &planned, nil
	}
	if env.Ask == nil || effect != Destroy && !p.Bulk {
		return nil, nil
	}
	yes, err := env.Ask(ctx, Question{Op: o.FullName(), Context: t.Name, Preview: p})
	if err != nil {
		return nil, err
	}
	if !yes {
		return nil, fault.New(fault.Denied, "not confirmed").WithHint("nothing was sent")
	}
	return nil, nil
}

// Fingerprint sums up what a call would change, "" when the operation can't tell or when it does not exist yet.
func (o Op) Fingerprint(ctx context.Context, env *Env, params any) (string, error) {
	if o.Before == nil {
		return "", nil
	}
	state, err := o.Before(ctx, env, params)
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	text, err := value.Marshal(value.From(state))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12]), nil
}

func (o Op) run(ctx context.Context, env *Env, params any) (result any, err error) {
	defer recovered(&err)
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	return o.Run.call(ctx, env, params)
}

// guardRows names the operation in the errors of a stream and catches its panics. Who observes is told how long the rows
// took to come, without what was done with them.
func (o Op) guardRows(env *Env, rows Rows) Rows {
	return func(yield func(any, error) bool) {
		var failed error
		if env.Observe != nil {
			start, away, inner := time.Now(), time.Duration(0), yield
			yield = func(row any, err error) bool {
				left := time.Now()
				defer func() { away += time.Since(left) }()
				return inner(row, err)
			}
			defer func() { env.Observe(o.FullName(), time.Since(start)-away, failed) }()
		}
		func() {
			defer recovered(&failed)
			rows(func(row any, err error) bool {
				if err != nil {
					failed = err
					return false
				}
				return yield(row, nil)
			})
		}()
		if failed != nil {
			yield(nil, o.named(failed))
		}
	}
}

// recovered turns a panic into an internal error. The stack goes into the error's cause, for the crash report only.
func recovered(err *error) {
	if r := recover(); r != nil {
		e := fault.New(fault.Internal, "a fault of imctl: %v", r).
			WithHint("please report it, with the command and the version")
		e.Cause = fmt.Errorf("%v\n%s", r, debug.Stack())
		*err = e
	}
}

// named is err as a *fault.Error that carries the operation's name.
func (o Op) named(err error) error {
	e := fault.From(err)
	if e.Op == "" {
		copied := *e
		copied.Op = o.FullName()
		return &copied
	}
	return e
}

func (o Op) record(env *Env, params any, effect Effect, err error) Record {
	r := Record{
		Time: env.Now().UTC(), Context: env.Target.Name, Op: o.FullName(), Effect: effect.String(),
		Params: o.Given(params), Outcome: "done",
	}
	if env.Source != nil {
		r.Source = env.Source()
	}
	if e := fault.From(err); e != nil {
		r.Outcome, r.OperationID = e.Error(), e.OperationID
	}
	return r
}
