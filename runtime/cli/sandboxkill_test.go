package cli_test

import (
	"context"
	crand "crypto/rand"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/client"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/sandbox/child"
)

// TestKilledSandbox: while 300 clients chat in pairs, the sandbox is killed with -9 three times, once while they are coming
// back, and started again on the same folder and ports. In the end all are connected, and each message whose send was
// answered is there once, in order, at its receiver and in the store. One whose send failed may be there, but not twice.
//
// IMCTL_SEED repeats a run.
func TestKilledSandbox(t *testing.T) {
	k := newKilling(t, 300)
	k.chat(1000)
	k.pause(500*time.Millisecond, 2*time.Second)
	k.kill()
	k.pause(0, 2*time.Second)
	k.kill()
	k.pause(0, 500*time.Millisecond) // they are still coming back
	k.kill()
	k.pause(500*time.Millisecond, 2*time.Second)
	k.verify()
	t.Logf("%d messages sent, %d of them unsure", k.sends.Load(), k.unsure.Load())
}

// BenchmarkKilledSandbox is the same with many connections, which all come back before the next kill. It reports how long
// that takes from the moment the sandbox is there again, and what a connection costs in this process while it chats.
//
// IMCTL_BENCH_CONNECTIONS (10000) changes it.
func BenchmarkKilledSandbox(b *testing.B) {
	count := 10000
	if n, err := strconv.Atoi(os.Getenv("IMCTL_BENCH_CONNECTIONS")); err == nil {
		count = n
	}
	for range b.N {
		k := newKilling(b, count)
		k.chat(300)
		var slowest, start time.Duration
		for range 3 {
			k.pause(3*time.Second, 6*time.Second)
			k.kill()
			start = max(start, k.started)
			back := k.allBack()
			slowest = max(slowest, back)
			b.Logf("started again in %s; all are back %s later", k.started.Round(time.Millisecond), back)
		}
		memory := k.memory()
		k.verify()
		b.ReportMetric(slowest.Seconds(), "s-until-all-resynced")
		b.ReportMetric(start.Seconds(), "s-to-start-again")
		b.ReportMetric(memory/float64(count), "B/connection")
		b.ReportMetric(float64(k.sends.Load()), "sends")
		b.ReportMetric(float64(k.unsure.Load()), "unsure-sends")
	}
}

// killing is a sandbox that is killed while clients chat on it.
type killing struct {
	testing.TB
	rnd     *rand.Rand
	seed    uint64
	args    []string // of the sandbox
	box     *child.Child
	since   time.Time     // when it was ready
	started time.Duration // how long the last start took
	env     *bindings.Env
	idle    float64 // memory before the first connection
	conns   []string
	ids     [][]string      // of the messages that each client sent, in order
	failed  map[string]bool // of them, those whose send was not answered
	mu      sync.Mutex      // of failed

	sends, unsure, flaws atomic.Int64
	quiet                func() // ends the chat and waits
}

