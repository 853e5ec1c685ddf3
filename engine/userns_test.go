package engine_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/enginetest/recipe"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// privatePod is a pod with users of its own.
func privatePod(apps ...spec.App) spec.Pod {
	pod := enginetest.Pod(apps...)
	pod.PrivateUsers = true
	return pod
}

// startPrivate starts such a pod, which runs until the test ends, waits for its
// first word, and tells which users it has.
func startPrivate(t *testing.T, h *enginetest.Host, pod spec.Pod) (*enginetest.Started, poddir.Status) {
	t.Helper()
	pod.PrivateUsers = true
	started := h.Start(pod)
	started.WaitFor(t, "ready\n")
	t.Cleanup(func() {
		_ = h.StopPod(context.Background(), started.UUID, engine.StopOptions{Force: true})
		started.Wait()
	})
	status, err := h.Pod(started.UUID)
	if err != nil || status.Users == nil || status.Users.Count != 65536 {
		t.Fatalf("it has the users %+v (%v)", status.Users, err)
	}
	return started, status
}

// idsOf are the user and group IDs that the host knows a process by.
func idsOf(t *testing.T, pid int) (uids, gids []int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	numbers := func(word string) (list []int) {
		_, rest, _ := strings.Cut(string(text), "\n"+word+":")
		line, _, _ := strings.Cut(rest, "\n")
		for _, field := range strings.Fields(line) {
			n, _ := strconv.Atoi(field)
			list = append(list, n)
		}
		return list
	}
	return append(numbers("Uid"), numbers("Groups")...), numbers("Gid")
}

func ownerOf(t *testing.T, path string) [2]int {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		t.Fatal(path, err)
	}
	return [2]int{int(st.Uid), int(st.Gid)}
}

func TestRootOfAPrivatePodIsNobodyOnTheHost(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod, status := startPrivate(t, h, privatePod(enginetest.Shell(t, `
		id -u; id -g; touch /made; mkdir /etc/sub; chown 1000:50 /made; echo x >>/etc/passwd
		stat -c '%n %u:%g' / /bin /bin/busybox /made /etc/sub /dev/null /dev /dev/shm /dev/mqueue
		cat /proc/self/uid_map; echo ready; exec sleep 999`)))
	first, pid := status.Users.First, status.Apps[0].PID
	want := fmt.Sprintf(`0
0
/ 0:0
/bin 0:0
/bin/busybox 0:0
/made 1000:50
/etc/sub 0:0
/dev/null 65534:65534
/dev 0:0
/dev/shm 0:0
/dev/mqueue 0:0
0 %d 65536
ready
`, first)
	if got := strings.Join(strings.FieldsFunc(pod.Output(), func(r rune) bool { return r == '\n' }), "\n") + "\n"; strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") {
		t.Errorf("inside\n%swant\n%s", got, want)
	}
	uids, gids := idsOf(t, pid)
	for _, id := range append(uids, gids...) {
		if id != first {
			t.Errorf("on the host its processes are %v, %v, not %d", uids, gids, first)
			break
		}
	}
	if init, _ := idsOf(t, parentOfPod(t, status.UUID)); init[0] != first {
		t.Errorf("its first process is %v", init)
	}
	root := fmt.Sprintf("/proc/%d/root", pid)
	upper := poddir.Open(filepath.Join(h.Dir, "pods"), pod.UUID).AppUpper(status.Apps[0].Name)
	for path, want := range map[string][2]int{"/made": {first + 1000, first + 50}, "/etc/sub": {first, first}, "/etc/passwd": {first, first}} {
		for _, at := range []string{root, upper} {
			if got := ownerOf(t, at+path); got != want {
				t.Errorf("%s%s is %v's, want %v", at, path, got, want)
			}
		}
	}
	if got := ownerOf(t, root+"/bin/busybox"); got != [2]int{first, first} {
		t.Errorf("in its root busybox is %v's", got)
	}
	if changed := filesIn(t, upper); !slices.Equal(changed, []string{"etc", "etc/passwd", "etc/sub", "made"}) {
		t.Errorf("of the image it has copied %q", changed)
	}
	if owners := ownersIn(t, filepath.Join(h.Dir, "store")); !slices.Equal(owners, []int{0, 1000}) {
		t.Errorf("files in the store belong to %v", owners)
	}
}

// parentOfPod is the pod's first process.
func parentOfPod(t *testing.T, uuid string) (pid int) {
	t.Helper()
	enginetest.EachProcess(func(process int, line []byte) {
		if strings.Contains(string(line), "pod-init") && strings.Contains(string(line), uuid) {
			pid = process
		}
	})
	if pid == 0 {
		t.Fatal("the pod has no first process")
	}
	return pid
}

