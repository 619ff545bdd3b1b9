package data

import (
	"context"
	"errors"
	"hash/fnv"
	"io"
	"path/filepath"
	"sync"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// importer is one import. A reader cuts the rows of a file into batches, workers put them; rows of one key go to one
// worker, so that they stay in order. What is in flight is bounded, so memory does not grow with the file.
type importer struct {
	env  *bindings.Env
	p    ImportParams
	man  exportManifest
	sum  string // of the manifest
	mark *importMark

	since    int64 // ms of the server's clock at which this import first began: what is younger is its own
	again    bool  // an earlier run of it was interrupted
	oneSided map[friendPair]bool
	groups   map[string]bool // of the export

	mu           sync.Mutex // guards what follows
	tallies      []*tally
	rejects      *rejectFolder
	firstFailure string
}

// item is a row on its way.
type item struct {
	row     row
	file    string
	line    int64
	outcome outcome
	reason  string
}

type outcome int

const (
	waiting outcome = iota
	done
	skipped
	failed
)

func (it *item) done()             { it.outcome = done }
func (it *item) skip(why string)   { it.outcome, it.reason = skipped, why }
func (it *item) fail(err error)    { it.outcome, it.reason = failed, fault.From(err).Error() }
func (it *item) refuse(why string) { it.outcome, it.reason = failed, why }

// putter puts batches; each worker has one of its own. put decides each item; its error ends the import.
type putter interface {
	put(ctx context.Context, batch []*item) error
	end(ctx context.Context) error // there are no more
}

// plainPut is a putter that keeps nothing between batches.
type plainPut func(ctx context.Context, batch []*item) error

func (p plainPut) put(ctx context.Context, batch []*item) error { return p(ctx, batch) }
func (p plainPut) end(context.Context) error                    { return nil }

const batchRows = 200 // rows in a batch; the lists of the server take 1000 (SERVER-BEHAVIOUR §4)

func (im *importer) run(ctx context.Context, kinds []rowKind) error {
	for _, k := range kinds {
		if err := im.runKind(ctx, k, k.name, k.put(im)); err != nil {
			return err
		}
	}
	for _, k := range kinds {
		if last, ok := im.lastSettings()[k.name]; ok {
			if err := im.runKind(ctx, k, "settings", plainPut(last)); err != nil {
				return err
			}
		}
	}
	return nil
}

// runKind puts the rows of a file and counts them under a name. first is the putter of the first worker.
func (im *importer) runKind(ctx context.Context, k rowKind, name string, first putter) error {
	file, there := im.man.file(k.name)
	if !there {
		return nil
	}
	f, err := im.env.Open(filepath.Join(im.p.From, file.File))
	if err != nil {
		return err
	}
	defer f.Close()
	in, err := newRowReader(im.man.Format, file.File, f, k.fresh)
	if err != nil {
		return err
	}
	t := im.tally(name)
	var progress bindings.Progress
	if im.env.Track != nil {
		progress = im.env.Track("import " + k.what)
		defer progress.Finish("")
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var workers sync.WaitGroup
	n := im.p.Concurrency
	if k.alone {
		n = 1
	}
	todo := make([]chan []*item, n)
	for i := range todo {
		todo[i] = make(chan []*item, 1)
		w := first
		if _, plain := first.(plainPut); !plain && i > 0 {
			w = k.put(im)
		}
		workers.Go(func() {
			if err := im.work(ctx, w, todo[i], func(batch []*item) error { return im.settle(t, batch, k, progress, file.Rows) }); err != nil {
				cancel(err)
			}
		})
	}
	if err := hand(ctx, in, file.File, todo); err != nil {
		cancel(err)
	}
	for _, ch := range todo {
		close(ch)
	}
	workers.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

func (im *importer) tally(name string) *tally {
	for _, t := range im.tallies {
		if t.Kind == name {
			return t
		}
	}
	t := &tally{KindResult: KindResult{Kind: name}, counts: map[string]int64{}}
	im.tallies = append(im.tallies, t)
	return t
}

// work puts batches until there are no more.
func (im *importer) work(ctx context.Context, w putter, todo <-chan []*item, settle func([]*item) error) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case batch, more := <-todo:
			if !more {
				return w.end(ctx)
			}
			if err := w.put(ctx, batch); err != nil {
				return err
			}
			if err := settle(batch); err != nil {
				return err
			}
		}
	}
}

// hand reads the file and gives each worker its batches.
func hand(ctx context.Context, in rowReader, file string, todo []chan []*item) error {
	var batch []*item
	var key string
	turn := 0
	give := func() error {
		if len(batch) == 0 {
			return nil
		}
		to := todo[turn%len(todo)]
		if key != "" {
			h := fnv.New32a()
			_, _ = h.Write([]byte(key)) // it never fails
			to = todo[h.Sum32()%uint32(len(todo))]
		}
		turn++
		select {
		case to <- batch:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		batch = nil
		return nil
	}
	for {
		r, line, err := in.next()
		if errors.Is(err, io.EOF) {
			return give()
		}
		if err != nil {
			return err // the files were checked: they have changed since
		}
		if r.key() != key || len(batch) == batchRows {
			if err := give(); err != nil {
				return err
			}
			key = r.key()
		}
		batch = append(batch, &item{row: r, file: file, line: line})
	}
}

// settle counts a batch that was put, and keeps its failed rows. Rows that are still waiting were no matter of this pass.
func (im *importer) settle(t *tally, batch []*item, k rowKind, progress bindings.Progress, total int64) error {
	im.mu.Lock()
	defer im.mu.Unlock()
	for _, it := range batch {
		if it.outcome == waiting {
			continue
		}
		t.add(it)
		if it.outcome != failed {
			continue
		}
		if im.firstFailure == "" {
			im.firstFailure = t.first[0]
		}
		if err := im.rejects.add(im, k, it); err != nil {
			return err
		}
	}
	if progress != nil {
		progress.Set(t.Rows, total)
	}
	return nil
}

// mine tells whether something with this create time, in ms, was made by this import.
func (im *importer) mine(createTime int64) bool {
	return createTime >= im.since-slack.Milliseconds()
}

// conflict decides a row whose thing exists and was not made by this import; true says that it is to be changed.
func (im *importer) conflict(it *item) bool {
	switch im.p.OnConflict {
	case "update":
		return true
	case "fail":
		it.refuse("it is there already")
	default:
		it.skip("there already")
	}
	return false
}

// send makes a writing call, unless this is a dry run.
func (im *importer) send(ctx context.Context, path string, body any) error {
	if im.env.DryRun {
		return nil
	}
	_, err := im.env.API.Call(ctx, path, body)
	return err
}

// each sends rows together, and one by one where the server refuses them together, to find which it is. Rows that were
// taken are left waiting.
func each(items []*item, send func([]*item) error) error {
	if len(items) == 0 {
		return nil
	}
	err := send(items)
	switch {
	case err == nil:
		return nil
	case bindings.Fatal(err):
		return err
	case len(items) == 1:
		items[0].fail(err)
		return nil
	}
	half := len(items) / 2
	if err := each(items[:half], send); err != nil {
		return err
	}
	return each(items[half:], send)
}

// left are the items that are not decided yet.
func left(items []*item) []*item {
	var out []*item
	for _, it := range items {
		if it.outcome == waiting {
			out = append(out, it)
		}
	}
	return out
}
