package engine_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/enginetest/recipe"
	"github.com/podtui/podtui/engine/spec"
)

// netRaw is the attribute of a program that gives CAP_NET_RAW to whoever executes it.
const netRaw = "\x01\x00\x00\x02\x00\x20\x00\x00" + "\x00\x20\x00\x00" + "\x00\x00\x00\x00\x00\x00\x00\x00"

// withCapability is busybox with a second one in /raw/busybox that has that attribute.
func withCapability(t *testing.T) string {
	t.Helper()
	r, err := enginetest.Recipe("busybox")
	if err != nil {
		t.Fatal(err)
	}
	raw := r.Files[slices.IndexFunc(r.Files, func(f recipe.File) bool { return f.Path == "/bin/busybox" })]
	raw.Path = "/raw/busybox"
	r.Files, r.Compression = append(r.Files, raw), "none"
	var plain bytes.Buffer
	if _, err := enginetest.BuildACI(&plain, r); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "raw.aci")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	from, to := tar.NewReader(&plain), tar.NewWriter(file)
	for {
		header, err := from.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && header.Name == "rootfs/raw/busybox" {
			header.Format, header.PAXRecords = tar.FormatPAX, map[string]string{"SCHILY.xattr.security.capability": netRaw}
		}
		if err == nil {
			err = to.WriteHeader(header)
		}
		if err == nil {
			_, err = io.Copy(to, from)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	lookAtRaw = "/raw/busybox grep CapEff /proc/self/status; grep CapEff /proc/self/status"
	rawLooks  = "CapEff:\t0000000000002000\nCapEff:\t0000000000000000\n"
)

// A program's file capabilities count in its pod, however its root is made, and
// whoever the pod's users are; and what is copied out of it, or exported, has them as
// its image has.
func TestFileCapabilitiesCountInThePod(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	h := enginetest.NewHost(t)
	image := withCapability(t)
	for name, c := range map[string]struct{ private, copied bool }{
		"stacked": {}, "copied": {copied: true}, "private, stacked": {private: true}, "private, copied": {private: true, copied: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := spec.App{Image: image, Exec: "/bin/sh", Args: []string{"-c", lookAtRaw + "; exec sleep 999"}, User: "1000", Group: "1000"}
			pod := enginetest.Pod(app)
			pod.PrivateUsers, pod.NoOverlay = c.private, c.copied
			started := h.Start(pod)
			started.WaitFor(t, rawLooks)
			copiesCapability(t, h, started.UUID)
			if err := h.StopPod(t.Context(), started.UUID, engine.StopOptions{Force: true}); err != nil {
				t.Error(err)
			}
			started.Wait()
			copiesCapability(t, h, started.UUID)
			aci, _, left := exported(t, h, started.UUID, "")
			app.Image, app.Args[1] = filepath.Join(t.TempDir(), "exported.aci"), lookAtRaw
			write(t, app.Image, string(aci))
			if again := h.Run(enginetest.Pod(app)); again.Stdout != rawLooks || len(left) > 0 {
				t.Errorf("exported: %d (%v): %q %q, left out %q", again.Exit, again.Err, again.Stdout, again.Stderr, left)
			}
		})
	}
}

func copiesCapability(t *testing.T, h *enginetest.Host, uuid string) {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	left, err := out(h, uuid, "/raw/busybox", to, true)
	value := make([]byte, 64)
	n, none := unix.Getxattr(to, "security.capability", value)
	if err != nil || none != nil || len(left) > 0 || string(value[:n]) != netRaw {
		t.Errorf("copied out it has %q (%v, %v), left out %q", value[:max(n, 0)], err, none, left)
	}
}
