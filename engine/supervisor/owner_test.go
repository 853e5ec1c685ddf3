package supervisor

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/spec"
)

// What is said of a user is about the image, in no library's words.
func TestUnknownOwnerIsToldInPlainWords(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		user, want string
		prepare    func(passwd string) error
	}{
		"no file":      {"x", `user "x": the image has no /etc/passwd; write a number`, os.Remove},
		"no such":      {"x", `user "x": there is none of that name in the image's /etc/passwd, which has root; write one of them, or a number`, nothing},
		"a loop":       {"x", `user "x": /etc/passwd of the image can't be read: too many levels of symbolic links; write a number`, loop},
		"a folder":     {"x", `user "x": /etc/passwd of the image can't be read: it is not a file; write a number`, folder},
		"a pipe":       {"x", `user "x": /etc/passwd of the image can't be read: it is not a file; write a number`, fifo},
		"a long line":  {"x", `user "x": /etc/passwd of the image can't be read: it has a line that is too long; write a number`, content(strings.Repeat("x", 1<<20))},
		"a long file":  {"x", `user "x": /etc/passwd of the image can't be read: it is larger than 4 MiB; write a number`, content(strings.Repeat("y:x:1:1::/:\n", 1<<19) + "x:x:1:1::/:\n")},
		"no path":      {"/nope", `user "/nope": there is no such file in the image; write a name of its /etc/passwd, a number, or a path whose user it is to be`, os.Remove},
		"a path loop":  {"/etc/passwd", `user "/etc/passwd": too many levels of symbolic links`, loop},
		"too large":    {"4294967296", `user "4294967296": numbers of users go up to 2147483647`, nothing},
		"no number":    {"x", `user "x": the image's /etc/passwd has no number for it from 0 to 2147483647`, content("x:x:one:1::/:\n")},
		"root's, to C": {"x", `user "x": the image's /etc/passwd has no number for it from 0 to 2147483647`, content("x:x:4294967296:1::/:\n")},
		"a negative":   {"x", `user "x": the image's /etc/passwd has no number for it from 0 to 2147483647`, content("x:x:-1:1::/:\n")},
		"odd names":    {"x", `user "x": there is none of that name in the image's /etc/passwd, which has fine; write one of them, or a number`, content("\x1b[31mred:x:1:1::/:\nfine:x:1:1::/:\n:x:0:0::/:\n# x:x:1\nx\n")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			passwd := filepath.Join(root, "etc/passwd")
			if err := os.Mkdir(filepath.Dir(passwd), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(passwd, []byte("root:x:0:0::/:\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := test.prepare(passwd); err != nil {
				t.Fatal(err)
			}
			var e spec.Effective
			e.User.Value, e.Group.Value = test.user, "0"
			if _, err := lookUpOwner(root, e); err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

// A name that is all digits is one, where the image has it (aci.md).
func TestNumbersAndNames(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{
		"passwd": "123:x:7:7::/:\ntwice:x:1:1::/:\ntwice:x:2:2::/:\r\n  spaces:x:3:3::/:\nlast:x:4",
		"group":  "123:x:8:\nwheel:x:9:a,b,c\n",
	} {
		if err := os.WriteFile(filepath.Join(root, "etc", file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		user, group string
		want        owner
	}{
		{"123", "123", owner{7, 8}},
		{"124", "0", owner{124, 0}},
		{"twice", "wheel", owner{1, 9}},
		{"spaces", "2147483647", owner{3, 2147483647}},
		{"last", "007", owner{4, 7}},
		{"/etc/passwd", "/etc", owner{os.Getuid(), os.Getgid()}},
	} {
		var e spec.Effective
		e.User.Value, e.Group.Value = c.user, c.group
		if got, err := lookUpOwner(root, e); err != nil || got != c.want {
			t.Errorf("%s and %s: %+v (%v)", c.user, c.group, got, err)
		}
	}
}

// Whatever an image's file is like, what is found in it is a number that a process
// can have, and what is told of it can stand in a message.
func FuzzFindID(f *testing.F) {
	f.Add("root:x:0:0:root:/root:/bin/sh\nworker:x:1000:\n", "worker")
	f.Add("x:x:-1:\n", "x")
	f.Add("a\x00:x:99999999999999999999:\n", "a\x00")
	f.Fuzz(func(t *testing.T, text, name string) {
		id, others, err := findID(strings.NewReader(text), name)
		if err == nil && (id < 0 || id > math.MaxInt32 || !strings.Contains(text, name)) {
			t.Errorf("%q has the number %d", name, id)
		}
		if len(others) > namedOthers || strings.ContainsFunc(strings.Join(others, ""), func(c rune) bool { return c <= ' ' || c > '~' }) {
			t.Errorf("told %q", others)
		}
	})
}

func nothing(string) error { return nil }

func content(text string) func(path string) error {
	return func(path string) error { return os.WriteFile(path, []byte(text), 0o644) }
}

func fifo(path string) error {
	if err := os.Remove(path); err != nil {
		return err
	}
	return unix.Mkfifo(path, 0o644)
}

func loop(path string) error {
	if err := os.Remove(path); err != nil {
		return err
	}
	return os.Symlink("passwd", path)
}

func folder(path string) error {
	if err := os.Remove(path); err != nil {
		return err
	}
	return os.Mkdir(path, 0o755)
}
