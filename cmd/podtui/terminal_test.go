package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/uitest"
)

// patience is how long a journey or a script waits for something to appear. It is
// never waited out unless something is wrong: a machine that others have may be slow.
const patience = 2 * time.Minute

// terminal is a person at a shell in a tmux of the test's own, with a data
// folder of its own; podtui is found in PATH, as in the testscripts.
type terminal struct {
	t    *testing.T
	host *enginetest.Host
	home string // a folder whose path is always of the same length
	keys *keymap.Map
	env  []string // what Export has added

	tty    *os.File
	before *term.State // of the terminal, while the shell has it
}

// openTerminal starts a shell on a terminal of 80×24. Whatever the journey
// leaves running is ended with it.
func openTerminal(t *testing.T) *terminal { return openTerminalIn(t, nil) }

// openTerminalIn does so on a host whose network is the test's own; nil: that of this
// machine.
func openTerminalIn(t *testing.T, host *nettest.Namespace) *terminal {
	t.Helper()
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("real pods need root")
	}
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("make test would install what is missing: ", err)
	}
	tm := &terminal{t: t, host: enginetest.NewHost(t), home: newHome(t), keys: keymap.Default()}
	// Without the wait for the rest of an escape sequence, esc is a key at once.
	tm.File(".tmux.conf", []byte("set -g default-terminal tmux-256color\nset -g status off\nset -s escape-time 0\n"))
	tm.File(".shrc", []byte("PS1='$ '\n"))
	args := []string{"-S", tm.socket(), "-f", filepath.Join(tm.home, ".tmux.conf"), "new-session", "-d", "-x", "80", "-y", "24", "-c", tm.home, "/bin/sh"}
	start := exec.Command("tmux", args...)
	if host != nil {
		start = host.Command("tmux", args...)
	}
	start.Env = tm.environ()
	if out, err := start.CombinedOutput(); err != nil {
		t.Fatalf("tmux: %v: %s", err, out)
	}
	t.Cleanup(tm.close)
	tm.Sees("$")
	var err error
	if tm.tty, err = os.OpenFile(strings.TrimSpace(tm.tmux("display-message", "-p", "#{pane_tty}")), os.O_RDONLY|syscall.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	if tm.before, err = term.GetState(tm.tty.Fd()); err != nil {
		t.Fatal(err)
	}
	return tm
}

func newHome(t *testing.T) string {
	t.Helper()
	home := fmt.Sprintf("/tmp/j-%08x", rand.Uint32())
	if err := os.Mkdir(home, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	return home
}

func (tm *terminal) socket() string { return filepath.Join(tm.home, ".tmux") }

// environ is the shell's, and so podtui's: nothing that a developer's own
// terminal has set makes a difference.
func (tm *terminal) environ() []string {
	environ := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains([]string{"NO_COLOR", "COLORFGBG", "ENV", "HOME", "LANG", "TZ", "PODTUI_DIR", "PODTUI_CONFIG_DIR", "LC_ALL", "TMUX", "TMUX_PANE", "TERM", "SSH_TTY"}, name)
	})
	environ = append(environ, "HOME="+tm.home, "ENV="+filepath.Join(tm.home, ".shrc"), "LANG=C.UTF-8", "TZ=UTC", "TERM=xterm-256color",
		"PODTUI_DIR="+tm.host.Dir, "PODTUI_CONFIG_DIR="+filepath.Join(tm.home, ".config"))
	return append(environ, tm.env...)
}

// Export adds to the environment of the shell, and of every other that follows.
func (tm *terminal) Export(environ ...string) *terminal {
	tm.env = append(tm.env, environ...)
	for _, variable := range environ {
		tm.Command("export " + variable)
	}
	return tm.Command("clear").Loses("export")
}

// close ends tmux, and what its hang-up does not end: the journey's pods.
func (tm *terminal) close() {
	if tm.t.Failed() {
		tm.t.Logf("the last screen, and what scrolled away:\n%s", tm.tmux("capture-pane", "-p", "-S", "-200"))
	}
	tm.tty.Close()
	_ = exec.Command("tmux", "-S", tm.socket(), "kill-server").Run() // unless the journey did
	pods, _ := tm.host.Pods()
	for _, pod := range pods {
		if pod.State == poddir.Running {
			tm.t.Errorf("pod %s still runs", pod.UUID)
			tm.host.StopPod(context.Background(), pod.UUID, engine.StopOptions{Force: true}) // the test's own has ended
		}
	}
	enginetest.Eventually(tm.t, "the end of all that was started", func() bool { return len(tm.processes()) == 0 })
}

// processes are those that were started from the shell, by their command lines.
func (tm *terminal) processes() map[string]int {
	found := map[string]int{}
	environs, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range environs {
		environ, err := os.ReadFile(path)
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		line, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		if err == nil && len(line) > 0 && strings.Contains(string(environ), "HOME="+tm.home+"\x00") {
			found[strings.TrimRight(strings.ReplaceAll(string(line), "\x00", " "), " ")] = pid
		}
	}
	return found
}

