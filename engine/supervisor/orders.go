package supervisor

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
)

// order asks for the pod's end. The second one of who has asked before is
// impatience; that of anybody else joins the first. At its end a service gets the
// same signal in all its processes, and restart may meet stop.
type order struct {
	kill    bool           // SIGKILL now: asked for, or impatience
	timeout *time.Duration // between the stop signal and SIGKILL, in place of each app's own
}

// listen takes orders from the front end, from the socket in the pod's folder
// and from signals, for as long as this process lives. Its end, and nothing
// before it, closes the connections of those who sent an order: who sees that
// knows that nothing is left of the pod.
//
// An order that comes before all apps run waits for that, but for none of the networks.
// Called again it does nothing.
func (s *supervisor) listen() {
	s.listening.Do(func() {
		go s.takeSignals()
		go s.hearFront()
		if socket, err := listenIn(s.dir); err == nil {
			go s.accept(socket)
		}
	})
}

func (s *supervisor) takeSignals() {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, unix.SIGTERM, unix.SIGINT, unix.SIGHUP)
	again := false
	for sent := range signals {
		hangup := sent == unix.SIGHUP // which comes along with another, and is no second thought
		s.orders <- order{kill: again && !hangup}
		again = again || !hangup
	}
}

// released waits until the front end says that the record is written, and
// reports false if it has gone without saying so.
func (s *supervisor) released() bool {
	f, _, err := receive(s.front.conn, nil, maxAsked)
	return err == nil && f.kind == frameGo
}

func (s *supervisor) hearFront() {
	s.hearStops(s.front.conn, false)
}

// hearStops takes orders of one who may have given one before, until they go.
func (s *supervisor) hearStops(conn io.Reader, again bool) {
	r := bufio.NewReaderSize(conn, 512)
	for {
		f, _, err := receive(r, nil, maxAsked)
		if err != nil {
			return
		}
		var asked request
		if f.kind == frameRequest && json.Unmarshal(f.payload, &asked) == nil && asked.What == whatStop {
			s.order(asked, again)
			again = true
		}
	}
}

// order passes a request to stop on to who lives the pod's life.
func (s *supervisor) order(r request, again bool) {
	kill := r.Force || again
	if kill {
		s.front.hurry() // here, since the pod may have ended and wait for its front end
	}
	s.orders <- order{kill: kill, timeout: r.Timeout}
}

// over says that nothing more comes, to everybody who has listened so far.
func (s *supervisor) over() {
	s.socket.farewell()
	s.front.over()
}