// newKilling starts a sandbox with a folder, and connects clients to it.
func newKilling(t testing.TB, count int) *killing {
	t.Helper()
	seed, err := strconv.ParseUint(os.Getenv("IMCTL_SEED"), 10, 64)
	if err != nil {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("IMCTL_SEED=%d", seed)
	k := &killing{TB: t, seed: seed, rnd: rand.New(rand.NewPCG(seed, 0)), ids: make([][]string, count), failed: map[string]bool{}, conns: make([]string, count)}
	k.args = []string{"--data", t.TempDir(), "--api", k.freePort(), "--gateway", k.freePort()}
	k.start()
	t.Cleanup(func() { k.box.Close() })
	api := openim.New(openim.Config{
		API: openim.Setting{Value: k.box.Ready.API}, AdminUserID: k.box.Ready.Admin, Timeout: time.Minute,
		Secret: openim.Secret{Get: func(context.Context) (string, error) { return k.box.Ready.Secret, nil }},
	})
	k.env = &bindings.Env{
		API: api, Gateway: openim.Setting{Value: k.box.Ready.Gateway}, Now: time.Now, Rand: crand.Reader, Held: bindings.NewHeld(),
		Warn: func(string, ...any) {},
	}
	t.Cleanup(func() {
		k.env.Held.Close()
		api.Close()
	})
	for from := 0; from < count; from += 500 {
		var users value.List
		for i := from; i < min(from+500, count); i++ {
			users = append(users, value.NewObject("userID", user(i), "nickname", "u"))
		}
		if _, err := api.Call(t.Context(), "/user/user_register", value.NewObject("users", users)); err != nil {
			t.Fatal(err)
		}
	}
	k.idle = k.memory()
	each(count, func(i int) {
		got, err := k.run("connect", "userID", user(i), "platform", "linux")
		if err != nil {
			t.Error(err)
			return
		}
		k.conns[i] = got.(client.Connection).ID
	})
	if t.Failed() {
		t.FailNow()
	}
	return k
}

func user(i int) string { return fmt.Sprint("u", i) }

// freePort is an address below the ports that the system gives to the calling end of connections: while nobody listens
// there, one of thousands of tries to come back could otherwise connect to itself.
func (k *killing) freePort() string {
	k.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", 20000+k.rnd.IntN(10000)))
		if err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	k.Fatal("no free port")
	return ""
}

func (k *killing) start() {
	k.Helper()
	box, err := child.Start(context.Background(), filepath.Join(binaries(k.TB), child.Program), k.args, os.Stderr)
	if err != nil {
		k.Fatal(err)
	}
	k.box, k.since = box, time.Now()
}

// kill kills the sandbox and starts it again a moment later.
func (k *killing) kill() {
	k.Helper()
	if err := syscall.Kill(k.box.Ready.PID, syscall.SIGKILL); err != nil {
		k.Fatal(err)
	}
	k.box.Close()
	k.pause(0, time.Second)
	begun := time.Now()
	k.start()
	k.started = k.since.Sub(begun)
}

func (k *killing) pause(least, most time.Duration) {
	time.Sleep(least + time.Duration(k.rnd.Int64N(int64(most-least))))
}

// run runs an operation as a script does.
func (k *killing) run(name string, fields ...any) (any, error) {
	op, ok := client.Area().Find(name)
	if !ok {
		panic("no operation " + name)
	}
	params, err := op.Bind(value.NewObject(fields...))
	if err != nil {
		return nil, err
	}
	return op.Invoke(context.Background(), k.env, params)
}

// chat lets each client send to its partner, in all about so many messages a second.
func (k *killing) chat(perSecond int) {
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	between := time.Duration(len(k.conns)) * time.Second / time.Duration(perSecond)
	for i := range k.conns {
		rnd := rand.New(rand.NewPCG(k.seed, uint64(i)+1))
		all.Go(func() {
			for bindings.Wait(ctx, time.Duration(rnd.Int64N(2*int64(between)))) == nil {
				k.send(i)
			}
		})
	}
	k.quiet = func() {
		cancel()
		all.Wait()
	}
	k.Cleanup(k.quiet)
}

func (k *killing) send(i int) {
	id := fmt.Sprint(user(i), ".", len(k.ids[i]))
	k.ids[i] = append(k.ids[i], id)
	k.sends.Add(1)
	_, err := k.run("send", "client", k.conns[i], "to", user(i^1), "text", id, "clientMsgID", id)
	if err == nil {
		return
	}
	k.unsure.Add(1)
	k.mu.Lock()
	k.failed[id] = true
	k.mu.Unlock()
	if !fault.Is(err, fault.Unreachable) {
		k.flaw("send %s: %v", id, err)
	}
}

// allBack waits until every client has come back to the sandbox that runs now and pulled what it missed. It returns how long
// that took the last one.
func (k *killing) allBack() time.Duration {
	took := make([]int64, len(k.conns)) // ms
	ready, end := k.since.UnixMilli(), time.Now().Add(3*time.Minute)
	each(len(k.conns), func(i int) {
		for n := int64(0); ; {
			within := max(time.Until(end), time.Millisecond)
			fields := []any{"client", k.conns[i], "type", "synced", "within", within.String(), "again", true}
			if n > 0 {
				fields = append(fields, "since", n)
			}
			got, err := k.run("expect", fields...)
			if err != nil {
				k.flaw("%s did not come back: %v\n%s", user(i), err, k.story(i))
				return
			}
			e := got.(client.Event)
			if n = e.N; e.Time >= ready {
				took[i] = e.Time - ready
				return
			}
		}
	})
	return time.Duration(slices.Max(took)) * time.Millisecond
}

// flaw is Errorf for what may be true of thousands: the first ones tell enough.
func (k *killing) flaw(format string, args ...any) {
	if k.flaws.Add(1) <= 10 {
		k.Errorf(format, args...)
	} else {
		k.Fail()
	}
}

func (k *killing) story(i int) string {
	got, err := k.run("story", "client", k.conns[i])
	if err != nil {
		return err.Error()
	}
	return strings.Join(got.(client.Story).Lines, "\n")
}

// memory is what is in use since before the first connection, heap and stacks as the Go runtime counts them, in bytes.
func (k *killing) memory() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse+m.StackInuse) - k.idle
}

// each calls a function for each number, some at a time.
func each(count int, do func(i int)) {
	var all sync.WaitGroup
	var next atomic.Int64
	for range 64 {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= count {
					return
				}
				do(i)
			}
		})
	}
	all.Wait()
}
