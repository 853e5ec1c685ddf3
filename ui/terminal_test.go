package ui_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/uitest"
)

// asProgram makes the test binary the program, on a terminal of the test's own.
const asProgram = "PODTUI_TEST_PROGRAM"

func program() int {
	scripted := enginetest.NewScripted(uitest.Samples()...)
	var e ui.Engine = scripted
	var o ui.Options
	switch os.Getenv(asProgram) {
	case "panic":
		e = panicking{e}
	case "visit":
		uitest.Live(scripted)
		o.Start = ui.StartPods
		e = rude{e}
	case "late":
		e = late{e}
	case "slow":
		scripted.Speed = 0.01
		events, err := enginetest.ReadEvents(filepath.Join(uitest.Root(), "testdata", "events", "two-apps.jsonl"))
		if err := errors.Join(err, uitest.Elsewhere(scripted)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		scripted.Recordings = [][]event.Event{events}
		o = running()
	}
	if dir := os.Getenv(keptIn); dir != "" {
		all, err := drafts.Open(dir)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer all.Close()
		o = composing(reduceWorker)
		o.Drafts, e = all, touchy{e}
	}
	o.ConfigDir = os.Getenv(configuredIn)
	if err := ui.Run(context.Background(), e, reporting(o)); err != nil {
		fmt.Fprintln(os.Stderr, "podtui:", err)
		return 1
	}
	return 0
}

type panicking struct{ ui.Engine }

func (panicking) FollowPods(context.Context, func(engine.PodsChange) error) error {
	time.Sleep(200 * time.Millisecond)
	panic("provoked")
}

// rude is an engine whose visits end badly.
type rude struct{ ui.Engine }

func (rude) Enter(context.Context, string, engine.EnterOptions) (int, error) { panic("provoked") }

// reportsIn is where the program of these tests tells of its panics.
const reportsIn = "PODTUI_TEST_REPORTS"

func reporting(o ui.Options) ui.Options {
	o.Version, o.Reports = "1.2.3", os.Getenv(reportsIn)
	return o
}

// late is an engine on a busy machine.
type late struct{ ui.Engine }

func (l late) Images() ([]engine.Entry, error) {
	time.Sleep(200 * time.Millisecond)
	return l.Engine.Images()
}

// patience is how long a test waits for the program. It is never waited out unless
// something is wrong: a machine that others have may be slow.
const patience = 2 * time.Minute

// terminal is a program on a pseudo-terminal, and what it wrote to it.
type terminal struct {
	t       *testing.T
	cmd     *exec.Cmd
	pty     *os.File
	tty     *os.File
	before  *term.State
	done    chan struct{}
	mu      sync.Mutex
	written bytes.Buffer
	screen  *vt.Emulator
	modes   map[ansi.Mode]bool // that the program has set, and whether they still are
	title   string
}

func startTerminal(t *testing.T, mode string, environ ...string) *terminal {
	t.Helper()
	p, tty, err := pty.Open()
	if err != nil {
		t.Skip("no pseudo-terminals here: ", err)
	}
	if err := pty.Setsize(p, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	p = pollable(t, p)
	before, err := term.GetState(tty.Fd())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", asProgram+"="+mode)
	cmd.Env = append(cmd.Env, environ...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	tm := &terminal{t: t, cmd: cmd, pty: p, tty: tty, before: before, done: make(chan struct{}), screen: vt.NewEmulator(80, 24), modes: map[ansi.Mode]bool{}}
	tm.screen.SetCallbacks(vt.Callbacks{
		EnableMode:  func(m ansi.Mode) { tm.modes[m] = true },
		DisableMode: func(m ansi.Mode) { tm.modes[m] = false },
		Title:       func(title string) { tm.title = title },
	})
	go tm.read()
	go io.Copy(io.Discard, tm.screen) // nobody waits for the emulator's answers
	t.Cleanup(func() {
		cmd.Process.Kill()
		tty.Close()
		<-tm.done // the last end of the terminal is closed: reading it ends
		p.Close()
		<-tm.done
		tm.screen.InputPipe().(io.Closer).Close() // ends the reading of answers
	})
	return tm
}

// pollable is a terminal that is closed at once, though somebody reads it: setting its
// size has made it one that blocks, which stays open until something comes.
func pollable(t *testing.T, f *os.File) *os.File {
	t.Helper()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := unix.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), f.Name())
}

func (tm *terminal) read() {
	defer close(tm.done)
	buffer := make([]byte, 32<<10)
	for {
		n, err := tm.pty.Read(buffer)
		if err != nil {
			return
		}
		tm.mu.Lock()
		tm.written.Write(buffer[:n])
		tm.screen.Write(buffer[:n])
		tm.mu.Unlock()
	}
}

func (tm *terminal) bytes() string {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	return tm.written.String()
}

// shows is the screen as text.
func (tm *terminal) shows() string {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	return tm.screen.String()
}

func (tm *terminal) waitFor(text string) {
	tm.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if strings.Contains(tm.shows(), text) {
			return
		}
	}
	tm.t.Fatalf("never saw %q:\n%s", text, tm.shows())
}

