package testrun

import (
	"errors"
	"regexp"
	"slices"
	"sync"
	"time"
)

// Options say which tests run, and how.
type Options struct {
	Filters []*regexp.Regexp // a test's full name must match one; none is all
	Tags    []string         // it must have one of these; none is all
	NotTags []string         // it must have none of these
	Only    map[string]bool  // by Key; nil is all
	Shuffle bool
	Seed    uint64
	Retries int           // how often a failing test is tried again
	Bail    int           // the run ends after so many failures; 0 is never
	Timeout time.Duration // of a test or a hook; 0 is none

	// Repeat gives the command that runs one test again.
	Repeat func(*Test) string
	// Logs finds what the server's logs say of the requests with these operationIDs; nil when no log source is set.
	Logs func(operationIDs []string) []string
	// Mask hides secrets in what is reported; nil hides none.
	Mask func(string) string
	// Progress is told how far the run is, after each step and by one goroutine at a time; nil is nobody.
	Progress func(Progress)
}

// Progress is how far a run is.
type Progress struct {
	Planned int // the tests that are to run, of the files that were read so far
	Done    int
	Failed  int     // of them, and troubles
	Files   int     // those that have ended
	Running []*Test // the earliest first
}

// Reporter is told what happens in a run, by one goroutine at a time. All of a file is told before the next file.
type Reporter interface {
	File(name string) // what follows is about this file
	Test(*Test)
	Trouble(*Trouble)
	End(*Summary) error // the run is over: the report is written whole
}

// Suite is one run of tests over its files.
type Suite struct {
	opts      Options
	reporters []Reporter

	mu       sync.Mutex
	sum      Summary
	progress Progress
	live     *File // whose events are told at once; the others' are kept until it has ended
	waiting  []*File
	declared int
}

// New starts a run.
func New(opts Options, reporters ...Reporter) *Suite {
	return &Suite{opts: opts, reporters: reporters, sum: Summary{Start: time.Now(), Tests: []*Test{}, Files: []string{}}}
}

// Key is a test's name for Options.Only.
func Key(file, full string) string { return file + "\n" + full }

// event is what a reporter is told: a *Test or a *Trouble.
type event any

func (s *Suite) tell(f *File, e event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := e.(type) {
	case *Test:
		s.progress.Done++
		s.progress.Running = slices.DeleteFunc(s.progress.Running, func(t *Test) bool { return t == e })
		if e.Status == Failed {
			s.progress.Failed++
		}
	case *Trouble:
		s.progress.Failed++
	}
	defer s.tellProgress()
	if s.live == nil {
		s.goLive(f)
	}
	if s.live != f {
		f.kept = append(f.kept, e)
		if !slices.Contains(s.waiting, f) {
			s.waiting = append(s.waiting, f)
		}
		return
	}
	s.report(e)
}

func (s *Suite) tellProgress() {
	if s.opts.Progress != nil {
		p := s.progress
		p.Running = slices.Clone(p.Running)
		s.opts.Progress(p)
	}
}

// started notes that a test runs.
func (s *Suite) started(t *Test) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.progress.Running = append(s.progress.Running, t)
	s.tellProgress()
}

// planned notes which tests a file declares, and how many of them are to run.
func (s *Suite) planned(file string, declared, wanted int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.declared += declared
	s.progress.Planned += wanted
	s.addFile(file)
	s.tellProgress()
}

func (s *Suite) addFile(name string) {
	if !slices.Contains(s.sum.Files, name) { // with --repeat it comes again
		s.sum.Files = append(s.sum.Files, name)
	}
}

func (s *Suite) goLive(f *File) {
	s.live = f
	for _, r := range s.reporters {
		r.File(f.name)
	}
	for _, e := range f.kept {
		s.report(e)
	}
	f.kept = nil
}

// report tells the reporters. The summary is in the order in which they are told.
func (s *Suite) report(e event) {
	switch e := e.(type) {
	case *Test:
		s.sum.Tests = append(s.sum.Tests, e)
	case *Trouble:
		s.sum.Troubles = append(s.sum.Troubles, e)
		s.addFile(e.File)
	}
	for _, r := range s.reporters {
		switch e := e.(type) {
		case *Test:
			r.Test(e)
		case *Trouble:
			r.Trouble(e)
		}
	}
}

// fileEnded lets the next file be told.
func (s *Suite) fileEnded(f *File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.over = true
	s.progress.Files++
	s.tellProgress()
	for s.live != nil && s.live.over {
		s.live = nil
		if len(s.waiting) > 0 {
			next := s.waiting[0]
			s.waiting = s.waiting[1:]
			s.goLive(next)
		}
	}
}

// bailed tells whether no further test shall run.
func (s *Suite) bailed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opts.Bail > 0 && s.progress.Failed >= s.opts.Bail
}

// Bailed tells whether the run was ended by Options.Bail.
func (s *Suite) Bailed() bool { return s.bailed() }

// Declared is how many tests the files declared, wanted or not.
func (s *Suite) Declared() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.declared
}

// End tells the reporters that the run is over. ended says what ended it early, "" when it ran through.
func (s *Suite) End(ended string) (*Summary, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sum.Ended = ended
	s.sum.MS = float64(time.Since(s.sum.Start).Microseconds()) / 1000
	if s.opts.Shuffle {
		s.sum.Seed = s.opts.Seed
	}
	var errs []error
	for _, r := range s.reporters {
		errs = append(errs, r.End(&s.sum))
	}
	return &s.sum, errors.Join(errs...)
}

// wanted tells whether a test runs.
func (s *Suite) wanted(file, full string, tags []string) bool {
	o := s.opts
	if len(o.Filters) > 0 && !slices.ContainsFunc(o.Filters, func(r *regexp.Regexp) bool { return r.MatchString(full) }) {
		return false
	}
	has := func(tag string) bool { return slices.Contains(tags, tag) }
	if len(o.Tags) > 0 && !slices.ContainsFunc(o.Tags, has) || slices.ContainsFunc(o.NotTags, has) {
		return false
	}
	return o.Only == nil || o.Only[Key(file, full)]
}
