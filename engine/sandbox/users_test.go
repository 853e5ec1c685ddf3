package sandbox

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// What keeps a host from having pods with users of their own is told as what it is,
// and of no other pod.
func TestWhatPrivateUsersAreRefused(t *testing.T) {
	t.Parallel()
	proc := fmt.Errorf(`error mounting "proc" to rootfs at "/proc": %w`, unix.EPERM)
	stack := fmt.Errorf("overlay: %w", unix.EINVAL)
	private := Users{0x77400000, 1 << 16}
	for name, c := range map[string]struct {
		refused func(Users) error
		want    string // in the line of a private pod; "": the error as it was
	}{
		"no user namespace left": {func(u Users) error { return u.refused(syscall.ENOSPC) }, "allows no further user namespace (sysctl user.max_user_namespaces)"},
		"a kernel without them":  {func(u Users) error { return u.refused(syscall.EINVAL) }, "this host's kernel has no user namespaces"},
		"a program that is closed": {func(u Users) error {
			return u.refused(&os.PathError{Op: "fork/exec", Path: "/proc/self/exe", Err: syscall.EACCES})
		}, "must be readable and executable for everybody"},
		"something else":               {func(u Users) error { return u.refused(syscall.EMFILE) }, ""},
		"a host with hidden processes": {func(u Users) error { return u.explained(proc) }, "something is mounted over parts of this host's /proc"},
		"another mount":                {func(u Users) error { return u.explained(stack) }, ""},
		"an old kernel":                {func(u Users) error { return tooOld(u, "6.1.0-32-amd64", stack) }, "Linux 6.15 and later, and not by 6.1.0-32-amd64"},
		"a very old one":               {func(u Users) error { return tooOld(u, "5.19.17", stack) }, "Linux 6.15 and later, and not by 5.19.17"},
		"the first that can":           {func(u Users) error { return tooOld(u, "6.15.0", stack) }, ""},
		"a later one":                  {func(u Users) error { return tooOld(u, "7.0-rc1", stack) }, ""},
		"one that says nothing":        {func(u Users) error { return tooOld(u, "custom", stack) }, ""},
		"an old one, something else":   {func(u Users) error { return tooOld(u, "6.1.0", unix.ENOMEM) }, ""},
	} {
		plain, told := c.refused(Users{}), c.refused(private)
		if c.want == "" {
			c.want = plain.Error()
		}
		if !strings.Contains(told.Error(), c.want) || strings.Contains(told.Error(), "\n") {
			t.Errorf("%s: %v, want %q", name, told, c.want)
		}
		if strings.Contains(plain.Error(), "private users") {
			t.Errorf("%s: of a pod with the host's users: %v", name, plain)
		}
	}
}

// The folder that is hidden while an app is made is never one that the pods are in.
func TestFolderThatIsHiddenHasNoPods(t *testing.T) {
	t.Parallel()
	pods := t.TempDir()
	link := t.TempDir() + "/link"
	if err := os.Symlink(pods, link); err != nil {
		t.Fatal(err)
	}
	for _, at := range append([]string{"/", pods, link, "/tmp", "/var/tmp", "/proc"}, hideable[:]...) {
		got, err := hidden(at)
		if _, missing := os.Stat(at); missing != nil {
			continue
		}
		real := at
		if at == link {
			real = pods
		}
		if err != nil || !slices.Contains(hideable[:], got) || got == real || strings.HasPrefix(real, got+"/") {
			t.Errorf("for pods in %s %s is hidden (%v)", at, got, err)
		}
	}
	if _, err := hidden(pods + "/missing"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("pods that are nowhere: %v", err)
	}
}
