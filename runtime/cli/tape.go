package cli

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/runtime/cassette"
	"github.com/openimsdk/imctl/runtime/target"
)

// tape is the recording that a run makes or is played from; without either flag it does nothing.
type tape struct {
	recorder *cassette.Recorder
	player   *cassette.Player
	file     bindings.File
	random   io.Reader
}

// openTape opens what --record and --replay name.
func (a *app) openTape() error {
	a.taping.Lock()
	defer a.taping.Unlock()
	if a.tape != nil {
		return nil
	}
	t := &tape{random: rand.Reader}
	switch {
	case a.g.record != "" && a.g.replay != "":
		return fault.New(fault.Usage, "--record and --replay exclude one another")
	case a.g.replay != "":
		f, err := a.openFile(a.g.replay)
		if err != nil {
			return err
		}
		defer f.Close()
		if t.player, err = cassette.Load(f, a.g.replay); err != nil {
			return err
		}
	case a.g.record != "":
		var err error
		if t.file, err = a.createFile(a.g.record); err != nil {
			return err
		}
		if t.recorder, err = cassette.NewRecorder(t.file, openim.NewTransport(), a.started); err != nil {
			return err
		}
	}
	a.tape = t
	return a.seed()
}

// draw returns a value that comes by chance, or the recorded one.
func (t *tape) draw(kind string, fresh func() (string, error)) (string, error) {
	if t.player != nil {
		return t.player.Draw(kind)
	}
	drawn, err := fresh()
	if err == nil && t.recorder != nil {
		t.recorder.Draw(kind, drawn)
	}
	return drawn, err
}

// seed makes all chance of a recorded run repeatable.
func (a *app) seed() error {
	t := a.tape
	if t.player == nil && t.recorder == nil {
		return nil
	}
	text, err := t.draw("seed", func() (string, error) {
		b := make([]byte, 32)
		_, err := rand.Read(b)
		return hex.EncodeToString(b), err
	})
	if err != nil {
		return err
	}
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != 32 {
		return fault.New(fault.Usage, "the recording's seed is broken")
	}
	t.random = &sharedRandom{source: mathrand.NewChaCha8([32]byte(b))}
	return nil
}

// sharedRandom lets scripts that run side by side draw from one source.
type sharedRandom struct {
	mu     sync.Mutex
	source io.Reader
}

func (r *sharedRandom) Read(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.source.Read(b)
}

// transport is what requests go through; nil is the client's own.
func (t *tape) transport() http.RoundTripper {
	switch {
	case t == nil:
		return nil
	case t.player != nil:
		return t.player
	case t.recorder != nil:
		return t.recorder
	}
	return nil
}

// standIn puts the tape before the server. What is kept of earlier runs is no part of a recording: nothing is kept then.
func (t *tape) standIn(cfg *openim.Config) {
	cfg.Base = t.transport()
	switch {
	case t.player != nil:
		cfg.Tape, cfg.CacheDir = t.player, ""
	case t.recorder != nil:
		cfg.Tape, cfg.CacheDir = t.recorder, ""
	}
}

// resolveTape is the target of a replayed run, which needs none, or the resolved one, which is recorded.
func (a *app) resolveTape() (*target.Target, error) {
	t := &target.Target{AdHoc: true}
	if a.tape.player == nil {
		var err error
		if t, err = a.resolve(); err != nil {
			return nil, err
		}
	} else {
		t.API, t.Secret = "http://replay.invalid", target.Held("replayed", "the recording")
	}
	limit, err := a.tape.draw("timeout", func() (string, error) { return t.Timeout.String(), nil })
	if err != nil {
		return nil, err
	}
	if t.Timeout, err = time.ParseDuration(limit); err != nil {
		return nil, fault.New(fault.Usage, "the recording's timeout is broken: %w", err)
	}
	for _, s := range []struct {
		kind string
		at   *string
	}{{"context", &t.Name}, {"admin", &t.Admin}, {"chat.admin", &t.Chat.Admin}, {"chat.api", &t.Chat.API}, {"chat.account", &t.Chat.Account}} {
		if t.Sandbox && s.kind == "admin" && t.Admin == "" {
			t.Admin = "imAdmin"
		}
		if *s.at, err = a.tape.draw(s.kind, func() (string, error) { return *s.at, nil }); err != nil {
			return nil, err
		}
	}
	if a.tape.player != nil && t.Chat.Account != "" {
		t.Chat.Password = target.Held("replayed", "the recording")
	}
	return t, nil
}

// now is the time, in a replayed run as it was when the run was recorded.
func (a *app) now() time.Time {
	if a.tape != nil && a.tape.player != nil {
		return a.tape.player.Start().Add(time.Since(a.started))
	}
	return time.Now()
}

// close ends a recording, which appears whole also when the run failed.
func (t *tape) close() error {
	if t == nil || t.recorder == nil {
		return nil
	}
	if err := errors.Join(t.recorder.Err(), t.file.Commit()); err != nil {
		return fault.New(fault.Internal, "the recording can't be written: %w", err)
	}
	return nil
}
