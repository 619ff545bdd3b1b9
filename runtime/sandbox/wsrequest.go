package sandbox

import (
	"errors"
	"fmt"

	"github.com/openimsdk/protocol/sdkws"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// wsHandler answers a request.
type wsHandler struct {
	reads bool // it changes nothing but the connection
	// run answers the data. It runs under the lock of the state.
	run func(*call, *session, []byte) ([]byte, error)
}

// wsHandlers are the requests there are (SERVER-BEHAVIOUR §9, the table of ids).
func wsHandlers(generation string) map[int32]wsHandler {
	table := map[int32]wsHandler{
		wsNewestSeq:   {reads: true, run: wsGetNewestSeqs},
		wsPullRange:   {reads: true, run: wsPull},
		wsSend:        {run: wsSendMessage},
		wsSignal:      {reads: true, run: wsSendSignal},
		wsPullSeqs:    {reads: true, run: wsPullBySeqs},
		wsReadAndMax:  {reads: true, run: wsGetReadAndMax},
		wsLastMessage: {reads: true, run: wsGetLastMessages},
		wsLogout:      {run: wsLogOut},
		wsBackground:  {reads: true, run: wsSetBackground},
		wsSubscribe:   {reads: true, run: wsSubscribePresence},
	}
	if generation == Generation383 {
		delete(table, wsLastMessage)
	}
	return table
}

// request answers a BINARY frame. An error closes the connection without an answer: a
// frame that doesn't decode or lacks a field, another sender than the connection's
// user, an unknown request.
func (c *session) request(frame []byte) error {
	req, err := c.gw.codec.decode(c.encoding, frame)
	if err != nil {
		return err
	}
	if req.OperationID == "" || req.MsgIncr == "" {
		return fmt.Errorf("request %d has no operationID or no msgIncr", req.ReqIdentifier)
	}
	if req.SendID != c.userID {
		return fmt.Errorf("request %d is from %q", req.ReqIdentifier, req.SendID)
	}
	handler, ok := c.gw.handlers[req.ReqIdentifier]
	if !ok {
		return fmt.Errorf("unknown request %d", req.ReqIdentifier)
	}
	id := fmt.Sprint(req.ReqIdentifier)
	dropped, cut, err := c.requestFault(id)
	if dropped {
		return nil
	}
	if cut {
		return errors.New("a fault cuts the connection")
	}
	var data []byte
	if err == nil {
		data, err = c.gw.runRequest(c.st, c, handler, &entry{
			Kind: requestEntry, Request: req.ReqIdentifier, UserID: c.userID, PlatformID: c.platformID, OperationID: req.OperationID, Body: req.Data,
		})
		data = c.spoilAnswer(id, data)
	}
	reply := wsReply{ReqIdentifier: req.ReqIdentifier, MsgIncr: req.MsgIncr, OperationID: req.OperationID, Data: data}
	if err != nil {
		e := asAPIError(err)
		reply.ErrCode, reply.ErrMsg, reply.Data = e.code, e.text(), nil
	}
	c.sendReply(&encodings{reply: reply})
	if req.ReqIdentifier == wsLogout {
		return errors.New("logged out")
	}
	return nil
}

// runRequest runs a request, or a replay of it, which has no session.
func (s *Server) runRequest(st *state, conn *session, handler wsHandler, r *entry) ([]byte, error) {
	caller := &call{Server: s, state: st, operationID: r.OperationID, userID: r.UserID, platformID: r.PlatformID}
	s.mirror.settle()
	st.mu.Lock()
	defer st.mu.Unlock()
	st.touched.on = st.touched.active && !handler.reads
	st.now = s.clock()
	if !handler.reads {
		if err := s.writeAhead(st, r); err != nil {
			return nil, err
		}
	}
	return handler.run(caller, conn, r.Body)
}

func wsGetNewestSeqs(c *call, _ *session, data []byte) ([]byte, error) {
	var req sdkws.GetMaxSeqReq
	if err := proto.Unmarshal(data, &req); err != nil {
		return nil, err
	}
	seqs, err := c.newestSeqs(req.UserID)
	if err != nil {
		return nil, err
	}
	return proto.Marshal(&sdkws.GetMaxSeqResp{MaxSeqs: seqs})
}

func wsPull(c *call, _ *session, data []byte) ([]byte, error) {
	var in sdkws.PullMessageBySeqsReq
	if err := proto.Unmarshal(data, &in); err != nil {
		return nil, err
	}
	req := pullReq{UserID: in.UserID, Order: int32(in.Order)}
	for _, r := range in.SeqRanges {
		req.SeqRanges = append(req.SeqRanges, seqRange{r.ConversationID, r.Begin, r.End, r.Num})
	}
	answer, err := c.pull(req)
	if err != nil {
		return nil, err
	}
	return answer.wire()
}

func wsSendMessage(c *call, _ *session, data []byte) ([]byte, error) {
	m, err := parseMsgData(data)
	if err != nil {
		return nil, err
	}
	m.Options = clientOptions(&m)
	answer, err := c.send(m)
	if err != nil {
		return nil, err
	}
	return answer.wire(), nil
}

// clientOptions are a message's options, with those that the server sets by its type.
func clientOptions(m *msgData) map[string]bool {
	var off []string
	switch m.ContentType {
	case contentTyping:
		off = []string{optHistory, optPersistent, optSenderSync, "conversationUpdate", "senderConversationUpdate", "unreadCount", "offlinePush"}
	case contentRevoke:
		off = []string{"unreadCount", "offlinePush"}
	case contentReadReceipt:
		off = []string{"conversationUpdate", "senderConversationUpdate", "unreadCount", "offlinePush"}
	default:
		return m.Options
	}
	options := make(map[string]bool, len(m.Options)+len(off))
	for k, v := range m.Options {
		options[k] = v
	}
	for _, k := range off {
		options[k] = false
	}
	return options
}

// wsSendSignal forwards an empty request on the real server, which is refused.
func wsSendSignal(*call, *session, []byte) ([]byte, error) {
	return nil, argsError("msgData is nil")
}

// wsPullBySeqs does not look whose userID it is (SERVER-BEHAVIOUR §9).
func wsPullBySeqs(c *call, _ *session, data []byte) ([]byte, error) {
	var req seqMessagesReq
	if err := req.parse(data); err != nil {
		return nil, err
	}
	return c.seqMessages(req).wire()
}

// seqMessages are single messages; seqs out of bounds, also 0, are left out.
func (c *call) seqMessages(req seqMessagesReq) pullAnswer {
	out := newPullAnswer()
	for _, conv := range req.conversations {
		if len(conv.seqs) == 0 {
			continue
		}
		first, last := c.bounds(conv.conversationID, req.userID)
		p := &pulled{}
		lowest, highest := conv.seqs[0], conv.seqs[0]
		for _, seq := range conv.seqs {
			lowest, highest = min(lowest, seq), max(highest, seq)
			if seq >= first && seq <= last {
				p.Msgs = append(p.Msgs, c.messages[conv.conversationID].views(req.userID, seq, seq)...)
			}
		}
		switch {
		case req.order == 0 && highest >= last:
			p.IsEnd, p.EndSeq = true, last
		case req.order != 0 && lowest <= first:
			p.IsEnd, p.EndSeq = true, first
		}
		out.of(conv.conversationID)[conv.conversationID] = p
	}
	return out
}

func wsGetReadAndMax(c *call, _ *session, data []byte) ([]byte, error) {
	var req readAndMaxReq
	err := wireFields(data, func(n protowire.Number, number int64, bytes []byte) error {
		switch n {
		case 1:
			req.UserID = string(bytes)
		case 2:
			if bytes != nil {
				req.ConversationIDs = append(req.ConversationIDs, string(bytes))
			}
		case 3:
			req.ReturnPinned = number != 0
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	answer, err := c.readAndMaxSeqs(req)
	if err != nil {
		return nil, err
	}
	return answer.wire(), nil
}

// wsGetLastMessages has no owner check either.
func wsGetLastMessages(c *call, _ *session, data []byte) ([]byte, error) {
	userID, ids, err := userAndTexts(data)
	if err != nil {
		return nil, err
	}
	w := wire{}
	for _, id := range ids {
		m, ok := c.lastVisible(id, userID)
		if !ok {
			continue
		}
		one, err := proto.Marshal(m.proto())
		if err != nil {
			return nil, err
		}
		w.entry(1, id, one)
	}
	return w, nil
}

// wsLogOut forgets the push token of the user on the platform; the connection closes
// after the answer.
func wsLogOut(c *call, _ *session, data []byte) ([]byte, error) {
	var userID string
	var platformID int64
	err := wireFields(data, func(n protowire.Number, number int64, bytes []byte) error {
		switch n {
		case 1:
			userID = string(bytes)
		case 2:
			platformID = number
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	c.redis.Del(fcmKey(userID, int32(platformID))) //nolint:gosec // an int32 on the wire
	return []byte{}, nil
}

func wsSetBackground(_ *call, conn *session, data []byte) ([]byte, error) {
	var req sdkws.SetAppBackgroundStatusReq
	if err := proto.Unmarshal(data, &req); err != nil {
		return nil, err
	}
	conn.background = req.IsBackground
	return nil, nil
}

func wsSubscribePresence(c *call, conn *session, data []byte) ([]byte, error) {
	var req sdkws.SubUserOnlineStatus
	if err := proto.Unmarshal(data, &req); err != nil {
		return nil, err
	}
	for _, id := range req.UnsubscribeUserID {
		c.unwatch(conn, id)
	}
	for _, id := range req.SubscribeUserID {
		if conn.attached {
			c.watch(conn, id)
		}
	}
	return c.presence(req.SubscribeUserID...)
}
