package ui_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/theme"
)

// lived is the interface in Bubble Tea's own loop, over an engine with real images and
// pods. What a terminal would say comes by Send; what is drawn goes nowhere, but is
// held to its size. Nobody visits an app: that needs a terminal.
type lived struct {
	*engine.Engine
	program *tea.Program
	frame   *framed
	ended   chan error
	stop    context.CancelFunc
	kept    *drafts.Drafts

	pods   int // how many may be started at once
	starts atomic.Int64
	here   atomic.Int64 // that are being started, or run
	events atomic.Int64 // that the engine told: events, lines, changes of pods
	alive  atomic.Int64 // when something was taken last, in nanoseconds

	mu   sync.Mutex
	seen map[string]bool // the pods that were started here, and whether they have ended
}

// errEnough is what a start gets that would be one too many.
var errEnough = errors.New("there are pods enough")

func goLive(dir string, o ui.Options, pods int) (*lived, error) {
	e, err := engine.Open(engine.Options{Dir: dir, ConfigDir: filepath.Join(dir, "config")})
	if err != nil {
		return nil, err
	}
	l := &lived{Engine: e, ended: make(chan error, 1), pods: pods, seen: map[string]bool{}}
	if l.kept, err = drafts.Open(filepath.Join(dir, "drafts")); err != nil {
		return nil, err
	}
	o.Drafts = l.kept
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	l.frame = &framed{Model: ui.NewModel(ctx, l, o, theme.Dark)}
	l.program = tea.NewProgram(l.frame, tea.WithContext(ctx), tea.WithInput(nil), tea.WithOutput(io.Discard),
		tea.WithWindowSize(80, 24), tea.WithoutSignalHandler(), tea.WithoutCatchPanics(), tea.WithFilter(l.filter))
	go func() {
		_, err := l.program.Run()
		l.ended <- err
	}()
	return l, nil
}

// filter lets nothing pass that needs a terminal, or ends it all.
func (l *lived) filter(_ tea.Model, msg tea.Msg) tea.Msg {
	switch msg.(type) {
	case tea.QuitMsg:
		if !l.frame.over.Load() {
			return nil
		}
	case tea.SuspendMsg:
		return nil
	}
	if fmt.Sprintf("%T", msg) == "tea.execMsg" {
		return nil
	}
	return msg
}

// send gives the loop a message, and returns when it has taken it.
func (l *lived) send(msg tea.Msg) {
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		l.frame.resized(size.Width, size.Height)
	}
	l.program.Send(msg)
	l.alive.Store(time.Now().UnixNano())
}

// close ends the program, its pods, and all that goes on beside it.
func (l *lived) close() error {
	l.frame.over.Store(true)
	l.program.Quit()
	err := <-l.ended
	l.stop()
	err = errors.Join(err, l.endAll())
	return errors.Join(err, l.kept.Close(), l.Engine.Close())
}

// endAll ends all pods.
func (l *lived) endAll() error {
	pods, err := l.Engine.Pods()
	for _, pod := range pods {
		if pod.State == poddir.Exited || pod.State == poddir.Prepared {
			continue
		}
		if stopErr := l.StopPod(context.Background(), pod.UUID, engine.StopOptions{Force: true}); stopErr != nil && !errors.Is(stopErr, poddir.ErrNotFound) {
			err = errors.Join(err, stopErr)
		}
	}
	return err
}

// watch ends the process with all its stacks where the loop takes nothing for long.
func (l *lived) watch(most time.Duration) (done func()) {
	l.alive.Store(time.Now().UnixNano())
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Second):
			}
			if quiet := time.Since(time.Unix(0, l.alive.Load())); quiet > most {
				stacks := make([]byte, 16<<20)
				fmt.Fprintf(os.Stderr, "it hangs since %v:\n%s\n", quiet, stacks[:runtime.Stack(stacks, true)])
				os.Exit(3)
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
	}
}

// Run implements ui.Engine, with a bound and a count.
func (l *lived) Run(ctx context.Context, pod spec.Pod, o engine.RunOptions, sink event.Sink) (*engine.Running, error) {
	if l.here.Add(1) > int64(l.pods) {
		l.here.Add(-1)
		return nil, errEnough
	}
	running, err := l.Engine.Run(ctx, pod, o, func(e event.Event) {
		l.events.Add(1)
		sink(e)
	})
	if err != nil {
		l.here.Add(-1)
		return nil, err
	}
	l.starts.Add(1)
	l.count(running.UUID, false)
	return running, nil
}

// count notes that a pod was started or has ended, which may be known in either order.
// What is told of others counts for nothing.
func (l *lived) count(uuid string, ended bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before, known := l.seen[uuid]
	if known && before != ended {
		l.here.Add(-1)
		l.seen[uuid] = true
		return
	}
	if !known {
		l.seen[uuid] = ended
	}
}

