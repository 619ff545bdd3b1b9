package data

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// messagePutter sends messages, conversation by conversation, each in the order of the file. It knows what a conversation
// holds already: 16 bytes for each message, of one conversation at a time.
type messagePutter struct {
	im      *importer
	id      string // the conversation
	there   map[[16]byte]int
	gone    string // why none of its messages can be brought over
	missing string // what is missing for it
	doubt   int    // how many rows in a row an interrupted run may have sent, and did not
	last    *MessageRow
}

// maxDoubt is after how many messages that an interrupted run did not send nothing more is expected of it.
const maxDoubt = 20

func (p *messagePutter) put(ctx context.Context, batch []*item) error {
	if first := batch[0].row.(*MessageRow); first.ConversationID != p.id || p.there == nil {
		if err := p.enter(ctx, first); err != nil {
			return err
		}
	}
	for _, it := range batch {
		m := it.row.(*MessageRow)
		content, why := sendable(m)
		switch {
		case why != "":
			it.skip(why)
			continue
		case p.gone != "":
			it.skip(p.gone)
			continue
		case p.missing != "":
			it.refuse(p.missing)
			continue
		}
		if key := identity(m); p.there[key] > 0 {
			p.there[key]--
			it.skip("there already")
			continue
		}
		if err := p.send(ctx, it, m, content); err != nil {
			return err
		}
	}
	return nil
}

// enter reads what a conversation holds.
func (p *messagePutter) enter(ctx context.Context, m *MessageRow) error {
	p.id, p.there, p.gone, p.missing, p.doubt = m.ConversationID, map[[16]byte]int{}, "", "", 0
	viewers := []string{m.SendID, m.RecvID}
	if m.GroupID != "" {
		found, err := groupsNow(ctx, p.im.env, []string{m.GroupID})
		if err != nil {
			return err
		}
		g, known := found[m.GroupID]
		switch {
		case known && g.Status == groupDismissed, !known && !p.im.man.Part && !p.im.groups[m.GroupID]:
			p.gone = "its group is dismissed, or neither here nor in what is imported"
			return nil
		case !known && !p.im.env.DryRun: // a dry run has made no groups
			p.missing = "no group " + m.GroupID
			return nil
		}
		if viewers, err = groupViewers(ctx, p.im.env, m.GroupID); err != nil {
			return err
		}
		viewers = append(viewers, m.SendID)
	}
	viewers = distinct(viewers...)
	var newest int64
	for _, v := range viewers {
		states, err := readStates(ctx, p.im.env, v, []string{m.ConversationID})
		if notThere(err) != nil {
			return err
		}
		newest = max(newest, states[m.ConversationID].MaxSeq)
	}
	stored := storedMessages(ctx, p.im.env, m.ConversationID, newest, func(context.Context) ([]string, error) { return viewers, nil })
	for m, err := range stored {
		if err != nil {
			return err
		}
		if m.SendID != "" {
			p.there[identity(&m)]++
		}
	}
	return nil
}

// send sends a message once. After a broken connection, and after an interrupted run, the server is asked whether it has it.
func (p *messagePutter) send(ctx context.Context, it *item, m *MessageRow, content *value.Object) error {
	const tries = 3
	im := p.im
	if im.env.DryRun {
		it.done()
		return nil
	}
	id := openim.OperationID(im.sendID(it.line))
	if im.again && p.doubt < maxDoubt {
		sent, err := wasSent(ctx, im.env, id)
		if err != nil {
			return err
		}
		if sent {
			p.doubt = 0
			it.done()
			return nil
		}
		p.doubt++
	}
	for try := 1; ; try++ {
		_, err := im.env.API.Call(ctx, "/msg/send_msg", sendBody(m, content), id)
		switch {
		case err == nil:
			p.last = m
			it.done()
			return nil
		case !bindings.Fatal(err):
			it.fail(err)
			return nil
		case !fault.Is(err, fault.Unreachable) && !fault.Is(err, fault.Timeout), ctx.Err() != nil, try == tries:
			return err
		}
		if err := bindings.Wait(ctx, time.Duration(try)*time.Second); err != nil {
			return err
		}
		sent, asked := wasSent(ctx, im.env, id)
		if asked != nil {
			return err
		}
		if sent {
			p.last = m
			it.done()
			return nil
		}
	}
}

