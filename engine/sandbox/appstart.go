package sandbox

// #include "appstart.h"
// #include "become.h"
import "C"

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/opencontainers/runc/libcontainer/exeseal"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// plan is what an app's start makes before it becomes a program (appstart.c).
type plan struct {
	app        App
	keyring    string
	namespaces uint32 // that are joined
	users      Users

	capabilities []string
	more         []string // until the program is executed
	sysctls      map[string]string

	targets []string   // of
	mounts  []*os.File // mounted nowhere yet
}

// bytes are the plan as appstart.c reads it.
func (p plan) bytes() ([]byte, error) {
	readOnly, hidden := readOnlyTo(p.app), hiddenFrom(p.app)
	strings := append([]string{p.app.Root, p.keyring}, p.targets...)
	strings = append(strings, p.sysctlStrings()...)
	text, err := appendStrings(nil, slices.Concat(strings, readOnly, hidden))
	if err != nil {
		return nil, err
	}
	order := binary.NativeEndian
	b := order.AppendUint64(nil, capabilityBits(p.capabilities))
	b = order.AppendUint64(b, capabilityBits(append(p.more, p.capabilities...)))
	for _, n := range []int{
		4*len(p.app.Groups) + len(text), p.wishes(), int(p.namespaces),
		p.app.UID, p.app.GID, len(p.app.Groups),
		p.app.Rows, p.app.Cols,
		len(p.targets), len(p.sysctls), len(readOnly), len(hidden),
	} {
		b = order.AppendUint32(b, uint32(n))
	}
	for _, group := range p.app.Groups {
		b = order.AppendUint32(b, uint32(group))
	}
	return append(b, text...), nil
}

// tell tells a start what to make.
func (p plan) tell(socket *os.File) error {
	b, err := p.bytes()
	if err == nil {
		_, _ = socket.Write(b) // if it can't be told, it has ended, and has said why
	}
	return err
}

func (p plan) wishes() (wishes int) {
	for wish, wanted := range map[int]bool{
		C.OWN_USERS: p.users.Private(), C.TERMINAL: p.app.Terminal,
		C.READ_ONLY_ROOT: p.app.Isolation.ReadOnlyRoot, C.NO_NEW_PRIVILEGES: p.app.Isolation.NoNewPrivileges,
	} {
		if wanted {
			wishes |= wish
		}
	}
	return wishes
}

// sysctlStrings are each sysctl's file and its value.
func (p plan) sysctlStrings() (list []string) {
	for key, value := range p.sysctls {
		list = append(list, "/proc/sys/"+strings.ReplaceAll(key, ".", "/"), value)
	}
	return list
}

// planOf decides what an app's start makes.
func (p *Pod) planOf(app App, filter filter) (plan, error) {
	set, warning := capabilities(app.Isolation)
	p.warn(app.Name, warning)
	if p.host.unusable != nil { // nothing else keeps it from making devices
		set = slices.DeleteFunc(set, func(name string) bool { return name == "CAP_MKNOD" })
	}
	made := plan{
		app: app, keyring: "_ses." + recordName(p.uuid, app.Name), // as libcontainer calls it
		namespaces: unix.CLONE_NEWIPC | unix.CLONE_NEWUTS, users: p.users,
		capabilities: set, more: untilExecuted(filter, app.Isolation.NoNewPrivileges), sysctls: p.sysctls,
	}
	if p.users.Private() {
		made.namespaces |= unix.CLONE_NEWUSER
	}
	if p.network {
		made.namespaces |= unix.CLONE_NEWNET
	}
	for _, m := range app.Mounts {
		mount, err := m.clone()
		if err != nil {
			made.close()
			return plan{}, err
		}
		made.targets, made.mounts = append(made.targets, m.Target), append(made.mounts, mount)
	}
	return made, nil
}

func (p plan) close() {
	for _, mount := range p.mounts {
		mount.Close()
	}
}

func capabilityBits(names []string) (bits uint64) {
	for bit, name := range spec.Capabilities() {
		if slices.Contains(names, name) {
			bits |= 1 << bit
		}
	}
	return bits
}

// startError says what a start could not make.
type startError struct {
	step string
	err  syscall.Errno
}

func (e *startError) Error() string { return fmt.Sprintf("%s: %v", e.step, e.err) }

func (e *startError) Unwrap() error { return e.err }

// notMade reads what a start could not make.
func notMade(socket io.Reader, errno syscall.Errno) error {
	step, _ := io.ReadAll(io.LimitReader(socket, unix.PathMax)) // which ends with it, in one way or another
	return &startError{string(step), errno}
}

// startOf starts an app's start, which waits for its plan.
func (p *Pod) startOf(plan plan, status, console *os.File) (*os.Process, error) {
	executable, err := p.sealed()
	if err != nil {
		return nil, err
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	files := []*os.File{null, null, null, status, p.init.process, executable, console}
	for n, file := range []*os.File{plan.app.Stdin, plan.app.Stdout, plan.app.Stderr} {
		if file != nil && !plan.app.Terminal {
			files[n] = file
		}
	}
	attr := &os.ProcAttr{Dir: "/", Env: []string{}, Files: append(files, plan.mounts...)}
	if p.users.Private() {
		attr.Dir = p.sysfs()
	}
	return p.init.spawn(fmt.Sprintf("/proc/self/fd/%d", C.EXECUTABLE), []string{"podtui", "app-start", p.uuid, plan.app.Name}, attr)
}

// seal opens this program so that an app that gets hold of it by a start, which is
// beside it in the pod, can't change it.
func seal(folder string) (*os.File, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	return exeseal.CloneSelfExe(folder)
}
