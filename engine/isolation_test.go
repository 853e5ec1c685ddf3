package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

// capabilityScript prints the five sets, by bit.
const capabilityScript = "grep Cap /proc/self/status | cut -f2 | tr '\\n' ' '"

// capabilitySets are what it prints of an app's.
func capabilitySets(own, bounding uint64) string {
	return fmt.Sprintf("%016x %016x %016x %016x %016x ", 0, own, own, bounding, 0)
}

const fourteen = 0xa80425fb

func TestAppIsConfinedAsItsIsolatorsSay(t *testing.T) {
	t.Parallel()
	yes := true
	for name, c := range map[string]struct {
		app    spec.App
		script string
		want   string
		exit   int
	}{
		"none of its own as a user": {app: spec.App{User: "worker"}, script: capabilityScript, want: capabilitySets(0, fourteen)},
		"capabilities to retain": {
			app:    spec.App{CapsRetain: []string{"net_admin", "CAP_NET_BIND_SERVICE"}},
			script: capabilityScript, want: capabilitySets(1<<12|1<<10, 1<<12|1<<10),
		},
		"capabilities to retain, as a user": {
			app:    spec.App{CapsRetain: []string{"net_admin"}, User: "worker"},
			script: capabilityScript, want: capabilitySets(0, 1<<12),
		},
		"capabilities to remove": {
			app:    spec.App{CapsRemove: []string{"sys_chroot", "mknod", "sys_admin"}},
			script: capabilityScript, want: capabilitySets(fourteen&^(1<<18|1<<27), fourteen&^(1<<18|1<<27)),
		},
		"all capabilities to remove": {
			app:    spec.App{CapsRemove: spec.DefaultCapabilities()},
			script: capabilityScript + "; chown 1 /tmp", want: capabilitySets(0, 0), exit: 1,
		},
		"no new privileges":            {app: spec.App{NoNewPrivileges: &yes}, script: "grep NoNewPrivs /proc/self/status", want: "NoNewPrivs:\t1\n"},
		"no new privileges, to a user": {app: spec.App{NoNewPrivileges: &yes, User: "worker"}, script: "grep -E 'NoNewPrivs|Seccomp:' /proc/self/status", want: "NoNewPrivs:\t1\nSeccomp:\t2\n"},
		"a refused system call, by death": {
			app: spec.App{Seccomp: "mode=remove,mkdir,mkdirat"}, script: "echo before; exec mkdir /x", want: "before\n", exit: 159,
		},
		"a refused system call of a child, by death": {
			app: spec.App{Seccomp: "mode=remove,mkdir,mkdirat"}, script: "mkdir /x; s=$?; test -e /x || echo $s", want: "159\n",
		},
		"a refused system call, by an error": {
			app: spec.App{Seccomp: "mode=remove,errno=EXDEV,mkdir,mkdirat"}, script: "mkdir /x 2>&1; mount -t tmpfs x /tmp 2>&1 || echo no capability",
			want: "mkdir: can't create directory '/x': Invalid cross-device link\nmount: permission denied (are you root?)\nno capability\n",
		},
		"what is not retained, by an error": {
			app: spec.App{Seccomp: "mode=retain,errno=EXDEV,@docker/default-whitelist,mount", CapsRetain: []string{"sys_chroot"}}, script: "keyctl 2>/dev/null; unshare -n true 2>&1; chroot / true",
			want: "unshare: unshare(0x40000000): Invalid cross-device link\n",
		},
		"what is not retained, by death":   {app: spec.App{Seccomp: "mode=retain,read,write"}, script: "echo never", exit: 159},
		"all system calls are retained":    {app: spec.App{Seccomp: "mode=retain,@appc.io/all"}, script: "grep Seccomp: /proc/self/status", want: "Seccomp:\t0\n"},
		"nothing to remove is the default": {app: spec.App{Seccomp: "mode=remove,@appc.io/empty"}, script: "grep Seccomp: /proc/self/status; unshare -U true 2>&1", want: "Seccomp:\t2\nunshare: unshare(0x10000000): Operation not permitted\n", exit: 1},
		"processes": {
			app:    spec.App{PIDs: "20"},
			script: "(while :; do sleep 100 & echo; done) >/tmp/made 2>&-; n=0; while read line; do n=$((n+1)); done </tmp/made; echo $n",
			want:   "18\n", // and the two shells
		},
		"as few processes as there can be": {app: spec.App{PIDs: "1"}, script: "echo alone; (true) 2>&-; echo more", want: "alone\n", exit: 2},
		"rlimits below what a start takes": {
			app: spec.App{User: "worker", Rlimits: []spec.Var{
				{Name: "nofile", Value: "3"}, {Name: "nproc", Value: "1"}, {Name: "as", Value: "8000000"}, {Name: "cpu", Value: "1"},
				{Name: "fsize", Value: "0"}, {Name: "locks", Value: "0"}, {Name: "memlock", Value: "0"}, {Name: "sigpending", Value: "0"},
			}},
			script: "ulimit -n; (true); echo another process", want: "3\n", exit: 2,
		},
		"rlimits": {
			app:    spec.App{Rlimits: []spec.Var{{Name: "nofile", Value: "100:200"}, {Name: "core", Value: "0"}, {Name: "nproc", Value: "50"}}},
			script: "ulimit -Sn; ulimit -Hn; ulimit -Sc; ulimit -Hu", want: "100\n200\n0\n50\n",
		},
		"oom score": {app: spec.App{OOMScoreAdj: "500"}, script: "cat /proc/self/oom_score_adj", want: "500\n"},
		"a read-only root": {
			app: spec.App{ReadOnlyRoot: &yes},
			script: `touch /x /tmp/x /bin/x /etc/x 2>/dev/null && echo written
touch /dev/shm/x && echo shm; echo >/dev/null && grep -c ' / .*[ ,]ro[, ]' /proc/mounts; mount -o remount,rw / 2>/dev/null || echo stays`,
			want: "shm\n1\nstays\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			app := enginetest.Shell(t, c.script)
			app.User, app.CapsRetain, app.CapsRemove, app.Seccomp = c.app.User, c.app.CapsRetain, c.app.CapsRemove, c.app.Seccomp
			app.NoNewPrivileges, app.PIDs, app.Rlimits = c.app.NoNewPrivileges, c.app.PIDs, c.app.Rlimits
			app.OOMScoreAdj, app.ReadOnlyRoot = c.app.OOMScoreAdj, c.app.ReadOnlyRoot
			got := h.Run(enginetest.Pod(app))
			if got.Err != nil || got.Exit != c.exit || got.Stdout != c.want {
				t.Errorf("exit %d (%v), want %d; printed %q, want %q; %s", got.Exit, got.Err, c.exit, got.Stdout, c.want, got.Stderr)
			}
			if warnings := warningsOf(got); len(warnings) > 0 {
				t.Errorf("warnings %q", warnings)
			}
		})
	}
}

