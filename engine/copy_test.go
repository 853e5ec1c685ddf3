package engine_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// startUp starts a pod of one app, which runs until the test ends, and waits for
// its first word.
func startUp(t *testing.T, host *enginetest.Host, app spec.App) *enginetest.Started {
	t.Helper()
	started := host.Start(enginetest.Pod(app))
	started.WaitFor(t, "ready\n")
	t.Cleanup(func() {
		host.StopPod(context.Background(), started.UUID, engine.StopOptions{Force: true})
		started.Wait()
	})
	return started
}

// out copies out of a pod, and returns what was left out.
func out(host *enginetest.Host, pod, path, to string, archive bool) (left []string, err error) {
	err = host.CopyFromPod(context.Background(), engine.PodPath{Pod: pod, Path: path}, to, engine.CopyOptions{
		Archive: archive, Skipped: func(path, why string) { left = append(left, path+": "+why) },
	})
	slices.Sort(left)
	return left, err
}

func in(host *enginetest.Host, from, pod, path string) error {
	return host.CopyToPod(context.Background(), from, engine.PodPath{Pod: pod, Path: path}, engine.CopyOptions{Skipped: func(string, string) {}})
}

const everyKind = `
	mkdir -p /w/sub && echo hello >/w/file && chmod 4750 /w/file && ln /w/file /w/sub/hard
	echo x >"$(printf '/w/a\nb\033[31m')" && ln -s /etc/shadow /w/shadow && ln -s ../../../../.. /w/up
	mkdir /only && mkfifo /w/fifo /only/fifo && mknod /w/null c 1 3 && chown 1000:50 /w/sub
	dd if=/dev/zero of=/w/sparse bs=1 count=1 seek=8M 2>/dev/null
	touch -d '2001-02-03 04:05:06' /w/sub /w
	rm /etc/group
	echo ready; [ -z "$1" ] || exec sleep 1000`

// What comes out of a root is the same whether the app runs or has ended.
func TestCopyOutOfAPod(t *testing.T) {
	t.Parallel()
	host := enginetest.NewHost(t)
	running := startUp(t, host, enginetest.Shell(t, everyKind, "stay"))
	ended := host.Run(enginetest.Pod(enginetest.Shell(t, everyKind)))
	for state, pod := range map[string]string{"running": running.UUID, "exited": ended.UUID} {
		t.Run(state, func(t *testing.T) {
			for _, archive := range []bool{false, true} {
				to := filepath.Join(t.TempDir(), "w")
				left, err := out(host, pod, "/w", to, archive)
				if err != nil || len(left) != 2 || !strings.Contains(left[0], "fifo") || !strings.Contains(left[1], "device") {
					t.Fatalf("%v %q", err, left)
				}
				checkOut(t, to, archive)
			}
			checkPaths(t, host, pod)
		})
	}
}

func checkOut(t *testing.T, to string, archive bool) {
	t.Helper()
	stat := func(name string) (st unix.Stat_t) {
		if err := unix.Lstat(filepath.Join(to, name), &st); err != nil {
			t.Error(err)
		}
		return st
	}
	file, hard, sub, sparse := stat("file"), stat("sub/hard"), stat("sub"), stat("sparse")
	wantMode, wantUID := uint32(unix.S_IFREG|0o750), uint32(0)
	if archive {
		wantMode, wantUID = unix.S_IFREG|0o4750, 1000
	}
	if file.Mode != wantMode || sub.Uid != wantUID {
		t.Errorf("archive %v: mode %o, owner %d", archive, file.Mode, sub.Uid)
	}
	if file.Ino != hard.Ino {
		t.Error("a file with two names became two")
	}
	if sparse.Size != 8<<20+1 || sparse.Blocks*512 > 1<<20 {
		t.Errorf("%d bytes in %d blocks", sparse.Size, sparse.Blocks)
	}
	if sub.Mtim.Sec != 981173106 {
		t.Errorf("time %d", sub.Mtim.Sec)
	}
	if target, _ := os.Readlink(filepath.Join(to, "shadow")); target != "/etc/shadow" {
		t.Errorf("link to %q", target)
	}
	if content, _ := os.ReadFile(filepath.Join(to, "a\nb\x1b[31m")); string(content) != "x\n" {
		t.Errorf("%q", content)
	}
}