// tmux runs a command of tmux.
func (tm *terminal) tmux(args ...string) string {
	out, err := exec.Command("tmux", append([]string{"-S", tm.socket()}, args...)...).CombinedOutput()
	if err != nil && !tm.t.Failed() {
		tm.t.Errorf("tmux %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Image puts the image of a recipe into the store.
func (tm *terminal) Image(recipes ...string) *terminal {
	tm.t.Helper()
	for _, recipe := range recipes {
		tm.host.Fetched(enginetest.BuildImage(tm.t, recipe))
	}
	return tm
}

// Command types a command line at the shell's prompt.
func (tm *terminal) Command(line string) *terminal { return tm.Type(line).key("enter") }

// Press presses the first key of each action, all of them at once: nobody is
// faster, and a busy machine is not slower. To a terminal, esc and a key that
// follows at once are that key with alt: after Back, look before the next.
func (tm *terminal) Press(actions ...keymap.Action) *terminal {
	tm.t.Helper()
	keys := make([]string, len(actions))
	for j, a := range actions {
		i := slices.IndexFunc(tm.keys.Bindings(), func(b keymap.Binding) bool { return b.Action == a })
		if i < 0 {
			tm.t.Fatalf("no key for %s", a)
		}
		keys[j] = tm.keys.Bindings()[i].Keys()[0]
	}
	return tm.key(keys...)
}

// tmuxKeys are the keys that tmux calls something else than Bubble Tea does.
var tmuxKeys = map[string]string{
	"enter": "Enter", "esc": "Escape", "tab": "Tab", "shift+tab": "BTab", "space": "Space", "backspace": "BSpace",
	"delete": "DC", "pgup": "PPage", "pgdown": "NPage", "up": "Up", "down": "Down", "left": "Left", "right": "Right",
	"home": "Home", "end": "End",
}

func (tm *terminal) key(names ...string) *terminal {
	send := []string{"send-keys"}
	for _, name := range names {
		if control, ok := strings.CutPrefix(name, "ctrl+"); ok {
			name = "C-" + control
		} else if special, ok := tmuxKeys[name]; ok {
			name = special
		}
		send = append(send, name)
	}
	tm.tmux(send...)
	return tm
}

// Type types text.
func (tm *terminal) Type(text string) *terminal {
	tm.tmux("send-keys", "-l", "--", text)
	return tm
}

// Consent answers the question on the screen with yes.
func (tm *terminal) Consent() *terminal { return tm.Patient().Press(keymap.DialogYes) }

// Patient waits until a question takes an answer. Nothing on the screen tells.
func (tm *terminal) Patient() *terminal {
	time.Sleep(dialog.Grace + 50*time.Millisecond)
	return tm
}

// File puts a file into the home folder.
func (tm *terminal) File(name string, content []byte) *terminal {
	tm.t.Helper()
	path := filepath.Join(tm.home, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, content, 0o644)); err != nil {
		tm.t.Fatal(err)
	}
	return tm
}

// Attach connects one more terminal, as an ssh connection would.
func (tm *terminal) Attach() *exec.Cmd {
	tm.t.Helper()
	client := exec.Command("tmux", "-S", tm.socket(), "attach")
	client.Env = tm.environ()
	p, err := pty.StartWithSize(client, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		tm.t.Fatal(err)
	}
	tm.t.Cleanup(func() { p.Close() })
	go io.Copy(io.Discard, p)
	enginetest.Eventually(tm.t, "a client of tmux", func() bool { return tm.tmux("list-clients") != "" })
	return client
}

// Resize gives the terminal another size.
func (tm *terminal) Resize(w, h int) *terminal {
	tm.tmux("resize-window", "-x", strconv.Itoa(w), "-y", strconv.Itoa(h))
	return tm
}

// Screen is what is on the terminal.
func (tm *terminal) Screen() string { return tm.tmux("capture-pane", "-p") }

// Sees waits until all texts are on the screen.
func (tm *terminal) Sees(texts ...string) *terminal {
	tm.t.Helper()
	return tm.until(fmt.Sprintf("%q to be seen", texts), func(screen string) bool {
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(screen, text) })
	})
}

// Loses waits until a text is on the screen no more.
func (tm *terminal) Loses(text string) *terminal {
	tm.t.Helper()
	return tm.until(fmt.Sprintf("%q to be gone", text), func(screen string) bool { return !strings.Contains(screen, text) })
}

func (tm *terminal) until(what string, is func(screen string) bool) *terminal {
	tm.t.Helper()
	deadline := time.Now().Add(patience)
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, 40*time.Millisecond) { // each look is a process
		screen := tm.Screen()
		if is(screen) {
			return tm
		}
		if time.Now().After(deadline) {
			tm.t.Fatalf("waited in vain for %s:\n%s", what, screen)
		}
		time.Sleep(wait)
	}
}

// Looks waits until the screen is the golden screen journey/NAME, but for what
// no two runs have in common.
func (tm *terminal) Looks(name string) *terminal {
	tm.t.Helper()
	path := uitest.GoldenPath("journey/" + name)
	if uitest.Update {
		if err := os.WriteFile(path, []byte(tm.masked(tm.still())), 0o644); err != nil {
			tm.t.Fatal(err)
		}
		return tm
	}
	want, err := os.ReadFile(path)
	if err != nil {
		tm.t.Fatalf("%v; run with -update to write it", err)
	}
	return tm.until(fmt.Sprintf("%s, which is\n%s", name, want), func(screen string) bool { return tm.masked(screen) == string(want) })
}