// What every app has, if nobody says otherwise.
func TestAppIsConfinedIfNobodySays(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	scripts := []struct{ what, script, want string }{
		{"capabilities", capabilityScript + "; echo", capabilitySets(fourteen, fourteen) + "\n"},
		{"privileges that can be gained", "grep NoNewPrivs /proc/self/status", "NoNewPrivs:\t0\n"},
		{"open files", "ulimit -Sn", "1024\n"},
		{"what is hidden", `for f in kcore keys timer_list sched_debug interrupts latency_stats; do test -e /proc/$f && head -c 1 /proc/$f | wc -c; done | sort -u
for d in /sys/firmware /sys/dev/block /sys/fs/selinux /proc/acpi /proc/scsi /proc/asound; do ls $d 2>/dev/null; done`, "0\n"},
		{"what can't be written", `for f in /proc/sys/kernel/domainname /proc/sysrq-trigger /proc/irq/default_smp_affinity /sys/kernel/profiling; do
test -e $f && { echo 1 >$f; } 2>/dev/null && echo $f; done`, ""},
		{"devices", "ls /dev | grep -v core | tr '\\n' ' '; echo", "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero \n"},
		{"terminals of its own", "ls /dev/pts; grep -c devpts /proc/mounts", "ptmx\n1\n"},
		{"nodes of other devices", "mknod /tmp/memory c 1 1 && head -c 1 /tmp/memory 2>/dev/null || echo none", "none\n"},
		{"cgroups of the host", "ls /sys/fs/cgroup; grep -c cgroup /proc/mounts", "0\n"},
	}
	const next = "next\n"
	var script, want string
	for _, s := range scripts {
		script, want = script+s.script+"\necho next\n", want+s.want+next
	}
	got := h.Run(enginetest.Pod(enginetest.Shell(t, script)))
	said := strings.Split(got.Stdout, next)
	if got.Err != nil || len(said) != len(scripts)+1 {
		t.Fatalf("exit %d (%v), printed %q, want %q; %s", got.Exit, got.Err, got.Stdout, want, got.Stderr)
	}
	for i, s := range scripts {
		if said[i] != s.want {
			t.Errorf("%s: %q, want %q", s.what, said[i], s.want)
		}
	}
	if warnings := warningsOf(got); len(warnings) > 0 {
		t.Errorf("warnings %q", warnings)
	}
}