// checkPaths tries what a path can mean.
func checkPaths(t *testing.T, host *enginetest.Host, pod string) {
	t.Helper()
	dir := t.TempDir()
	for _, test := range []struct {
		path, to string
		there    string // what is there then
		trouble  string
	}{
		{path: "/w/sub", to: "", there: "sub/hard"},
		{path: "/w/sub/.", to: "", there: "hard"},
		{path: "/w/sub", to: "new", there: "new/hard"},
		{path: "w/file", to: "renamed", there: "renamed"},
		{path: "/w/up/w/sub/../file", to: "through", there: "through"},
		{path: "/w/up/", to: "root", there: "root/etc/passwd"}, // it leads to / and no further
		{path: "/w/up", to: "link", there: "link"},
		{path: "/w/shadow/", to: "x", trouble: "/w/shadow of app \"busybox\": no such file or directory"},
		{path: "/etc/group", to: "x", trouble: "/etc/group of app \"busybox\": no such file or directory"},
		{path: "/nothing", to: "x", trouble: "/nothing of app \"busybox\": no such file or directory"},
		{path: "/w/fifo", to: "x", trouble: "copy /w/fifo of app \"busybox\": it is a fifo, which is not copied"},
		{path: "/only/.", to: "", trouble: "nothing was copied"},
		{path: "/w/file", to: "missing/", trouble: dir + "/missing/ is called like a folder, and is not there"},
		{path: "/w/file", to: "no/where", trouble: dir + "/no/: no such file or directory"},
		{path: "/w/file", to: "hard/x", trouble: dir + "/hard/x: not a directory"},
		{path: "/w/sub", to: "hard", trouble: "copy /w/sub of app \"busybox\": it is a folder, and something else is in its place"},
	} {
		_, err := out(host, pod, test.path, dir+"/"+test.to, false)
		switch {
		case test.trouble != "":
			if err == nil || err.Error() != test.trouble {
				t.Errorf("%s to %s\ngot  %v\nwant %s", test.path, test.to, err, test.trouble)
			}
		case err != nil:
			t.Errorf("%s to %s: %v", test.path, test.to, err)
		default:
			if _, err := os.Lstat(filepath.Join(dir, test.there)); err != nil {
				t.Errorf("%s to %s: %v", test.path, test.to, err)
			}
		}
	}
}

