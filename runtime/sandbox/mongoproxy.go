package sandbox

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/wiremessage"
)

// Engine is a running MongoDB.
type Engine struct {
	Addr    string                      // host:port
	Quicken func(context.Context) error // finds documents by _id faster in the collections that there are; may be nil
	Close   func() error
}

// proxy stands before MongoDB. Nothing runs behind it until its first client comes. It lets the mirror write before it
// hands a request on, and tells it which collections a request wrote into before the client has the answer.
type proxy struct {
	*mirror
	start    func(context.Context) (*Engine, error)
	listener net.Listener

	starting sync.Mutex
	engine   *Engine
	client   *mongo.Client

	connMu sync.Mutex
	conns  map[net.Conn]bool
	closed bool
}

func (s *Server) listenMongo() (err error) {
	p := &proxy{mirror: s.mirror, start: s.cfg.Engine, conns: map[net.Conn]bool{}}
	if p.listener, err = net.Listen("tcp", s.cfg.Mongo); err != nil {
		return fmt.Errorf("starting MongoDB: %w", err)
	}
	s.mongo = p
	s.ready.Mongo, s.ready.Database = p.listener.Addr().String(), Database
	s.running.Go(p.accept)
	return nil
}

func (p *proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		if !p.keep(conn) {
			return
		}
		p.s.running.Go(func() {
			defer p.drop(conn)
			if err := p.serve(conn); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
				p.s.log.Printf("a client of MongoDB: %v", err)
			}
		})
	}
}

// keep remembers a connection for close; false when all is closed.
func (p *proxy) keep(conn net.Conn) bool {
	p.connMu.Lock()
	defer p.connMu.Unlock()
	if p.closed {
		_ = conn.Close()
		return false
	}
	p.conns[conn] = true
	return true
}

func (p *proxy) drop(conn net.Conn) {
	p.connMu.Lock()
	defer p.connMu.Unlock()
	_ = conn.Close()
	delete(p.conns, conn)
}

// hangUp closes all connections; those who serve them then end.
func (p *proxy) hangUp() {
	if p == nil {
		return
	}
	_ = p.listener.Close()
	p.connMu.Lock()
	defer p.connMu.Unlock()
	p.closed = true
	for conn := range p.conns {
		_ = conn.Close()
	}
}

// close ends the engine, when nothing serves any more.
func (p *proxy) close() error {
	if p == nil || p.engine == nil {
		return nil
	}
	engine := p.engine
	p.engine = nil
	return errors.Join(p.client.Disconnect(context.Background()), engine.Close())
}

// run starts the engine, the first time.
func (p *proxy) run() (*Engine, error) {
	p.starting.Lock()
	defer p.starting.Unlock()
	if p.engine != nil {
		return p.engine, nil
	}
	engine, err := p.start(context.Background())
	if err != nil {
		return nil, fmt.Errorf("starting the engine: %w", err)
	}
	client, err := mongo.Connect(options.Client().SetHosts([]string{engine.Addr}).SetDirect(true).SetRetryWrites(false))
	if err != nil {
		return nil, errors.Join(err, engine.Close())
	}
	p.mu.Lock()
	p.quicken = engine.Quicken
	p.db = client.Database(Database)
	p.mu.Unlock()
	p.engine, p.client = engine, client
	return engine, nil
}

func (p *proxy) serve(client net.Conn) error {
	engine, err := p.run()
	if err != nil {
		return err
	}
	server, err := net.DialTimeout("tcp", engine.Addr, 10*time.Second)
	if err != nil {
		return err
	}
	if !p.keep(server) {
		return nil
	}
	defer p.drop(server)
	for {
		request, err := readMessage(client)
		if err != nil {
			return err
		}
		r := parseRequest(request)
		if !r.idle {
			if err := p.flush(); err != nil {
				return err
			}
		}
		if _, err := server.Write(request); err != nil {
			return err
		}
		for more := !r.noAnswer; more; {
			answer, err := readMessage(server)
			if err != nil {
				return err
			}
			more = flagsOf(answer)&wiremessage.MoreToCome != 0
			p.wrote(r.writes...)
			if _, err := client.Write(answer); err != nil {
				return err
			}
		}
		if r.noAnswer {
			p.wrote(r.writes...)
		}
	}
}

// maxMessage is the largest message of MongoDB's protocol.
const maxMessage = 48_000_000

const headerSize = 16

// readMessage reads a whole message with its header.
func readMessage(r io.Reader) ([]byte, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return nil, err
	}
	size := binary.LittleEndian.Uint32(header[:])
	if size < headerSize || size > maxMessage+headerSize {
		return nil, fmt.Errorf("a message of %d bytes", size)
	}
	message := make([]byte, size)
	copy(message, header[:])
	_, err := io.ReadFull(r, message[headerSize:])
	return message, err
}

// flagsOf are the flags of an OP_MSG; none of another message.
func flagsOf(message []byte) wiremessage.MsgFlag {
	_, _, _, opcode, rest, ok := wiremessage.ReadHeader(message)
	if !ok || opcode != wiremessage.OpMsg {
		return 0
	}
	flags, _, _ := wiremessage.ReadMsgFlags(rest)
	return flags
}

// mongoRequest is what the proxy has to know of a request.
type mongoRequest struct {
	idle     bool     // it looks at no data
	noAnswer bool     // the client waits for none
	writes   []string // collections of OpenIM's database
}

// idleCommands look at no data: a client sends them while all is being written for the first time.
var idleCommands = []string{"hello", "isMaster", "ismaster", "ping", "buildInfo", "buildinfo", "endSessions", "getParameter", "whatsmyuri", "saslStart", "saslContinue"}

func parseRequest(message []byte) mongoRequest {
	_, _, _, opcode, rest, ok := wiremessage.ReadHeader(message)
	if !ok || opcode != wiremessage.OpMsg {
		return mongoRequest{idle: true} // the handshake of old
	}
	flags, rest, ok := wiremessage.ReadMsgFlags(rest)
	r := mongoRequest{noAnswer: flags&wiremessage.MoreToCome != 0}
	for ok && len(rest) > 0 {
		var kind wiremessage.SectionType
		if kind, rest, ok = wiremessage.ReadMsgSectionType(rest); !ok {
			break
		}
		if kind == wiremessage.DocumentSequence {
			_, _, rest, ok = wiremessage.ReadMsgSectionRawDocumentSequence(rest)
			continue
		}
		doc, _, ok := wiremessage.ReadMsgSectionSingleDocument(rest)
		if ok {
			r.command(bson.Raw(doc))
		}
		break // there is one such section
	}
	return r
}

// command looks at the command itself: its first field names it, and mostly the collection.
func (r *mongoRequest) command(doc bson.Raw) {
	first, err := doc.IndexErr(0)
	if err != nil {
		return
	}
	name := first.Key()
	r.idle = slices.Contains(idleCommands, name)
	database := textOf(doc, "$db")
	target, _ := first.Value().StringValueOK()
	switch name {
	case "insert", "update", "delete", "findAndModify", "findandmodify", "drop":
		if database == Database {
			r.writes = []string{target}
		}
	case "dropDatabase":
		if database == Database {
			r.writes = []string{everyCollection}
		}
	case "renameCollection":
		for _, full := range []string{target, textOf(doc, "to")} {
			if collection, ok := strings.CutPrefix(full, Database+"."); ok {
				r.writes = append(r.writes, collection)
			}
		}
	}
}

// everyCollection stands for all of the database.
const everyCollection = "*"