func warningsOf(r enginetest.Result) (warnings []string) {
	for _, e := range r.Events {
		if e.Type == event.Warning {
			warnings = append(warnings, e.Message)
		}
	}
	return warnings
}

func TestWhatIsolationKilledIsToldInWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*spec.Pod)
		script string
		want   string
	}{
		"its filter": {
			func(p *spec.Pod) { p.Apps[0].Seccomp = "mode=remove,mkdir,mkdirat" }, "exec mkdir /x",
			"killed for a system call that its seccomp filter refuses (SIGSYS)",
		},
		"its filter, a child": {
			func(p *spec.Pod) { p.Apps[0].Seccomp = "mode=remove,mkdir,mkdirat" }, "mkdir /x; exit $?",
			"status 159, as of a process killed for a system call that the app's seccomp filter refuses (SIGSYS)",
		},
		"itself":           {func(*spec.Pod) {}, "kill -SYS $$", "killed by signal 31 (SIGSYS)"},
		"its memory limit": {func(p *spec.Pod) { p.Apps[0].Memory = "32Mi" }, "exec tail -c 100m /dev/zero", "killed by its memory limit (32 MiB)"},
		"the pod's memory limit": {
			func(p *spec.Pod) {
				p.Isolators = json.RawMessage(`[{"name":"resource/memory","value":{"limit":"32Mi"}}]`)
			}, "exec tail -c 100m /dev/zero", "killed by the pod's memory limit (32 MiB)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			pod := enginetest.Pod(enginetest.Shell(t, c.script))
			c.change(&pod)
			got := h.Run(pod)
			for _, e := range got.Events {
				if e.Type == event.AppExit && e.Message != c.want {
					t.Errorf("said %q, want %q", e.Message, c.want)
				}
			}
			if got.Err != nil || got.Exit < 128 {
				t.Errorf("exit %d (%v): %s", got.Exit, got.Err, got.Stderr)
			}
		})
	}
}