func TestCopyIntoARunningPod(t *testing.T) {
	t.Parallel()
	host := enginetest.NewHost(t)
	volume, readOnly, from := t.TempDir(), t.TempDir(), t.TempDir()
	app := enginetest.Shell(t, `ln -s /tmp /tmp/folder; ln -s new /tmp/link; echo ready
		while [ ! -e /tmp/done ]; do sleep 0.02; done; cat /tmp/new; stat -c '%u:%g %a' /tmp/tree/file /tmp/tree; exec sleep 1000`)
	app.User, app.Group = "worker", "worker"
	pod := enginetest.Pod(app)
	pod.Volumes = []spec.Volume{
		{Name: "rw", Kind: spec.HostVolume, Source: volume},
		{Name: "ro", Kind: spec.HostVolume, Source: readOnly, ReadOnly: new(bool)},
	}
	*pod.Volumes[1].ReadOnly = true
	pod.Mounts = []spec.Mount{{Volume: "rw", Path: "/rw"}, {Volume: "ro", Path: "/ro"}}
	started := host.Start(pod)
	started.WaitFor(t, "ready\n")
	defer started.Wait()
	defer host.StopPod(context.Background(), started.UUID, engine.StopOptions{Force: true})
	os.MkdirAll(from+"/tree", 0o755)
	os.WriteFile(from+"/tree/file", []byte("of the host\n"), 0o644)
	unix.Chmod(from+"/tree/file", 0o4751)

	for _, to := range []string{"/tmp/link", "/rw", "/tmp/folder/named"} {
		if err := in(host, from+"/tree/file", started.UUID, to); err != nil {
			t.Errorf("%s: %v", to, err)
		}
	}
	if err := in(host, from+"/tree", started.UUID, "/tmp"); err != nil {
		t.Error(err)
	}
	os.WriteFile(from+"/done", nil, 0o644)
	if err := in(host, from+"/done", started.UUID, "/tmp/"); err != nil {
		t.Error(err)
	}
	started.WaitFor(t, "of the host\n1000:1000 751\n1000:1000 755\n")
	var st unix.Stat_t
	if err := unix.Stat(volume+"/file", &st); err != nil || st.Uid != 1000 {
		t.Errorf("%v, owner %d", err, st.Uid)
	}
	for to, trouble := range map[string]string{
		"/ro":        `copy ` + from + `/tree/file: read-only file system: app "busybox" can't write there either`,
		"/dev/null":  `copy ` + from + `/tree/file: what is in its place is no file, and is not replaced by one`,
		"/no/where":  `/no of app "busybox": no such file or directory`,
		"/tmp/none/": `/tmp/none/ is called like a folder, and is not there`,
	} {
		if err := in(host, from+"/tree/file", started.UUID, to); err == nil || err.Error() != trouble {
			t.Errorf("%s\ngot  %v\nwant %s", to, err, trouble)
		}
	}
	if err := in(host, host.Dir, started.UUID, "/tmp"); err == nil || !strings.Contains(err.Error(), "holds the pods of podtui") {
		t.Errorf("podtui's own data: %v", err)
	}
}

func TestNothingIsCopiedIntoAPodThatHasEnded(t *testing.T) {
	t.Parallel()
	host := enginetest.NewHost(t)
	ended := host.Run(enginetest.Pod(enginetest.Shell(t, "true")))
	err := in(host, "/etc/hostname", ended.UUID, "/tmp")
	if err == nil || !strings.Contains(err.Error(), "is exited: the root of an app is made anew when it starts") {
		t.Error(err)
	}
}

// An app that replaces its files and folders while they are copied never has the
// host's own copied, or written to.
func TestAppThatChangesItsFilesWhileTheyAreCopied(t *testing.T) {
	t.Parallel()
	host := enginetest.NewHost(t)
	outside := t.TempDir() // of the host; the app knows where it is
	os.WriteFile(outside+"/name", []byte("secret"), 0o600)
	running := startUp(t, host, enginetest.Shell(t, `
		mkdir -p /w/folder /in/folder; echo app >/w/file; echo app >/w/folder/name; echo ready
		swap() { mv $1 $1.real; ln -s $2 $1; rm $1; mkfifo $1; rm $1; mv $1.real $1; }
		while :; do swap /w/file "$1/name"; swap /w/folder "$1"; swap /in/folder "$1"; done`, outside))
	from, dir := t.TempDir(), t.TempDir()
	os.MkdirAll(from+"/folder/deep", 0o755)
	os.WriteFile(from+"/folder/name", []byte("copied in"), 0o644)
	os.WriteFile(from+"/folder/deep/name", []byte("copied in"), 0o644)
	came := 0
	for i := range 60 {
		to := fmt.Sprintf("%s/%d", dir, i)
		out(host, running.UUID, "/w", to, true) // it may be that something has just gone
		filepath.WalkDir(to, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				content, _ := os.ReadFile(path)
				if came++; string(content) != "app\n" {
					t.Fatalf("%s has %q", path, content)
				}
			}
			return nil
		})
		in(host, from+"/folder", running.UUID, "/in")
		in(host, from+"/folder/name", running.UUID, "/in/folder/name")
	}
	if came == 0 {
		t.Error("nothing was ever copied")
	}
	if content, _ := os.ReadFile(outside + "/name"); string(content) != "secret" {
		t.Errorf("the host's file has %q", content)
	}
	if entries, _ := os.ReadDir(outside); len(entries) != 1 {
		t.Errorf("in the host's folder: %v", entries)
	}
}

