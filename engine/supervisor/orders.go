package supervisor

import (
	"bufio"
	"encoding/json"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
)

// order asks for the pod's end. A second one is impatience.
type order struct {
	kill    bool           // SIGKILL now
	timeout *time.Duration // between the stop signal and SIGKILL, in place of each app's own
}

// listen takes orders from the front end, from the socket in the pod's folder
// and from signals, for as long as this process lives. Its end, and nothing
// before it, closes the connections of those who sent an order: who sees that
// knows that nothing is left of the pod.
//
// An order that comes before all apps run waits for that.
func (s *supervisor) listen() {
	go s.takeSignals()
	go s.hearFront()
	if socket, err := listenIn(s.dir); err == nil {
		go s.accept(socket)
	}
}

func (s *supervisor) takeSignals() {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, unix.SIGTERM, unix.SIGINT)
	for range signals {
		s.orders <- order{}
	}
}

// released waits until the front end says that the record is written, and
// reports false if it has gone without saying so.
func (s *supervisor) released() bool {
	f, _, err := receive(s.front.conn, nil, maxAsked)
	return err == nil && f.kind == frameGo
}

func (s *supervisor) hearFront() {
	r := bufio.NewReaderSize(s.front.conn, 512)
	for {
		f, _, err := receive(r, nil, maxAsked)
		if err != nil {
			return
		}
		var asked request
		if f.kind == frameRequest && json.Unmarshal(f.payload, &asked) == nil {
			s.order(asked)
		}
	}
}

// order passes a request to stop on to who lives the pod's life.
func (s *supervisor) order(r request) {
	if r.Force {
		s.front.hurry() // here, since the pod may have ended and wait for its front end
	}
	s.orders <- order{kill: r.Force, timeout: r.Timeout}
}

// over says that nothing more comes, to everybody who has listened so far.
func (s *supervisor) over() {
	s.socket.farewell()
	s.front.over()
}