func TestAppGoesWithoutWhatTheHostMayNotGive(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	app := enginetest.Shell(t, "ulimit -Hn; cat /proc/self/oom_score_adj; cat /proc/sys/fs/nr_open; grep CapBnd /proc/self/status | cut -f2")
	app.Rlimits = []spec.Var{{Name: "nofile", Value: "1024:4000000000"}}
	app.OOMScoreAdj = "-500"
	app.CapsRetain = []string{"sys_resource", "chown"}
	got := h.Run(enginetest.Pod(app))
	said := strings.Fields(got.Stdout)
	if got.Err != nil || len(said) != 4 {
		t.Fatalf("exit %d (%v), printed %q; %s", got.Exit, got.Err, got.Stdout, got.Stderr)
	}
	warnings := strings.Join(warningsOf(got), "\n")
	if limit, _ := strconv.Atoi(said[0]); limit < 1024 || !strings.Contains(warnings, `app "busybox": rlimit nofile=1024:4000000000: this host allows no more than `+said[0]) {
		t.Errorf("open files %s: %s", said[0], warnings)
	}
	if lowered := said[1] == "-500"; lowered == strings.Contains(warnings, `app "busybox": oom score -500: podtui may not go below its own here`) {
		t.Errorf("oom score %s: %s", said[1], warnings)
	}
	if raised := said[3] == fmt.Sprintf("%016x", 1<<24|1); raised == strings.Contains(warnings, `app "busybox": it goes without CAP_SYS_RESOURCE`) {
		t.Errorf("capabilities %s: %s", said[3], warnings)
	}
}

// A limit of processes is set in the last moment of a start: what comes of it is told
// after that, of the app as of its pod.
func TestLimitOfProcessesThatIsNotHeldIsToldToo(t *testing.T) {
	const counted = "/sys/fs/cgroup/pids"
	if _, err := os.Stat(counted); err != nil {
		t.Skip("the host has no hierarchy that is only for processes")
	}
	if !ownMounts(t) {
		return
	}
	if err := unix.Unmount(counted, unix.MNT_DETACH); err != nil {
		t.Fatal(err)
	}
	app := enginetest.Shell(t, "true")
	app.PIDs = "50"
	pod := enginetest.Pod(app)
	pod.Isolators = json.RawMessage(`[{"name":"podtui.io/pids","value":{"limit":"100"}}]`)
	got := enginetest.NewHost(t).Run(pod)
	const unheld = "its limit of pids is not held by this host: its cgroups have no controller pids here"
	if said, want := strings.Join(warningsOf(got), "\n"), `app "busybox": `+unheld+"\nthe pod: "+unheld; got.Err != nil || said != want {
		t.Errorf("exit %d (%v), warned of %q", got.Exit, got.Err, said)
	}
}

func TestIsolatorsOfThePodBoundItsApps(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		isolators string
		script    string
		want      string
	}{
		"sysctls": {
			`[{"name":"os/unix/sysctl","value":{"kernel.shmmax":"1048576","fs.mqueue.msg_max":"7"}}]`,
			"cat /proc/sys/kernel/shmmax /proc/sys/fs/mqueue/msg_max", "1048576\n7\n",
		},
		"processes of all apps": {
			`[{"name":"podtui.io/pids","value":{"limit":"20"}}]`,
			"(while :; do sleep 100 & echo; done) >/tmp/made 2>&-; n=0; while read line; do n=$((n+1)); done </tmp/made; echo $n", "18\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			pod := enginetest.Pod(enginetest.Shell(t, c.script))
			pod.Isolators = json.RawMessage(c.isolators)
			if got := h.Run(pod); got.Err != nil || got.Exit != 0 || got.Stdout != c.want {
				t.Errorf("exit %d (%v), printed %q, want %q; %s", got.Exit, got.Err, got.Stdout, c.want, got.Stderr)
			}
		})
	}
}

