package sandbox

// #include "become.h"
import "C"

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/opencontainers/runc/libcontainer/configs"
	"golang.org/x/sys/unix"
)

// program is what a start becomes (become.c). Its strings may have any bytes but
// zero.
type program struct {
	app     string
	dir     string
	argv    []string
	env     []string // NAME=VALUE; of a name that is there twice the last counts
	rlimits []configs.Rlimit
	filter  filter // none: any system call is allowed
}

const answerSize = 2 // of struct answer

// bytes are the program as become.c reads it.
func (p program) bytes() ([]byte, error) {
	env := lastOfEach(p.env)
	strings, err := appendStrings(nil, append(append([]string{p.dir}, p.argv...), env...))
	if err != nil {
		return nil, err
	}
	order := binary.NativeEndian
	rlimits := p.rlimitBytes()
	b := order.AppendUint32(nil, uint32(len(rlimits)+len(p.filter)+len(strings)))
	b = order.AppendUint32(b, uint32(len(p.rlimits)))
	b = order.AppendUint32(b, uint32(len(p.filter)))
	b = order.AppendUint32(b, uint32(len(p.argv)))
	b = order.AppendUint32(b, uint32(len(env)))
	return append(append(append(b, rlimits...), p.filter...), strings...), nil
}

func (p program) rlimitBytes() (b []byte) {
	order := binary.NativeEndian
	for _, r := range p.rlimits {
		b = order.AppendUint64(b, uint64(r.Type))
		b = order.AppendUint64(order.AppendUint64(b, r.Soft), r.Hard)
	}
	return b
}

func appendStrings(b []byte, all []string) ([]byte, error) {
	for _, s := range all {
		if strings.IndexByte(s, 0) >= 0 {
			return nil, fmt.Errorf("%q has a zero byte, which no program can be given", s)
		}
		b = append(append(b, s...), 0)
	}
	return b, nil
}

// lastOfEach leaves out the variables that a later one wins over.
func lastOfEach(env []string) []string {
	last := make(map[string]int, len(env))
	for i, variable := range env {
		last[nameOf(variable)] = i
	}
	if len(last) == len(env) {
		return env
	}
	var each []string
	for i, variable := range env {
		if last[nameOf(variable)] == i {
			each = append(each, variable)
		}
	}
	return each
}

func nameOf(variable string) string {
	name, _, _ := strings.Cut(variable, "=")
	return name
}

// prepare hands a program to a start, which says whether it can become it. Where
// nothing is said, the start was killed.
func (p program) prepare(socket *os.File) error {
	b, err := p.bytes()
	if err != nil {
		return fmt.Errorf("app %q: %w", p.app, err)
	}
	if _, err := socket.Write(b); err != nil {
		return fmt.Errorf("app %q: its start has ended: %w", p.app, err)
	}
	answer := make([]byte, answerSize)
	if _, err := io.ReadFull(socket, answer); err != nil {
		return fmt.Errorf("app %q: its start has ended: %w", p.app, err)
	}
	return p.refused(answer)
}

// execute has a start become the program that it has prepared, and returns when it
// has.
func (p program) execute(socket *os.File) error {
	if _, err := socket.Write([]byte{0}); err != nil {
		return fmt.Errorf("app %q: its start has ended: %w", p.app, err)
	}
	answer, err := io.ReadAll(io.LimitReader(socket, answerSize))
	if err != nil || len(answer) == 0 {
		return err
	}
	return p.refused(answer)
}

// refused is what a start has said.
func (p program) refused(answer []byte) error {
	if len(answer) != answerSize {
		return fmt.Errorf("app %q: its start has said %d bytes", p.app, len(answer))
	}
	errno := syscall.Errno(answer[1])
	switch answer[0] {
	case C.READY:
		return nil
	case C.NO_FOLDER:
		return &FolderError{App: p.app, Path: p.dir, Err: errno}
	case C.NO_EXECUTABLE, C.NOT_EXECUTED:
		return &ExecError{App: p.app, Path: p.argv[0], Err: errno, found: answer[0] == C.NOT_EXECUTED}
	case C.NO_LIMIT:
		return fmt.Errorf("app %q: rlimits: %w", p.app, errno)
	}
	return fmt.Errorf("app %q: seccomp filter: %w", p.app, errno)
}

// statusSockets are the two ends of execStatus.
func statusSockets() (ours, theirs *os.File, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	return os.NewFile(uintptr(pair[0]), "exec status"), os.NewFile(uintptr(pair[1]), "exec status"), nil
}
