package client

import (
	"fmt"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
)

// told is how many of the last events an error tells.
const told = 6

// storyText tells the last events in one line, for errors. The connection is locked.
func (c *conn) storyText() string {
	events := c.log.events
	if len(events) > told {
		events = events[len(events)-told:]
	}
	if len(events) == 0 {
		return "nothing has happened on the connection"
	}
	parts := make([]string, len(events))
	for i, e := range events {
		parts[i] = e.line()
	}
	return fmt.Sprintf("the last %d of %d events of %s: ", len(events), c.log.last, c.id) + strings.Join(parts, "; ")
}

// line is an event in a few words.
func (e event) line() string {
	b := e.at.Format("15:04:05.000 ") + e.kind
	if m := e.msg; m != nil {
		if e.kind != kindMessage {
			b += fmt.Sprintf(" %d", m.ContentType)
		}
		b += " from " + m.SendID
		if m.GroupID != "" {
			b += " in group " + m.GroupID
		}
		if m.Seq > 0 {
			b += fmt.Sprintf(" seq %d", m.Seq)
		}
		if t := textOf(m.ContentType, m.Content); t != "" {
			b += " " + short(t)
		}
	}
	if p := e.presence; p != nil {
		b += " of " + p.UserID + ": " + strings.Join(platformNames(p.PlatformIDs), ", ")
	}
	if e.why != "" {
		b += " (" + e.why + ")"
	}
	for word, on := range map[string]bool{" duplicate": e.duplicate, " pulled": e.pulled} {
		if on {
			b += word
		}
	}
	return b
}

func short(t string) string {
	if r := []rune(t); len(r) > 40 {
		t = string(r[:40]) + "…"
	}
	return fmt.Sprintf("%q", t)
}

// badAnswer is the error of an answer whose payload can't be read.
func badAnswer(what string, err error) error {
	if err == nil {
		return nil
	}
	return fault.New(fault.API, "the answer to %s can't be read: %w", what, err)
}
