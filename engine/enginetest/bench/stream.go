package main

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// listen and dial make sockets of a network; who uses them may be anywhere.

func (n *namespace) listen(at netip.AddrPort) (l net.Listener, err error) {
	n.do(func() { l, err = net.Listen("tcp", at.String()) })
	return l, err
}

func (n *namespace) dial(to netip.AddrPort) (c net.Conn, err error) {
	n.do(func() { c, err = (&net.Dialer{Timeout: 5 * time.Second}).Dial("tcp", to.String()) })
	return c, err
}

// stream sends so many bytes over a new connection, and then as many back.
func stream(sink net.Listener, dial func() (net.Conn, error), bytes int64) (took, error) {
	begin, used := time.Now(), ownCPU()
	far := make(chan error, 1)
	go func() {
		conn, err := sink.Accept()
		if err != nil {
			far <- err
			return
		}
		defer conn.Close()
		far <- errors.Join(take(conn, bytes), pour(conn, bytes))
	}()
	conn, err := dial()
	if err != nil {
		return took{}, err // the other end goes with its listener
	}
	err = errors.Join(pour(conn, bytes), take(conn, bytes))
	err = errors.Join(err, conn.Close(), <-far)
	return took{time.Since(begin), ownCPU() - used}, err
}

// ownCPU is what this process has used, at both ends of a stream.
func ownCPU() time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

const mouthful = 256 << 10 // that is sent or taken at once

func pour(w io.Writer, bytes int64) error {
	water := make([]byte, mouthful)
	for sent := int64(0); sent < bytes; sent += mouthful {
		if _, err := w.Write(water); err != nil {
			return err
		}
	}
	return nil
}

func take(r io.Reader, bytes int64) error {
	cup := make([]byte, mouthful)
	for taken := int64(0); taken < bytes; {
		n, err := r.Read(cup)
		if taken += int64(n); taken < bytes && err != nil {
			return err
		}
	}
	return nil
}
