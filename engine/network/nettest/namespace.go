// Package nettest makes small networks for tests out of network namespaces: hosts,
// the outside that they have an uplink to, pods. No test touches the network of the
// machine that it runs on. What is made vanishes with the test.
package nettest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Namespace is a network namespace that lives as long as its test.
type Namespace struct {
	tb   testing.TB
	name string
	file *os.File
}

// New makes a namespace in which nothing is but a loopback that is up, and that
// forwards nothing. The name is for messages.
func New(tb testing.TB, name string) *Namespace {
	tb.Helper()
	need(tb)
	n := &Namespace{tb: tb, name: name}
	on(tb, func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return os.NewSyscallError("unshare", err)
		}
		file, err := os.Open("/proc/thread-self/ns/net")
		n.file = file
		// A new namespace has these of the machine's.
		for _, setting := range []string{"ipv4/ip_forward", "ipv6/conf/all/forwarding"} {
			err = errors.Join(err, os.WriteFile("/proc/sys/net/"+setting, []byte("0"), 0))
		}
		lo, notThere := netlink.LinkByName("lo")
		if notThere != nil {
			return errors.Join(err, notThere)
		}
		return errors.Join(err, netlink.LinkSetUp(lo))
	})
	tb.Cleanup(func() { n.Close() })
	return n
}

// need skips a test where it can't run: loudly, and never where everything has to.
func need(tb testing.TB) {
	tb.Helper()
	missing := ""
	if os.Geteuid() != 0 {
		missing = "root"
	}
	for _, tool := range []string{"ip", "nft", "nsenter"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing = tool
		}
	}
	if missing == "" {
		return
	}
	if os.Getenv("CI") != "" {
		tb.Fatalf("tests of networks need %s", missing)
	}
	tb.Skipf("SKIP: tests of networks need %s", missing)
}

// Close lets go of the namespace before its test ends: if nothing else is in it, it
// vanishes.
func (n *Namespace) Close() { n.file.Close() }

// Path is the namespace as a file, for as long as this process holds it.
func (n *Namespace) Path() string { return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), n.file.Fd()) }

// Do calls something on a thread that is in the namespace. Neither goroutines that
// it starts nor what they do is: it has to do by itself what is to be done there.
// Processes that it starts are.
func (n *Namespace) Do(do func()) {
	n.tb.Helper()
	on(n.tb, func() error {
		if err := unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET); err != nil {
			return os.NewSyscallError("setns", err)
		}
		do()
		return nil
	})
}

// on calls something on a thread that nobody uses after it: what it does to the
// thread's namespaces goes with it. A test that it ends is ended.
func on(tb testing.TB, do func() error) {
	tb.Helper()
	done := make(chan struct{})
	var err error
	returned := false
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		err = do()
		returned = true
	}()
	<-done
	if err != nil {
		tb.Fatal(err)
	}
	if !returned {
		runtime.Goexit() // FailNow or SkipNow was called there
	}
}

// Command is a program that will run in the namespace.
func (n *Namespace) Command(name string, args ...string) *exec.Cmd {
	return exec.CommandContext(n.tb.Context(), "nsenter", n.entering(name, args)...)
}

func (n *Namespace) entering(name string, args []string) []string {
	return append([]string{"--net=" + n.Path(), "--", name}, args...)
}

// Run runs a program in the namespace, which must succeed, and returns its output.
func (n *Namespace) Run(name string, args ...string) string {
	n.tb.Helper()
	cmd := exec.Command("nsenter", n.entering(name, args)...) // perhaps in a cleanup, when the test's context is over
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		n.tb.Fatalf("%s: %s %s: %v: %s", n.name, name, strings.Join(args, " "), err, stderr.Bytes())
	}
	return string(out)
}

// NFT loads a rule set into the namespace. Its blocks may be written in one line, which
// nft by itself doesn't take.
func (n *Namespace) NFT(rules string) {
	n.tb.Helper()
	cmd := n.Command("nft", "-f", "-")
	cmd.Stdin = strings.NewReader(strings.ReplaceAll(rules, "}", "\n}\n"))
	if out, err := cmd.CombinedOutput(); err != nil {
		n.tb.Fatalf("%s: nft: %v: %s", n.name, err, out)
	}
}

// Set writes a setting below /proc/sys in the namespace; Setting reads it.
func (n *Namespace) Set(key, value string) {
	n.tb.Helper()
	var err error
	n.Do(func() { err = os.WriteFile("/proc/sys/"+key, []byte(value), 0o644) })
	if err != nil {
		n.tb.Fatalf("%s: %v", n.name, err)
	}
}

// Setting reads a setting below /proc/sys in the namespace.
func (n *Namespace) Setting(key string) string {
	n.tb.Helper()
	var data []byte
	var err error
	n.Do(func() { data, err = os.ReadFile("/proc/sys/" + key) })
	if err != nil {
		n.tb.Fatalf("%s: %v", n.name, err)
	}
	return strings.TrimSpace(string(data))
}
