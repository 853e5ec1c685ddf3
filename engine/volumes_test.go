package engine_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/enginetest/recipe"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

func engineOptions() engine.RunOptions { return engine.RunOptions{} }

// look is a question that an app answers, with what it should say.
type look struct{ name, script, want string }

// lookAround is an app that answers questions, one a line.
func lookAround(image string, looks []look) spec.App {
	var script strings.Builder
	for _, l := range looks {
		fmt.Fprintf(&script, "echo \"%s: $( { %s; } 2>&1 | tr '\\n' ' ' | sed 's/ $//')\"\n", l.name, l.script)
	}
	return spec.App{Image: image, Name: "app", Exec: "/bin/sh", Args: []string{"-c", script.String()}}
}

func answered(t *testing.T, got enginetest.Result, looks []look) {
	t.Helper()
	if got.Err != nil || got.Exit != 0 {
		t.Fatalf("exit %d (%v): %s", got.Exit, got.Err, got.Stderr)
	}
	said := strings.Split(strings.TrimSuffix(got.Stdout, "\n"), "\n")
	for i, l := range looks {
		if want := l.name + ": " + l.want; i >= len(said) || said[i] != want {
			t.Errorf("got %q, want %q", slices.Concat(said, make([]string, i+1))[i], want)
		}
	}
}

func warnings(got enginetest.Result) (list []string) {
	for _, e := range got.Events {
		if e.Type == event.Warning && !strings.Contains(e.Message, "verification") {
			list = append(list, e.Message)
		}
	}
	return list
}

// onHost mounts a file system in memory on this very host until the test ends. The
// test is not one of several that mount at one place.
func onHost(t *testing.T, at string, flags uintptr) {
	t.Helper()
	if err := os.MkdirAll(at, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", at, "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(at, unix.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", at, err)
		}
	})
	if flags != 0 {
		if err := unix.Mount("", at, "", flags, ""); err != nil {
			t.Fatal(err)
		}
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// withLinks is the busybox image with links where volumes will be mounted.
func withLinks(t *testing.T) string {
	t.Helper()
	enginetest.BuildImage(t, "busybox") // or skip
	r, err := enginetest.Recipe("busybox")
	if err != nil {
		t.Fatal(err)
	}
	for path, target := range map[string]string{
		"/to-missing": "/srv/made/of/link", "/out": "../../../../../../srv/out", "/to-shm": "/dev/shm", "/to-proc": "/proc/self", "/to-dev": "/dev", "/to-top": "/.", "/loop": "/loop",
	} {
		r.Files = append(r.Files, recipe.File{Kind: recipe.Symlink, Path: path, Target: target})
	}
	r.Files = append(r.Files,
		recipe.File{Kind: recipe.Regular, Path: "/a-file", Mode: 0o644, Content: []byte("of the image\n")},
		recipe.File{Kind: recipe.Directory, Path: "/setgid", Mode: 0o2777, GID: 7},
	)
	var aci bytes.Buffer
	if _, err := enginetest.BuildACI(&aci, r); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "links.aci")
	write(t, path, aci.String())
	return path
}

