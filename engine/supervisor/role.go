// Package supervisor is the process that owns a running pod. There is one for
// each: a session of its own, which holds the pod's lock, starts the apps
// (engine/sandbox), keeps their output (engine/poddir), takes orders, and
// writes down how it all ended. It outlives the front end that started it; if
// it is killed, the kernel takes the pod with it.
//
// The package has both ends: Role is the supervisor's process, Spawn and Front
// are what the process that starts one holds of it, and Stop and Attach are for
// any other.
package supervisor

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/sandbox"
)

const roleName = "supervisor"

// Descriptors that Spawn hands over.
const (
	frontDescriptor = 3
	lockDescriptor  = 4
)

// arguments are the supervisor's command line. It is what "ps" shows.
type arguments struct {
	uuid  string
	pods  string // the folder of all pods
	cache string
	SpawnOptions
}

func (a arguments) argv() []string {
	return []string{"podtui", roleName, a.uuid, a.pods, a.cache, a.word()}
}

// word is the options as one word: logs or output, input, rows and columns, host
// name, users, network.
func (o SpawnOptions) word() string {
	output, users, network := "logs", "", ""
	if o.Output {
		output = "output"
	}
	if o.PrivateUsers {
		users = "private"
	}
	if o.Network {
		network = "private"
	}
	return fmt.Sprintf("%s,%s,%d,%d,%s,%s,%s", output, o.Input, o.Rows, o.Cols, o.Hostname, users, network)
}

func parseOptions(word string) SpawnOptions {
	fields := append(strings.Split(word, ","), "", "", "", "", "", "")
	o := SpawnOptions{
		Output: fields[0] == "output", Input: Input(fields[1]), Hostname: fields[4],
		PrivateUsers: fields[5] != "", Network: fields[6] != "",
	}
	o.Rows, _ = strconv.Atoi(fields[2])
	o.Cols, _ = strconv.Atoi(fields[3])
	return o
}

// Role runs this process as a supervisor or as one of the sandbox's helpers, if
// that is what it was started for, and then does not return. Call it first
// thing in main, and in TestMain of tests that run pods.
func Role() {
	sandbox.Role()
	if len(os.Args) != 6 || os.Args[1] != roleName {
		return
	}
	if err := run(arguments{os.Args[2], os.Args[3], os.Args[4], parseOptions(os.Args[5])}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run(a arguments) error {
	conn, err := inheritFront()
	if err != nil {
		return err
	}
	unix.CloseOnExec(lockDescriptor)
	s := &supervisor{
		dir:   poddir.Inherit(a.pods, a.uuid, os.NewFile(lockDescriptor, "lock")),
		cache: a.cache, options: a.SpawnOptions, front: newSender(conn), stdio: newAllStdio(),
	}
	// Before our connections end, by which those who ordered a stop know that it is
	// over: then the pod can be owned by others.
	defer s.dir.Unlock()
	if err := settle(); err != nil {
		return s.hopeless(err)
	}
	return s.run()
}

// settle makes this process one that can own a pod. What it makes has the mode that
// it says, whoever has started it.
func settle() error {
	unix.Umask(0o022)
	if err := sandbox.PrivateMounts(); err != nil {
		return err
	}
	return os.NewSyscallError("prctl", unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
}

func inheritFront() (*net.UnixConn, error) {
	file := os.NewFile(frontDescriptor, "front")
	defer file.Close()
	conn, err := net.FileConn(file)
	if err != nil {
		return nil, fmt.Errorf("not started by podtui: %w", err)
	}
	return conn.(*net.UnixConn), nil
}
