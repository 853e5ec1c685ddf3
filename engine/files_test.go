package engine_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/enginetest/recipe"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

// imageWith is a file with the busybox image, without its /etc and with these files.
func imageWith(t *testing.T, files ...recipe.File) string {
	t.Helper()
	r, err := enginetest.Recipe("busybox")
	if err != nil {
		t.Fatal(err)
	}
	r.Manifest = bytes.ReplaceAll(r.Manifest, []byte("busybox.net/busybox"), []byte("example.com/files"))
	r.Files = append(slices.DeleteFunc(r.Files, func(f recipe.File) bool { return strings.HasPrefix(f.Path, "/etc") }), files...)
	file, err := os.Create(filepath.Join(t.TempDir(), "image.aci"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := enginetest.BuildACI(file, r); err != nil {
		t.Fatal(err)
	}
	return file.Name()
}

// shellIn is enginetest.Shell in another image.
func shellIn(image, script string) spec.App {
	return spec.App{Image: image, Exec: "/bin/sh", Args: []string{"-c", script}}
}

func toldOf(events []event.Event) (list []string) {
	for _, e := range events {
		if e.Type == event.Warning {
			list = append(list, e.Message)
		}
	}
	return list
}

func TestAppsHaveThePodsFiles(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	image := imageWith(t,
		recipe.File{Kind: recipe.Regular, Path: "/etc/hosts", Mode: 0o644, Content: []byte("192.0.2.1 of-the-image\n")},
		recipe.File{Kind: recipe.Regular, Path: "/etc/resolv.conf", Mode: 0o644, Content: []byte("nameserver 192.0.2.9\n")},
	)
	const look = "cat /etc/hostname; hostname; cat /etc/hosts /etc/resolv.conf; stat -c %a:%u:%g /etc/hosts /etc/hostname /etc/resolv.conf"
	app := shellIn(image, look)
	app.User, app.Group = "1000", "1000" // whom the files are for as well
	pod := enginetest.Pod(app)
	pod.Hostname = "web.example.com"
	pod.HostsEntries = []spec.HostsEntry{{IP: "10.0.0.5", Name: "db"}}
	pod.DNS = spec.DNS{Servers: []string{"192.0.2.53"}, Search: []string{"example.com"}, Options: []string{"ndots:2"}}
	got := h.Run(pod)
	want := `web.example.com
web.example.com
10.0.0.5	db
127.0.0.1	localhost
::1	localhost ip6-localhost ip6-loopback
127.0.0.1	web.example.com web
192.0.2.1 of-the-image
nameserver 192.0.2.53
search example.com
options ndots:2
644:0:0
644:0:0
644:0:0
`
	if got.Stdout != want || got.Err != nil {
		t.Errorf("exit %d (%v): %s%s\nwant %s", got.Exit, got.Err, got.Stdout, got.Stderr, want)
	}

	pod.DNS = spec.DNS{Servers: []string{"none"}}
	pod.Hostname, pod.Apps[0].Args[1] = "", "hostname; cat /etc/hostname /etc/resolv.conf"
	got = h.Run(pod)
	name := "podtui-" + got.UUID[:8] + "\n"
	if want := name + name + "nameserver 192.0.2.9\n"; got.Stdout != want {
		t.Errorf("exit %d (%v): %s%s\nwant %s", got.Exit, got.Err, got.Stdout, got.Stderr, want)
	}
}

func TestNameServersAreTheHosts(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	want, _ := os.ReadFile("/etc/resolv.conf") // a host without one says nothing
	if got := h.Run(enginetest.Pod(enginetest.Shell(t, "cat /etc/resolv.conf"))); got.Stdout != string(want) || got.Err != nil {
		t.Errorf("exit %d (%v): %s%s\nwant %s", got.Exit, got.Err, got.Stdout, got.Stderr, want)
	}
}

// What an app writes there is its own: not another's, not the image's, not the
// host's, not the next run's.
func TestWhatAnAppWritesToThePodsFilesIsItsOwn(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	hosts, _ := os.ReadFile("/etc/hosts")
	names, _ := os.ReadFile("/etc/resolv.conf")
	const script = `cat /etc/hosts /etc/resolv.conf | grep -c mark-; for f in hosts resolv.conf hostname; do echo "mark-$AC_APP_NAME" >>/etc/$f; done
until [ -e /meet/a ] && [ -e /meet/b ]; do touch /meet/$AC_APP_NAME; sleep 0.01; done; cat /etc/hosts /etc/resolv.conf /etc/hostname | grep -c mark-`
	pod := enginetest.Pod(enginetest.Shell(t, script), enginetest.Shell(t, script))
	pod.Volumes = []spec.Volume{{Name: "meet", Kind: spec.EmptyVolume}}
	pod.Mounts = []spec.Mount{{Volume: "meet", Path: "/meet"}}
	for range 2 {
		got := h.Run(pod)
		lines := strings.Split(strings.TrimSpace(got.Stdout), "\n")
		slices.Sort(lines)
		if !slices.Equal(lines, []string{"0", "0", "3", "3"}) || got.Err != nil {
			t.Errorf("exit %d (%v): %s%s", got.Exit, got.Err, got.Stdout, got.Stderr)
		}
	}
	if now, _ := os.ReadFile("/etc/hosts"); !bytes.Equal(now, hosts) {
		t.Errorf("the host's hosts became %s", now)
	}
	if now, _ := os.ReadFile("/etc/resolv.conf"); !bytes.Equal(now, names) {
		t.Errorf("the host's resolv.conf became %s", now)
	}
}

func TestRestartedAppHasThePodsFilesAnew(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	app := enginetest.Shell(t, `grep -c mark /etc/hosts; echo mark >>/etc/hosts; exit 1`)
	app.Restart = "on-failure:1"
	if got := h.Run(enginetest.Pod(app)); got.Stdout != "0\n0\n" {
		t.Errorf("exit %d (%v): %s%s", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
}

func TestReadOnlyRootMakesThePodsFilesReadOnly(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	yes := true
	app := enginetest.Shell(t, "for f in hosts resolv.conf hostname; do echo x 2>/dev/null >>/etc/$f || echo refused; done; grep -c localhost /etc/hosts")
	app.ReadOnlyRoot = &yes
	if got := h.Run(enginetest.Pod(app)); got.Stdout != "refused\nrefused\nrefused\n2\n" {
		t.Errorf("exit %d (%v): %s%s", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
}

// An image can have anything at the places of the pod's files. Nothing of the host
// is reached through it, and the app runs.
func TestImagesCannotLeadThePodsFilesAstray(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	victim := filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(victim, []byte("the host's\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	link := func(at, to string) recipe.File { return recipe.File{Kind: recipe.Symlink, Path: at, Target: to} }
	for name, c := range map[string]struct {
		files   []recipe.File
		script  string
		want    string
		warning string // "": none
	}{
		"links out of the root": {
			[]recipe.File{link("/etc/hosts", victim), link("/etc/hostname", "../../../../../.."+victim), link("/etc/resolv.conf", "/etc/resolv.conf")},
			"cat /etc/hostname; grep -c 'the host' /etc/hosts; [ -L /etc/resolv.conf ] || echo file; ls " + victim + " 2>/dev/null",
			"h\n0\nfile\n", "",
		},
		"links that dangle": {
			[]recipe.File{link("/etc/hosts", "../run/none"), link("/etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf")},
			"grep -c localhost /etc/hosts; ls -A /run 2>/dev/null; cat /etc/hostname", "2\nh\n", "",
		},
		"a link to a file of the image": {
			[]recipe.File{link("/etc/hosts", "/srv/hosts"), {Kind: recipe.Regular, Path: "/srv/hosts", Mode: 0o644, Content: []byte("192.0.2.1 x\n")}},
			"grep -c 192.0.2.1 /etc/hosts; cat /srv/hosts", "1\n192.0.2.1 x\n", "",
		},
		"folders": {
			[]recipe.File{{Kind: recipe.Directory, Path: "/etc/hosts", Mode: 0o755}},
			"[ -d /etc/hosts ] && cat /etc/hostname", "h\n", `app "files": it has not the pod's /etc/hosts: it is a folder in the image`,
		},
		"no folder": {
			[]recipe.File{link("/etc", "/nowhere")}, "echo runs", "runs\n", "/etc of the image: ",
		},
		"a folder elsewhere": {
			[]recipe.File{{Kind: recipe.Directory, Path: "/srv/etc", Mode: 0o755}, link("/etc", "../../srv/etc")}, "cat /etc/hostname /srv/etc/hostname", "h\nh\n", "",
		},
		"a file without end": {
			[]recipe.File{{Kind: recipe.Regular, Path: "/etc/hosts", Mode: 0o644, Content: bytes.Repeat([]byte("192.0.2.1 x\n"), 200_000)}},
			"grep -c localhost /etc/hosts; grep -c 192.0.2.1 /etc/hosts", "2\n0\n", `app "files": /etc/hosts of the image has more than 1 MiB, and is left out`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := shellIn(imageWith(t, c.files...), c.script)
			app.Name = "files"
			pod := enginetest.Pod(app)
			pod.Hostname = "h"
			got := h.Run(pod)
			if got.Stdout != c.want || got.Err != nil {
				t.Errorf("exit %d (%v): %s%s\nwant %s", got.Exit, got.Err, got.Stdout, got.Stderr, c.want)
			}
			told := strings.Join(toldOf(got.Events), "\n")
			if c.warning == "" && told != "" || !strings.Contains(told, c.warning) {
				t.Errorf("warnings %s", told)
			}
			if now, _ := os.ReadFile(victim); string(now) != "the host's\n" {
				t.Errorf("the host's file became %s", now)
			}
		})
	}
}

// A volume over one of these files, or over all of /etc, is what the app sees, and
// nothing is made in it.
func TestVolumesHideThePodsFilesAndStayAsTheyAre(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	folder := t.TempDir()
	hosts := filepath.Join(t.TempDir(), "hosts")
	os.WriteFile(hosts, []byte("192.0.2.7 mine\n"), 0o644)
	pod := enginetest.Pod(enginetest.Shell(t, "cat /etc/hosts; ls /etc; ls /link"))
	pod.Volumes = []spec.Volume{{Name: "f", Kind: spec.HostVolume, Source: folder}, {Name: "hosts", Kind: spec.HostVolume, Source: hosts}}
	pod.Apps[0].Mounts = []spec.Mount{{Volume: "hosts", Path: "/etc/hosts"}}
	if got := h.Run(pod); !strings.HasPrefix(got.Stdout, "192.0.2.7 mine\n") || !strings.Contains(got.Stdout, "hostname") {
		t.Errorf("exit %d (%v): %s%s", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
	for _, at := range []string{"/etc", "/link"} {
		app := shellIn(imageWith(t, recipe.File{Kind: recipe.Directory, Path: "/etc", Mode: 0o755},
			recipe.File{Kind: recipe.Symlink, Path: "/link", Target: "etc"}), "ls -A /etc; ls -A /link")
		app.Mounts = []spec.Mount{{Volume: "f", Path: at}}
		pod.Apps[0] = app
		if got := h.Run(pod); got.Stdout != "" || got.Err != nil {
			t.Errorf("at %s: exit %d (%v): %s%s", at, got.Exit, got.Err, got.Stdout, got.Stderr)
		}
		if made, err := os.ReadDir(folder); err != nil || len(made) > 0 {
			t.Errorf("at %s: the host's folder has %v (%v)", at, made, err)
		}
	}
}

// Of a variable the events of a start tell where it comes from, and never what it
// holds.
func TestEventsTellWhereVariablesComeFrom(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := enginetest.Pod(enginetest.Shell(t, "echo $EXAMPLE_OVERRIDE"))
	pod.InheritEnv = true
	pod.Env = []spec.Var{{Name: "EXAMPLE_OVERRIDE", Value: "s3cret-pod"}}
	pod.Apps[0].Env = []spec.Var{{Name: "EXAMPLE_OVERRIDE", Value: "s3cret-app"}, {Name: "MINE", Value: "s3cret-mine"}}
	var told []event.App
	for _, e := range h.Run(pod).Events {
		if e.Type == event.PodPrepare {
			told = e.Apps
		}
	}
	if len(told) != 1 || told[0].Name != "busybox" {
		t.Fatalf("told %+v", told)
	}
	got := make(map[string]string)
	for _, v := range told[0].Env {
		got[v.Name] = strings.Join(append([]string{v.From}, v.Over...), " over ")
	}
	for name, want := range map[string]string{
		"EXAMPLE_ENV": "parent", "EXAMPLE_OVERRIDE": "app over pod over parent", "MINE": "app",
		"PATH": "default", "AC_APP_NAME": "podtui",
	} {
		if got[name] != want {
			t.Errorf("%s is from %q, want %q", name, got[name], want)
		}
	}
	pods, err := filepath.Glob(filepath.Join(h.Dir, "pods", "*", "events"))
	if err != nil || len(pods) != 1 {
		t.Fatal(pods, err)
	}
	if kept, err := os.ReadFile(pods[0]); err != nil || bytes.Contains(kept, []byte("s3cret")) {
		t.Errorf("%v: the events keep %s", err, kept)
	}
}

// Files of variables come between the image's and --set-env, are read where podtui
// is, and are refused before anything is made.
func TestFilesOfVariables(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	name := filepath.Join(t.TempDir(), "env")
	os.WriteFile(name, []byte("# comment\nEXAMPLE_OVERRIDE=file\nONLY=file\n"), 0o600)
	pod := enginetest.Pod(enginetest.Shell(t, "echo $EXAMPLE_OVERRIDE $ONLY"))
	pod.InheritEnv, pod.EnvFiles = true, []string{name}
	pod.Env = []spec.Var{{Name: "ONLY", Value: "pod"}}
	if got := h.Run(pod); got.Stdout != "file pod\n" || got.Err != nil {
		t.Errorf("exit %d (%v): %s%s", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
	if got := filesRefused(t, h, pod, name+".missing"); got.Exit != 125 {
		t.Errorf("exit %d (%v)", got.Exit, got.Err)
	}
	os.WriteFile(name, []byte("ONLY\n"), 0o600)
	if got := filesRefused(t, h, pod, name); got.Exit != 2 || !strings.Contains(got.Err.Error(), name) {
		t.Errorf("exit %d (%v)", got.Exit, got.Err)
	}
	if got := filesRefused(t, h, pod, "/dev/zero"); got.Exit != 125 {
		t.Errorf("exit %d (%v)", got.Exit, got.Err)
	}
}

func filesRefused(t *testing.T, h *enginetest.Host, pod spec.Pod, file string) enginetest.Result {
	t.Helper()
	before, _ := h.Pods()
	pod.EnvFiles = []string{file}
	got := h.Run(pod)
	after, err := h.Pods()
	if got.Err == nil || err != nil || len(after) != len(before) {
		t.Errorf("%s: %v; pods %v", file, got.Err, after)
	}
	if strings.Contains(got.Err.Error(), "\n") {
		t.Errorf("%s: %q is not one line", file, got.Err)
	}
	return got
}

func TestPodsFilesAreOfTheRootOfAPrivatePod(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	for name, image := range map[string]string{"with a folder": imageWith(t, recipe.File{Kind: recipe.Directory, Path: "/etc", Mode: 0o755}), "without": imageWith(t)} {
		app := shellIn(image, "stat -c %u:%g /etc /etc/hosts /etc/hostname /etc/resolv.conf; echo x >>/etc/hosts && grep -c localhost /etc/hosts")
		pod := enginetest.Pod(app)
		pod.PrivateUsers = true
		if got := h.Run(pod); got.Stdout != "0:0\n0:0\n0:0\n0:0\n2\n" || got.Err != nil {
			t.Errorf("%s: exit %d (%v): %s%s", name, got.Exit, got.Err, got.Stdout, got.Stderr)
		}
	}
}