// How many processes the apps of a pod may have is no limit to podtui's own: it makes
// apps again, and runs handlers, beside apps that have as many as they may.
func TestLimitOfThePodIsNotThatOfItsStarts(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	app := handling(t, "true; echo fine", "echo main; exit 4", "echo after")
	app.Restart = "on-failure:1"
	crowd := enginetest.Shell(t, "sleep 100 & trap 'kill $!; exit 0' TERM; wait")
	pod := enginetest.Pod(app, crowd)
	pod.Isolators = json.RawMessage(`[{"name":"podtui.io/pids","value":{"limit":"3"}}]`)
	got := h.Run(pod)
	const run = "pre-start\nfine\nmain\npost-stop\nafter\n"
	if got.Err != nil || got.Exit != 4 || got.Stdout != run+run {
		t.Errorf("exit %d (%v), printed %q, warned of %q; %.500s", got.Exit, got.Err, got.Stdout, warningsOf(got), got.Stderr)
	}
}

// A name that no kernel has is wrong whatever the host is like.
func TestUnknownSystemCallsAreWrongByForm(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := enginetest.Pod(enginetest.Shell(t, "true"))
	pod.Apps[0].Seccomp = "mode=remove,mkdirr"
	if got := h.Run(pod); got.Exit != 2 || got.Err == nil || !strings.Contains(got.Err.Error(), `"mkdirr" is not a system call that podtui knows`) {
		t.Errorf("exit %d (%v)", got.Exit, got.Err)
	}
}

// A limit that the host can't reach is none, and perhaps a mistyped unit.
func TestLimitsBeyondTheHostAreWarnedOf(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := enginetest.Pod(enginetest.Shell(t, "true"))
	for memory, want := range map[string][]string{"64Mi": nil, "4000T": {`memory of app "busybox" is limited to 4000000000000000 bytes, more than the host's `, `cpu of app "busybox" is limited to 999.5 cores, more than the host's `}} {
		pod.Apps[0].Memory = memory
		if want != nil {
			pod.Apps[0].CPU = "999500m"
		}
		ran := h.Run(pod)
		got := warningsOf(ran)
		if ran.Exit != 0 || len(got) != len(want) || !slices.EqualFunc(got, want, strings.HasPrefix) {
			t.Errorf("%s: exit %d (%v), warned of %q", memory, ran.Exit, ran.Err, got)
		}
		pod.Apps[0].CPU = ""
	}
}

func TestIsolatorsThatTheHostRefutes(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*spec.Pod){
		"sysctl kernel.panic is the whole host's": func(p *spec.Pod) {
			p.Isolators = json.RawMessage(`[{"name":"os/unix/sysctl","value":{"kernel.panic":"1"}}]`)
		},
		"sysctl net.ipv4.ip_forward would change the host's network": func(p *spec.Pod) {
			p.Isolators = json.RawMessage(`[{"name":"os/unix/sysctl","value":{"net.ipv4.ip_forward":"1"}}]`)
		},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			pod := enginetest.Pod(enginetest.Shell(t, "true"))
			change(&pod)
			got := h.Run(pod)
			if got.Err == nil || got.Exit != 125 || !strings.Contains(got.Err.Error(), want) || strings.Contains(got.Err.Error(), "\n") {
				t.Errorf("status %d, error %v; want 125 and %q", got.Exit, got.Err, want)
			}
			if pods, _ := filepath.Glob(filepath.Join(h.Dir, "pods", "*")); len(pods) > 0 {
				t.Errorf("left %v", pods)
			}
		})
	}
}

// Who enters an app is confined as it is.
func TestEnteredProgramIsConfinedAsItsApp(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	app := enginetest.Shell(t, "echo ready; exec sleep 100")
	app.CapsRetain, app.Seccomp, app.OOMScoreAdj = []string{"chown"}, "mode=remove,errno=EXDEV,mkdir,mkdirat", "300"
	app.Rlimits = []spec.Var{{Name: "nofile", Value: "100:200"}}
	yes := true
	app.NoNewPrivileges, app.ReadOnlyRoot = &yes, &yes
	pod := h.Start(enginetest.Pod(app))
	pod.WaitFor(t, "ready")
	script := capabilityScript + "; grep NoNewPrivs /proc/self/status | cut -f2; ulimit -Hn; cat /proc/self/oom_score_adj; touch /x 2>/dev/null || echo read-only; mkdir /dev/shm/x 2>&1"
	got := entered(t, h, pod.UUID, script)
	want := capabilitySets(1, 1) + "1\n200\n300\nread-only\nmkdir: can't create directory '/dev/shm/x': Invalid cross-device link\n"
	if got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
	pod.Stop(true)
	pod.Wait()
}

