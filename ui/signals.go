package ui

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// signals end the program. Bubble Tea restores the terminal when its program ends
// in its own way, and in no other: so signals end it that way, all of those that
// would end the process; and because it has no handler for a hang-up and a quit,
// ours takes the others too.
type signals struct {
	keys  chan os.Signal // that a terminal sends for keys
	other chan os.Signal
	spare chan os.Signal // takes the former in any case: they must not end the process
}

// listen takes signals from now on. The context ends with the first, but for an
// interrupt where that is a key: then it goes to whoever takes it.
func listen(ctx context.Context, asKey bool, interrupts chan<- os.Signal) (*signals, context.Context, context.CancelFunc) {
	s := &signals{make(chan os.Signal, 1), make(chan os.Signal, 1), make(chan os.Signal, 1)}
	s.takeKeys(s.spare)
	s.takeKeys(s.keys)
	signal.Notify(s.other, syscall.SIGTERM, syscall.SIGHUP)
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		for {
			select {
			case sig := <-s.keys:
				if asKey && sig == syscall.SIGINT {
					select {
					case interrupts <- sig:
					default: // one is on its way
					}
					continue
				}
			case <-s.other:
			case <-ctx.Done():
			}
			return
		}
	}()
	return s, ctx, func() {
		cancel()
		for _, c := range []chan os.Signal{s.keys, s.other, s.spare} {
			signal.Stop(c)
		}
	}
}

func (s *signals) takeKeys(c chan os.Signal) { signal.Notify(c, syscall.SIGINT, syscall.SIGQUIT) }

// aside leaves the keys to whoever has the terminal now, until back is called.
func (s *signals) aside() (back func()) {
	signal.Stop(s.keys)
	return func() { s.takeKeys(s.keys) }
}
