package cli

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/openimsdk/imctl/bindings/fault"
)

// interrupts turns signals into cancels. The first interrupt ends the run in good order, the second at once. The REPL
// diverts interrupts to the line that runs.
type interrupts struct {
	cancel func()
	last   func() // is called before the second one ends the program

	mu   sync.Mutex
	line context.CancelFunc
}

// watch starts to listen and returns the function that stops it and waits.
func (i *interrupts) watch() (stop func()) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		canceled := false
		for {
			select {
			case <-done:
				return
			case s := <-signals:
				if s == os.Interrupt && i.divertTo() {
					continue
				}
				if canceled {
					i.last()
					os.Exit(fault.ExitInterrupted)
				}
				canceled = true
				i.cancel()
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
		<-ended
	}
}

// divert sends interrupts to cancel until done is called.
func (i *interrupts) divert(cancel context.CancelFunc) (done func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.line = cancel
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.line = nil
	}
}

func (i *interrupts) divertTo() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.line == nil {
		return false
	}
	i.line()
	return true
}