// ended waits for the program's end, and holds the terminal to what it was.
func (tm *terminal) ended(wantStatus int) {
	tm.t.Helper()
	tm.exits(wantStatus)
	after, err := term.GetState(tm.tty.Fd())
	if err != nil {
		tm.t.Fatal(err)
	}
	if *after != *tm.before {
		tm.t.Errorf("terminal left in another mode:\n%+v\n%+v", *after, *tm.before)
	}
	tm.tty.Close()
	<-tm.done // all that was written is read
	tm.isPlain()
}

// exits waits for the program's end.
func (tm *terminal) exits(wantStatus int) {
	tm.t.Helper()
	state := make(chan error, 1)
	go func() { state <- tm.cmd.Wait() }()
	select {
	case <-state:
	case <-time.After(patience):
		tm.t.Fatal("it did not end")
	}
	if got := tm.cmd.ProcessState.ExitCode(); got != wantStatus {
		tm.t.Errorf("exit status %d, want %d: %q", got, wantStatus, tm.bytes())
	}
}

// isPlain holds what the terminal does to what it did before: whatever was set is
// taken back, and what is written now looks as it should.
func (tm *terminal) isPlain() {
	tm.t.Helper()
	tm.mu.Lock()
	defer tm.mu.Unlock()
	on := map[ansi.Mode]bool{ansi.ModeTextCursorEnable: true, ansi.ModeAutoWrap: true, ansi.ANSIMode(12): true} // 12: keys are not shown by the terminal itself
	for mode, is := range tm.modes {
		if is != on[mode] {
			tm.t.Errorf("mode %v was left %v", mode, is)
		}
	}
	if tm.screen.IsAltScreen() || tm.screen.CursorHidden() || tm.title != "" {
		tm.t.Errorf("alternate screen %v, cursor hidden %v, title %q", tm.screen.IsAltScreen(), tm.screen.CursorHidden(), tm.title)
	}
	out := tm.written.String()
	if pushed, popped := strings.Count(out, "\x1b[>"), strings.Count(out, "\x1b[<1u"); popped == 0 && strings.Contains(out, "\x1b[?1049h") {
		tm.t.Errorf("keyboard: %d sequences, %d taken back", pushed, popped)
	}
	for on, off := range map[string]string{"\x1b[>4;2m": "\x1b[>4m", "\x1b]9;4;1;": "\x1b]9;4;0"} {
		if strings.LastIndex(out, on) > strings.LastIndex(out, off) {
			tm.t.Errorf("%q was never taken back by %q", on, off)
		}
	}
	at := tm.screen.CursorPosition()
	tm.screen.Write([]byte("$"))
	if cell := tm.screen.CellAt(at.X, at.Y); cell == nil || cell.Content != "$" || !cell.Style.IsZero() {
		tm.t.Errorf("what is written looks like %+v", cell)
	}
}

func TestTerminalIsRestoredAfterAQuitKey(t *testing.T) {
	t.Parallel()
	tm := startTerminal(t, "run")
	tm.waitFor("coreos.com/etcd")
	tm.pty.WriteString("q")
	tm.ended(0)
}

// What ends with the screen is said where it stays in sight.
func TestWhatIsStoppedIsSaidWhenTheScreenIsClosed(t *testing.T) {
	tm := startTerminal(t, "slow")
	for _, step := range []struct{ keys, sees string }{
		{"", "verified by"}, {"r", "starting · reduce-worker"}, {"1/", "HOST/NAME"},
		{"docker://registry.test/backup:2", "backup:2"}, {"\r", "fetch"}, {"f", "1 on the way"},
		{"q", "env-printer"}, {"q", "It would not start"},
	} {
		tm.pty.WriteString(step.keys)
		tm.waitFor(step.sees)
	}
	time.Sleep(400 * time.Millisecond) // questions take no answer at once
	tm.pty.WriteString("y")
	tm.ended(0)
	_, after, _ := strings.Cut(tm.bytes(), "\x1b[?1049l")
	for _, line := range []string{"pod reduce-worker was not started; what was downloaded is kept", "a fetch was stopped; what came is kept"} {
		if !strings.Contains(after, line) {
			t.Errorf("%q does not say %q", after, line)
		}
	}
}

// open are the states in which the program is ended, by what leads there.
var open = []struct{ name, keys, sees string }{
	{"a list", "", "coreos.com/etcd"},
	{"a field", "/etc", "2 of 5 images"},
	{"a question", "?", "what can be fetched"},
	{"the form", "2", "A pod is"},
}

func TestTerminalIsRestoredAfterASignal(t *testing.T) {
	t.Parallel()
	for i, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			at := open[i]
			tm := startTerminal(t, "run")
			tm.waitFor("coreos.com/etcd")
			tm.pty.WriteString(at.keys)
			tm.waitFor(at.sees)
			tm.cmd.Process.Signal(s)
			tm.ended(0)
		})
	}
}