func TestHostVolumesAsAnAppSeesThem(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	source := t.TempDir()
	onHost(t, source+"/nested", 0)
	write(t, source+"/file", "outer\n")
	write(t, source+"/nested/file", "inner\n")
	other := t.TempDir()
	write(t, other+"/one", "single\n")
	if err := unix.Mkfifo(other+"/fifo", 0o644); err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", other+"/socket")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()

	yes, no := true, false
	pod := spec.Pod{}
	volume := func(name, source string, readOnly, recursive *bool, path string) {
		pod.Volumes = append(pod.Volumes, spec.Volume{Name: name, Kind: spec.HostVolume, Source: source, ReadOnly: readOnly, Recursive: recursive})
		pod.Mounts = append(pod.Mounts, spec.Mount{Volume: name, Path: path})
	}
	volume("writable", source, nil, nil, "/writable")
	volume("read-only", source, &yes, nil, "/read-only")
	volume("flat", source, nil, &no, "/flat")
	volume("flat-read-only", source, &yes, &no, "/flat-read-only")
	volume("one", other+"/one", nil, nil, "/etc/deep/er/one")
	volume("one-read-only", other+"/one", &yes, nil, "/etc/one-read-only")
	volume("fifo", other+"/fifo", nil, nil, "/run/fifo")
	volume("socket", other+"/socket", nil, nil, "/run/socket")
	volume("over-file", source, nil, nil, "/a-file")
	volume("over-folder", source, nil, nil, "/etc/ssl")
	volume("over-image", other, nil, nil, "/home")
	volume("link", source, nil, nil, "/to-missing/below")
	volume("out", source, nil, nil, "/out")
	volume("shm", source, &yes, nil, "/to-shm/below")
	volume("setgid", source, nil, nil, "/setgid/made")
	looks := []look{
		{"a folder of the host", "cat /writable/file; echo changed >/writable/new", "outer"},
		{"what is mounted in it", "cat /writable/nested/file; echo changed >/writable/nested/new", "inner"},
		{"read-only", "touch /read-only/x", "touch: /read-only/x: Read-only file system"},
		{"read-only, what is mounted in it", "cat /read-only/nested/file; touch /read-only/nested/x", "inner touch: /read-only/nested/x: Read-only file system"},
		{"read-only stays so", "mount -o remount,bind,rw /read-only; touch /read-only/x; chmod 777 /read-only/nested/file", "mount: permission denied (are you root?) touch: /read-only/x: Read-only file system chmod: /read-only/nested/file: Read-only file system"},
		{"not recursive", "cat /flat/file; ls -A /flat/nested; touch /flat/new-flat", "outer"},
		{"not recursive and read-only", "ls -A /flat-read-only/nested; touch /flat-read-only/nested/x", "touch: /flat-read-only/nested/x: Read-only file system"},
		{"a file where the image has no folder", "cat /etc/deep/er/one", "single"},
		{"a read-only file", "cat /etc/one-read-only; echo >>/etc/one-read-only", "single /bin/sh: can't create /etc/one-read-only: Read-only file system"},
		{"a fifo", "test -p /run/fifo && echo yes", "yes"},
		{"a socket", "test -S /run/socket && echo yes", "yes"},
		{"in place of a file of the image", "cat /a-file/file", "outer"},
		{"over a folder of the image", "ls /home", "fifo one socket"},
		{"folders that are made", "stat -c '%a %u:%g' /etc/deep /etc/deep/er /run", "755 0:0 755 0:0 755 0:0"},
		{"folders that are made below one with setgid", "umask; ls -ld /setgid | cut -c1-10; cat /setgid/made/file", "0022 drwxrwsrwx outer"},
		{"where a link of the image leads to nothing", "cat /srv/made/of/link/below/file; stat -c '%a %u:%g' /srv/made/of", "outer 755 0:0"},
		{"a link out of the root", "cat /srv/out/file", "outer"},
		{"a link to a file system of the kernel", "cat /dev/shm/below/file; touch /dev/shm/below/nested/x", "outer touch: /dev/shm/below/nested/x: Read-only file system"},
	}
	pod.Apps = []spec.App{lookAround(withLinks(t), looks)}
	got := h.Run(pod)
	answered(t, got, looks)
	if want := []string{
		`app "app": volume "over-file" takes the place of /a-file, which is a file in the image`,
		`app "app": volume "over-image" hides what the image has in /home`,
	}; !slices.Equal(warnings(got), want) {
		t.Errorf("warned %q, want %q", warnings(got), want)
	}
	for _, name := range []string{"new", "nested/new", "new-flat"} {
		if _, err := os.Stat(filepath.Join(source, name)); err != nil {
			t.Error("the host sees nothing of it: ", err)
		}
	}
	left, _ := filepath.Glob(filepath.Join(h.Dir, "pods", got.UUID, "volumes", "*", "*"))
	if len(left) > 0 {
		t.Errorf("in the pod's folder there is %q", left)
	}
}