// podFiles are what the pod itself puts into an app's root.
var podFiles = []string{"etc/hosts", "etc/hostname", "etc/resolv.conf", "dev", "proc", "sys"}

func filesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		name, _ := filepath.Rel(dir, path)
		if name != "." && !slices.Contains(podFiles, name) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func ownersIn(t *testing.T, dir string) (uids []int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			uids = append(uids, ownerOf(t, path)[0])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(uids)
	return slices.Compact(uids)
}

func TestPrivatePodIsAsAnyOtherInside(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	app := enginetest.Shell(t, `
		set -e; ls /sys/class >/dev/null; ! touch /sys/x 2>/dev/null; [ "$(cat /proc/1/comm)" = podtui-init ]
		ls /proc/1/root/ 2>/dev/null && exit 9; echo x >/dev/null; head -c 4 /dev/urandom >/dev/null; : >/dev/shm/x
		touch /dev/mqueue/q; echo out >/dev/stdout; echo err >/dev/stderr; tty -s </dev/ptmx; hostname
		! (echo 1 >/proc/sys/kernel/hostname) 2>/dev/null
		chown 7:7 /tmp; ! mount -t tmpfs none /tmp 2>/dev/null; kill -0 1; grep -h ^Seccomp: /proc/self/status`)
	for name, user := range map[string]string{"root": "0", "another user": "1234"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := app
			if user != "0" {
				app = enginetest.Shell(t, "id -u; id -g; echo out >/dev/stdout; touch /bin/x")
				app.User, app.Group = user, "567"
			}
			pod := privatePod(app)
			pod.Hostname = "own"
			got := h.Run(pod)
			if user == "0" {
				if got.Exit != 0 || got.Stdout != "out\nown\nSeccomp:\t2\n" || got.Stderr != "err\n" {
					t.Errorf("%d (%v): %q %q", got.Exit, got.Err, got.Stdout, got.Stderr)
				}
			} else if got.Exit != 1 || got.Stdout != "1234\n567\nout\n" || !strings.Contains(got.Stderr, "Permission denied") {
				t.Errorf("%d (%v): %q %q", got.Exit, got.Err, got.Stdout, got.Stderr)
			}
		})
	}
}

func TestVolumesOfAPrivatePod(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	closed, opened := t.TempDir(), t.TempDir()
	os.WriteFile(filepath.Join(closed, "file"), []byte("of the host\n"), 0o644)
	for path, mode := range map[string]os.FileMode{filepath.Dir(closed): 0o711, closed: 0o755, opened: 0o777} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	uid, gid := 1000, 50
	pod := privatePod(enginetest.Shell(t, `
		stat -c '%n %u:%g %a' /closed /closed/file /empty /given /memory
		cat /closed/file; touch /closed/x 2>&1; touch /opened/made /empty/made /memory/made /given/made
		stat -c '%n %u:%g' /opened/made /empty/made; echo ready; exec sleep 999`))
	pod.Volumes = []spec.Volume{
		{Name: "closed", Kind: spec.HostVolume, Source: closed},
		{Name: "opened", Kind: spec.HostVolume, Source: opened},
		{Name: "empty", Kind: spec.EmptyVolume},
		{Name: "given", Kind: spec.EmptyVolume, Mode: "0750", UID: &uid, GID: &gid},
		{Name: "memory", Kind: spec.EmptyVolume, Medium: spec.MemoryMedium, Size: "8M"},
	}
	for _, v := range pod.Volumes {
		pod.Mounts = append(pod.Mounts, spec.Mount{Volume: v.Name, Path: "/" + v.Name})
	}
	started, status := startPrivate(t, h, pod)
	want := `/closed 65534:65534 755
/closed/file 65534:65534 644
/empty 0:0 755
/given 1000:50 750
/memory 0:0 755
of the host
touch: /closed/x: Permission denied
/opened/made 0:0
/empty/made 0:0
ready
`
	if got := started.Output(); got != want {
		t.Errorf("inside\n%swant\n%s", got, want)
	}
	first := status.Users.First
	dir := poddir.Open(filepath.Join(h.Dir, "pods"), started.UUID)
	for path, want := range map[string][2]int{
		filepath.Join(opened, "made"): {first, first}, filepath.Join(closed, "file"): {0, 0}, closed: {0, 0},
		dir.Volume("empty"): {first, first}, dir.Volume("empty") + "/made": {first, first}, dir.Volume("given"): {first + 1000, first + 50},
	} {
		if got := ownerOf(t, path); got != want {
			t.Errorf("on the host %s is %v's, want %v", path, got, want)
		}
	}
}

