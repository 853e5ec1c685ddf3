package mds

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// Bounds of what clients can cost. A client that is slow loses its connection; of
// more than maxConns the one that was served the longest ago goes for a new one.
const (
	maxConns    = 64
	maxHeader   = 8 << 10
	headerTime  = 5 * time.Second
	requestTime = 10 * time.Second // to send it; and as long to take the answer
	idleTime    = 30 * time.Second
)

// Server answers those that connect to one listener.
type Server struct {
	door  *door
	http  http.Server
	ended chan struct{}
	conns sync.WaitGroup
}

// Serve answers out of source, until Close.
func Serve(listener *net.TCPListener, source Source) *Server {
	s := &Server{
		door: &door{TCPListener: listener},
		http: http.Server{
			Handler:        &handler{Source: source},
			MaxHeaderBytes: maxHeader, ReadHeaderTimeout: headerTime,
			ReadTimeout: requestTime, WriteTimeout: requestTime, IdleTimeout: idleTime,
			Protocols: new(http.Protocols),
		},
		ended: make(chan struct{}),
	}
	s.http.Protocols.SetHTTP1(true)
	s.http.ConnState = s.watch
	go s.run()
	return s
}

// run waits for somebody before it makes net/http ready: most apps never ask.
func (s *Server) run() {
	defer close(s.ended)
	first, err := s.door.Accept()
	if err != nil {
		return
	}
	s.door.first = first
	_ = s.http.Serve(s.door)
}

func (s *Server) watch(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.conns.Add(1)
	case http.StateIdle:
		s.door.served(conn.(*guest))
	case http.StateClosed:
		s.conns.Done()
	}
}

// Close ends the service and all connections to it, and waits for what works on
// them.
func (s *Server) Close() {
	s.door.close()
	_ = s.http.Close() // of the door, which is closed
	<-s.ended
	s.conns.Wait()
}
