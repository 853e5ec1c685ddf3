package sandbox

import (
	"os"

	"golang.org/x/sys/unix"
)

// receiveConsole takes the master of an app's terminal, which its start makes in the
// app's own devpts.
func receiveConsole(socket *os.File) (*os.File, error) {
	descriptors, err := takeOver(socket, 1)
	if err != nil {
		return nil, err
	}
	// Non-blocking, so that a read ends when the file is closed.
	if err := unix.SetNonblock(descriptors[0], true); err != nil {
		unix.Close(descriptors[0])
		return nil, os.NewSyscallError("fcntl", err)
	}
	return os.NewFile(uintptr(descriptors[0]), "terminal"), nil
}