func TestEmptyVolumesAsAppsSeeThem(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	uid, gid := 1000, 50
	pod := spec.Pod{
		Volumes: []spec.Volume{
			{Name: "plain", Kind: spec.EmptyVolume},
			{Name: "sticky", Kind: spec.EmptyVolume, Mode: "1777", UID: &uid, GID: &gid},
			{Name: "memory", Kind: spec.EmptyVolume, Medium: spec.MemoryMedium},
			{Name: "small", Kind: spec.EmptyVolume, Medium: spec.MemoryMedium, Size: "1Mi", Mode: "2770", UID: &uid, GID: &gid},
			{Name: "private", Kind: spec.EmptyVolume},
		},
		Mounts: []spec.Mount{{Volume: "plain", Path: "/plain"}, {Volume: "memory", Path: "/memory"}, {Volume: "small", Path: "/plain/small"}},
	}
	looks := []look{
		{"mode and owner", "stat -c '%a %u:%g' /plain /sticky", "755 0:0 1777 1000:50"},
		{"of memory", "stat -c '%a %u:%g' /memory /plain/small; stat -f -c %T /memory", "755 0:0 2770 1000:50 tmpfs"},
		{"size", "dd if=/dev/zero of=/plain/small/x bs=1M count=2 2>&1 | grep -o 'No space.*'; stat -c %s /plain/small/x; rm /plain/small/x", "No space left on device 1048576"},
		{"shared", "echo a >/memory/a; echo a >/plain/a; until [ -e /memory/b ] && [ -e /plain/b ]; do sleep 0.01; done; cat /memory/b /plain/b", "b b"},
		{"of one app", "ls -d /private /private-of-b 2>&1", "ls: /private-of-b: No such file or directory /private"},
	}
	a := lookAround(enginetest.BuildImage(t, "busybox"), looks)
	a.Mounts = []spec.Mount{{Volume: "sticky", Path: "/sticky"}, {Volume: "private", Path: "/private"}}
	b := enginetest.Shell(t, "until [ -e /memory/a ]; do sleep 0.01; done; echo b >/memory/b; echo b >/plain/b; ls -d /private 2>/dev/null; exit 0")
	b.Name, b.Mounts = "b", []spec.Mount{{Volume: "private", Path: "/private-of-b"}}
	pod.Apps = []spec.App{a, b}
	answered(t, h.Run(pod), looks)
}

