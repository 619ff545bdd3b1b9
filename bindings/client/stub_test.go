package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/openimsdk/imctl/bindings/openim"
)

// stub is a small gateway of its own, written from SERVER-BEHAVIOUR §9: a witness beside the sandbox. Hooks change what
// it does.
type stub struct {
	*httptest.Server
	handshake func(w http.ResponseWriter, r *http.Request) bool // true: it has answered
	request   func(p *peer, f openim.Frame) bool                // true: it has dealt with it; set before anyone connects

	mu     sync.Mutex
	peers  []*peer
	stored map[string][]*openim.GatewayMessage // by conversation
	tokens int
	logins int
	rest   []string // paths and bodies
}

// peer is a connection as the server sees it.
type peer struct {
	stub     *stub
	ws       *websocket.Conn
	user     string
	platform string
	token    string
	encoding openim.Encoding
	gzip     bool
}

func newStub(t testing.TB) *stub {
	s := &stub{stored: map[string][]*openim.GatewayMessage{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(func() {
		s.CloseClientConnections()
		for _, p := range s.all() {
			_ = p.ws.CloseNow()
		}
		s.Close()
	})
	return s
}

func (s *stub) all() []*peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*peer{}, s.peers...)
}

// of is the connections of a user.
func (s *stub) of(user string) []*peer {
	var out []*peer
	for _, p := range s.all() {
		if p.user == user {
			out = append(out, p)
		}
	}
	return out
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	handshake := s.hook()
	switch {
	case r.Method == http.MethodPost:
		s.restCall(w, r)
	case handshake != nil && handshake(w, r):
	default:
		s.accept(w, r)
	}
}

// onHandshake changes what becomes of further handshakes.
func (s *stub) onHandshake(fn func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handshake = fn
}

func (s *stub) hook() func(http.ResponseWriter, *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.handshake
}

func (s *stub) restCall(w http.ResponseWriter, r *http.Request) {
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body)
	s.mu.Lock()
	s.tokens++
	token := fmt.Sprintf("token-%d", s.tokens)
	s.rest = append(s.rest, fmt.Sprint(r.URL.Path, " ", body, " ", r.Header.Get("token")))
	s.mu.Unlock()
	_, _ = fmt.Fprintf(w, `{"errCode":0,"errMsg":"","errDlt":"","data":{"token":%q,"expireTimeSeconds":1000}}`, token)
}

func (s *stub) accept(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	p := &peer{stub: s, user: q.Get("sendID"), platform: q.Get("platformID"), token: q.Get("token"),
		encoding: openim.EncodingGo, gzip: q.Get("compression") == "gzip"}
	resp := q.Get("isMsgResp") == "true"
	if q.Get("sdkType") == "js" {
		p.encoding = openim.EncodingJS
	}
	if v := q.Get("v"); v != "" {
		resp = p.unpack(v)
	}
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer ws.CloseNow()
	ws.SetReadLimit(51200)
	p.ws = ws
	if resp {
		p.text(`{"errCode":0,"errMsg":"","errDlt":""}`)
	}
	s.mu.Lock()
	old := s.peers
	s.peers = append([]*peer{}, old...)
	s.peers = append(s.peers, p)
	s.logins++
	s.mu.Unlock()
	for _, o := range old {
		if o.user == p.user && o.platform == p.platform && o.token != p.token {
			o.reply(openim.Frame{ReqIdentifier: openim.WSKicked})
			_ = o.ws.Close(websocket.StatusNormalClosure, "")
		}
	}
	p.serve()
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, o := range s.peers {
		if o == p {
			s.peers = append(append([]*peer{}, s.peers[:i]...), s.peers[i+1:]...)
			break
		}
	}
}

func (p *peer) serve() {
	for {
		kind, data, err := p.ws.Read(context.Background())
		if err != nil {
			return
		}
		if kind == websocket.MessageText {
			p.text(`{"type":"pong"}`)
			continue
		}
		if p.gzip {
			if data, err = gunzip(data); err != nil {
				return
			}
		}
		f, err := p.encoding.Decode(data)
		if err != nil || f.SendID != p.user {
			return
		}
		if p.stub.request == nil || !p.stub.request(p, f) {
			p.answer(f)
		}
	}
}

func (p *peer) answer(f openim.Frame) {
	out := openim.Frame{ReqIdentifier: f.ReqIdentifier, MsgIncr: f.MsgIncr, OperationID: f.OperationID}
	s := p.stub
	switch f.ReqIdentifier {
	case openim.WSSend:
		m, err := openim.DecodeGatewayMessage(f.Data)
		if err != nil {
			return
		}
		conversation := s.store(m)
		out.Data = openim.SentMessage{ServerMsgID: "s-" + m.ClientMsgID, ClientMsgID: m.ClientMsgID, SendTime: m.SendTime}.Encode()
		p.reply(out)
		s.push(conversation, m)
		return
	case openim.WSNewestSeqs:
		seqs := map[string]int64{}
		s.mu.Lock()
		for id, list := range s.stored {
			if strings.Contains(id, p.user) {
				seqs[id] = int64(len(list))
			}
		}
		s.mu.Unlock()
		out.Data = openim.EncodeMaxSeqs(seqs)
	case openim.WSPullByRange:
		_, _, ranges, _ := openim.DecodePull(f.Data)
		var list []openim.PulledMessages
		s.mu.Lock()
		for _, r := range ranges {
			pulled := openim.PulledMessages{ConversationID: r.ConversationID}
			for _, m := range s.stored[r.ConversationID] {
				if m.Seq >= r.Begin && m.Seq <= r.End && int64(len(pulled.Messages)) < r.Num {
					pulled.Messages = append(pulled.Messages, m)
				}
			}
			list = append(list, pulled)
		}
		s.mu.Unlock()
		out.Data = openim.EncodePulled(list)
	case openim.WSSubscribe:
		out.Data = openim.EncodePresence([]openim.Presence{{UserID: "x", PlatformIDs: []int64{5}}})
	case openim.WSLogout:
		p.reply(out)
		_ = p.ws.Close(websocket.StatusNormalClosure, "")
		return
	}
	p.reply(out)
}

func (s *stub) store(m *openim.GatewayMessage) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := "si_" + min(m.SendID, m.RecvID) + "_" + max(m.SendID, m.RecvID)
	m.ServerMsgID, m.SendTime = "s-"+m.ClientMsgID, time.Now().UnixMilli()
	m.Seq = int64(len(s.stored[id]) + 1)
	s.stored[id] = append(s.stored[id], m)
	return id
}

func (s *stub) push(conversation string, m *openim.GatewayMessage) {
	data := openim.EncodePulled([]openim.PulledMessages{{ConversationID: conversation, Messages: []*openim.GatewayMessage{m}}})
	for _, p := range s.all() {
		if p.user == m.RecvID || p.user == m.SendID {
			p.reply(openim.Frame{ReqIdentifier: openim.WSPush, OperationID: "push", Data: data})
		}
	}
}

func (p *peer) reply(f openim.Frame) {
	data, err := p.encoding.EncodeReply(f)
	if err == nil && p.gzip {
		data, err = zipped(data)
	}
	if err == nil {
		p.binary(data)
	}
}

func (p *peer) binary(data []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = p.ws.Write(ctx, websocket.MessageBinary, data)
}

func (p *peer) text(text string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = p.ws.Write(ctx, websocket.MessageText, []byte(text))
}
