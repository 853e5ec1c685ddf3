package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/poddir"
)

// listen takes orders from the front end, from the socket in the pod's folder
// and from signals, for as long as this process lives. Its end, and nothing
// before it, closes the connections: who sent an order and sees that knows that
// nothing is left of the pod.
//
// An order that comes before all apps run waits for that.
func (s *supervisor) listen() {
	go s.takeSignals()
	go s.takeOrders(s.front.conn)
	if socket, err := listenIn(s.dir); err == nil {
		go s.accept(socket)
	}
}

func (s *supervisor) takeSignals() {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, unix.SIGTERM, unix.SIGINT)
	for range signals {
		s.orders <- OrderStop
	}
}

func (s *supervisor) accept(socket *net.UnixListener) {
	for {
		conn, err := socket.AcceptUnix()
		if err != nil {
			return
		}
		if !sameUser(conn) {
			conn.Close()
			continue
		}
		go s.takeOrders(conn)
	}
}

func (s *supervisor) takeOrders(r io.Reader) {
	var order [1]byte
	for {
		if _, err := r.Read(order[:]); err != nil {
			return
		}
		switch Order(order[0]) {
		case OrderKill:
			s.front.hurry() // here, since the pod may have ended and wait for its front end
			s.orders <- OrderKill
		case OrderStop:
			s.orders <- OrderStop
		}
	}
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
	return net.ListenUnix("unix", throughDescriptor(folder, dir))
}

func throughDescriptor(folder *os.File, dir *poddir.Dir) *net.UnixAddr {
	return &net.UnixAddr{Net: "unix", Name: fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), dir.SocketName())}
}

// ErrNotRunning says that nobody takes orders for the pod.
var ErrNotRunning = errors.New("the pod is not running")

// Send sends an order to a pod's supervisor, and returns when the pod has ended
// or the context has.
func Send(ctx context.Context, dir *poddir.Dir, o Order) error {
	folder, err := os.Open(dir.Path)
	if err != nil {
		return err
	}
	defer folder.Close()
	conn, err := net.DialUnix("unix", nil, throughDescriptor(folder, dir))
	if err != nil {
		return ErrNotRunning
	}
	defer conn.Close()
	if _, err := conn.Write([]byte{byte(o)}); err != nil {
		return ErrNotRunning
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	_, _ = io.Copy(io.Discard, conn) // until the supervisor closes it
	return ctx.Err()
}
