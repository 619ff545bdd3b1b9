// Package vm runs Lua scripts: one hardened gopher-lua state with the areas as tables, limits that hold, protected
// calls that give right answers, and errors that name the script's line. It knows bindings.Area, not any one area.
package vm

import (
	"context"
	"io"
	"io/fs"
	"math/rand/v2"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/convert"
)

// Options is what a VM is made of. OpenEnv may be nil for scripts that use no area.
type Options struct {
	Areas      []bindings.Area
	OpenEnv    func() (*bindings.Env, error) // called at the first operation
	Stdlib     fs.FS                         // Lua modules shipped in the binary
	Globals    map[string]string             // names that load a stdlib module when first used: "describe" → "test"
	Modules    map[string]Module             // libraries written in Go, each under its global name
	Path       []string                      // folders that require looks in, after the script's own
	Args       []string                      // the script's arguments, in the global arg
	Stdin      io.Reader
	Stdout     io.Writer
	Stderr     io.Writer
	Getenv     func(string) string
	Restricted bool                // no files, no environment: the restricted profile
	Host       map[string]HostFunc // what our Lua library may ask of the program
	HostWaits  map[string]WaitFunc
	MaxMemory  uint64    // bytes of heap of the whole process at which the script is ended; 0 is no limit
	SharedHeap bool      // many VMs share the heap: who made them watches it, and ends one by its context
	Cover      *Coverage // counts the lines that run; costs time
	Code       *Code     // where what is compiled is kept for other VMs; may be nil
}

// VM is one Lua state with what belongs to it. It is used by one goroutine at a time.
type VM struct {
	L    *lua.LState
	Conv *convert.Converter

	opts     Options
	opened   *bindings.Env   // what the operations of this script use
	ctx      context.Context // of the run: what bindings wait on
	meter    *meter
	folder   string // of the script that runs: where require looks first
	sources  map[string][]string
	loading  map[string]bool
	cleanups []*lua.LFunction
	streams  map[*stream]struct{}
	owned    map[*owned]struct{}
	exit     *exitRequest
	trace    traced // where the last error was raised
	depth    int    // nested protected calls
	watch    sync.WaitGroup
	stop     context.CancelCauseFunc
	scope    *scope
	own      *lua.LTable
	turns    *turns             // nil until there is a task
	away     map[*seat]struct{} // the tasks that wait for something outside
	ended    *signal            // a task has ended

	body *lua.LFunction // wraps a function for the start of a thread

	patterns map[string]*pattern // made ready
	matchers []*matcher          // free for the next call
	inGo     map[*lua.LState]int // calls from Go that a thread is in: it can't yield
	random   *rand.Rand          // seeded by the script
	small    [256]lua.LValue     // the numbers up to 255
}

// New makes a VM that lives until Close or until ctx ends.
func New(ctx context.Context, opts Options) *VM {
	boundTables()
	L := lua.NewState(lua.Options{
		SkipOpenLibs: true, CallStackSize: 16000, MinimizeStackMemory: true,
		RegistrySize: 512, RegistryGrowStep: 1 << 14, RegistryMaxSize: 1 << 23,
	})
	v := &VM{
		L: L, opts: opts, sources: map[string][]string{}, loading: map[string]bool{},
		streams: map[*stream]struct{}{}, owned: map[*owned]struct{}{},
		patterns: map[string]*pattern{}, inGo: map[*lua.LState]int{}, scope: &scope{},
	}
	L.G.Registry.RawSetString(ownKey, &lua.LUserData{Value: v})
	v.Conv, v.own = convert.New(L), L.NewTable()
	v.openLibs()
	v.openAreas()
	v.begin(ctx)
	return v
}

// begin puts the VM under ctx: the script and everything it calls ends when ctx does.
func (v *VM) begin(ctx context.Context) {
	ctx, v.stop = context.WithCancelCause(ctx)
	m := newMeter(ctx, v.opts.MaxMemory)
	m.shared = v.opts.SharedHeap
	if v.opts.Cover != nil {
		m.hit = v.coverLine
	}
	v.ctx, v.meter = ctx, m
	v.L.SetContext(m)
	v.watch.Add(1)
	go func() {
		defer v.watch.Done()
		m.watch(ctx, v.stop)
	}()
}

// Renew puts the VM under another context, after the one before ended or was done with: a REPL gives each line its own.
func (v *VM) Renew(ctx context.Context) {
	v.stop(nil)
	v.watch.Wait()
	v.exit = nil
	v.begin(ctx)
}

// Context is the context that bindings run under.
func (v *VM) Context() context.Context { return v.ctx }

// Close runs the script's cleanup functions, the last one first, under ctx, ends its streams and frees the state. The
// error is the first that a cleanup gave. A VM whose goroutine was abandoned must not be closed.
func (v *VM) Close(ctx context.Context) error {
	first := v.Cleanup(ctx)
	for s := range v.streams {
		s.close()
	}
	v.closeOwned()
	v.stop(nil)
	v.watch.Wait()
	v.L.RemoveContext()
	v.L.Close()
	return first
}

// Cleanup runs and forgets the cleanup functions under a context of their own, so that they also run after a cancel.
func (v *VM) Cleanup(ctx context.Context) error {
	if len(v.cleanups) == 0 {
		return nil
	}
	v.Renew(ctx)
	var first error
	for len(v.cleanups) > 0 {
		fn := v.cleanups[len(v.cleanups)-1]
		v.cleanups = v.cleanups[:len(v.cleanups)-1]
		_, err := v.Call(fn)
		if joined := v.join(v.scope, false); err == nil {
			err = joined
		}
		if err != nil && first == nil {
			first = err
		}
	}
	return first
}
