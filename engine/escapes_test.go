package engine_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/enginetest/recipe"
	"github.com/podtui/podtui/engine/spec"
)

// What testdata/programs/escape.c tries, how it has to end in a pod, and how outside of
// one, where it is real. Some hosts lack the thing as well.
func TestNobodyEscapes(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	needs(t, "gcc")
	const absent = "ENOENT ENOSYS ENODEV ENXIO"
	attempts := map[string]struct{ inside, outside string }{
		"leaked":       {"EBADF", "done"}, // a descriptor of podtui's caller
		"init_root":    {"EACCES", "done"},
		"init_cwd":     {"EACCES", "done"},
		"chroot_climb": {"ENOENT", "done"}, // it climbs to the pod's root

		"core_pattern":  {"EROFS", "done"},
		"release_agent": {"EPERM", "done EBUSY EINVAL"}, // where v2 has the memory
		"cgroup_v2":     {"EPERM", "done"},
		"fresh_proc":    {"EPERM", "done"},
		"fresh_sysfs":   {"EPERM", "done"},
		"remount_proc":  {"EPERM", "done"},
		"remount_sys":   {"EPERM", "done"},
		"unmask":        {"EPERM", "done"},
		"clone_tree":    {"EPERM", "done"},
		"new_mount":     {"EPERM", "done"},

		"disk_node":   {"EPERM", "done ENXIO"},
		"memory_node": {"EPERM", "done ENXIO EPERM"}, // a kernel may have no /dev/mem, or be locked down
		"kmsg_node":   {"EPERM", "done"},

		"search_keys": {"EPERM", "done"},
		"add_key":     {"EPERM", "done"},
		"list_keys":   {"ENODATA", "done"},

		"trace":           {"EPERM", "done"},
		"write_memory":    {"EACCES", "done"},
		"read_memory":     {"EPERM", "EFAULT"}, // of an address where nothing is
		"executable":      {"EACCES", "done"},
		"descriptors":     {"EACCES", "done"},
		"take_descriptor": {"EPERM", "done"},
		"join_by_proc":    {"EACCES", "done"},
		"join_by_pidfd":   {"EPERM", "done"},
		"signal_outsider": {"ESRCH", "done"}, // the supervisor is one
		"new_users":       {"EPERM", "done"},

		"sysrq":      {"EROFS", "done"},
		"sys_write":  {"EROFS", "done"},
		"module":     {"EPERM", "ENOEXEC EINVAL"}, // it is junk
		"reboots":    {"EPERM", "EINVAL"},         // without the magic numbers
		"set_clock":  {"EPERM", "EFAULT"},         // to no time
		"ring":       {"EPERM", "EFAULT EPERM"},   // EPERM by kernel.io_uring_disabled
		"kernel_log": {"EPERM", "done"},
		"bpf":        {"EPERM", "done"},
		"perf":       {"EPERM", "done"},
		"by_handle":  {"EPERM", "done EOPNOTSUPP"}, // not every file system has handles
		"interface":  {"EPERM", "done"},

		// Not an escape with the host's network (docs/isolation.md): the name is the network's.
		// With one of the pod's own it is out of reach (below).
		"abstract_socket": {"done", "done"},
	}
	e := newEscape(t)
	outside := e.outside()
	inside := map[string]map[string]string{"root": e.inside(false), "private users": e.inside(true)}
	connected := map[string]map[string]string{"root": e.inside(false, "none"), "private users": e.inside(true, "none")}
	for name, want := range attempts {
		if got := outside[name]; !slices.Contains(strings.Fields(want.outside+" "+absent), got) {
			t.Errorf("%s: outside of a pod it ends with %q, so it is no attempt", name, got)
		} else if !strings.Contains(want.outside, got) {
			t.Logf("%s: this host has no such thing (%s)", name, got)
		}
		if got := inside["root"][name]; got != want.inside && (outside[name] == "done" || !slices.Contains(strings.Fields(absent), got)) {
			t.Errorf("%s: %q in a pod, want %q", name, got, want.inside)
		}
		if got := inside["private users"][name]; (got == "done") != (want.inside == "done") || got == "" {
			t.Errorf("%s: %q in a pod with private users", name, got)
		}
	}
	for who, ends := range connected {
		if got := ends["abstract_socket"]; got != "ECONNREFUSED" {
			t.Errorf("abstract_socket: %q in a pod with a private network (%s)", got, who)
		}
		for name, got := range ends {
			if got == "done" && inside[who][name] != "done" {
				t.Errorf("%s: done in a pod with a private network (%s)", name, who)
			}
		}
	}
	for name := range outside {
		if _, known := attempts[name]; !known {
			t.Errorf("%s: nobody says how it has to end", name)
		}
	}
}

// escape has what the attempts are after.
type escape struct {
	t        *testing.T
	program  string
	marker   string
	key      string
	outsider int // a process of the host
}

