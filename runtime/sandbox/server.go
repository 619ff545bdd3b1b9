package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// The two generations of the server in the field.
const (
	GenerationMain = "main"
	Generation383  = "3.8.3" // lacks the newer routes
)

const anyPort = "127.0.0.1:0"

// Names of the three APIs.
const (
	imAPI    = "API"
	adminAPI = "chat admin API"
	chatAPI  = "chat API"
)

// Config says how to start a sandbox. The zero value is fine: free ports on
// 127.0.0.1, the main generation, the shipped secret and admin, no faults.
type Config struct {
	API, Gateway, ChatAdmin, ChatAPI string // addresses to listen on
	Mongo                            string // likewise
	// Engine starts the MongoDB behind Mongo when its first client comes; nil is none. With a data folder there is none: the
	// journal holds requests, and not what others write into MongoDB.
	Engine      func(context.Context) (*Engine, error)
	Generation  string
	Secret      string
	AdminUserID string
	Fault       string // see FaultHelp
	Seed        uint64 // the same seed makes the same choices
	Data        string // folder in which the state outlives the process; "" is none
	Log         io.Writer

	idleLimit       time.Duration // of the gateway, for tests; 0 is the real server's
	connectionLimit int           // likewise
	localCache      time.Duration // of the services, likewise
}

func (cfg Config) withDefaults() (Config, error) {
	for _, s := range []struct {
		field *string
		value string
	}{
		{&cfg.API, anyPort}, {&cfg.Gateway, anyPort}, {&cfg.ChatAdmin, anyPort}, {&cfg.ChatAPI, anyPort}, {&cfg.Mongo, anyPort},
		{&cfg.Generation, GenerationMain}, {&cfg.Secret, "openIM123"}, {&cfg.AdminUserID, "imAdmin"},
	} {
		if *s.field == "" {
			*s.field = s.value
		}
	}
	if cfg.Log == nil {
		cfg.Log = io.Discard
	}
	if cfg.Generation != GenerationMain && cfg.Generation != Generation383 {
		return cfg, fmt.Errorf("unknown generation %q; there are %s and %s", cfg.Generation, GenerationMain, Generation383)
	}
	return cfg, nil
}

// Ready names the parts of a running sandbox, as the program prints them. HTTP parts
// are full URLs, as is the gateway (ws://), Redis and MongoDB are host:port.
type Ready struct {
	API       string `json:"api"`
	Gateway   string `json:"gateway"`
	ChatAPI   string `json:"chatAPI"`
	ChatAdmin string `json:"chatAdmin"`
	Redis     string `json:"redis"`
	Mongo     string `json:"mongo,omitempty"`
	Database  string `json:"database,omitempty"` // of MongoDB
	Secret    string `json:"secret"`
	Admin     string `json:"admin"`
	PID       int    `json:"pid"`
}

// Server is a running sandbox.
type Server struct {
	cfg      Config
	log      *log.Logger
	faults   *faults
	redis    *keyStore
	tokens   *tokens
	journal  *journal  // nil without a data folder
	replayed time.Time // of the entry that is replayed; zero but at the start
	mirror   *mirror   // nil without a MongoDB
	mongo    *proxy    // likewise
	gateway  *gateway
	handlers map[int32]wsHandler // of the gateway's requests
	routers  map[string]*router  // by name
	state    atomic.Pointer[state]
	requests atomic.Uint64
	gzips    sync.Pool
	ready    Ready
	https    []*http.Server
	stop     context.CancelFunc
	running  sync.WaitGroup
	wake     chan struct{} // tells the transfer that something was sent
}

func newServer(cfg Config) (*Server, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	faults, err := parseFaults(cfg.Fault, cfg.Seed)
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, log: log.New(cfg.Log, "", log.LstdFlags|log.Lmicroseconds), faults: faults, wake: make(chan struct{}, 1)}
	s.redis = &keyStore{Miniredis: miniredis.NewMiniRedis(), clock: s.clock}
	s.tokens = &tokens{redis: s.redis, secret: []byte(cfg.Secret), clock: s.clock}
	s.gateway, s.handlers = newGateway(s), wsHandlers(cfg.Generation)
	s.routers = map[string]*router{
		imAPI:    newRouter(s, imAPI, imAreas(), s.authenticate, true),
		adminAPI: newRouter(s, adminAPI, chatAdminAreas(), s.authenticateChatAdmin, false),
		chatAPI:  newRouter(s, chatAPI, chatAPIAreas(), s.authenticateChat, false),
	}
	if cfg.Engine != nil && cfg.Data == "" {
		s.mirror = newMirror(s)
	}
	s.ready = Ready{Secret: cfg.Secret, Admin: cfg.AdminUserID, PID: os.Getpid()}
	return s, nil
}

