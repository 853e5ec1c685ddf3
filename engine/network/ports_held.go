package network

import "golang.org/x/sys/unix"

// held are descriptors of sockets that are bound to ports of the host.
type held []int

func (h held) release() {
	for _, socket := range h {
		_ = unix.Close(socket)
	}
}
