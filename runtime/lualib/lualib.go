package lualib

import (
	"crypto/rand"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"
	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/runtime/vm"
)

// Options are what the library may use of the program and of the machine. The zero value is a library that reaches
// nothing outside: no files, no environment, the standard transport.
type Options struct {
	Getenv     func(string) string
	Files      Files
	Now        func() time.Time
	Rand       io.Reader
	Log        func() zerolog.Logger // asked for at the first line
	Transport  http.RoundTripper     // what http sends through
	Trace      io.Writer             // where http writes each exchange, masked
	OnCall     func(openim.Call)     // told of each exchange
	Mask       func(string) string   // hides the secrets that the program knows, in what http and log write
	Timeout    time.Duration         // limit of one http request without its own
	MaxBytes   int                   // the most of an answer of http or of the output of a program; 0 is 64 MiB
	AllowHost  func(host string) error
	Guard      func(what string) error // asked before what may change something outside: an HTTP write, a program
	Restricted bool                    // neither programs nor the environment
}

// kit is what the modules of one set of options share.
type kit struct {
	Options
	started time.Time
	client  func() *http.Client
	logger  func() zerolog.Logger

	mu      sync.Mutex
	secrets []string // values of the environment whose names say that they are secret
}

func newKit(o Options) *kit {
	k := &kit{Options: o, started: time.Now()}
	if k.Now == nil {
		k.Now = time.Now
	}
	if k.Rand == nil {
		k.Rand = rand.Reader
	}
	if k.Getenv == nil {
		k.Getenv = func(string) string { return "" }
	}
	if k.Log == nil {
		k.Log = zerolog.Nop
	}
	if k.MaxBytes <= 0 {
		k.MaxBytes = 64 << 20
	}
	k.client = sync.OnceValue(k.newClient)
	k.logger = sync.OnceValue(k.Log)
	return k
}

// declaration is a module by its name; it is only made when it is asked for.
type declaration struct {
	name string
	make func(*kit) Module
}

// declarations lists every module that is written in Go.
func declarations() []declaration {
	return []declaration{
		{"base64", (*kit).base64}, {"csv", (*kit).csv}, {"env", (*kit).env}, {"file", (*kit).file}, {"hash", (*kit).hash},
		{"http", (*kit).http}, {"int64", (*kit).int64}, {"json", (*kit).json}, {"log", (*kit).log}, {"shell", (*kit).shell},
		{"str", (*kit).str}, {"time", (*kit).time}, {"uuid", (*kit).uuid}, {"yaml", (*kit).yaml},
	}
}

// Modules is the library for vm.Options.Modules.
func Modules(o Options) map[string]vm.Module {
	k := newKit(o)
	out := map[string]vm.Module{}
	for _, d := range declarations() {
		out[d.name] = func(v *vm.VM) *lua.LTable { return d.make(k).table(v) }
	}
	return out
}

// All lists the declarations of every module written in Go, for documents and editors.
func All() []Module {
	k := newKit(Options{})
	var out []Module
	for _, d := range declarations() {
		out = append(out, d.make(k))
	}
	return out
}

// keepSecret has a value masked in what http and log write.
func (k *kit) keepSecret(secret string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.secrets = append(k.secrets, secret)
}

// mask hides secrets in a text.
func (k *kit) mask(text string) string {
	k.mu.Lock()
	secrets := k.secrets
	k.mu.Unlock()
	if k.Mask != nil {
		text = k.Mask(text)
	}
	return openim.Mask(text, secrets...)
}

// allow asks the guard before something may change outside.
func (k *kit) allow(what string) error {
	if k.Guard == nil {
		return nil
	}
	return k.Guard(what)
}