// What is wrong with a volume's source is told before anything is made, and
// nothing ever is on the host.
func TestSourcesThatAreRefused(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	dir := t.TempDir()
	for _, err := range []error{
		os.MkdirAll(dir+"/real/work", 0o755), os.Symlink("real", dir+"/link"), os.Symlink("real/work", dir+"/last"), os.Symlink("nowhere", dir+"/dangling"),
		unix.Mknod(dir+"/disk", unix.S_IFBLK|0o600, int(unix.Mkdev(259, 1048575))),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir+"/file", "")
	for name, c := range map[string]struct{ source, says string }{
		"missing":             {dir + "/typo/work", dir + "/typo/work does not exist on the host"},
		"a link":              {dir + "/last", dir + "/last is a symbolic link, through which no source may lead; write " + dir + "/real/work"},
		"a link with a slash": {dir + "/last/", dir + "/last is a symbolic link, through which no source may lead; write " + dir + "/real/work"},
		"a link on the way":   {dir + "/link/work", dir + "/link is a symbolic link, through which no source may lead; write " + dir + "/real/work"},
		"a link to nowhere":   {dir + "/dangling", dir + "/dangling is a symbolic link, through which no source may lead, and it leads nowhere"},
		"a link and then not": {dir + "/link/typo", dir + "/link is a symbolic link, through which no source may lead, and it leads nowhere"},
		"of the kernel":       {"/proc/self/cwd", "/proc/self is a symbolic link, through which no source may lead; write "},
		"a device":            {"/dev/null", "/dev/null is a device, and apps get none of the host's"},
		"a disk":              {dir + "/disk", dir + "/disk is a device, and apps get none of the host's"},
		"below a file":        {dir + "/file/work", dir + "/file/work: not a directory"},
	} {
		pod := enginetest.Pod(enginetest.Shell(t, "true"))
		pod.Volumes = []spec.Volume{{Name: "work", Kind: spec.HostVolume, Source: c.source}}
		got := h.Run(pod)
		if want := `volume "work": ` + c.says; got.Exit != 125 || got.Err == nil || !strings.HasPrefix(got.Err.Error(), want) {
			t.Errorf("%s: status %d (%v), want 125 and %s", name, got.Exit, got.Err, want)
		}
	}
	if pods, _ := filepath.Glob(filepath.Join(h.Dir, "pods", "*")); len(pods) > 0 {
		t.Errorf("left %v", pods)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 6 {
		t.Errorf("the host has %v", entries)
	}
}

// What apps have in /dev and /sys beside the kernel's own.
func TestVolumesInDevAndSys(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	dir := t.TempDir()
	write(t, dir+"/id", "mine\n")
	write(t, dir+"/file", "a file\n")
	yes := true
	socket, err := net.Listen("unix", dir+"/socket")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	pod := enginetest.Pod(enginetest.Shell(t, `for f in /dev/shm /dev/mqueue /dev/of/its/own /sys/fs/cgroup /sys/firmware; do cat $f/id; done
cat /dev/file /dev/shm/id; test -S /dev/log; echo $?; touch /sys/firmware/x 2>&1; echo >/dev/null`))
	pod.Volumes = []spec.Volume{
		{Name: "folder", Kind: spec.HostVolume, Source: dir, ReadOnly: &yes}, {Name: "file", Kind: spec.HostVolume, Source: dir + "/file"},
		{Name: "socket", Kind: spec.HostVolume, Source: dir + "/socket"},
	}
	for _, target := range []string{"/dev/shm", "/dev/mqueue", "/dev/of/its/own", "/sys/fs/cgroup", "/sys/firmware"} {
		pod.Mounts = append(pod.Mounts, spec.Mount{Volume: "folder", Path: target})
	}
	pod.Mounts = append(pod.Mounts, spec.Mount{Volume: "file", Path: "/dev/file"}, spec.Mount{Volume: "socket", Path: "/dev/log"})
	got := h.Run(pod)
	want := strings.Repeat("mine\n", 5) + "a file\nmine\n0\ntouch: /sys/firmware/x: Read-only file system\n"
	if got.Exit != 0 || got.Stdout != want {
		t.Errorf("exit %d (%v): %q, want %q; %s", got.Exit, got.Err, got.Stdout, want, got.Stderr)
	}
}

// What is wrong with a target shows in the app's root.
func TestTargetsThatAreRefused(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	image := withLinks(t)
	folder, outer := t.TempDir(), t.TempDir()
	write(t, outer+"/file", "mine\n")
	if err := os.Symlink("/etc", outer+"/link"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ source, target, says string }{
		"a file over a folder":                 {"/etc/passwd", "/tmp", `/etc/passwd is a file, and /tmp is a folder in the image`},
		"a folder over a file of a volume":     {folder, "/outer/file", folder + ` is a folder, and /outer/file is a file in volume "outer"`},
		"in a volume, where nothing is":        {folder, "/outer/deep/er", `/outer/deep does not exist in volume "outer", and nothing is made on the host`},
		"in a volume, through a link":          {folder, "/outer/link/x", `/outer/link/x: /outer/link is a symbolic link in volume "outer", and is not followed`},
		"in a volume, a link":                  {folder, "/outer/link", `/outer/link: /outer/link is a symbolic link in volume "outer", and is not followed`},
		"where a link leads to the kernel's":   {folder, "/to-proc/x", `/to-proc/x leads to /proc/self/x, which is the kernel's`},
		"where a link leads to a device":       {folder, "/to-dev/null", `/to-dev/null leads to /dev/null, which is the kernel's`},
		"where nothing is in /sys":             {folder, "/sys/nope", `/sys/nope is not there, and nothing can be made in /sys`},
		"where another is mounted in /sys":     {folder, "/sys/fs/cgroup/x", `/sys/fs/cgroup/x is not there, and nothing can be made in /sys`},
		"a file over a folder of /sys":         {"/etc/passwd", "/sys/fs", `/etc/passwd is a file, and /sys/fs is a folder`},
		"a folder over a file of /sys":         {folder, "/sys/kernel/uevent_seqnum", folder + ` is a folder, and /sys/kernel/uevent_seqnum is a file`},
		"in what is hidden of /sys":            {folder, "/sys/firmware/x", `/sys/firmware/x is hidden, as all of /sys/firmware is from apps`},
		"a file over a folder of /dev":         {"/etc/passwd", "/dev/shm", `/etc/passwd is a file, and /dev/shm is a folder`},
		"in another in /dev":                   {folder, "/dev/other/x", `/dev/other/x is in another volume, and in /dev and /sys none holds one`},
		"where a link leads to the whole root": {folder, "/to-top", `/to-top leads to the app's whole root`},
		"links in a ring":                      {folder, "/loop", `/loop: too many levels of symbolic links`},
		"below a file":                         {folder, "/a-file/x", `/a-file/x: /a-file is a file`},
	} {
		pod := spec.Pod{
			Apps: []spec.App{{Image: image, Name: "app", Exec: "/bin/true"}},
			Volumes: []spec.Volume{
				{Name: "one", Kind: spec.HostVolume, Source: c.source}, {Name: "outer", Kind: spec.HostVolume, Source: outer},
			},
			Mounts: []spec.Mount{{Volume: "one", Path: c.target}, {Volume: "outer", Path: "/outer"}, {Volume: "outer", Path: "/dev/other"}},
		}
		got := h.Run(pod)
		if want := `app "app": volume "one": ` + c.says; got.Exit != 125 || got.Err == nil || got.Err.Error() != want {
			t.Errorf("%s: status %d (%v), want 125 and %s", name, got.Exit, got.Err, want)
		}
	}
	if data, _ := os.ReadFile(outer + "/file"); string(data) != "mine\n" {
		t.Errorf("the host's file has %q now", data)
	}
}

// The pod keeps what it was given, whatever becomes of its path: an app that is
// started again gets that, and not what somebody has put there.
func TestAnAppStartedAgainHasTheSameSource(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	dir := t.TempDir()
	source, moved := dir+"/source", dir+"/moved"
	os.MkdirAll(source, 0o755)
	os.MkdirAll(dir+"/secret", 0o755)
	write(t, source+"/id", "given\n")
	write(t, dir+"/secret/id", "secret\n")
	app := enginetest.Shell(t, "cat /data/id; until [ -e /data/go ]; do sleep 0.01; done; [ -e /data/again ] || { touch /data/again; exit 1; }")
	app.Restart = "on-failure:1"
	pod := enginetest.Pod(app)
	pod.Volumes = []spec.Volume{{Name: "data", Kind: spec.HostVolume, Source: source}}
	pod.Mounts = []spec.Mount{{Volume: "data", Path: "/data"}}
	started := h.Start(pod)
	started.WaitFor(t, "given\n")
	if err := os.Rename(source, moved); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("secret", source); err != nil {
		t.Fatal(err)
	}
	write(t, moved+"/go", "")
	if got := started.Wait(); got.Exit != 0 || got.Stdout != "given\ngiven\n" {
		t.Errorf("exit %d (%v): %s%s", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
	if got := h.Run(pod); got.Exit != 125 {
		t.Errorf("a new pod takes the link: %+v", got)
	}
}

// A pod that is run once more takes hold of the host's anew, keeps what is on disk,
// and has nothing of what was in memory.
func TestRestartedPodTakesHoldOfItsVolumesAnew(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	source := t.TempDir() + "/source"
	os.Mkdir(source, 0o755)
	pod := enginetest.Pod(enginetest.Shell(t, "[ -d /data ] && echo folder || cat /data; ls /memory /disk; touch /memory/x /disk/x"))
	pod.Volumes = []spec.Volume{
		{Name: "data", Kind: spec.HostVolume, Source: source}, {Name: "disk", Kind: spec.EmptyVolume},
		{Name: "memory", Kind: spec.EmptyVolume, Medium: spec.MemoryMedium},
	}
	pod.Mounts = []spec.Mount{{Volume: "data", Path: "/data"}, {Volume: "disk", Path: "/disk"}, {Volume: "memory", Path: "/memory"}}
	got := h.Run(pod)
	if got.Stdout != "folder\n/disk:\n\n/memory:\n" {
		t.Errorf("exit %d (%v): %q %s", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
	os.Remove(source)
	write(t, source, "file\n")
	var said bytes.Buffer
	o := engine.RunOptions{SkipVerify: true, Output: func(_ int, _ string, p []byte) { said.Write(p) }}
	running, err := h.RestartPod(t.Context(), got.UUID, engine.StopOptions{}, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	if status, err := running.Wait(); status != 0 || err != nil || said.String() != "file\n/disk:\nx\n\n/memory:\n" {
		t.Errorf("again: exit %d (%v): %q", status, err, said.String())
	}
	running.Close()
	if err := h.RemovePod(got.UUID); err != nil {
		t.Error(err)
	}
}

// What the host mounts in a volume later comes to the pod, but never to where it
// would be writable and the rest is not, or where nothing mounted was to come.
func TestWhatTheHostMountsLater(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	source := t.TempDir() + "/source"
	onHost(t, source, unix.MS_SHARED)
	os.Mkdir(source+"/later", 0o755)
	yes, no := true, false
	pod := enginetest.Pod(enginetest.Shell(t, "echo ready; until [ -e /writable/go ]; do sleep 0.01; done; for v in writable read-only flat; do echo $v: $(ls -A /$v/later); done; touch /read-only/later/x"))
	pod.Volumes = []spec.Volume{
		{Name: "writable", Kind: spec.HostVolume, Source: source},
		{Name: "read-only", Kind: spec.HostVolume, Source: source, ReadOnly: &yes},
		{Name: "flat", Kind: spec.HostVolume, Source: source, Recursive: &no},
	}
	pod.Mounts = []spec.Mount{{Volume: "writable", Path: "/writable"}, {Volume: "read-only", Path: "/read-only"}, {Volume: "flat", Path: "/flat"}}
	started := h.Start(pod)
	started.WaitFor(t, "ready\n")
	onHost(t, source+"/later", 0)
	write(t, source+"/later/new", "")
	write(t, source+"/go", "")
	got := started.Wait()
	if want := "ready\nwritable: new\nread-only:\nflat:\n"; got.Stdout != want || !strings.Contains(got.Stderr, "Read-only") {
		t.Errorf("got %q %q, want %q", got.Stdout, got.Stderr, want)
	}
}

// A volume can be all of the host, with the data folder, and doesn't hold the
// roots of its own pod, which are made anew for each start of an app.
func TestAllOfTheHostIsAVolume(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	yes := true
	app := enginetest.Shell(t, "ls -A /host"+h.Dir+"/pods/*/apps/*/root; [ -e /kept/again ] || { touch /kept/again; exit 1; }")
	app.Restart = "on-failure:1"
	pod := enginetest.Pod(app)
	pod.Volumes = []spec.Volume{{Name: "host", Kind: spec.HostVolume, Source: "/", ReadOnly: &yes}, {Name: "kept", Kind: spec.EmptyVolume}}
	pod.Mounts = []spec.Mount{{Volume: "host", Path: "/host"}, {Volume: "kept", Path: "/kept"}}
	if got := h.Run(pod); got.Exit != 0 || got.Stdout != "" {
		t.Errorf("exit %d (%v): %s%s", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
}

// An app that has a volume exchanges a folder in it with a link out, as fast as it
// can, while others are started whose volumes are to be mounted there. Each gets
// its volume inside the shared one, or isn't started.
func TestTargetThatIsSwappedWhileItIsMounted(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	h := enginetest.NewHost(t)
	image := h.Fetched(enginetest.BuildImage(t, "busybox")).ID
	shared, mine, tools := t.TempDir(), t.TempDir(), t.TempDir()
	os.Mkdir(shared+"/target", 0o755)
	os.Symlink("/etc", shared+"/link")
	write(t, mine+"/marker", "")
	buildSwapper(t, tools+"/swap")

	volumes := []spec.Volume{
		{Name: "shared", Kind: spec.HostVolume, Source: shared}, {Name: "mine", Kind: spec.HostVolume, Source: mine}, {Name: "tools", Kind: spec.HostVolume, Source: tools},
	}
	swapper := h.Start(spec.Pod{
		Apps:    []spec.App{{Image: image, Name: "swapper", Exec: "/tools/swap", Args: []string{"/shared/target", "/shared/link"}}},
		Volumes: volumes, Mounts: []spec.Mount{{Volume: "shared", Path: "/shared"}, {Volume: "tools", Path: "/tools"}},
	})
	swapper.WaitFor(t, "swapping\n")
	victim := spec.Pod{
		Apps: []spec.App{{
			Image: image, Name: "victim", Exec: "/bin/sh",
			Args: []string{"-c", "[ -e /etc/passwd ] && echo safe; awk '$5 ~ /shared\\/(target|link)$/ {print \"inside\"}' /proc/self/mountinfo"},
		}},
		Volumes: volumes[:2], Mounts: []spec.Mount{{Volume: "shared", Path: "/shared"}, {Volume: "mine", Path: "/shared/target"}},
	}
	inside, refused := 0, 0
	for n := 0; n < 200 && (n < 10 || inside == 0 || refused == 0); n++ {
		got := h.Run(victim)
		switch {
		case got.Exit == 0 && got.Stdout == "safe\ninside\n":
			inside++
		case got.Exit == 125 && strings.HasSuffix(got.Err.Error(), `is a symbolic link in volume "shared", and is not followed`):
			refused++
		default:
			t.Fatalf("exit %d (%v): %s%s", got.Exit, got.Err, got.Stdout, got.Stderr)
		}
	}
	if swapper.Stop(true); inside == 0 || refused == 0 {
		t.Errorf("mounted inside %d times, refused %d times: nobody was raced", inside, refused)
	}
	swapper.Wait()
	if entries, _ := os.ReadDir(mine); len(entries) != 1 {
		t.Errorf("the volume has %v", entries)
	}
}

// buildSwapper makes a program that exchanges two names for as long as it lives.
func buildSwapper(t *testing.T, path string) {
	t.Helper()
	build(t, path, `
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(int argc, char **argv) {
	write(1, "swapping\n", 9);
	while (renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE) == 0)
		;
	perror("renameat2");
	return 1;
}`)
}

// build makes a program of C that needs nothing of an image.
func build(t *testing.T, path, source string) {
	t.Helper()
	write(t, path+".c", source)
	if out, err := exec.Command("gcc", "-static", "-o", path, path+".c").CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: gcc: %v: %s", err, out)
	}
}

// An app moves a mount point of another one in a volume of both, which is none to it,
// as fast as it can, while the other is made again and again: the host's folder comes
// where folders are made for the mounts. Nothing is made in it, and it stays the host's.
func TestMountThatIsMovedWhileFoldersAreMade(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	image, tools := enginetest.BuildImage(t, "busybox"), t.TempDir()
	build(t, tools+"/move", `
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void) {
	for (;;) {
		rmdir("/v/w/sub");
		rename("/v/h", "/v/w");
		rename("/v/w", "/v/h");
	}
}`)
	for name, private := range map[string]bool{"the host's users": false, "private users": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			host, inner := t.TempDir(), t.TempDir()
			mover := spec.App{Image: image, Name: "mover", Exec: "/tools/move", Mounts: []spec.Mount{{Volume: "v", Path: "/v"}, {Volume: "tools", Path: "/tools"}}}
			apps := []spec.App{mover}
			for n := range 12 {
				other := spec.App{Image: image, Name: fmt.Sprint("other-", n), Exec: "/bin/false", Restart: "on-failure:2"}
				other.Mounts = []spec.Mount{{Volume: "v", Path: "/v"}, {Volume: "host", Path: "/v/h"}, {Volume: "inner", Path: "/v/w/sub"}}
				apps = append(apps, other)
			}
			started := h.Start(spec.Pod{
				PrivateUsers: private, Apps: apps,
				Volumes: []spec.Volume{
					{Name: "v", Kind: spec.EmptyVolume}, {Name: "host", Kind: spec.HostVolume, Source: host},
					{Name: "inner", Kind: spec.HostVolume, Source: inner}, {Name: "tools", Kind: spec.HostVolume, Source: tools},
				},
			})
			enginetest.Eventually(t, "the end of all others", func() bool {
				pod, err := h.Pod(started.UUID)
				return err == nil && !slices.ContainsFunc(pod.Apps, func(a poddir.AppStatus) bool {
					return a.Name != "mover" && (a.PID != 0 || a.Exit == nil || !a.Next.IsZero())
				})
			})
			started.Stop(true)
			got := started.Wait()
			if !slices.ContainsFunc(got.Events, func(e event.Event) bool {
				return strings.Contains(e.Message, "nothing is made on the host") || strings.Contains(e.Message, "moved there meanwhile")
			}) {
				t.Errorf("nobody was raced: %+v", got.Events)
			}
			var st unix.Stat_t
			if err := unix.Stat(host, &st); err != nil || st.Uid != 0 {
				t.Errorf("the host's folder belongs to %d (%v)", st.Uid, err)
			}
			if made, err := os.ReadDir(host); err != nil || len(made) > 0 {
				t.Errorf("the host has %v (%v)", made, err)
			}
		})
	}
}

// The examples of rkt-run.md: one volume by its name, where each image wants it.
func TestVolumeGoesWhereEachImageWantsIt(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	source := t.TempDir()
	pod := spec.Pod{
		Apps: []spec.App{
			{Image: enginetest.BuildImage(t, "reduce-worker"), Exec: "/bin/sh", Args: []string{"-c", "echo work > /var/lib/work/file"}},
			{
				Image: enginetest.BuildImage(t, "worker-backup"), Exec: "/bin/sh",
				Args: []string{"-c", "until [ -s /backup/file ]; do sleep 0.01; done; cat /backup/file; ! touch /backup/x"},
			},
		},
		Volumes: []spec.Volume{{Name: "work", Kind: spec.HostVolume, Source: source}},
	}
	if got := h.Run(pod); got.Exit != 0 || got.Stdout != "work\n" || !strings.Contains(got.Stderr, "Read-only") {
		t.Errorf("exit %d (%v): %s%s", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
}

func TestMountPointWithoutVolumeStartsEmptyWithAWarning(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	got := h.Run(enginetest.Pod(spec.App{
		Image: enginetest.BuildImage(t, "reduce-worker"), Exec: "/bin/sh",
		Args: []string{"-c", "ls -A /var/lib/work; touch /var/lib/work/x && echo empty"},
	}))
	if got.Exit != 0 || got.Stdout != "empty\n" {
		t.Errorf("exit %d (%v): %s%s", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
	for _, e := range got.Events {
		if e.Type == event.Warning && strings.Contains(e.Message, "--volume=work,") {
			return
		}
	}
	t.Errorf("no warning names the flag: %+v", got.Events)
}

func TestVolumeThatNobodyUsesIsToldOf(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := spec.Pod{
		Apps:    []spec.App{{Image: enginetest.BuildImage(t, "reduce-worker"), Exec: "/bin/true"}},
		Volumes: []spec.Volume{{Name: "wrok", Kind: spec.HostVolume, Source: t.TempDir()}},
	}
	for _, e := range h.Run(pod).Events {
		if e.Type == event.Warning && e.Message == `volume "wrok" is used by no app; perhaps "work" is meant` {
			return
		}
	}
	t.Error("not a word")
}

func TestAnOuterVolumeDoesNotHideAnInnerOneThatWasNamedFirst(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	outer, inner := t.TempDir(), t.TempDir()
	os.MkdirAll(filepath.Join(outer, "deep/er"), 0o755)
	os.WriteFile(filepath.Join(outer, "file"), []byte("outer\n"), 0o644)
	os.WriteFile(filepath.Join(inner, "file"), []byte("inner\n"), 0o644)
	pod := enginetest.Pod(enginetest.Shell(t, "cat /data/deep/er/file /data/file"))
	pod.Volumes = []spec.Volume{{Name: "in", Kind: spec.HostVolume, Source: inner}, {Name: "out", Kind: spec.HostVolume, Source: outer}}
	pod.Apps[0].Mounts = []spec.Mount{{Volume: "in", Path: "/data/deep/er"}, {Volume: "out", Path: "/data"}}
	if got := h.Run(pod); got.Stdout != "inner\nouter\n" {
		t.Errorf("exit %d (%v): %s%s", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
}