// Logs implements ui.Engine.
func (l *lived) Logs(ctx context.Context, uuid string, o engine.LogOptions, out func([]poddir.LogLine) error) error {
	return l.Engine.Logs(ctx, uuid, o, func(lines []poddir.LogLine) error {
		l.events.Add(int64(len(lines)))
		return out(lines)
	})
}

// FollowPods implements ui.Engine. It counts how many run.
func (l *lived) FollowPods(ctx context.Context, tell func(engine.PodsChange) error) error {
	return l.Engine.FollowPods(ctx, func(c engine.PodsChange) error {
		l.events.Add(int64(len(c.Changed) + len(c.Gone)))
		for _, pod := range c.Changed {
			if pod.State == poddir.Exited {
				l.count(pod.UUID, true)
			}
		}
		return tell(c)
	})
}

// framed holds each frame to the window that it is for.
type framed struct {
	tea.Model
	over atomic.Bool
	w, h atomic.Int64 // asked for
	hasW int          // taken
	hasH int
}

func (f *framed) resized(w, h int) {
	f.w.Store(int64(w))
	f.h.Store(int64(h))
}

// Update implements tea.Model.
func (f *framed) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		f.hasW, f.hasH = size.Width, size.Height
	}
	var cmd tea.Cmd
	f.Model, cmd = f.Model.Update(msg)
	return f, cmd
}

// View implements tea.Model.
func (f *framed) View() tea.View {
	v := f.Model.View()
	if f.hasW == 0 {
		return v
	}
	lines := strings.Split(v.Content, "\n")
	if len(lines) != f.hasH {
		panic(fmt.Sprintf("%d×%d: %d lines:\n%s", f.hasW, f.hasH, len(lines), v.Content))
	}
	for i, line := range lines {
		if got := ansi.StringWidthWc(line); got != f.hasW {
			panic(fmt.Sprintf("%d×%d: line %d is %d wide: %q", f.hasW, f.hasH, i, got, line))
		}
	}
	return v
}

// liveRole makes the test binary a process of its own for what must not touch this
// host: its value says what it does, LIVE_DIR where.
const (
	liveRole = "PODTUI_TEST_LIVE"
	liveDir  = "PODTUI_TEST_LIVE_DIR"
)

// apart runs this test binary in namespaces of its own, in which nothing can be
// written but a data folder with images, and no host answers.
func apart(t *testing.T, role string, arguments ...string) string {
	t.Helper()
	host := enginetest.NewHost(t)
	for _, recipe := range []string{"busybox", "sleeper"} {
		host.Fetched(enginetest.BuildImage(t, recipe))
	}
	cmd := exec.Command(os.Args[0], arguments...)
	cmd.Env = append(os.Environ(), liveRole+"="+role, liveDir+"="+host.Dir, "GORACE=atexit_sleep_ms=0")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, tail(string(out), 200))
		for _, pod := range must(host.Pods()) {
			_ = host.StopPod(context.Background(), pod.UUID, engine.StopOptions{Force: true})
		}
	}
	return string(out)
}

func must[T any](value T, _ error) T { return value }

// tail is the first and the last lines of something long.
func tail(out string, most int) string {
	lines := strings.Split(out, "\n")
	if len(lines) <= 2*most {
		return out
	}
	return strings.Join(lines[:most], "\n") + "\n…\n" + strings.Join(lines[len(lines)-most:], "\n")
}

// liveMain is the process of apart.
func liveMain(role string) int {
	dir := os.Getenv(liveDir)
	if err := readOnlyBut(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var err error
	switch role {
	case "monkey":
		err = liveMonkey(dir, os.Args[1], os.Args[2])
	default:
		err = fmt.Errorf("no role %q", role)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// readOnlyBut lets this process and its children write below a folder, and what the
// kernel shows as files, and nothing else of the host.
func readOnlyBut(dir string) error {
	set := func(path string, flags uint, on, off uint64) error {
		return os.NewSyscallError("mount_setattr "+path, unix.MountSetattr(unix.AT_FDCWD, path, flags, &unix.MountAttr{Attr_set: on, Attr_clr: off}))
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := set("/", unix.AT_RECURSIVE, unix.MOUNT_ATTR_RDONLY, 0); err != nil {
		return err
	}
	if err := unix.Mount(dir, dir, "", unix.MS_BIND, ""); err != nil {
		return err
	}
	for _, path := range []string{dir, "/proc", "/dev"} {
		if err := set(path, 0, 0, unix.MOUNT_ATTR_RDONLY); err != nil {
			return err
		}
	}
	if err := set("/sys/fs/cgroup", unix.AT_RECURSIVE, 0, unix.MOUNT_ATTR_RDONLY); err != nil {
		return err
	}
	if err := unix.Mount("tmpfs", "/run", "tmpfs", 0, "size=16m"); err != nil {
		return err
	}
	temp := filepath.Join(dir, "tmp")
	return errors.Join(os.MkdirAll(temp, 0o700), os.Setenv("TMPDIR", temp), os.Chdir(temp), os.Setenv("HOME", temp))
}
