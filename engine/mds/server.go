package mds

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// Bounds of what clients can cost. Of more than maxConns connections of a kind the
// oldest goes for a new one: who connects and says nothing keeps nobody out. Those
// who have shown a token are a kind of their own, so that nobody else can cut them
// off.
const (
	maxConns    = 32
	requestTime = 10 * time.Second // to send a request, and as long to take the answer
	farewell    = time.Second      // to take it, where more was sent than was read
)

// Server answers those that connect to one listener.
type Server struct {
	handler  handler
	listener *net.TCPListener
	running  sync.WaitGroup

	mu        sync.Mutex
	closed    bool
	strangers conns
	known     conns // they have shown the token of a pod that runs

	crashed sync.Once
}

// Serve answers out of source, until Close.
func Serve(listener *net.TCPListener, source Source) *Server {
	s := &Server{handler: handler{Source: source}, listener: listener}
	s.running.Go(s.accept)
	return s
}

// Close ends the service and all connections to it, and waits for what works on
// them.
func (s *Server) Close() {
	_ = s.listener.Close()
	s.mu.Lock()
	s.closed = true
	for _, conn := range slices.Concat(s.strangers, s.known) {
		conn.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.AcceptTCP()
		switch {
		case err == nil:
			s.enter(conn)
			s.running.Go(func() {
				defer s.leave(conn)
				s.serve(conn)
			})
		case errors.Is(err, net.ErrClosed):
			return
		default: // no descriptor is left, say: it waits, and we don't spin
			time.Sleep(100 * time.Millisecond)
		}
	}
}

func (s *Server) enter(conn *net.TCPConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		conn.Close()
		return
	}
	s.strangers.add(conn)
}

// know makes a stranger known, if it was not closed meanwhile.
func (s *Server) know(conn *net.TCPConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.strangers.remove(conn) {
		s.known.add(conn)
	}
}

func (s *Server) leave(conn *net.TCPConn) {
	conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.strangers.remove(conn) {
		s.known.remove(conn)
	}
}

// conns are connections of one kind, the oldest first.
type conns []*net.TCPConn

func (c *conns) add(conn *net.TCPConn) {
	if len(*c) == maxConns {
		(*c)[0].Close() // who works on it sees that, and goes
		*c = slices.Delete(*c, 0, 1)
	}
	*c = append(*c, conn)
}

func (c *conns) remove(conn *net.TCPConn) (found bool) {
	i := slices.Index(*c, conn)
	if i >= 0 {
		*c = slices.Delete(*c, i, i+1)
	}
	return i >= 0
}

// serve answers one request.
func (s *Server) serve(conn *net.TCPConn) {
	defer s.survive()
	_ = conn.SetDeadline(time.Now().Add(requestTime))
	in := bufio.NewReaderSize(conn, maxHead)
	r, err := readRequest(in)
	told := new(refusal)
	if err != nil && !errors.As(err, &told) {
		return
	}
	var a answer
	if err == nil {
		a, err = s.handler.respond(r, in, conn, func() { s.know(conn) })
	}
	_ = conn.SetDeadline(time.Now().Add(requestTime))
	reply(conn, r.method != "HEAD", a, err)
	// A connection that is closed before all of it was read is reset, and the answer
	// with it.
	_ = conn.CloseWrite()
	_ = conn.SetReadDeadline(time.Now().Add(farewell))
	_, _ = io.CopyN(io.Discard, in, 2*maxForm)
}

// survive keeps an error of ours that one request has brought up from ending the
// pod. It is told once: strangers may know how to repeat it.
func (s *Server) survive() {
	if fault := recover(); fault != nil {
		s.crashed.Do(func() { fmt.Fprintf(os.Stderr, "metadata service: %v\n%s", fault, debug.Stack()) })
	}
}
