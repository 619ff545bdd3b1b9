package load

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/openimsdk/imctl/bindings/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a script in Go: each iteration takes some time.
type fake struct {
	takes  func(number int, n int64) time.Duration
	starts func(number int) error
	fails  func(number int, n int64) *Problem
	dies   func(number int, n int64) error

	mu       sync.Mutex
	made     []int
	stopped  []int
	begun    []time.Duration // of iterations, since the first VU was made
	first    time.Time
	running  int
	most     int
	setups   int
	tornDown int
}

func (f *fake) script() Script {
	return Script{
		Setup:    func(context.Context) error { f.setups++; return nil },
		Teardown: func(context.Context, int) error { f.tornDown++; return nil },
		NewVU: func(ctx context.Context, number int) (*VU, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			if f.first.IsZero() {
				f.first = time.Now()
			}
			f.made = append(f.made, number)
			return &VU{
				Start: func() error {
					if f.starts != nil {
						return f.starts(number)
					}
					return nil
				},
				Loop: func(t *Turns) error { return f.loop(ctx, number, t) },
				Stop: func(context.Context, bool) error {
					f.mu.Lock()
					defer f.mu.Unlock()
					f.stopped = append(f.stopped, number)
					return nil
				},
			}, nil
		},
	}
}

func (f *fake) loop(ctx context.Context, number int, t *Turns) error {
	f.count(1)
	defer f.count(-1)
	for {
		n, ok := t.Next()
		if !ok {
			return nil
		}
		f.mu.Lock()
		f.begun = append(f.begun, time.Since(f.first))
		f.mu.Unlock()
		if f.dies != nil {
			if err := f.dies(number, n); err != nil {
				return err
			}
		}
		timer := time.NewTimer(f.takes(number, n))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
		if f.fails != nil {
			if p := f.fails(number, n); p != nil {
				t.Done(*p)
				continue
			}
		}
		t.Done()
	}
}

func (f *fake) count(more int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running += more
	f.most = max(f.most, f.running)
}

func always(d time.Duration) func(int, int64) time.Duration {
	return func(int, int64) time.Duration { return d }
}

func planOf(t *testing.T, o Options) Plan {
	t.Helper()
	p, err := o.Plan(Shard{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// runFake runs a load in fake time.
func runFake(t *testing.T, ctx context.Context, p Plan, f *fake) (Result, *Registry) {
	t.Helper()
	r := NewRegistry()
	res := Run(ctx, Config{Plan: p, Metrics: r, Script: f.script()})
	if f.setups != 1 || f.tornDown != 1 {
		t.Errorf("%d setups, %d teardowns, want 1 of each", f.setups, f.tornDown)
	}
	made, stopped := slices.Sorted(slices.Values(f.made)), slices.Sorted(slices.Values(f.stopped))
	if !slices.Equal(made, stopped) {
		t.Errorf("VUs %v were made, %v were stopped", made, stopped)
	}
	if n := r.VUs.values.last; n != 0 {
		t.Errorf("%v VUs are left", n)
	}
	return res, r
}

func TestClosed(t *testing.T) {
	for _, c := range []struct {
		name    string
		options Options
		takes   time.Duration
		want    int64
		elapsed time.Duration
	}{
		{"for a time", Options{VUs: 5, Duration: time.Second}, 100 * time.Millisecond, 50, time.Second},
		{"a number of iterations", Options{VUs: 3, Iterations: 10}, time.Minute, 10, 4 * time.Minute},
		{"the time comes first", Options{VUs: 1, Iterations: 100, Duration: time.Second}, 300 * time.Millisecond, 4, 1200 * time.Millisecond},
		{"the number comes first", Options{VUs: 4, Iterations: 8, Duration: time.Hour}, time.Second, 8, 2 * time.Second},
		{"smoke", Options{}, time.Second, 1, time.Second},
		{"more VUs than iterations", Options{VUs: 10, Iterations: 2}, time.Second, 2, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{takes: always(c.takes)}
				res, r := runFake(t, t.Context(), planOf(t, c.options), f)
				if got := r.Iterations.Count(); got != c.want || res.Elapsed != c.elapsed {
					t.Errorf("%d iterations in %s, want %d in %s", got, res.Elapsed, c.want, c.elapsed)
				}
				if max(c.options.VUs, 1) != len(f.made) {
					t.Errorf("%d VUs were made", len(f.made))
				}
				if got, want := r.Took.Quantile(50), c.takes.Seconds()*1000; got < want || got > want*1.001 {
					t.Errorf("an iteration took %v ms", r.Took.Quantile(50))
				}
				if res.Ended != nil || res.AllFailed != nil {
					t.Error(res.Ended, res.AllFailed)
				}
			})
		})
	}
}

