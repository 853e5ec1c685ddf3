package recipe

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

func TestLayout(t *testing.T) {
	r, err := parse(txtar.Parse([]byte(`words
-- manifest --
{"labels": "$ARCH"}
-- layout --
file     /etc/motd 600 10:20   # with its content below
dir      /tmp 1777
link     /bin/sh busybox
hardlink /a/first /etc/motd
-- /etc/motd --
hello
`)), ".")
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	if err := r.WriteTar(&archive); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"0 manifest 644 0:0",
		"5 rootfs/ 755 0:0",
		"5 rootfs/a/ 755 0:0",
		"5 rootfs/bin/ 755 0:0",
		"2 rootfs/bin/sh 777 0:0 busybox",
		"5 rootfs/etc/ 755 0:0",
		"0 rootfs/etc/motd 600 10:20",
		"5 rootfs/tmp/ 1777 0:0",
		"1 rootfs/a/first 777 0:0 rootfs/etc/motd",
	}
	if got := entries(t, &archive); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func entries(t *testing.T, archive io.Reader) []string {
	t.Helper()
	var list []string
	for r := tar.NewReader(archive); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, strings.TrimSpace(fmt.Sprintf("%c %s %o %d:%d %s", h.Typeflag, h.Name, h.Mode, h.Uid, h.Gid, h.Linkname)))
	}
}

func TestWrongLayoutsAreRefused(t *testing.T) {
	for name, line := range map[string]string{
		"a relative path":               "file etc/motd",
		"a path with ..":                "file /etc/../motd",
		"an unknown kind":               "socket /run/x",
		"nothing to make":               "dir",
		"a mode that is none":           "file /etc/motd 999",
		"a program from nowhere":        "program /bin/true",
		"a link to nowhere":             "link /bin/sh",
		"a recipe that isn't there":     "include nothing",
		"an owner that is not a number": "dir /tmp root:root",
	} {
		t.Run(name, func(t *testing.T) {
			archive := &txtar.Archive{Files: []txtar.File{{Name: "layout", Data: []byte(line + "\n")}}}
			if _, err := parse(archive, t.TempDir()); err == nil {
				t.Errorf("%q is taken", line)
			}
		})
	}
}

func TestContentWithoutAFileIsRefused(t *testing.T) {
	archive := &txtar.Archive{Files: []txtar.File{{Name: "/etc/motd", Data: []byte("hello\n")}}}
	if _, err := parse(archive, "."); err == nil {
		t.Error("content that no line of the layout asks for is taken")
	}
}

func TestSameRecipeSameBytes(t *testing.T) {
	r := Recipe{
		Manifest: []byte("{}"),
		Files:    []File{{Kind: Regular, Path: "/data", Mode: 0o644, Content: bytes.Repeat([]byte("data "), 10000)}},
	}
	ids := make(map[string]bool)
	for _, r.Compression = range Compressions {
		t.Run(r.Compression, func(t *testing.T) {
			if _, err := exec.LookPath(r.Compression); err != nil && (r.Compression == "xz" || r.Compression == "bzip2") {
				t.Skip(err)
			}
			var first, second bytes.Buffer
			id1, err1 := r.Write(&first)
			id2, err2 := r.Write(&second)
			if err := errors.Join(err1, err2); err != nil {
				t.Fatal(err)
			}
			if id1 != id2 || !bytes.Equal(first.Bytes(), second.Bytes()) {
				t.Error("the second image is not the first")
			}
			ids[id1] = true
		})
	}
	if len(ids) != 1 {
		t.Errorf("the compression changed the ID: %v", ids)
	}
}
