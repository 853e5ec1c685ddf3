package main

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// manifest is what an image says of itself.
func manifest(name string) string {
	return fmt.Sprintf(`{"acKind":"ImageManifest","acVersion":"0.8.11","name":%q,`+
		`"labels":[{"name":"version","value":"1.0.0"},{"name":"os","value":"linux"},{"name":"arch","value":"amd64"}],`+
		`"app":{"exec":["/bin/sh"],"user":"0","group":"0","ports":[{"name":"service","protocol":"tcp","port":%d}]}}`, name, podPort)
}

// busybox makes a small root file system, and returns its folder: a shell and
// what a container needs to be one.
func (w *workshop) busybox() (root string, err error) {
	root = w.path("busybox", "rootfs")
	if _, err := os.Stat(root); err == nil { // for another measure
		return root, nil
	}
	for _, dir := range []string{"bin", "dev", "etc", "proc", "root", "sys", "tmp"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			return "", err
		}
	}
	program, err := os.ReadFile("/bin/busybox")
	if err != nil {
		return "", fmt.Errorf("%w: apt-get install busybox-static", err)
	}
	if err := os.WriteFile(filepath.Join(root, "bin/busybox"), program, 0o755); err != nil {
		return "", err
	}
	for _, applet := range []string{"sh", "true", "cat", "ls", "sleep"} {
		if err := os.Symlink("busybox", filepath.Join(root, "bin", applet)); err != nil {
			return "", err
		}
	}
	if err := os.WriteFile(filepath.Join(root, "etc/passwd"), []byte("root:x:0:0:root:/root:/bin/sh\n"), 0o644); err != nil {
		return "", err
	}
	return root, os.WriteFile(filepath.Join(root, "etc/group"), []byte("root:x:0:\n"), 0o644)
}

// pack makes an ACI of a root file system.
func (w *workshop) pack(ctx context.Context, root, name string) (path string, err error) {
	dir := filepath.Dir(root)
	if err := os.WriteFile(filepath.Join(dir, "manifest"), []byte(manifest(name)), 0o644); err != nil {
		return "", err
	}
	path = dir + ".aci"
	_, err = w.call(ctx, "tar", "-C", dir, "-czf", path, "manifest", filepath.Base(root))
	return path, err
}

// crowd makes a store of many images, which have hardly anything in them.
func (w *workshop) crowd(ctx context.Context, dir string, images int) error {
	archives := w.path("archives")
	if err := os.Mkdir(archives, 0o700); err != nil {
		return err
	}
	defer os.RemoveAll(archives)
	args := []string{"--dir", dir, "--batch", "--insecure-skip-verify", "fetch"}
	for i := range images {
		path := filepath.Join(archives, fmt.Sprintf("%d.aci", i))
		if err := writeEmpty(path, crowdName(i)); err != nil {
			return err
		}
		args = append(args, path)
	}
	_, err := w.call(ctx, w.podtui, args...)
	return err
}

func crowdName(i int) string { return fmt.Sprintf("example.com/app-%05d", i) }

func writeEmpty(path, name string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	archive := tar.NewWriter(f)
	if err := writeManifest(archive, name); err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "rootfs/", Mode: 0o755}); err != nil {
		return err
	}
	return archive.Close()
}

func writeManifest(archive *tar.Writer, name string) error {
	text := manifest(name)
	h := tar.Header{Name: "manifest", Mode: 0o644, Size: int64(len(text)), ModTime: time.Unix(0, 0)}
	if err := archive.WriteHeader(&h); err != nil {
		return err
	}
	_, err := io.Copy(archive, strings.NewReader(text))
	return err
}
