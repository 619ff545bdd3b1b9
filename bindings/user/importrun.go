package user

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// importer is one import. A reader makes batches of rows, workers send them, and the caller's goroutine settles them in
// the order of the file. What is in flight is bounded, so memory does not grow with the file.
type importer struct {
	env   *bindings.Env
	p     ImportParams
	chat  bool
	src   source
	began time.Time

	point  *checkpoint
	giveUp givingUp

	mu      sync.Mutex // guards what follows
	rejects bindings.File
	res     ImportResult
}

// batch is a run of rows, those that were rejected here among them.
type batch struct {
	seq   int
	items []*item
	last  int64 // the last row
	again bool  // an interrupted run may have sent it
}

// run imports the rows that are not settled yet.
func (im *importer) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	flying := make(chan struct{}, 4*im.p.Concurrency) // batches between the reader and the settling
	todo, done := make(chan *batch), make(chan *batch, 4*im.p.Concurrency)
	go func() { // not waited for: a read from a pipe can't be interrupted
		defer im.src.close()
		defer close(todo)
		if err := im.read(ctx, flying, todo); err != nil {
			cancel(err)
		}
	}()
	var workers sync.WaitGroup
	for range im.p.Concurrency {
		workers.Go(func() {
			if err := im.work(ctx, todo, done); err != nil {
				cancel(err)
			}
		})
	}
	finished := make(chan struct{})
	go func() {
		workers.Wait()
		close(finished)
	}()
	err := im.collect(ctx, done, finished, flying)
	cancel(err)
	<-finished
	return err
}

// work settles batches until there are no more. There is room in done for all that are in flight.
func (im *importer) work(ctx context.Context, todo <-chan *batch, done chan<- *batch) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case b, ok := <-todo:
			if !ok {
				return nil
			}
			if err := im.settle(ctx, b); err != nil {
				return err
			}
			done <- b
		}
	}
}

// collect settles batches in the order of the file: numbers, rejects, checkpoint, progress.
func (im *importer) collect(ctx context.Context, done <-chan *batch, finished <-chan struct{}, flying <-chan struct{}) error {
	progress := im.track()
	defer progress.Finish("")
	waiting := map[int]*batch{}
	next := 0
	take := func(b *batch) error {
		waiting[b.seq] = b
		for waiting[next] != nil {
			if err := im.count(waiting[next]); err != nil {
				return err
			}
			delete(waiting, next)
			next++
			<-flying
			progress.Set(im.rows(), 0)
		}
		return nil
	}
	for {
		select {
		case b := <-done:
			if err := take(b); err != nil {
				return err
			}
		case <-finished:
			for { // what was done before the workers ended
				select {
				case b := <-done:
					if err := take(b); err != nil {
						return err
					}
					continue
				default:
				}
				if err := context.Cause(ctx); err != nil {
					return err
				}
				return nil
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (im *importer) rows() int64 {
	im.mu.Lock()
	defer im.mu.Unlock()
	return im.res.Rows
}

func (im *importer) track() bindings.Progress {
	if im.env.Track == nil {
		return noProgress{}
	}
	return im.env.Track("import " + im.p.File)
}

type noProgress struct{}

func (noProgress) Set(int64, int64) {}
func (noProgress) Finish(string)    {}

// count adds a settled batch to the numbers, the rejects file and the checkpoint.
func (im *importer) count(b *batch) error {
	im.mu.Lock()
	defer im.mu.Unlock()
	for _, it := range b.items {
		im.res.Rows++
		switch it.outcome {
		case created:
			im.res.Created++
		case updated:
			im.res.Updated++
		case skipped:
			im.res.Skipped++
		case resumed:
			im.res.Resumed++
		default:
			if err := im.addReject(it); err != nil {
				return err
			}
			if err := im.point.note(it); err != nil {
				return err
			}
		}
	}
	return im.point.settled(b.last, &im.res)
}

// read makes batches and hands them to the workers. Rows that an interrupted run has settled are only remembered.
func (im *importer) read(ctx context.Context, flying chan<- struct{}, todo chan<- *batch) error {
	ids := newSeen()
	b := &batch{}
	size := 0
	hand := func() error {
		if len(b.items) == 0 {
			return nil
		}
		if err := im.point.intend(b.last); err != nil {
			return err
		}
		b.again = im.point.sentBefore(b.items[0].row)
		select {
		case flying <- struct{}{}:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		select {
		case todo <- b:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		b, size = &batch{seq: b.seq + 1}, 0
		return nil
	}
	const maxRows, maxBytes = 8, 4 << 20 // rejected rows may fill a batch too, and rows may be long
	good := 0
	for {
		rec, err := im.src.next()
		if errors.Is(err, io.EOF) {
			return hand()
		}
		if err != nil {
			return err
		}
		it := im.itemOf(rec)
		im.judge(it, ids)
		if rec.row <= im.point.done() {
			if err := im.replay(it); err != nil {
				return err
			}
			continue
		}
		b.items, b.last = append(b.items, it), rec.row
		size += len(it.raw)
		if it.outcome == waiting {
			good++
		}
		if good == im.p.Batch || len(b.items) >= maxRows*im.p.Batch || size > maxBytes {
			if err := hand(); err != nil {
				return err
			}
			good = 0
		}
	}
}

// judge applies what can be told without the server.
func (im *importer) judge(it *item, ids *seen) {
	if it.outcome == rejected {
		return
	}
	if why := im.check(it); why != "" {
		it.reject(why)
		return
	}
	if before := ids.add(it.user.UserID, it.row); before != 0 {
		it.reject("repeats the userID of row " + number(int(before)))
	}
}

// givingUp counts rows that the server refused for no reason of their own, with no success in between: a server that
// is broken must not turn a whole file into rejects.
type givingUp struct {
	mu  sync.Mutex
	row int
}

func (g *givingUp) success() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.row = 0
}

func (g *givingUp) failure(err error) error {
	const limit = 50
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.row++; g.row < limit {
		return nil
	}
	e := fault.From(err)
	return fault.New(e.Kind, "the server refuses every row: %w", e)
}