// entered runs a script beside a pod's app, and returns what it prints.
func entered(t *testing.T, h *enginetest.Host, uuid, script string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := os.CreateTemp(t.TempDir(), "out")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if _, err := h.Enter(ctx, uuid, engine.EnterOptions{Argv: []string{"/bin/sh", "-c", script}, Stdout: out, Stderr: out}); err != nil {
		t.Fatal(err)
	}
	said, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}

// An app has no keyring of its caller's: what is kept there for root, root of an app
// must not find.
func TestAppHasASessionKeyringOfItsOwn(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	pod := h.Start(enginetest.Pod(spec.App{Image: enginetest.BuildImage(t, "sleeper")}))
	pod.WaitFor(t, "ready")
	keys, err := os.ReadFile("/proc/keys")
	if err != nil {
		t.Skip(err)
	}
	if !strings.Contains(string(keys), "_ses."+pod.UUID) {
		t.Errorf("there is none of this pod among\n%s", keys)
	}
	pod.Stop(true)
	pod.Wait()
}

// An app begins where it may look: with the rights that it will have.
func TestAppBeginsInNoFolderThatIsClosedToIt(t *testing.T) {
	t.Parallel()
	owner := 1
	for name, change := range map[string]func(*spec.App){
		"another user": func(a *spec.App) { a.User = "worker" },
		"root without the capability": func(a *spec.App) {
			a.CapsRemove = []string{"dac_override"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := enginetest.Shell(t, "pwd")
			change(&app)
			app.WorkingDir, app.Mounts = "/closed", []spec.Mount{{Volume: "closed", Path: "/closed"}}
			pod := enginetest.Pod(app)
			pod.Volumes = []spec.Volume{{Name: "closed", Kind: spec.EmptyVolume, Mode: "0700", UID: &owner}}
			got := enginetest.NewHost(t).Run(pod)
			const want = `app "busybox": working folder /closed: permission denied`
			if got.Exit != 125 || got.Err == nil || got.Err.Error() != want {
				t.Errorf("exit %d (%v), printed %q", got.Exit, got.Err, got.Stdout)
			}
		})
	}
}

// An app that is made and waits for a handler has what it will have, and what installs
// its filter if that takes a capability.
func TestWaitingAppHasNoMoreThanItsFilterTakes(t *testing.T) {
	t.Parallel()
	yes := true
	const admin = 1 << 21
	for name, c := range map[string]struct {
		app  spec.App
		want uint64
	}{
		"root":                      {spec.App{}, fourteen | admin},
		"a user":                    {spec.App{User: "worker"}, admin},
		"without a capability":      {spec.App{CapsRemove: []string{"dac_override"}}, fourteen&^(1<<1) | admin},
		"no new privileges":         {spec.App{NoNewPrivileges: &yes}, fourteen},
		"no new privileges, a user": {spec.App{NoNewPrivileges: &yes, User: "worker"}, 0},
		"no filter":                 {spec.App{Seccomp: "mode=retain,@appc.io/all"}, fourteen},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := handling(t, `for s in /proc/[0-9]*/status; do grep -q 'Name:.runc:' $s && grep -E 'Cap(Prm|Eff)' $s | cut -f2; done; :`, "", "")
			app.User, app.NoNewPrivileges, app.Seccomp, app.CapsRemove = c.app.User, c.app.NoNewPrivileges, c.app.Seccomp, c.app.CapsRemove
			got := enginetest.NewHost(t).Run(enginetest.Pod(app))
			if want := fmt.Sprintf("pre-start\n%016x\n%016x\npost-stop\n", c.want, c.want); got.Err != nil || got.Stdout != want {
				t.Errorf("exit %d (%v), printed %q, want %q; %s", got.Exit, got.Err, got.Stdout, want, got.Stderr)
			}
		})
	}
}

