package supervisor

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/poddir"
)

// Bounds of what others can cost a supervisor.
const (
	handshake  = 5 * time.Second // between a connection and its request
	maxSilent  = 16              // connections without a request; the oldest goes for a newer one
	maxClients = 64              // connections that attach; who stops the pod always can
)

// socket is the way in for everybody but the front end.
type socket struct {
	mu      sync.Mutex
	silent  []*net.UnixConn // oldest first
	clients int             // that may be attached
	viewers int             // of these, those that are
	none    chan struct{}   // closed when there are no viewers any more; nil: nobody waits for that
}

func (s *supervisor) accept(listener *net.UnixListener) {
	for {
		conn, err := listener.AcceptUnix()
		if err != nil { // no descriptor is left, say: it waits, and we don't spin
			time.Sleep(100 * time.Millisecond)
			continue
		}
		if !sameUser(conn) {
			conn.Close()
			continue
		}
		s.socket.came(conn)
		go s.serve(conn)
	}
}

// came counts a connection that has yet to say what it wants.
func (s *socket) came(conn *net.UnixConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.silent) == maxSilent {
		s.silent[0].Close()
		s.silent = s.silent[1:]
	}
	s.silent = append(s.silent, conn)
}

// spoke takes it off.
func (s *socket) spoke(conn *net.UnixConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, c := range s.silent {
		if c == conn {
			s.silent = append(s.silent[:i:i], s.silent[i+1:]...)
			break
		}
	}
}

// enter counts one that wants to be attached, if there is room.
func (s *socket) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clients == maxClients {
		return false
	}
	s.clients++
	return true
}

func (s *socket) left() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients--
}

// attached counts those that are attached.
func (s *socket) attached(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.viewers += n
	if s.viewers == 0 && s.none != nil {
		close(s.none)
		s.none = nil
	}
}

// farewell gives those that are attached, whose apps have ended, a moment to take
// what is left.
func (s *socket) farewell() {
	s.mu.Lock()
	if s.viewers == 0 {
		s.mu.Unlock()
		return
	}
	none := make(chan struct{})
	s.none = none
	s.mu.Unlock()
	select {
	case <-none:
	case <-time.After(patience):
	}
}

// serve answers what one connection asks for.
func (s *supervisor) serve(conn *net.UnixConn) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(handshake))
	f, _, err := receive(conn, nil, maxAsked)
	var asked request
	s.socket.spoke(conn)
	if err != nil || f.kind != frameRequest || json.Unmarshal(f.payload, &asked) != nil {
		return
	}
	switch asked.What {
	case whatStop:
		s.serveStop(conn, asked)
	case whatAttach:
		if !s.socket.enter() {
			_ = sendJSON(conn, frameAnswer, answer{Error: fmt.Sprintf("%d connections to the pod are open already", maxClients)})
			return
		}
		defer s.socket.left()
		s.serveAttach(conn, asked)
	default:
		_ = sendJSON(conn, frameAnswer, answer{Error: fmt.Sprintf("the pod's supervisor is older than this podtui, and can't do this: %q", asked.What)})
	}
}

// What a request can ask for.
const (
	whatStop   = "stop"
	whatAttach = "attach"
)

// serveStop holds the connection until this process ends, or the other does.
func (s *supervisor) serveStop(conn *net.UnixConn, asked request) {
	if sendJSON(conn, frameAnswer, answer{}) != nil {
		return
	}
	_ = conn.SetDeadline(time.Time{})
	s.order(asked, false)
	s.hearStops(conn, true)
}

// sameUser asks the kernel who is at the other end. The folder's mode says the
// same; a socket can be passed on.
func sameUser(conn *net.UnixConn) bool {
	raw, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	var peer *unix.Ucred
	var peerErr error
	err = raw.Control(func(fd uintptr) { peer, peerErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	return err == nil && peerErr == nil && (peer.Uid == 0 || int(peer.Uid) == os.Geteuid())
}

// listenIn makes the socket in the pod's folder. It is named through the
// folder's descriptor: the path of a socket is limited to 107 bytes, that of a
// data folder is not.
func listenIn(dir *poddir.Dir) (*net.UnixListener, error) {
	folder, err := os.Open(dir.Path)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	at := throughDescriptor(folder, dir.SocketName())
	unheard := throughDescriptor(folder, dir.SocketName()+".new")
	if err := os.Remove(unheard.Name); err != nil && !os.IsNotExist(err) { // of a supervisor that was killed
		return nil, err
	}
	listener, err := net.ListenUnix("unix", unheard)
	if err != nil {
		return nil, err
	}
	listener.SetUnlinkOnClose(false)
	if err := os.Chmod(unheard.Name, 0o700); err != nil {
		return nil, err
	}
	// Under its name it is heard from the first moment; a pod that runs once more
	// has the socket of the last time there.
	return listener, os.Rename(unheard.Name, at.Name)
}

func throughDescriptor(folder *os.File, name string) *net.UnixAddr {
	return &net.UnixAddr{Net: "unix", Name: fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), name)}
}

// dial connects to the supervisor of a pod.
func dial(dir *poddir.Dir) (*net.UnixConn, error) {
	folder, err := os.Open(dir.Path)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	conn, err := net.DialUnix("unix", nil, throughDescriptor(folder, dir.SocketName()))
	if err != nil {
		return nil, ErrNotRunning
	}
	return conn, nil
}
