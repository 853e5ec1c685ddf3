package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// hostVariable names the host that a test's own process is to find. Pods need
// such a process: one with a mount namespace of its own, whose children nobody
// else waits for.
const (
	hostVariable = "PODTUI_TEST_HOST"
	notYet       = ", not yet"
)

func TestMain(m *testing.M) {
	Role()
	if host, changed := strings.CutSuffix(os.Getenv(hostVariable), notYet); changed {
		fmt.Println(becomeOn(host))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// hosts change what the mount namespace of a test shows of cgroups.
var hosts = map[string]func() error{
	"as it is": func() error { return nil },
	"v1 alone": func() error {
		return unix.Unmount(filepath.Join(cgroupRoot, "unified"), 0)
	},
	"v2 alone":           func() error { return unix.Mount("cgroup2", cgroupRoot, "cgroup2", 0, "") },
	"read-only":          readOnlyCgroups,
	"without cgroups":    func() error { return unix.Mount("none", cgroupRoot, "tmpfs", 0, "") },
	"inside a container": ownCgroups,
}

func readOnlyCgroups() error {
	all, err := hierarchies()
	for _, h := range all {
		err = errors.Join(err, unix.Mount("", h.path, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""))
	}
	return err
}

// ownCgroups mounts what a cgroup namespace shows of cgroups, as runc does in a
// container.
func ownCgroups() error {
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return err
	}
	all, err := hierarchies()
	if err != nil {
		return err
	}
	for _, h := range all {
		kind, options := "cgroup", strings.Join(h.controllers, ",")
		if h.unified {
			kind = "cgroup2"
		} else if options == "systemd" {
			options = "none,name=systemd"
		}
		if err := errors.Join(unix.Unmount(h.path, unix.MNT_DETACH), unix.Mount(kind, h.path, kind, 0, options)); err != nil {
			return fmt.Errorf("%s: %w", h.path, err)
		}
	}
	return nil
}

// becomeOn changes the host and starts this test once more: libcontainer looks at
// the host before anything of ours runs.
func becomeOn(host string) error {
	if err := PrivateMounts(); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return err
	}
	if err := hosts[host](); err != nil {
		return err
	}
	os.Setenv(hostVariable, host)
	return unix.Exec("/proc/self/exe", os.Args, os.Environ())
}

// onHosts runs the test once more in a process of its own for each host, and
// reports true in those: the test goes on there.
func onHosts(t *testing.T, names ...string) bool {
	t.Helper()
	if os.Getenv(hostVariable) != "" {
		return true
	}
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("real pods need root")
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "v1 alone" && !isFileSystem(cgroupRoot+"/unified", unix.CGROUP2_SUPER_MAGIC) ||
				name == "inside a container" && isFileSystem(cgroupRoot, unix.CGROUP2_SUPER_MAGIC) {
				t.Skip("this host can't be taken for one")
			}
			again := exec.Command(os.Args[0], "-test.run=^"+strings.Split(t.Name(), "/")[0]+"$", "-test.v", "-test.timeout=5m")
			again.Env = append(os.Environ(), hostVariable+"="+name+notYet)
			again.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
			if name == "inside a container" {
				again.SysProcAttr.Cloneflags |= syscall.CLONE_NEWPID | syscall.CLONE_NEWCGROUP
			}
			if out, err := again.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	return false
}

func thisHost() string { return os.Getenv(hostVariable) }

// testPod is a pod whose apps have busybox, and nothing else.
type testPod struct {
	*Pod
	t    *testing.T
	dir  string
	uuid string
}

func newTestPod(t *testing.T) *testPod {
	t.Helper()
	busybox, err := os.ReadFile("/bin/busybox")
	if err != nil {
		t.Skip("without busybox-static there is nothing to run: ", err)
	}
	p := &testPod{t: t, dir: t.TempDir(), uuid: fmt.Sprintf("00000000-0000-4000-8000-%012x", rand.Uint64N(1<<48))}
	for _, folder := range []string{"layer/bin", "layer/tmp", "upper", "work", "root", "cache"} {
		if err := os.MkdirAll(filepath.Join(p.dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(p.dir, "layer/bin/busybox"), busybox, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sh", "cat", "sleep", "mknod", "dd", "tail", "head"} {
		if err := os.Symlink("busybox", filepath.Join(p.dir, "layer/bin", name)); err != nil {
			t.Fatal(err)
		}
	}
	if p.Pod, err = Start(Options{UUID: p.uuid, Hostname: "podtui-test", StateDir: filepath.Join(p.dir, "state"), CacheDir: filepath.Join(p.dir, "cache")}); err != nil {
		t.Fatal(err)
	}
	if err := p.root().Mount(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	return p
}

func (p *testPod) root() Root {
	return Root{
		Layers: []string{filepath.Join(p.dir, "layer")},
		Upper:  filepath.Join(p.dir, "upper"), Work: filepath.Join(p.dir, "work"), Target: filepath.Join(p.dir, "root"),
	}
}

func (p *testPod) close() {
	if err := p.Close(); err != nil {
		p.t.Error(err)
	}
	if err := p.root().Unmount(); err != nil {
		p.t.Error(err)
	}
	if left, _ := filepath.Glob(cgroupRoot + "/*/podtui-" + p.uuid); len(left) > 0 {
		p.t.Errorf("left behind: %v", left)
	}
}

// running is an app of a test, and what it prints.
type running struct {
	*Process
	t      *testing.T
	output *os.File
}

// start runs a script as an app, which app changes first.
func (p *testPod) start(script string, change ...func(*App)) *running {
	p.t.Helper()
	ours, theirs, err := os.Pipe()
	if err != nil {
		p.t.Fatal(err)
	}
	defer theirs.Close()
	app := App{
		Name: "app", Root: filepath.Join(p.dir, "root"), Dir: "/",
		Argv:   []string{"/bin/sh", "-c", script},
		Env:    []string{"PATH=/bin", "HOME=/"},
		Stdout: theirs, Stderr: theirs,
	}
	for _, c := range change {
		c(&app)
	}
	process, err := p.Create(app)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := process.Exec(); err != nil {
		p.t.Fatal(err)
	}
	return &running{process, p.t, ours}
}

// end waits for the app and its output, and takes it away.
func (r *running) end() (Ending, string) {
	r.t.Helper()
	ending, err := r.Wait()
	if err != nil {
		r.t.Error(err)
	}
	var said bytes.Buffer
	_, _ = io.Copy(&said, r.output) // to the end: no process is left that has it
	r.output.Close()
	if err := r.Remove(); err != nil {
		r.t.Error(err)
	}
	return ending, said.String()
}

// waitFor reads until the app has printed a line that has text.
func (r *running) waitFor(text string) string {
	r.t.Helper()
	var said []byte
	buffer := make([]byte, 4096)
	for !bytes.Contains(said, []byte(text)) {
		n, err := r.output.Read(buffer)
		if err != nil {
			r.t.Fatalf("%v, after %q", err, said)
		}
		said = append(said, buffer[:n]...)
	}
	return string(said)
}
