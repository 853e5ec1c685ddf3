// Package gpg makes keys and signatures for tests with Debian's gnupg, so that
// what podtui believes is held against what others make. Each Home is a GNUPGHOME
// of one test, with an agent of its own: both are gone when the test ends, and no
// key ever lies in the repository. It works as root and without a terminal. Homes
// are independent of each other: parallel tests have one each, subtests too. An
// ed25519 key takes some 50 ms, an RSA key of 4096 bits seconds.
//
// gnupg asks nobody: it runs in batch mode, with empty passphrases. It refuses to
// make what nobody should have (a user id with control characters, a key that
// lacks its self-signature): a test makes those by other means.
package gpg

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Home is where gnupg has the keys of one test.
type Home struct {
	tb   testing.TB
	dir  string
	turn sync.Mutex // gpg loses sight of its keys while another one adds some
}

// New makes a home that ends with the test. Where there is no gnupg the test is
// skipped, but in CI.
func New(tb testing.TB) *Home {
	tb.Helper()
	for _, program := range []string{"gpg", "gpg-agent", "gpgconf"} {
		if _, err := exec.LookPath(program); err == nil {
			continue
		}
		if os.Getenv("CI") == "true" {
			tb.Fatalf("no %s here: apt-get install gnupg", program)
		}
		tb.Skipf("SKIPPED, NOTHING IS TESTED: no %s here: apt-get install gnupg", program)
	}
	// The path of a socket has 107 bytes at most, and a test's own folder may be
	// called after a long test.
	dir, err := os.MkdirTemp("/tmp", "gpg")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(dir) })
	h := &Home{tb: tb, dir: dir}
	h.startAgent()
	return h
}

// startAgent starts the agent as a child, on a socket that is open already, as
// systemd would. The one that gpg starts for itself becomes a daemon, which ends
// when it likes.
func (h *Home) startAgent() {
	h.tb.Helper()
	out, err := exec.Command("gpgconf", "--homedir", h.dir, "--list-dirs", "agent-socket").Output()
	if err != nil {
		h.tb.Fatalf("gpgconf: %v", err)
	}
	socket := strings.TrimSpace(string(out))
	if place := filepath.Dir(socket); place != h.dir { // below /run/user, where that is
		if err := os.MkdirAll(place, 0o700); err != nil {
			h.tb.Fatal(err)
		}
		h.tb.Cleanup(func() { os.RemoveAll(place) })
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		h.tb.Fatal(err)
	}
	defer listener.Close()
	listener.SetUnlinkOnClose(false)
	file, err := listener.File()
	if err != nil {
		h.tb.Fatal(err)
	}
	defer file.Close()
	agent := exec.Command("gpg-agent", "--homedir", h.dir, "--supervised", "--quiet")
	agent.ExtraFiles = []*os.File{file}
	agent.Env = append(os.Environ(), "LISTEN_FDS=1", "LISTEN_FDNAMES=std")
	agent.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	h.keepRunning(agent)
}

// keepRunning starts a process that ends with the test, or with the test's
// process if that is killed. The latter follows the thread that started it, which
// therefore has to stay.
func (h *Home) keepRunning(agent *exec.Cmd) {
	h.tb.Helper()
	started, ended := make(chan error), make(chan struct{})
	go func() {
		defer close(ended)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := agent.Start()
		started <- err
		if err == nil {
			_ = agent.Wait() // killed, as it has to be
		}
	}()
	if err := <-started; err != nil {
		h.tb.Fatalf("gpg-agent: %v", err)
	}
	h.tb.Cleanup(func() {
		_ = agent.Process.Kill() // or it has gone already
		<-ended
	})
}

// at is how gpg is told what time it is; zero: what it is.
func at(t time.Time) []string {
	if t.IsZero() {
		return nil
	}
	return []string{"--faked-system-time", t.UTC().Format("20060102T150405") + "!"}
}

// run runs gpg, and returns what it wrote to standard output.
func (h *Home) run(input []byte, args ...string) []byte {
	h.tb.Helper()
	out, message, err := h.try(input, args...)
	if err != nil {
		h.tb.Fatalf("gpg %s: %v\n%s", strings.Join(args, " "), err, message)
	}
	return out
}

func (h *Home) try(input []byte, args ...string) (out, message []byte, err error) {
	gpg := exec.Command("gpg", append([]string{
		"--homedir", h.dir, "--no-autostart", "--no-tty", "--yes", "--quiet", "--no-greeting",
		"--pinentry-mode", "loopback", "--passphrase", "", "--no-auto-check-trustdb",
	}, args...)...)
	var stdout, stderr bytes.Buffer
	gpg.Stdin, gpg.Stdout, gpg.Stderr = bytes.NewReader(input), &stdout, &stderr
	gpg.Env = append(os.Environ(), "LC_ALL=C")
	h.turn.Lock()
	defer h.turn.Unlock()
	err = gpg.Run()
	return stdout.Bytes(), stderr.Bytes(), err
}

// Import gives the home a key of others, and returns what gpg says if it takes it not.
func (h *Home) Import(key []byte) error {
	h.tb.Helper()
	if _, message, err := h.try(key, "--batch", "--import"); err != nil {
		return &notGood{string(message)}
	}
	return nil
}

// Private is a key with its private part, as text, which nobody should hand on.
func (h *Home) Private(k Key) []byte {
	h.tb.Helper()
	return h.run(nil, "--batch", "--armor", "--export-secret-keys", k.fingerprint)
}

// Verify asks gpg itself about a detached signature by keys of this home, and
// returns what it says if it is not good.
func (h *Home) Verify(data, signature []byte) error {
	h.tb.Helper()
	dir := h.tb.TempDir()
	signed, beside := filepath.Join(dir, "data"), filepath.Join(dir, "data.asc")
	for name, content := range map[string][]byte{signed: data, beside: signature} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			h.tb.Fatal(err)
		}
	}
	_, message, err := h.try(nil, "--batch", "--verify", beside, signed)
	if err != nil {
		return &notGood{string(message)}
	}
	return nil
}

type notGood struct{ message string }

func (e *notGood) Error() string { return strings.TrimSpace(e.message) }