// Start starts a sandbox that runs until the context ends or Close is called.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	s, err := newServer(cfg)
	if err != nil {
		return nil, err
	}
	ctx, s.stop = context.WithCancel(ctx)
	if err := s.load(ctx); err != nil {
		_ = s.Close()
		return nil, err
	}
	if err := s.listen(); err != nil {
		_ = s.Close()
		return nil, err
	}
	s.running.Go(func() { s.keepTime(ctx) })
	s.running.Go(func() { s.transfer(ctx) })
	s.running.Go(func() { s.gateway.keep(ctx.Done()) })
	return s, nil
}

// load makes the state: a fresh one, or the one that the data folder keeps.
func (s *Server) load(ctx context.Context) error {
	if s.cfg.Data == "" {
		s.state.Store(newState(s.cfg, s.clock()))
		return nil
	}
	j, err := openJournal(ctx, s.cfg)
	if err != nil {
		return folderError{err}
	}
	s.journal = j
	s.cfg.Seed = j.header.Seed // of the state: the faults have theirs
	s.state.Store(newState(s.cfg, time.Unix(0, j.header.Time)))
	if err := s.restore(ctx); err != nil && ctx.Err() == nil {
		return folderError{err}
	}
	return ctx.Err()
}

func (s *Server) listen() error {
	if err := s.redis.Start(); err != nil {
		return fmt.Errorf("starting redis: %w", err)
	}
	s.ready.Redis = s.redis.Addr()
	if s.mirror != nil {
		s.redis.Server().SetPreHook(s.mirror.redisCommand)
		if err := s.listenMongo(); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		name, addr string
		handler    http.Handler
		url        *string
		scheme     string
	}{
		{"gateway", s.cfg.Gateway, s.gateway, &s.ready.Gateway, "ws://"},
		{imAPI, s.cfg.API, s.routers[imAPI], &s.ready.API, "http://"},
		{adminAPI, s.cfg.ChatAdmin, s.routers[adminAPI], &s.ready.ChatAdmin, "http://"},
		{chatAPI, s.cfg.ChatAPI, s.routers[chatAPI], &s.ready.ChatAPI, "http://"},
	} {
		l, err := net.Listen("tcp", part.addr)
		if err != nil {
			return fmt.Errorf("starting the %s: %w", part.name, err)
		}
		*part.url = part.scheme + l.Addr().String()
		srv := &http.Server{Handler: part.handler, ErrorLog: s.log, ReadHeaderTimeout: time.Minute}
		s.https = append(s.https, srv)
		s.running.Go(func() {
			if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				s.log.Printf("the %s ended: %v", part.name, err)
			}
		})
	}
	return nil
}

// keepTime lets keys in Redis grow old, and ends the listeners when the context ends.
func (s *Server) keepTime(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.redis.FastForward(time.Second)
		case <-ctx.Done():
			for _, srv := range s.https {
				_ = srv.Close() // nothing waits for the answers in flight
			}
			s.gateway.close()
			s.mongo.hangUp()
			return
		}
	}
}

// Ready names the addresses.
func (s *Server) Ready() Ready { return s.ready }

// Reset makes the server fresh: only the admin account, an empty Redis.
func (s *Server) Reset() {
	old := s.state.Load()
	old.mu.Lock()
	defer old.mu.Unlock()
	for _, list := range old.online {
		for _, c := range list {
			c.attached = false // it leaves no trace in the new state
			c.end()
		}
	}
	s.redis.FlushAll()
	now := s.clock()
	if s.journal != nil {
		header := s.journal.header
		header.Time = now.UnixNano()
		if err := s.journal.begin(header); err != nil {
			s.log.Print(err)
		}
	}
	s.state.Store(newState(s.cfg, now))
}

// Close ends the sandbox and waits until all of it has ended.
func (s *Server) Close() error {
	s.stop()
	for _, srv := range s.https {
		_ = srv.Close()
	}
	s.gateway.close()
	s.mongo.hangUp()
	s.running.Wait()
	s.redis.Close()
	err := s.mongo.close()
	if s.journal != nil {
		err = errors.Join(err, s.journal.close())
	}
	return err
}