// With CAP_SYS_PTRACE an app has the other apps of its pod, of whatever user, and
// nobody else: of the pod's init, which is root of the host, there is nothing to take.
func TestTracingEndsWithThePod(t *testing.T) {
	t.Parallel()
	const look = `until found=$(grep -l sleep /proc/[0-9]*/comm); do :; done
cd ${found%/comm} && ls root/home/worker >/dev/null 2>&1 && echo reached
grep -hE 'Cap(Prm|Eff)|NoNewPrivs' /proc/1/status | cut -f2
ls root/../proc/1/root 2>/dev/null; ls /proc/1/root; grep -l podtui /proc/[0-9]*/comm`
	for name, c := range map[string]struct {
		caps []string
		want string
	}{
		"with the capability": {append(spec.DefaultCapabilities(), "CAP_SYS_PTRACE"), "reached\n0000000000000000\n0000000000000000\n1\n/proc/1/comm\n"},
		"without":             {nil, "0000000000000000\n0000000000000000\n1\n/proc/1/comm\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := enginetest.NewHost(t)
			tracer, other := enginetest.Shell(t, look), enginetest.Shell(t, "exec sleep 100")
			tracer.CapsRetain, other.User = c.caps, "worker"
			pod := enginetest.Pod(tracer, other)
			running := h.Start(pod)
			running.WaitFor(t, "/proc/1/comm\n")
			running.Stop(true)
			if got := running.Wait(); got.Stdout != c.want {
				t.Errorf("printed %q, want %q; %s", got.Stdout, c.want, got.Stderr)
			}
		})
	}
}

func TestShareOfTheProcessor(t *testing.T) {
	skipIfShort(t)
	h := enginetest.NewHost(t)
	const spin = "echo begun; while :; do :; done"
	for name, c := range map[string]struct {
		first, second spec.App
		want          float64
	}{
		"shares of one processor": {spec.App{CPUShares: "3072"}, spec.App{CPUShares: "1024"}, 3},
		"limits":                  {spec.App{CPU: "45m"}, spec.App{CPU: "15m"}, 3}, // so little that a busy host has it
	} {
		pod := enginetest.Pod(enginetest.Shell(t, spin), enginetest.Shell(t, spin))
		pod.Apps[0].CPU, pod.Apps[0].CPUShares = c.first.CPU, c.first.CPUShares
		pod.Apps[1].CPU, pod.Apps[1].CPUShares = c.second.CPU, c.second.CPUShares
		for i := range pod.Apps {
			pod.Apps[i].Exec, pod.Apps[i].Args = "/bin/taskset", append([]string{"1", "/bin/sh"}, pod.Apps[i].Args...)
		}
		running := h.Start(pod)
		running.WaitFor(t, "begun\nbegun")
		var ratio float64
		for range 10 { // in some of these the host may be too busy to give what is asked for
			before := usages(t, h, running.UUID)
			time.Sleep(3 * time.Second)
			after := usages(t, h, running.UUID)
			if ratio = (after[0] - before[0]) / (after[1] - before[1]); ratio > c.want*0.85 && ratio < c.want*1.15 {
				break
			}
		}
		if ratio < c.want*0.85 || ratio > c.want*1.15 {
			t.Errorf("%s: %.2f, want %.0f", name, ratio, c.want)
		}
		running.Stop(true)
		running.Wait()
	}
}

// usages are the seconds that each app has had.
func usages(t *testing.T, h *enginetest.Host, uuid string) []float64 {
	t.Helper()
	list, err := h.PodUsage(uuid)
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	return []float64{list[0].CPU.Seconds(), list[1].CPU.Seconds()}
}