func TestStages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stages := []Stage{{10 * time.Second, 10}, {10 * time.Second, 10}, {0, 2}, {10 * time.Second, 2}, {5 * time.Second, 7}, {5 * time.Second, 0}}
		f := &fake{takes: always(100 * time.Millisecond)}
		res, r := runFake(t, t.Context(), planOf(t, Options{Stages: stages}), f)
		if f.most != 10 || res.Elapsed < 40*time.Second || res.Elapsed > 41*time.Second {
			t.Errorf("at most %d VUs, in %s", f.most, res.Elapsed)
		}
		if len(f.made) != 15 || slices.Max(f.made) != 10 { // those that come back have their numbers again
			t.Errorf("VUs %v were made", f.made)
		}
		want := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
		for i, p := range res.Series.Points[:11] {
			if p.VUs != want[i] && p.VUs != want[i]+1 {
				t.Errorf("after %d s there were %d VUs", i+1, p.VUs)
			}
		}
		area := float64(10*10/2 + 10*10 + 2*10 + 5*(2+7)/2 + 5*7/2) // VU seconds, ten iterations each
		if n := float64(r.Iterations.Count()); n < 9.3*area || n > 10.2*area {
			t.Errorf("%v iterations, want about %v", n, 10*area)
		}
	})
}

// TestOpen: arrivals come on schedule, however long iterations take.
func TestOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{takes: always(250 * time.Millisecond)}
		p := planOf(t, Options{Rate: Rate{20, time.Second}, Duration: 10 * time.Second})
		res, r := runFake(t, t.Context(), p, f)
		if n := r.Iterations.Count(); n != 200 || r.Dropped.Count() != 0 {
			t.Errorf("%d iterations, %d dropped", n, r.Dropped.Count())
		}
		if f.most < 5 || f.most > 7 {
			t.Errorf("%d VUs at once, want 5 or a few more", f.most)
		}
		for i, at := range f.begun {
			if want := time.Duration(i) * 50 * time.Millisecond; at < want || at > want+5*time.Millisecond {
				t.Fatalf("iteration %d began after %s, want %s", i, at, want)
			}
		}
		if res.Elapsed != 10*time.Second+200*time.Millisecond && res.Elapsed > 11*time.Second {
			t.Errorf("it took %s", res.Elapsed)
		}
	})
}

// TestNoCoordinatedOmission: while one iteration hangs, those that were due wait, and their wait is in their duration. A
// closed loop would show one slow iteration.
func TestNoCoordinatedOmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{takes: func(_ int, n int64) time.Duration {
			if n == 1 {
				return 5 * time.Second
			}
			return time.Millisecond
		}}
		p := planOf(t, Options{Rate: Rate{10, time.Second}, Duration: 10 * time.Second, MaxVUs: 1})
		_, r := runFake(t, t.Context(), p, f)
		if n := r.Iterations.Count(); n != 100 || r.Dropped.Count() != 0 {
			t.Errorf("%d iterations, %d dropped", n, r.Dropped.Count())
		}
		if med := r.Took.Quantile(50); med > 200 {
			t.Errorf("the median is %v ms", med)
		}
		for _, c := range []struct{ percent, want float64 }{{55, 500}, {75, 2500}, {90, 4000}} { // ten a second wait, from 5 s down to 0
			if got := r.Took.Quantile(c.percent); got < c.want-150 || got > c.want+150 {
				t.Errorf("p%v is %v ms, want about %v", c.percent, got, c.want)
			}
		}
		if late := r.Waited.Quantile(100); late < 4800 || late > 5000 {
			t.Errorf("the longest wait was %v ms", late)
		}
	})
}

// TestDropped: what was due and never started is counted.
func TestDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{takes: always(time.Second)}
		p := planOf(t, Options{Rate: Rate{10, time.Second}, Duration: 10 * time.Second, VUs: 2, MaxVUs: 2})
		_, r := runFake(t, t.Context(), p, f)
		if done, dropped := r.Iterations.Count(), r.Dropped.Count(); done != 20 || dropped != 80 {
			t.Errorf("%d done, %d dropped, want 20 and 80", done, dropped)
		}
	})
}

func TestOpenIterations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{takes: always(time.Millisecond)}
		res, r := runFake(t, t.Context(), planOf(t, Options{Rate: Rate{60, time.Minute}, Iterations: 30}), f)
		if n := r.Iterations.Count(); n != 30 || res.Elapsed.Round(time.Second) != 29*time.Second {
			t.Errorf("%d iterations in %s", n, res.Elapsed)
		}
	})
}

func TestVUsThatFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{takes: always(100 * time.Millisecond), starts: func(number int) error {
			if number%2 == 0 {
				return fault.New(fault.API, "no account for %d", number)
			}
			return nil
		}}
		res, r := runFake(t, t.Context(), planOf(t, Options{VUs: 4, Duration: time.Second}), f)
		if r.VUsFailed.Count() != 2 || r.Iterations.Count() != 20 || res.AllFailed != nil {
			t.Errorf("%d failed, %d iterations, %v", r.VUsFailed.Count(), r.Iterations.Count(), res.AllFailed)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		f := &fake{starts: func(int) error { return fault.New(fault.Unreachable, "nobody there") }}
		res, r := runFake(t, t.Context(), planOf(t, Options{VUs: 3, Duration: time.Hour}), f)
		if !fault.Is(res.AllFailed, fault.Unreachable) || res.Elapsed > time.Second || r.VUsFailed.Count() != 3 {
			t.Errorf("%v after %s, %d failed", res.AllFailed, res.Elapsed, r.VUsFailed.Count())
		}
	})
	synctest.Test(t, func(t *testing.T) { // one dies in its third iteration
		f := &fake{takes: always(100 * time.Millisecond), dies: func(number int, n int64) error {
			if number == 1 && n == 3 {
				return fault.New(fault.Script, "memory limit reached")
			}
			return nil
		}}
		_, r := runFake(t, t.Context(), planOf(t, Options{VUs: 2, Duration: time.Second}), f)
		problems, _ := r.failures.sorted()
		if r.VUsFailed.Count() != 1 || r.Iterations.Count() != 12 || r.Interrupted.Count() != 1 || len(problems) != 1 || len(f.made) != 2 {
			t.Errorf("%d died, %d iterations, %d broken off, %v", r.VUsFailed.Count(), r.Iterations.Count(), r.Interrupted.Count(), problems)
		}
	})
}

func TestFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{takes: always(time.Second), fails: func(number int, n int64) *Problem {
			return &Problem{Where: "x.lua:" + string(rune('0'+n%2)), Message: "wrong"}
		}}
		_, r := runFake(t, t.Context(), planOf(t, Options{VUs: 1, Iterations: 5}), f)
		problems, more := r.failures.sorted()
		if r.Failed.Count() != 5 || len(problems) != 2 || problems[0].Count != 3 || more != 0 {
			t.Errorf("%d failed: %v", r.Failed.Count(), problems)
		}
	})
}

func TestInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(2500*time.Millisecond, func() { cancel(fault.New(fault.Canceled, "interrupted")) })
		f := &fake{takes: always(time.Second)}
		res, r := runFake(t, ctx, planOf(t, Options{VUs: 3, Duration: time.Hour}), f)
		if !fault.Is(res.Ended, fault.Canceled) || res.Elapsed != 2500*time.Millisecond {
			t.Errorf("%v after %s", res.Ended, res.Elapsed)
		}
		if r.Iterations.Count() != 6 || r.Interrupted.Count() != 3 || r.VUsFailed.Count() != 0 {
			t.Errorf("%d done, %d interrupted, %d failed", r.Iterations.Count(), r.Interrupted.Count(), r.VUsFailed.Count())
		}
	})
}

func TestGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{takes: func(number int, _ int64) time.Duration { return time.Duration(number) * 3 * time.Second }}
		res, r := runFake(t, t.Context(), planOf(t, Options{VUs: 3, Duration: time.Second, Grace: 5 * time.Second}), f)
		if r.Iterations.Count() != 2 || r.Interrupted.Count() != 1 || res.Elapsed != 6*time.Second || res.Ended != nil {
			t.Errorf("%d done, %d interrupted after %s: %v", r.Iterations.Count(), r.Interrupted.Count(), res.Elapsed, res.Ended)
		}
	})
}

func TestExit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{takes: always(time.Second), dies: func(number int, n int64) error {
			if number == 2 && n == 3 {
				return Exit{7}
			}
			return nil
		}}
		res, r := runFake(t, t.Context(), planOf(t, Options{VUs: 3, Duration: time.Hour}), f)
		var exit Exit
		if !errors.As(res.Ended, &exit) || exit.Code != 7 || res.Elapsed != 2*time.Second || r.VUsFailed.Count() != 0 {
			t.Errorf("%v after %s", res.Ended, res.Elapsed)
		}
	})
}