// suImage is busybox with a setuid su, and a root without a password.
func suImage(t *testing.T) string {
	t.Helper()
	r, err := enginetest.Recipe("busybox")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(r.Files, func(f recipe.File) bool { return f.Path == "/bin/busybox" })
	su := r.Files[i]
	su.Path, su.Mode = "/bin/su", 0o4755
	r.Files = slices.DeleteFunc(r.Files, func(f recipe.File) bool { return f.Path == "/etc/passwd" })
	passwd := recipe.File{Kind: recipe.Regular, Path: "/etc/passwd", Mode: 0o644, Content: []byte("root::0:0::/:/bin/sh\nme:x:1000:1000::/:/bin/sh\n")}
	r.Files = append(r.Files, su, passwd)
	path := filepath.Join(t.TempDir(), "su.aci")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := enginetest.BuildACI(file, r); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSetuidProgramGivesThePodsRootAndNoOther(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	app := enginetest.Shell(t, "id -u; /bin/su root -c 'id -u; touch /bin/by-root; echo ready; exec sleep 999'; true")
	app.Image, app.User, app.Group = suImage(t), "me", "1000"
	pod, status := startPrivate(t, h, enginetest.Pod(app))
	if pod.Output() != "1000\n0\nready\n" {
		t.Errorf("inside %q", pod.Output())
	}
	first := status.Users.First
	if got := ownerOf(t, fmt.Sprintf("/proc/%d/root/bin/by-root", status.Apps[0].PID)); got[0] != first {
		t.Errorf("what it made is %v's", got)
	}
	if uids, _ := idsOf(t, status.Apps[0].PID); uids[0] != first+1000 {
		t.Errorf("the app is %v", uids)
	}
	inside := func(pid int) bool {
		var own, its unix.Stat_t
		return unix.Stat(fmt.Sprintf("/proc/%d/ns/pid", pid), &its) == nil &&
			unix.Stat(fmt.Sprintf("/proc/%d/ns/pid", status.Apps[0].PID), &own) == nil && own.Ino == its.Ino
	}
	became := 0
	enginetest.Eventually(t, "a shell of the pod's root is the sleep", func() bool {
		enginetest.EachProcess(func(pid int, line []byte) {
			if string(line) == "sleep\x00999\x00" && inside(pid) {
				became = pid
			}
		})
		return became != 0
	})
	if uids, _ := idsOf(t, became); uids[0] != first || uids[1] != first {
		t.Errorf("who became root is %v", uids)
	}
}

func TestAppOfAPrivatePodRunsAsAFilesOwner(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	app := enginetest.Shell(t, "id -u; id -g")
	app.User, app.Group = "/home/worker", "/home/worker"
	if got := h.Run(privatePod(app)); got.Stdout != "1000\n1000\n" {
		t.Errorf("%d (%v): %q", got.Exit, got.Err, got.Stdout)
	}
}

func TestPrivatePodIsEntered(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	for _, user := range []string{"0", "1234"} {
		t.Run(user, func(t *testing.T) {
			t.Parallel()
			app := enginetest.Shell(t, surroundings+"echo ready; exec sleep 999")
			app.User, app.Group, app.WorkingDir = user, user, "/bin"
			pod, status := startPrivate(t, h, enginetest.Pod(app))
			own, _, _ := strings.Cut(pod.Output(), "ready")
			said, code, err := enter(t, h, pod.UUID, engine.EnterOptions{Argv: []string{"sh", "-c", surroundings}})
			if err != nil || code != 0 {
				t.Errorf("%d (%v)", code, err)
			}
			for line := range strings.Lines(said) {
				if !strings.Contains(own, line) {
					t.Errorf("the app has no line %q; it has\n%s", line, own)
				}
			}
			if !strings.Contains(said, "Seccomp:\t2") {
				t.Errorf("it is not confined:\n%s", said)
			}
			said, code, err = enter(t, h, pod.UUID, engine.EnterOptions{Argv: []string{"sh", "-c", "id -u; touch /tmp/entered"}})
			if err != nil || code != 0 || said != user+"\n" {
				t.Errorf("%d (%v): %q", code, err, said)
			}
			id, _ := strconv.Atoi(user)
			if got := ownerOf(t, fmt.Sprintf("/proc/%d/root/tmp/entered", status.Apps[0].PID)); got[0] != status.Users.First+id {
				t.Errorf("what it made is %v's", got)
			}
		})
	}
}

const ownersOfAll = `chmod 777 /tmp; mkdir -p /w/sub && echo hello >/w/file && chown 1000:50 /w/sub && chown 7:8 /w/file
	ln -s file /w/link; cp /bin/busybox /w/; echo ready; [ -z "$1" ] || exec sleep 999`

// What is copied out has the numbers that it has inside.
func TestCopiesOutOfAPrivatePod(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	running, _ := startPrivate(t, h, enginetest.Pod(enginetest.Shell(t, ownersOfAll, "stay")))
	ended := h.Run(privatePod(enginetest.Shell(t, ownersOfAll)))
	for state, pod := range map[string]string{"running": running.UUID, "exited": ended.UUID} {
		for _, archive := range []bool{false, true} {
			to := filepath.Join(t.TempDir(), "w")
			if left, err := out(h, pod, "/w", to, archive); err != nil || len(left) > 0 {
				t.Fatalf("%s: %v %q", state, err, left)
			}
			for name, want := range map[string][2]int{"": {0, 0}, "/sub": {1000, 50}, "/file": {7, 8}, "/link": {0, 0}, "/busybox": {0, 0}} {
				if !archive {
					want = [2]int{0, 0}
				}
				if got := ownerOf(t, to+name); got != want {
					t.Errorf("%s: %s is %v's, want %v", state, name, got, want)
				}
			}
			// What is of the image, and was never copied.
			to = filepath.Join(t.TempDir(), "passwd")
			if left, err := out(h, pod, "/etc/passwd", to, archive); err != nil || len(left) > 0 || ownerOf(t, to) != [2]int{0, 0} {
				t.Errorf("%s: %v %q %v", state, err, left, ownerOf(t, to))
			}
		}
	}
}

func TestCopiesIntoAPrivatePod(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	app := enginetest.Shell(t, `echo ready; until [ -e /tmp/new/done ]; do sleep 0.02; done
		cat /tmp/new/file; stat -c '%n %u:%g' /tmp/new /tmp/new/file; echo more >>/tmp/new/file && echo over; exec sleep 999`)
	app.User, app.Group = "1234", "567"
	pod, status := startPrivate(t, h, enginetest.Pod(app))
	from := t.TempDir()
	os.WriteFile(filepath.Join(from, "file"), []byte("from the host\n"), 0o600)
	done := filepath.Join(t.TempDir(), "done")
	os.WriteFile(done, nil, 0o600)
	for _, c := range [][2]string{{from, "/tmp/new"}, {done, "/tmp/new/done"}} {
		if err := in(h, c[0], pod.UUID, c[1]); err != nil {
			t.Fatal(err)
		}
	}
	pod.WaitFor(t, "over")
	if got, want := pod.Output(), "ready\nfrom the host\n/tmp/new 1234:567\n/tmp/new/file 1234:567\nover\n"; got != want {
		t.Errorf("inside %q, want %q", got, want)
	}
	first := status.Users.First
	if got := ownerOf(t, fmt.Sprintf("/proc/%d/root/tmp/new/file", status.Apps[0].PID)); got != [2]int{first + 1234, first + 567} {
		t.Errorf("on the host it is %v's", got)
	}
}

func TestPrivatePodIsExportedAsItIsInside(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	ended := h.Run(privatePod(enginetest.Shell(t, ownersOfAll+"; chmod 4711 /w/file")))
	if ended.Exit != 0 {
		t.Fatalf("%+v", ended)
	}
	aci, _, _ := exported(t, h, ended.UUID, "")
	path := filepath.Join(t.TempDir(), "exported.aci")
	os.WriteFile(path, aci, 0o644)
	look := enginetest.Shell(t, "stat -c '%n %u:%g %a' /w/sub /w/file /w/link /w/busybox /bin /bin/busybox")
	look.Image = path
	got := h.Run(enginetest.Pod(look))
	if want := "/w/sub 1000:50 755\n/w/file 7:8 4711\n/w/link 0:0 777\n/w/busybox 0:0 755\n/bin 0:0 755\n/bin/busybox 0:0 755\n"; got.Stdout != want {
		t.Errorf("%v %q, want %q", got.Err, got.Stdout, want)
	}
}

func TestPrivatePodRunsAgainWithItsUsers(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := privatePod(enginetest.Shell(t, `ls /made 2>/dev/null; stat -c %u /v; cat /v/runs 2>/dev/null; echo again >>/v/runs && touch /made`))
	pod.Volumes = []spec.Volume{{Name: "v", Kind: spec.EmptyVolume}}
	pod.Mounts = []spec.Mount{{Volume: "v", Path: "/v"}}
	got := h.Run(pod)
	before, err := h.Pod(got.UUID)
	if err != nil || got.Stdout != "0\n" || before.Users == nil {
		t.Fatalf("%v %v %q%s", err, got.Err, got.Stdout, got.Stderr)
	}
	running, err := h.RestartPod(context.Background(), got.UUID, engine.StopOptions{}, engine.RunOptions{SkipVerify: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if status, err := running.Wait(); status != 0 || err != nil {
		t.Errorf("%d (%v)", status, err)
	}
	running.Close()
	after, err := h.Pod(got.UUID)
	if err != nil || after.Users == nil || *after.Users != *before.Users {
		t.Errorf("it has %v, and had %v (%v)", after.Users, before.Users, err)
	}
	dir := poddir.Open(filepath.Join(h.Dir, "pods"), got.UUID)
	if runs, _ := os.ReadFile(dir.Volume("v") + "/runs"); string(runs) != "again\nagain\n" {
		t.Errorf("its volume has %q", runs)
	}
}

func TestAppOfAPrivatePodIsStartedAgain(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	app := enginetest.Shell(t, `ls /made 2>/dev/null; touch /made; echo x >>/v/runs; [ $(wc -l </v/runs) = 3 ]`)
	app.Restart = "on-failure"
	pod := privatePod(app)
	pod.Volumes = []spec.Volume{{Name: "v", Kind: spec.EmptyVolume}}
	pod.Mounts = []spec.Mount{{Volume: "v", Path: "/v"}}
	if got := h.Run(pod); got.Exit != 0 || got.Stdout != "" {
		t.Errorf("%d (%v): %q %q", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
}

func TestTwoPrivatePodsHaveDifferentUsers(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	shell := enginetest.Shell(t, "echo ready; exec sleep 999")
	_, one := startPrivate(t, h, enginetest.Pod(shell))
	two, other := startPrivate(t, h, enginetest.Pod(shell, shell))
	if one.Users.First == other.Users.First {
		t.Errorf("both have %+v", one.Users)
	}
	a, _ := idsOf(t, other.Apps[0].PID)
	if b, _ := idsOf(t, other.Apps[1].PID); a[0] != b[0] || a[0] != other.Users.First {
		t.Errorf("two apps of a pod are %v and %v", a, b)
	}
	lease := filepath.Join(h.Dir, "ids", strconv.Itoa(other.Users.First))
	if holder, _ := os.Readlink(lease); holder != two.UUID {
		t.Errorf("the lease is %q's", holder)
	}
	if err := h.StopPod(context.Background(), two.UUID, engine.StopOptions{Force: true}); err != nil {
		t.Fatal(err)
	}
	two.Wait()
	if err := h.RemovePod(two.UUID); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(lease); err == nil {
		t.Error("the pod is gone, and its lease is there")
	}
}

func TestWhatAPrivatePodCanNotIsToldInALine(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	app := enginetest.Shell(t, "true")
	app.User, app.Group = "65536", "0"
	got := h.Run(privatePod(app))
	want := `app "busybox": a pod with private users has the users and groups 0 to 65535, and no 65536`
	if got.Exit != 125 || got.Err == nil || got.Err.Error() != want {
		t.Errorf("%d (%v), want %s", got.Exit, got.Err, want)
	}
	if _, err := os.ReadDir(filepath.Join(h.Dir, "ids")); err != nil {
		t.Error(err)
	}
	if leases, _ := os.ReadDir(filepath.Join(h.Dir, "ids")); len(leases) > 0 {
		t.Errorf("it has left %v", leases)
	}
}

func TestPrivatePodWithATerminal(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	app := enginetest.Shell(t, `tty; stat -c '%u' $(tty); [ -c /dev/console ] && echo text >/dev/tty && echo done`)
	app.User, app.Group = "1234", "567"
	pod := privatePod(app)
	pod.Interactive = true
	started := h.Start(pod)
	got := started.Wait()
	if want := "/dev/pts/0\r\n1234\r\ntext\r\ndone\r\n"; got.Exit != 0 || got.Stdout != want {
		t.Errorf("%d (%v): %q %q, want %q", got.Exit, got.Err, got.Stdout, got.Stderr, want)
	}
}