func TestTenThousandFilesAreCopied(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	host := enginetest.NewHost(t)
	memory, err := os.MkdirTemp("/dev/shm", "podtui-test-") // a disk that others use takes minutes
	if err != nil {
		memory = t.TempDir()
	}
	defer os.RemoveAll(memory)
	from, to := filepath.Join(memory, "many"), filepath.Join(memory, "out")
	for i := range 10_000 {
		if i%500 == 0 {
			os.MkdirAll(fmt.Sprintf("%s/%d", from, i/500), 0o755)
		}
		os.WriteFile(fmt.Sprintf("%s/%d/%d", from, i/500, i), []byte("x"), 0o644)
	}
	running := startUp(t, host, enginetest.Shell(t, "echo ready; exec sleep 1000"))
	if err := in(host, from, running.UUID, "/tmp"); err != nil {
		t.Fatal(err)
	}
	if _, err := out(host, running.UUID, "/tmp/many", to, false); err != nil {
		t.Fatal(err)
	}
	if there, _ := filepath.Glob(to + "/*/*"); len(there) != 10_000 {
		t.Errorf("%d files", len(there))
	}
}

// A pod whose supervisor was killed is read like any that has ended; others can
// use it at once afterwards, and copies of it wait for one another.
func TestCopyOutOfAPodWhoseSupervisorWasKilled(t *testing.T) {
	t.Parallel()
	host := enginetest.NewHost(t)
	started := host.Start(enginetest.Pod(enginetest.Shell(t, "echo x >/file; echo ready; exec sleep 1000")))
	started.WaitFor(t, "ready\n")
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range lines {
		if line, err := os.ReadFile(path); err == nil && strings.Contains(string(line), "supervisor\x00"+started.UUID) {
			var pid int
			fmt.Sscanf(path, "/proc/%d/cmdline", &pid)
			unix.Kill(pid, unix.SIGKILL)
		}
	}
	started.Wait()
	dir := t.TempDir()
	errs := make(chan error)
	for i := range 4 {
		go func() {
			_, err := out(host, started.UUID, "/file", fmt.Sprintf("%s/%d", dir, i), false)
			errs <- err
		}()
	}
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if status, err := host.Pod(started.UUID); err != nil || status.State != poddir.Exited {
		t.Errorf("%v %v", status.State, err)
	}
	if err := host.RemovePod(started.UUID); err != nil {
		t.Error(err)
	}
}

func TestCopyFromWhatIsNotThere(t *testing.T) {
	t.Parallel()
	host := enginetest.NewHost(t)
	a, b := enginetest.Shell(t, "true"), enginetest.Shell(t, "true")
	two := host.Run(enginetest.Pod(a, b))
	for at, trouble := range map[engine.PodPath]string{
		{Pod: "nope", Path: "/"}:              `pod "nope": no such pod`,
		{Pod: two.UUID, Path: "/"}:            "pod " + two.UUID + ": it has 2 apps; choose one: a, b",
		{Pod: two.UUID, App: "c", Path: "/"}:  "pod " + two.UUID + `: it has no app "c"; it has a, b`,
		{Pod: two.UUID, App: "b", Path: "/x"}: `/x of app "b": no such file or directory`,
	} {
		err := host.CopyFromPod(context.Background(), at, t.TempDir(), engine.CopyOptions{})
		if err == nil || err.Error() != trouble {
			t.Errorf("%v\ngot  %v\nwant %s", at, err, trouble)
		}
	}
}
