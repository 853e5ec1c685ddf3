package archive

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/appc/spec/schema"
	"github.com/moby/sys/user"

	"github.com/podtui/podtui/engine/fetch/oci"
)

// files are users looked up in a root filesystem's own files.
type files struct{ root string }

func (f files) find(fits func(user.User) bool) (uid, gid int, groups []int, ok bool, err error) {
	list, err := user.ParsePasswdFileFilter(filepath.Join(f.root, "etc/passwd"), fits)
	if err != nil || len(list) == 0 {
		return 0, 0, nil, false, err
	}
	member, err := user.ParseGroupFileFilter(filepath.Join(f.root, "etc/group"), func(g user.Group) bool { return slices.Contains(g.List, list[0].Name) })
	for _, g := range member {
		groups = append(groups, g.Gid)
	}
	return list[0].Uid, list[0].Gid, groups, true, err
}

func (f files) User(name string) (int, int, []int, bool, error) {
	return f.find(func(u user.User) bool { return u.Name == name })
}

func (f files) UserByID(uid int) (int, int, []int, bool, error) {
	return f.find(func(u user.User) bool { return u.Uid == uid })
}

// workshop is a folder where real programs make real images.
type workshop struct {
	testing.TB
	dir string
}

func newWorkshop(t testing.TB, programs ...string) workshop {
	t.Helper()
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, name := range append(programs, "busybox") {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("SKIPPED, nothing is tested: %s is missing (apt-get install skopeo umoci podman busybox-static)", name)
		}
	}
	dir, err := os.MkdirTemp("", "workshop-") // podman takes no long path for its runroot
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	w := workshop{t, dir}
	w.rootfs()
	return w
}

// rootfs is a small but whole root filesystem.
func (w workshop) rootfs() {
	w.Helper()
	busybox, _ := exec.LookPath("busybox")
	content, err := os.ReadFile(busybox)
	if err != nil {
		w.Fatal(err)
	}
	for name, text := range map[string]string{
		"bin/busybox": string(content),
		"etc/passwd":  "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/:/bin/sh\n",
		"etc/group":   "root:x:0:\napp:x:1001:\nextra:x:2000:app\n",
		"data/seed":   "seed\n",
	} {
		path := w.path("rootfs/" + name)
		os.MkdirAll(filepath.Dir(path), 0o755)
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			w.Fatal(err)
		}
	}
	os.Symlink("busybox", w.path("rootfs/bin/sh"))
}

func (w workshop) path(name string) string { return filepath.Join(w.dir, name) }

// run runs a program in the workshop. Its mounts are its own, and go with it.
func (w workshop) run(name string, args ...string) {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = w.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if out, err := cmd.CombinedOutput(); err != nil {
		w.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
}

func (w workshop) podman(args ...string) {
	w.Helper()
	w.run("podman", append([]string{
		"--root", w.path("p/root"), "--runroot", w.path("p/run"), "--tmpdir", w.path("p/tmp"),
		"--cgroup-manager", "cgroupfs", "--events-backend", "file", "--storage-driver", "overlay",
	}, args...)...)
}

// convert opens what was made, reads every layer, and makes an image of it.
func (w workshop) convert(path, reference string) (*schema.ImageManifest, string, *oci.Image) {
	w.Helper()
	img, _, err := readAll(w, w.path(path), reference)
	if err != nil {
		w.Fatalf("%s: %v", path, err)
	}
	raw, err := img.Convert(oci.Names{Name: "example.com/app", Version: "v1"}, files{w.path("rootfs")})
	if err != nil {
		w.Fatalf("%s: %v", path, err)
	}
	var m schema.ImageManifest
	if err := json.Unmarshal(raw, &m); err != nil {
		w.Fatalf("%s: %v\n%s", path, err, raw)
	}
	var diffIDs []oci.Digest
	for _, l := range img.Layers {
		diffIDs = append(diffIDs, l.DiffID)
	}
	return &m, oci.ImageID(raw, diffIDs), img
}

// The same image in every form that skopeo and umoci write: gzip, zstd and plain
// layers, OCI's manifest and docker save's.
func TestOneImageInEveryFormHasOneID(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t, "umoci", "skopeo")
	w.run("umoci", "init", "--layout", "layout")
	w.run("umoci", "new", "--image", "layout:v1")
	w.run("umoci", "insert", "--image", "layout:v1", "rootfs", "/")
	w.run("umoci", "insert", "--image", "layout:v1", "--whiteout", "/data/seed")
	w.run("umoci", "config", "--image", "layout:v1", "--author", "Ada", "--created", "2020-01-02T03:04:05Z",
		"--config.entrypoint", "/bin/sh", "--config.cmd", "-c", "--config.cmd", "echo hi", "--config.user", "app",
		"--config.exposedports", "8080/tcp", "--config.volume", "/data", "--config.env", "A=b", "--config.label", "Version=3")
	w.run("skopeo", "copy", "oci:layout:v1", "docker-archive:docker.tar:example.com/app:v1")
	w.run("skopeo", "copy", "oci:layout:v1", "oci-archive:oci.tar:v1")
	w.run("skopeo", "copy", "--dest-compress-format", "zstd", "oci:layout:v1", "oci:zstd:v1")
	w.run("gzip", "-k", "docker.tar")

	m, id, img := w.convert("layout", "v1")
	if img.Layers[0].Compression != "gzip" || len(img.Layers) != 2 {
		t.Errorf("umoci's layers: %+v", img.Layers)
	}
	if got := strings.Join(m.App.Exec, "|"); got != "/bin/sh|-c|echo hi" || m.App.User != "app" || m.App.Group != "1001" ||
		!slices.Equal(m.App.SupplementaryGIDs, []int{2000}) || m.App.Ports[0].Name != "8080-tcp" || m.App.MountPoints[0].Path != "/data" {
		t.Errorf("%s %+v", got, m.App)
	}
	for path, test := range map[string]struct{ reference, compression string }{
		"docker.tar":    {"example.com/app:v1", ""},
		"docker.tar.gz": {"", ""},
		"oci.tar":       {"v1", "gzip"},
		"zstd":          {"", "zstd"},
	} {
		_, other, img := w.convert(path, test.reference)
		if other != id || img.Layers[0].Compression != test.compression {
			t.Errorf("%s: the ID is %s, that of the layout %s; layers %+v", path, other, id, img.Layers)
		}
	}
}

