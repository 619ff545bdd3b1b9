// Package openim is the REST client of an OpenIM deployment: the message server's API and, where there is one, the
// separate chat server's. It owns tokens, retries, limits, tracing and masking, and turns every failure into a
// *fault.Error. It knows nothing about single operations, Lua or the command line; it imports no other package of
// imctl than fault and value.
//
// Facts about the servers are those of OpenIM's own source (open-im-server main at 7848d7c, chat at 73e7b82).
package openim

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Setting is a value and where it came from: `context "prod"`, `--server`, `IMCTL_SERVER`. Errors name the source, so
// that the user knows what to change.
type Setting struct {
	Value  string
	Source string
}

// Secret is a secret that is asked for only when a login needs it. Source names the place it comes from, never the
// secret.
type Secret struct {
	Get    func(context.Context) (string, error)
	Source string
}

// Config says how to reach one deployment. Only API is always needed.
type Config struct {
	Context     string  // the context's name: for messages and the names of the cache files
	API         Setting // http://host:10002
	AdminUserID string  // the account that imctl acts as
	AdminSource string  // where AdminUserID came from, for messages
	Secret      Secret  // the server's share secret

	ChatAdmin    Setting // the chat server's admin API, port 10009; empty = no chat server
	ChatAPI      Setting // the chat server's user API, port 10008
	ChatAccount  string
	ChatPassword Secret // the clear password; its md5 goes over the wire, as the server wants it

	CacheDir      string        // folder of the token cache (files 0600, folder 0700); "" = memory only
	Timeout       time.Duration // for one request with its answer; 0 = 30 s
	TimeoutSource string        // where Timeout came from, for messages
	Retries       int           // extra tries of a request that is safe to repeat
	Rate          float64       // requests a second, 0 = no limit

	Trace  io.Writer                           // nil = off; else masked requests and answers, one write for each exchange
	Base   http.RoundTripper                   // nil = a transport of our own
	Tape   Tape                                // nil = none; else connections to the gateway are recorded or played by it
	Guard  func(path string, write bool) error // asked before anything is sent; its error is returned, nothing is sent
	OnCall func(Call)                          // after every HTTP exchange, logins and retries included; may run in parallel

	OperationID func() string // nil = "imctl-" and a random number
}

// Call is the record of one exchange. It holds no bodies: they would have to be masked, and are shown by --trace alone.
type Call struct {
	Method       string
	URL          string // scheme, host and path
	Path         string
	OperationID  string
	Attempt      int // 1 for the first try
	Status       int // HTTP status, 0 when no answer came
	Code         int // the server's errCode
	Err          *fault.Error
	Start        time.Time
	Duration     time.Duration // until the whole answer was read
	RequestSize  int           // bytes of the body
	ResponseSize int           // bytes of the body, decompressed
}

// Answer is a good answer of the server.
type Answer struct {
	Data        json.RawMessage // the `data` member exactly as it came; nil when it was absent
	OperationID string
	Status      int
	Header      http.Header
}