func TestSetupFails(t *testing.T) {
	f := &fake{}
	script := f.script()
	script.Setup = func(context.Context) error { return errors.New("no") }
	r := NewRegistry()
	res := Run(t.Context(), Config{Plan: planOf(t, Options{VUs: 2, Duration: time.Hour}), Metrics: r, Script: script})
	if res.SetupErr == nil || len(f.made) != 0 || f.tornDown != 1 {
		t.Errorf("%v, VUs %v, %d teardowns", res.SetupErr, f.made, f.tornDown)
	}
}

// TestAbandoned: a VU that can't be ended is left behind, and the load ends all the same.
func TestAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		script := Script{NewVU: func(_ context.Context, number int) (*VU, error) {
			return &VU{
				Loop: func(turns *Turns) error {
					turns.Next()
					if number == 2 {
						<-release
					}
					turns.Done()
					return nil
				},
				Stop: func(context.Context, bool) error { return nil },
			}, nil
		}}
		res := Run(t.Context(), Config{Plan: planOf(t, Options{VUs: 2, Iterations: 2, Duration: time.Second, Grace: time.Second}), Metrics: NewRegistry(), Script: script})
		if res.Abandoned != 1 || res.Elapsed > 30*time.Second {
			t.Errorf("%d abandoned after %s", res.Abandoned, res.Elapsed)
		}
		close(release)
		synctest.Wait()
	})
}

// TestShardsAddUp: the shards of a load are the whole, whatever is split.
func TestShardsAddUp(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 10} {
		for _, whole := range []int64{0, 1, 5, 10, 99, 1000} {
			sum, seen := int64(0), map[int64]bool{}
			for i := 1; i <= n; i++ {
				s := Shard{i, n}
				share := s.Share(whole)
				sum += share
				for k := int64(1); k <= share; k++ {
					seen[s.Number(k)] = true
				}
			}
			if sum != whole || int64(len(seen)) != whole || whole > 0 && (!seen[1] || !seen[whole]) {
				t.Errorf("%d over %d shards: %d, numbers %v", whole, n, sum, seen)
			}
		}
	}
	for _, at := range []time.Duration{0, 1, time.Second, 1234567891, 10 * time.Second, time.Minute} {
		for _, rate := range []Rate{{1, time.Second}, {100, time.Second}, {7, time.Minute}, {3.3, time.Hour}, {99999, time.Second}} {
			whole := newPace(Plan{Options: Options{Rate: rate, Duration: time.Minute}, Shard: Shard{1, 1}}).arrived(at)
			sum := int64(0)
			for i := 1; i <= 7; i++ {
				sum += newPace(Plan{Options: Options{Rate: rate, Duration: time.Minute}, Shard: Shard{i, 7}}).arrived(at)
			}
			if sum != whole {
				t.Errorf("%s until %s: %d arrivals, the shards have %d", rate, at, whole, sum)
			}
		}
	}
}

func TestSharded(t *testing.T) {
	var done int64
	var numbers []int
	for i := 1; i <= 3; i++ {
		synctest.Test(t, func(t *testing.T) {
			p, err := Options{VUs: 7, Iterations: 100}.Plan(Shard{i, 3})
			if err != nil {
				t.Fatal(err)
			}
			f := &fake{takes: always(time.Second)}
			_, r := runFake(t, t.Context(), p, f)
			done += r.Iterations.Count()
			numbers = append(numbers, f.made...)
		})
	}
	slices.Sort(numbers)
	if done != 100 || !slices.Equal(numbers, []int{1, 2, 3, 4, 5, 6, 7}) {
		t.Errorf("%d iterations by VUs %v", done, numbers)
	}
}

func TestSeriesIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{takes: always(900 * time.Millisecond)}
		res, r := runFake(t, t.Context(), planOf(t, Options{VUs: 2, Duration: 3 * time.Hour}), f)
		s, sum, values := res.Series, int64(0), int64(0)
		for i, p := range s.Points {
			sum += p.Iterations
			values += p.Trends["iteration_duration"].total()
			if want := time.Duration(i) * s.Step; p.At != want.Seconds() {
				t.Fatalf("point %d is at %v, want %v", i, p.At, want)
			}
		}
		if len(s.Points) > maxPoints || len(s.Points) < maxPoints/2 || s.Step != 32*time.Second {
			t.Errorf("%d points of %s", len(s.Points), s.Step)
		}
		if sum != r.Iterations.Count() || values != sum {
			t.Errorf("the points hold %d iterations and %d values of %d", sum, values, r.Iterations.Count())
		}
	})
}

