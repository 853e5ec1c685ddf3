package sandbox

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// consoleSockets are the two ends on which an app's start hands over the master
// of its terminal, which it makes in the app's own devpts.
func consoleSockets() (ours, theirs *os.File, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	return os.NewFile(uintptr(pair[0]), "console"), os.NewFile(uintptr(pair[1]), "console"), nil
}

// receiveConsole takes the master. It is there already: the start that made it
// has said so, or has ended.
func receiveConsole(socket *os.File) (*os.File, error) {
	name, rights := make([]byte, 64), make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(int(socket.Fd()), name, rights, unix.MSG_CMSG_CLOEXEC|unix.MSG_DONTWAIT)
	if err != nil {
		return nil, os.NewSyscallError("recvmsg", err)
	}
	messages, err := unix.ParseSocketControlMessage(rights[:n])
	if err != nil || len(messages) != 1 {
		return nil, errors.New("no terminal was handed over")
	}
	descriptors, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(descriptors) != 1 {
		return nil, errors.New("no terminal was handed over")
	}
	// Non-blocking, so that a read ends when the file is closed.
	if err := unix.SetNonblock(descriptors[0], true); err != nil {
		unix.Close(descriptors[0])
		return nil, os.NewSyscallError("fcntl", err)
	}
	return os.NewFile(uintptr(descriptors[0]), "terminal"), nil
}
