package sandbox

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// handOverSockets are the two ends on which what runs in a pod hands over what can only
// be opened there.
func handOverSockets(name string) (ours, theirs *os.File, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	return os.NewFile(uintptr(pair[0]), name), os.NewFile(uintptr(pair[1]), name), nil
}

// takeOver takes so many descriptors. They are there already: who opened them has said
// so, or has ended.
func takeOver(socket *os.File, count int) ([]int, error) {
	name, rights := make([]byte, 64), make([]byte, unix.CmsgSpace(4*count))
	_, n, _, _, err := unix.Recvmsg(int(socket.Fd()), name, rights, unix.MSG_CMSG_CLOEXEC|unix.MSG_DONTWAIT)
	if err != nil {
		return nil, os.NewSyscallError("recvmsg", err)
	}
	messages, err := unix.ParseSocketControlMessage(rights[:n])
	if err != nil || len(messages) != 1 {
		return nil, fmt.Errorf("no %s was handed over", socket.Name())
	}
	descriptors, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(descriptors) != count {
		return nil, fmt.Errorf("no %s was handed over", socket.Name())
	}
	return descriptors, nil
}