func TestPlans(t *testing.T) {
	second := time.Second
	for _, c := range []struct {
		options Options
		shard   Shard
		want    string // the model, or with "!" a part of the error
	}{
		{Options{}, Shard{}, "closed: 1 VU, 1 iteration"},
		{Options{Duration: 90 * time.Second}, Shard{}, "closed: 1 VU for 1m30s"},
		{Options{VUs: 50, Duration: time.Minute, Iterations: 10}, Shard{2, 4}, "closed: 50 VUs, 10 iterations for 1m; this is shard 2/4 of it"},
		{Options{Stages: []Stage{{10 * second, 5}, {second, 0}}}, Shard{}, "closed: from 0 VUs, to 5 in 10s, to 0 in 1s"},
		{Options{Rate: Rate{1.5, time.Minute}, Duration: time.Hour}, Shard{}, "open: 1.5/m for 1h, by up to 100 VUs"},
		{Options{Rate: Rate{1, second}, Duration: time.Hour, VUs: 200}, Shard{}, "open: 1/s for 1h, by up to 200 VUs"},
		{Options{VUs: 10}, Shard{}, "!10 VUs need a duration"},
		{Options{Rate: Rate{1, second}}, Shard{}, "!a rate needs a duration"},
		{Options{MaxVUs: 3, VUs: 2, Duration: second}, Shard{}, "!max_vus goes with a rate"},
		{Options{Rate: Rate{1, second}, Duration: second, VUs: 5, MaxVUs: 3}, Shard{}, "!more than max_vus"},
		{Options{Stages: []Stage{{second, 5}}, Rate: Rate{1, second}}, Shard{}, "!either stages or a rate"},
		{Options{Stages: []Stage{{second, 5}}, VUs: 2}, Shard{}, "!either stages or a fixed number of VUs"},
		{Options{Stages: []Stage{{second, 5}}, Duration: second}, Shard{}, "!either stages or a duration"},
		{Options{Stages: []Stage{{second, 5}}, Iterations: 2}, Shard{}, "!either stages or a number of iterations"},
		{Options{VUs: 3, Duration: second}, Shard{4, 4}, "!3 VUs can't be split over 4 shards"},
		{Options{Thresholds: []string{"p95(http) << 3"}}, Shard{}, "!threshold"},
	} {
		p, err := c.options.Plan(c.shard)
		got := p.Model()
		if err != nil {
			got = "!" + err.Error()
		}
		if fails, ok := strings.CutPrefix(c.want, "!"); ok && (err == nil || !strings.Contains(got, fails)) || !ok && !strings.HasPrefix(got, c.want) {
			t.Errorf("%+v: %s, want %s", c.options, got, c.want)
		}
	}
}

func TestOverride(t *testing.T) {
	script := Options{VUs: 10, Duration: time.Minute, Thresholds: []string{"a == 0"}}
	rate := Options{Rate: Rate{5, time.Second}, Duration: time.Minute, MaxVUs: 50}
	stages := Options{Stages: []Stage{{time.Minute, 5}}}
	for _, c := range []struct {
		script, flags Options
		want          string
	}{
		{script, Options{}, "closed: 10 VUs for 1m"},
		{script, Options{VUs: 3}, "closed: 3 VUs for 1m"},
		{script, Options{Duration: time.Second}, "closed: 10 VUs for 1s"},
		{script, Options{Iterations: 5}, "closed: 10 VUs, 5 iterations"},
		{script, Options{Rate: Rate{1, time.Second}}, "open: 1/s for 1m, by up to 100 VUs"},
		{script, Options{Stages: []Stage{{time.Second, 2}}}, "closed: from 0 VUs, to 2 in 1s"},
		{rate, Options{Duration: time.Second}, "open: 5/s for 1s, by up to 50 VUs"},
		{rate, Options{VUs: 7}, "closed: 7 VUs for 1m"},
		{rate, Options{VUs: 7, Rate: Rate{2, time.Second}}, "open: 2/s for 1m, by up to 50 VUs"},
		{stages, Options{VUs: 2, Iterations: 9}, "closed: 2 VUs, 9 iterations"},
		{stages, Options{Duration: time.Second}, "closed: 1 VU for 1s"},
	} {
		p, err := c.script.Override(c.flags).Plan(Shard{})
		if err != nil || p.Model() != c.want {
			t.Errorf("%+v over %+v: %s, %v, want %s", c.flags, c.script, p.Model(), err, c.want)
		}
	}
	o := script.Override(Options{Thresholds: []string{"b == 0"}})
	if !slices.Equal(o.Thresholds, []string{"a == 0", "b == 0"}) || len(script.Thresholds) != 1 {
		t.Errorf("thresholds %v", o.Thresholds)
	}
}