const dockerfile = `FROM scratch
ADD rootfs.tar /
RUN ["/bin/busybox", "rm", "/data/seed"]
COPY Dockerfile /srv/
ENV A=b LANG=C.UTF-8
ENTRYPOINT ["/bin/sh","-c"]
CMD ["echo hi"]
USER app
EXPOSE 8080/tcp 53/udp
VOLUME /data
WORKDIR /srv
STOPSIGNAL SIGQUIT
LABEL maintainer=me Version=3
`

func TestImagesThatPodmanBuildsAndSaves(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t, "podman")
	w.run("tar", "-C", "rootfs", "-cf", "rootfs.tar", ".")
	if err := os.WriteFile(w.path("Dockerfile"), []byte(dockerfile), 0o644); err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, format := range []string{"docker", "oci"} {
		image := "localhost/built-" + format + ":1"
		w.podman("build", "--isolation", "chroot", "--format", format, "--timestamp", "0", "-t", image, ".")
		for _, form := range []string{"docker-archive", "oci-archive", "oci-dir"} {
			path := form + "-of-" + format
			w.podman("save", "--format", form, "-o", w.path(path), image)
			m, id, img := w.convert(path, "")
			ids[path] = id
			ports, points := m.App.Ports, m.App.MountPoints
			if len(img.Layers) != 3 || strings.Join(m.App.Exec, "|") != "/bin/sh|-c|echo hi" || m.App.WorkingDirectory != "/srv" ||
				m.App.User != "app" || m.App.Group != "1001" || !slices.Equal(m.App.SupplementaryGIDs, []int{2000}) ||
				len(ports) != 2 || ports[0].Name != "53-udp" || ports[1].Name != "8080-tcp" ||
				len(points) != 1 || points[0].Name != "volume-data" {
				t.Errorf("%s: %d layers, %+v", path, len(img.Layers), m.App)
			}
			if signal, _ := m.GetAnnotation("podtui.io/stop-signal"); signal != "SIGQUIT" {
				t.Errorf("%s: %v", path, m.Annotations)
			}
		}
	}
	for path, id := range ids {
		if id != ids["docker-archive-of-docker"] {
			t.Errorf("another ID in %s: %v", path, ids)
		}
	}

	// Two in one file; an import has nothing to execute.
	w.podman("import", "--quiet", w.path("rootfs.tar"), "localhost/imported:1")
	w.podman("save", "-m", "-o", w.path("two.tar"), "localhost/imported:1", "localhost/built-oci:1")
	if m, _, _ := w.convert("two.tar", "localhost/imported:1"); len(m.App.Exec) != 0 || m.App.User != "0" {
		t.Errorf("the import: %+v", m.App)
	}
	if _, id, _ := w.convert("two.tar", "localhost/built-oci:1"); id != ids["docker-archive-of-docker"] {
		t.Errorf("another ID in two.tar: %s", id)
	}
	var choice *ChoiceError
	if _, _, err := readAll(t, w.path("two.tar"), ""); !errors.As(err, &choice) || len(choice.Names) != 2 {
		t.Errorf("two in one: %v", err)
	}

	// skopeo's "dir" is no archive, whatever it looks like.
	w.podman("save", "--format", "docker-dir", "-o", w.path("dir"), "localhost/built-docker:1")
	var not *NotAnArchiveError
	if _, _, err := readAll(t, w.path("dir"), ""); !errors.As(err, &not) {
		t.Errorf("a folder of docker-dir: %v", err)
	}
}

// A form of the same image that GNU tar makes of a layout, with hard links.
func TestALayoutPackedByTar(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t, "tar")
	var b layoutBuilder
	d := b.image(t, "v1", layer(t, "a"))
	dir := b.folder(t)
	blob := filepath.Join(dir, blobPath(d.Digest))
	if err := os.Link(blob, filepath.Join(dir, "a-link-that-comes-first")); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"gnu", "pax", "ustar"} {
		w.run("tar", "-C", dir, "--format="+format, "--sort=name", "-cf", w.path(format), ".")
		img, _, err := readAll(t, w.path(format), "")
		if err != nil || img.Manifest.Digest != d.Digest {
			t.Errorf("%s: %v", format, err)
		}
	}
}