// Where the terminal is gone there is nothing to restore, and nobody to stay for.
func TestALostTerminalEndsTheProgram(t *testing.T) {
	t.Parallel()
	for _, at := range open {
		t.Run(at.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			tm := startTerminal(t, "run", reportsIn+"="+dir)
			tm.waitFor("coreos.com/etcd")
			tm.pty.WriteString(at.keys)
			tm.waitFor(at.sees)
			tm.pty.Close()
			tm.exits(0)
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("%v, %v", left, err)
			}
		})
	}
}

// A panic ends the program as a key does. What it was doing is in a file, for whoever
// mends it, and nothing that was typed is.
func TestTerminalIsRestoredAfterAPanic(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, mode, provoke string
		keys, sees          string
		tells               []string
	}{
		{"in an update", "run", "update", "", "", []string{"in an update", "(*guarded).provokes", "ui.painted"}},
		{"in a view", "run", "view", "", "", []string{"in a view", "(*guarded).View"}},
		{"in a command", "run", "command", "", "", []string{"in a command", "(*guarded).provokes.func"}},
		{"of the engine's", "panic", "", "", "", []string{"in a command", "panicking.FollowPods"}},
		{"in an update, while somebody types", "run", "update:ctrl+l", "/hunter2", "/ hunter2", []string{"(typed) ×7"}},
		{"in a view, of a question", "run", "view:ctrl+l", "?", "what can be fetched", []string{"  ?\n"}},
		{"in a command, in the form", "run", "command:ctrl+l", "2", "A pod is", []string{"  2\n"}},
		{"of a visit", "visit", "", "e", "which app", []string{"in a visit", "rude.Enter"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "reports")
			tm := startTerminal(t, c.mode, reportsIn+"="+dir, "PODTUI_PANIC="+c.provoke)
			if c.sees != "" {
				tm.waitFor(map[string]string{"run": "coreos.com/etcd", "visit": "6 pods"}[c.mode])
				tm.pty.WriteString(c.keys)
				tm.waitFor(c.sees)
				tm.pty.WriteString(map[string]string{"run": "\x0c", "visit": "\r"}[c.mode])
			}
			tm.waitFor("the screen crashed")
			tm.ended(1)
			reports, err := filepath.Glob(filepath.Join(dir, "*"))
			if err != nil || len(reports) != 1 {
				t.Fatalf("reports %v, %v", reports, err)
			}
			out := tm.bytes()
			after := out[strings.LastIndex(out, "\x1b[?1049l"):]
			if !strings.Contains(after, reports[0]) || strings.Count(after, "\n") > 3 {
				t.Errorf("said %q", after)
			}
			report, err := os.ReadFile(reports[0])
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range append(c.tells, "podtui 1.2.3", "80×24", "tea.WindowSizeMsg", "goroutine ") {
				if !strings.Contains(string(report), want) {
					t.Errorf("no %q in\n%s", want, report)
				}
			}
			for _, never := range []string{"hunter2", "PODTUI_TEST", os.Getenv("HOME") + "/"} {
				if head, _, _ := strings.Cut(string(report), "stack:"); strings.Contains(head, never) {
					t.Errorf("%q is in\n%s", never, report)
				}
			}
		})
	}
}

// A report that can't be kept is not lost.
func TestAReportWithoutAPlaceIsShown(t *testing.T) {
	t.Parallel()
	tm := startTerminal(t, "run", reportsIn+"=/dev/null/reports", "PODTUI_PANIC=update")
	tm.ended(1)
	if out := tm.bytes(); !strings.Contains(out, "(*guarded).provokes") || !strings.Contains(out, "could not be kept") {
		t.Errorf("said %q", out)
	}
}

func TestNothingIsAskedBeforeTheFirstPaint(t *testing.T) {
	tm := startTerminal(t, "late")
	tm.waitFor("coreos.com/etcd")
	out := tm.bytes()
	first := out[:strings.Index(out, "etcd")]
	for name, query := range map[string]string{"background": "\x1b]11;?", "synchronized": "\x1b[?2026$p", "unicode": "\x1b[?2027$p"} {
		if strings.Contains(first, query) {
			t.Errorf("%s was asked for before there was anything to see", name)
		}
	}
	enginetest.Eventually(t, "the question for the background", func() bool { return strings.Contains(tm.bytes(), "\x1b]11;?") })
}

func TestATerminalThatCantDrawIsToldLineByLine(t *testing.T) {
	tm := startTerminal(t, "run", "TERM=dumb")
	tm.waitFor("1 of 5")
	tm.pty.WriteString("quit\n")
	tm.ended(0)
	if out := tm.bytes(); strings.Contains(out, "\x1b") {
		t.Errorf("wrote %q", out)
	}
}

func TestStandardInputMustBeATerminal(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asProgram+"=run")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "not a terminal; use --batch") {
		t.Errorf("%v: %s", err, out)
	}
}
