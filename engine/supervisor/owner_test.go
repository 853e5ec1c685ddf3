package supervisor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/spec"
)

// What is said of a user is about the image, in no library's words.
func TestUnknownOwnerIsToldInPlainWords(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		user, want string
		prepare    func(passwd string) error
	}{
		"no file":     {"x", `user "x": there is none of that name in the image's /etc/passwd`, os.Remove},
		"no such":     {"x", `user "x": there is none of that name in the image's /etc/passwd`, func(string) error { return nil }},
		"a loop":      {"x", `user "x": /etc/passwd of the image can't be read: too many levels of symbolic links`, loop},
		"a folder":    {"x", `user "x": /etc/passwd of the image can't be read: it is not a file`, folder},
		"a long line": {"x", `user "x": /etc/passwd of the image can't be read: it has a line that is too long`, longLine},
		"no path":     {"/nope", `user "/nope": no such file or directory`, os.Remove},
		"a path loop": {"/etc/passwd", `user "/etc/passwd": too many levels of symbolic links`, loop},
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

func longLine(path string) error {
	return os.WriteFile(path, []byte(strings.Repeat("x", 1<<20)), 0o644)
}
