package cli

import (
	"regexp"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/load"
)

// loadFlags are the flags of imctl run that make load of a script.
type loadFlags struct {
	flags *pflag.FlagSet

	vus, maxVUs, iterations int64
	duration, grace         time.Duration
	stages, rate, shard     string
	thresholds              []string
	reports                 *reportFlag

	export, image string
	shards        int
}

// loadNames are the flags that say what load to make.
var loadNames = []string{"vus", "duration", "iterations", "stages", "rate", "max-vus", "grace", "threshold"}

// loadReports are the reports of a load.
var loadReports = []string{"terminal", "json", "csv", "html"}

func addLoadFlags(f *pflag.FlagSet, reports *reportFlag) *loadFlags {
	l := &loadFlags{flags: f, reports: reports}
	f.Int64Var(&l.vus, "vus", 0, "load: so many virtual users (VUs) at once, each in a VM of its own")
	f.DurationVar(&l.duration, "duration", 0, "load: start iterations for so long")
	f.Int64Var(&l.iterations, "iterations", 0, "load: so many iterations, of all VUs together")
	f.StringVar(&l.stages, "stages", "", "load: how many VUs at the end of so long: 10s:50,1m:50,10s:0")
	f.StringVar(&l.rate, "rate", "", "load: start iterations on schedule, whether earlier ones have ended or not: 100/s, 30/m")
	f.Int64Var(&l.maxVUs, "max-vus", 0, "load: with --rate, the most VUs (default 100)")
	f.DurationVar(&l.grace, "grace", 0, "load: how long an iteration that runs at the end may take (default 30s)")
	f.StringArrayVar(&l.thresholds, "threshold", nil, `load: what must hold, else the exit code is 9: "p95(http) < 200ms"; repeatable`)
	f.StringVar(&l.shard, "shard", "", "load: run this part of it: 2/8, or job/8 in an indexed Job of Kubernetes")
	l.addExportFlags(f)
	return l
}

// asked tells whether a flag says that the script is to make load.
func (l *loadFlags) asked() string {
	for _, name := range append([]string{"export", "shard"}, loadNames...) {
		if l.flags.Changed(name) {
			return "--" + name
		}
	}
	return ""
}

// read checks the flags each by itself.
func (l *loadFlags) read(getenv func(string) string) (load.Options, load.Shard, error) {
	var shard load.Shard
	var said load.Said
	number := func(name string, v int64) *int {
		if !l.flags.Changed(name) {
			return nil
		}
		n := int(v)
		return &n
	}
	said.VUs, said.MaxVUs = number("vus", l.vus), number("max-vus", l.maxVUs)
	if l.flags.Changed("iterations") {
		said.Iterations = &l.iterations
	}
	if l.flags.Changed("duration") {
		said.Duration = &l.duration
	}
	if l.flags.Changed("grace") {
		said.Grace = &l.grace
	}
	if l.flags.Changed("stages") {
		said.Stages = l.stages
	}
	if l.flags.Changed("rate") {
		said.Rate = l.rate
	}
	said.Thresholds = l.thresholds
	o, err := said.Options(func(name string) string { return "--" + strings.ReplaceAll(name, "_", "-") })
	if err != nil {
		return o, shard, err
	}
	if len(o.Stages) > 0 && o.Rate.Count > 0 {
		return o, shard, fault.New(fault.Usage, "a load has either --stages or --rate").WithHint("leave one of them out")
	}
	if l.flags.Changed("shard") {
		shard, err = load.ParseShard(l.shard, getenv)
	}
	return o, shard, err
}

// declares is what a script that makes load of itself has in its text.
var declares = regexp.MustCompile(`\bscenario\s*\.\s*(iterate|options|setup|start)\b`)

// take tells whether a script is to make load: since a flag says so, or since it declares what to do again and again. It
// reads the script for that.
func (l *loadFlags) take(a *app, s *script) (bool, error) {
	if err := l.checkExport(); err != nil {
		return false, err
	}
	if err := a.readScript(s); err != nil {
		return false, err
	}
	if s.stdin { // it can be read once only
		s.stdin, s.inline = false, true
	}
	return l.asked() != "" || declares.MatchString(s.text), nil
}