func newEscape(t *testing.T) escape {
	t.Helper()
	e := escape{t: t, program: filepath.Join(t.TempDir(), "escape"), key: fmt.Sprintf("podtui-%d-%s", os.Getpid(), t.Name())}
	compile(t, "escape.c", e.program)
	e.marker = filepath.Join(t.TempDir(), "marker")
	if err := os.WriteFile(e.marker, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	key, err := unix.AddKey("user", e.key, []byte("secret"), unix.KEY_SPEC_USER_KEYRING)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = unix.KeyctlInt(unix.KEYCTL_UNLINK, key, unix.KEY_SPEC_USER_KEYRING, 0, 0) })
	// Go closes what it opens itself on exec. This is what a careless caller of podtui
	// leaves open for all that it starts.
	leak, err := unix.Open(filepath.Dir(e.marker), unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(leak) })
	socket, err := net.Listen("unix", "@"+e.key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	sleeper := exec.Command("sleep", "600")
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = sleeper.Process.Kill()
		_ = sleeper.Wait()
	})
	e.outsider = sleeper.Process.Pid
	return e
}

// words are the program's arguments; 7:0 is the first loop device.
func (e escape) words(where string, target int) []string {
	return []string{where, e.marker, fmt.Sprint(target), fmt.Sprint(e.outsider), e.key, "7:0", e.key}
}

func (e escape) outside() map[string]string {
	e.t.Helper()
	return ends(output(e.t, e.t.TempDir(), e.program, e.words("outside", e.outsider)...))
}

// inside runs it as a pod's app, with the default isolation, and with the host's network
// if none is named.
func (e escape) inside(private bool, networks ...string) map[string]string {
	e.t.Helper()
	h := enginetest.NewHost(e.t)
	pod := enginetest.Pod(spec.App{Image: e.image(), Exec: "/escape", Args: e.words("inside", 1)})
	pod.PrivateUsers, pod.Network.Names = private, networks
	got := h.Run(pod)
	if got.Err != nil || got.Exit != 0 {
		e.t.Fatalf("exit %d (%v): %s", got.Exit, got.Err, got.Stderr)
	}
	return ends(got.Stdout)
}

func (e escape) image() string {
	e.t.Helper()
	return imageWith(e.t, recipe.File{Kind: recipe.Program, Path: "/escape", Mode: 0o755, Source: e.program})
}

// ends are how the attempts ended, by name.
func ends(output string) map[string]string {
	ends := make(map[string]string)
	for line := range strings.Lines(output) {
		name, end, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		ends[name] = end
	}
	return ends
}

// Who enters an app is podtui, until it is the program. An app that gets hold of its
// executable in that moment overwrites it later, for root of the host to execute.
func TestExecutableOfPodtuiIsNotOverwritten(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	needs(t, "gcc")
	e := newEscape(t)
	h := enginetest.NewHost(t)
	before := stamp(t, "/proc/self/exe")
	pod := h.Start(enginetest.Pod(spec.App{Image: e.image(), Exec: "/escape", Args: []string{"watch"}}))
	pod.WaitFor(t, "take\tEACCES\n") // init's
	for entered := 0; strings.Count(pod.Output(), "take") < 5 && entered < 100; entered++ {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		if _, err := h.Enter(ctx, pod.UUID, engine.EnterOptions{Argv: []string{"/bin/true"}}); err != nil {
			t.Error(err)
		}
		cancel()
	}
	pod.Stop(true)
	got := pod.Wait()
	if seen := strings.Count(got.Stdout, "take"); seen < 5 || strings.Contains(got.Stdout, "done") {
		t.Errorf("it has seen %d, and this came of it:\n%s", seen, got.Stdout)
	}
	if after := stamp(t, "/proc/self/exe"); after != before {
		t.Errorf("podtui was %s and is %s", before, after)
	}
}

// The same is done to a program that nothing protects.
func TestExecutableThatIsTakenIsOverwritten(t *testing.T) {
	t.Parallel()
	needs(t, "gcc")
	program := filepath.Join(t.TempDir(), "escape")
	compile(t, "escape.c", program)
	victim := filepath.Join(t.TempDir(), "victim")
	output(t, ".", "cp", "/bin/sleep", victim)
	before := stamp(t, victim)
	running := exec.Command(victim, "600")
	if err := running.Start(); err != nil {
		t.Fatal(err)
	}
	taking := exec.Command(program, "take", strconv.Itoa(running.Process.Pid))
	said, err := taking.StdoutPipe()
	if err == nil {
		err = taking.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(said)
	first, _ := lines.ReadString('\n')
	_ = running.Process.Kill()
	_ = running.Wait()
	second, _ := lines.ReadString('\n')
	if err := taking.Wait(); err != nil || first != "take\tdone\n" || second != "overwrite\tdone\n" || stamp(t, victim) == before {
		t.Errorf("%q, %q (%v)", first, second, err)
	}
}

func stamp(t *testing.T, path string) string {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(st.Ino, st.Size, st.Mtim.Nano())
}