// sendID is the operationID of the send of a row: the same when the import is continued.
func (im *importer) sendID(line int64) string {
	name := im.sum[:20]
	if im.mark != nil {
		name = im.mark.id
	}
	return "imctl-import-" + name + "-" + strconv.FormatInt(line, 10)
}

// wasSent asks for the outcome of a send, which the server keeps for a day (SERVER-BEHAVIOUR §6, check_msg_is_send_success).
func wasSent(ctx context.Context, env *bindings.Env, id openim.Option) (bool, error) {
	type answer struct {
		Status int64 `json:"status"`
	}
	const sent = 2
	a, err := openim.Do[answer](ctx, env.API, "/msg/check_msg_is_send_success", value.NewObject(), id)
	return a.Status == sent, err
}

func sendBody(m *MessageRow, content *value.Object) *value.Object {
	body := value.NewObject("sendID", m.SendID, "contentType", int64(m.ContentType), "sessionType", int64(m.SessionType), "content", content,
		"sendTime", m.SendTime, "senderNickname", m.SenderNickname, "senderFaceURL", m.SenderFaceURL,
		"senderPlatformID", int64(m.SenderPlatformID), "ex", m.Ex, "notOfflinePush", true)
	if m.GroupID != "" {
		body.Set("groupID", m.GroupID)
	} else {
		body.Set("recvID", m.RecvID)
	}
	if m.OfflinePushInfo != nil {
		body.Set("offlinePushInfo", m.OfflinePushInfo)
	}
	return body
}

// sendable is the content of a message as a send takes it, or why it can't be sent.
func sendable(m *MessageRow) (content *value.Object, why string) {
	switch {
	case m.ContentType == contentRevoked:
		return nil, "revoked: the server does not give its content"
	case m.Status == statusMessageErased:
		return nil, "deleted: the server does not give its content"
	case m.ContentType != contentOA && m.ContentType >= notificationsBegin && m.ContentType <= notificationsEnd:
		return nil, "a notice of the system"
	case !openim.Sendable(int64(m.ContentType)):
		return nil, fmt.Sprintf("contentType %d can't be sent through the API", m.ContentType)
	}
	text := m.Content
	if m.ContentType == contentOA { // what is stored is wrapped as a notification (SERVER-BEHAVIOUR §9)
		var wrapped struct {
			Detail string `json:"detail"`
		}
		if json.Unmarshal([]byte(text), &wrapped) == nil && wrapped.Detail != "" {
			text = wrapped.Detail
		}
	}
	plain, err := value.Parse([]byte(text))
	o, ok := plain.(*value.Object)
	if err != nil || !ok {
		return nil, "its content is no JSON object"
	}
	return o, ""
}

// identity is what makes a message the same one elsewhere: sender, time, content and ex. The content counts as JSON, with
// numbers as the server has them: doubles.
func identity(m *MessageRow) [16]byte {
	content := []byte(m.Content)
	var plain any
	if json.Unmarshal(content, &plain) == nil {
		if text, err := json.Marshal(plain); err == nil {
			content = text
		}
	}
	h := sha256.New()
	fmt.Fprintf(h, "%q %d %d %q %q", m.SendID, m.SendTime, m.ContentType, content, m.Ex)
	return [16]byte(h.Sum(nil)[:16])
}

// end waits until the last message that was sent is stored, so that what counts messages next counts all.
func (p *messagePutter) end(ctx context.Context) error {
	const patience, pause = 15 * time.Second, 100 * time.Millisecond
	if p.last == nil {
		return nil
	}
	m, want := p.last, identity(p.last)
	for waited := time.Duration(0); waited < patience; waited += pause {
		states, err := readStates(ctx, p.im.env, m.SendID, []string{m.ConversationID})
		if notThere(err) != nil {
			return err
		}
		if newest := states[m.ConversationID].MaxSeq; newest > 0 {
			rows, err := pull(ctx, p.im.env, m.ConversationID, m.SendID, max(1, newest-pullSize+1), newest)
			if err != nil {
				return err
			}
			for _, r := range rows {
				if identity(&r) == want {
					return nil
				}
			}
		}
		if err := bindings.Wait(ctx, pause); err != nil {
			return err
		}
	}
	p.im.env.Warning("the server has not stored the last messages of %s yet: unread counts may be wrong", m.ConversationID)
	return nil
}
