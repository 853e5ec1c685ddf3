package unpack

import (
	"errors"
	"path"
	"strings"
	"testing"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{"rootfs/usr/bin/ls", "rootfs/usr/bin/ls"},
		{"./rootfs/", "rootfs"},
		{"rootfs//a/./b/", "rootfs/a/b"},
		{".", ""},
		{"./", ""},
		{"", ""},
		{"rootfs/.hidden", "rootfs/.hidden"},
		{"rootfs/..a/b..", "rootfs/..a/b.."},
		{"rootfs/...", "rootfs/..."},
	} {
		if got, err := Clean(test.in); err != nil || got != test.want {
			t.Errorf("%q became %q, %v", test.in, got, err)
		}
	}
	for _, in := range []string{"/", "//", "/rootfs", "..", "../", "a/..", "a/../b", "./../a", "rootfs/" + strings.Repeat("n", 256), strings.Repeat("a/", 257), strings.Repeat("a/", 2048)} {
		var refused *ArchiveError
		if got, err := Clean(in); !errors.As(err, &refused) {
			t.Errorf("%.50q became %.50q, %v", in, got, err)
		}
	}
}

// FuzzClean: what is let through is a path that can only go down.
func FuzzClean(f *testing.F) {
	for _, in := range []string{"rootfs/a", "./a/../b", "/etc", "a//b", "...", "a/./.."} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got, err := Clean(in)
		if err != nil {
			return
		}
		if got != "" && (path.Clean(got) != got || path.IsAbs(got) || got == ".." || strings.HasPrefix(got, "../")) {
			t.Fatalf("%q became %q", in, got)
		}
		if again, err := Clean(got); err != nil || again != got {
			t.Fatalf("%q became %q, and that %q, %v", in, got, again, err)
		}
	})
}