// still is the screen once it has stopped changing.
func (tm *terminal) still() string {
	for last := tm.Screen(); ; {
		time.Sleep(300 * time.Millisecond)
		now := tm.Screen()
		if now == last {
			return now
		}
		last = now
	}
}

// masks are what differs from run to run and from host to host, and what stands
// there instead, in the same place: the form of the screen is looked at too.
var masks = []struct {
	what *regexp.Regexp
	mask func(string) string
}{
	{regexp.MustCompile(`/tmp/j-[0-9a-f]*`), hexDigits},
	{regexp.MustCompile(`sha512-[0-9a-f]+`), hexDigits},
	{regexp.MustCompile(`\b[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?\b`), hexDigits},           // of a pod
	{regexp.MustCompile(`\b([0-9a-f]{40}|[0-9A-F]{16}|[0-9A-F]{4}(  ?[0-9A-F]{4})+)\b`), hexDigits}, // of a key
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\d\b`), digits},
	{regexp.MustCompile(`\b\d\d:\d\d(:\d\d\.\d\d\d)?`), digits},
	{regexp.MustCompile(`\b\d+\.\d [kMG]B`), digits},                             // busybox is as large as the host's
	{regexp.MustCompile(`(?m) +\d+ (s|min)( +\d+ %)?( +[\d.]+ [kMG]?B)?$`), age}, // and, of what runs, what it uses, if that is known yet
	{regexp.MustCompile(`running \d+ s\b`), func(string) string { return "running 0 s" }},
	{regexp.MustCompile(`(?m) after \d+ s$`), func(string) string { return "" }}, // only told of what took a second
	{regexp.MustCompile(`\b[3-6]\d{4}\b`), digits},                               // the demo's port
	{regexp.MustCompile(`[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]`), func(string) string { return "⠋" }},     // turns with each event that is seen
}

// age is that of a pod at the end of its row, or what a pod uses after it.
func age(s string) string {
	for _, unit := range []string{" min", " s"} {
		if i := strings.Index(s, unit); i >= 0 {
			return fmt.Sprintf("%*s", i+len(unit), "0 s")
		}
	}
	return s
}

var digit, hexDigit = regexp.MustCompile(`\d`), regexp.MustCompile(`[0-9a-fA-F]`)

func digits(s string) string { return digit.ReplaceAllString(s, "0") }

// hexDigits makes all digits 0, and leaves what says what they are.
func hexDigits(s string) string {
	for _, prefix := range []string{"/tmp/j-", "sha512-"} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			return prefix + hexDigit.ReplaceAllString(rest, "0")
		}
	}
	return hexDigit.ReplaceAllString(s, "0")
}

func (tm *terminal) masked(screen string) string {
	for _, m := range masks {
		screen = m.what.ReplaceAllStringFunc(screen, m.mask)
	}
	return screen
}

// Signal sends one to the podtui that shows the screen.
func (tm *terminal) Signal(s syscall.Signal) *terminal {
	tm.t.Helper()
	if err := syscall.Kill(tm.front(), s); err != nil {
		tm.t.Fatal(err)
	}
	return tm
}

// front is the process that has the terminal: what the shell started last.
func (tm *terminal) front() int {
	tm.t.Helper()
	pane := strings.TrimSpace(tm.tmux("display-message", "-p", "#{pane_pid}"))
	children, err := os.ReadFile(fmt.Sprintf("/proc/%s/task/%s/children", pane, pane))
	pids := strings.Fields(string(children))
	if err != nil || len(pids) == 0 {
		tm.t.Fatalf("the shell has started nothing: %v", err)
	}
	pid, _ := strconv.Atoi(pids[len(pids)-1])
	return pid
}

// IsShell waits for the shell's prompt, and fails unless podtui ended with this
// status and left the terminal as it was before.
func (tm *terminal) IsShell(status int) *terminal {
	tm.t.Helper()
	tm.until("the prompt", func(screen string) bool { return strings.HasSuffix("\n"+strings.TrimSpace(screen), "\n$") })
	tm.Command(`echo "status: $?"`).Sees(fmt.Sprintf("status: %d", status)) // the shell may print a prompt first
	const want = "alternate 0 cursor 1 mouse 0 keypad 0 insert 0"
	if got := strings.TrimSpace(tm.tmux("display-message", "-p", "alternate #{alternate_on} cursor #{cursor_flag} "+
		"mouse #{mouse_any_flag} keypad #{keypad_cursor_flag} insert #{insert_flag}")); got != want {
		tm.t.Errorf("the terminal was left with %s", got)
	}
	if after, err := term.GetState(tm.tty.Fd()); err != nil || *after != *tm.before {
		tm.t.Errorf("the terminal was left in another mode: %v\n%+v\n%+v", err, after, tm.before)
	}
	return tm
}
