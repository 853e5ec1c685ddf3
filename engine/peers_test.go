package engine_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/enginetest/recipe"
	"github.com/podtui/podtui/engine/spec"
)

// What an app of podtui sees is held against what the same program sees by runc's
// default spec and by "podman run". Each difference is a row of the page, with its
// reason, and each row is a difference.
func TestDifferencesToRuncAndPodmanAreTold(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	needs(t, "runc", "podman", "unshare", "gcc")
	seen := observed(t)
	table := differencesOf(t, "../docs/isolation.md")
	texts := filepath.Join(strings.TrimSpace(output(t, ".", "go", "list", "-m", "-f", "{{.Dir}}", "github.com/appc/spec")), "spec")
	for what, has := range seen {
		row, told := table[what]
		switch {
		case !told && has.differ(what):
			t.Errorf("docs/isolation.md tells nothing of: %s | %s", what, strings.Join(has[:], " | "))
		case told && !has.nowhere(what) && (row.has != has || !has.differ(what)):
			t.Errorf("docs/isolation.md: %s is %q, and no difference %q", what, has, row.has)
		}
		for peer, name := range []string{"", "runc", "podman"} {
			if name == "runc" && strings.HasPrefix(what, "call ") {
				continue // it refuses those for which it lacks a capability, and filters none
			}
			if weaker(what, has[0], has[peer]) && !row.asked(t, texts) {
				t.Errorf("%s is %q, which is weaker than %s's %q, and no line that asks for it is quoted", what, has[0], name, has[peer])
			}
		}
	}
	for what := range table {
		if _, is := seen[what]; !is {
			t.Errorf("docs/isolation.md tells of %s, which nobody has", what)
		}
	}
}

// sight is what podtui, runc and podman show of one thing.
type sight [3]string

const none = "–"

// differ tells whether the page has to say something. runc's default spec filters no
// system calls, which is one row, and how one is refused makes no difference.
func (s sight) differ(what string) bool {
	if strings.HasPrefix(what, "call ") {
		return (s[0] == "reaches") != (s[2] == "reaches")
	}
	return s[0] != s[1] || s[0] != s[2]
}

// nowhere tells whether this host's kernel lacks it: runc hides no call, and nobody a
// path so that it isn't there.
func (s sight) nowhere(what string) bool {
	return strings.HasPrefix(what, "path ") && s[1] == "missing" || strings.HasPrefix(what, "call ") && s[1] == "unknown"
}

// difference is a row of the page.
type difference struct {
	has sight
	why string
}

// differencesOf reads the page's table: | what | podtui | runc | podman | why |. A row
// may be of several things.
func differencesOf(t *testing.T, page string) map[string]difference {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, text2, found := strings.Cut(string(text), "\n| what | podtui | runc | podman | why |\n| --- | --- | --- | --- | --- |\n")
	if !found {
		t.Fatalf("%s has no such table", page)
	}
	table := make(map[string]difference)
	for line := range strings.Lines(text2) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 5 {
			break
		}
		for i := range cells {
			cells[i] = strings.ReplaceAll(strings.TrimSpace(cells[i]), "`", "")
		}
		topic, names, _ := strings.Cut(cells[0], " ")
		for name := range strings.SplitSeq(names, ", ") {
			table[topic+" "+name] = difference{sight{cells[1], cells[2], cells[3]}, cells[4]}
		}
	}
	return table
}

// asked tells whether a row's reason is a line of the specification, whose texts are in
// a folder, or of the page of rkt that podtui follows.
func (d difference) asked(t *testing.T, texts string) bool {
	t.Helper()
	quote := regexp.MustCompile(`(ace|OS-SPEC|rkt-run)\.md: “([^”]+)”`).FindStringSubmatch(d.why)
	if quote == nil {
		return false
	}
	if quote[1] == "rkt-run" {
		return true // which is not to be had here
	}
	text, err := os.ReadFile(filepath.Join(texts, quote[1]+".md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.ReplaceAll(string(text), "`", ""), quote[2]) {
		t.Errorf("%s.md does not say %q", quote[1], quote[2])
	}
	return true
}

// weaker tells whether what podtui shows keeps an app less apart than what a peer
// shows.
func weaker(what, own, peer string) bool {
	topic, _, _ := strings.Cut(what, " ")
	switch topic {
	case "path":
		order := []string{"missing", "hidden", "read-only", "seen"}
		return slices.Index(order, own) > max(1, slices.Index(order, peer))
	case "mount":
		return own != none && peer != none && slices.ContainsFunc([]string{"ro", "nosuid", "nodev", "noexec"}, func(flag string) bool {
			return slices.Contains(strings.Fields(peer), flag) && !slices.Contains(strings.Fields(own), flag)
		})
	case "capability", "descriptor":
		return own != none && slices.ContainsFunc(strings.Fields(own), func(set string) bool { return !slices.Contains(strings.Fields(peer), set) })
	case "device":
		return own != peer && (strings.HasPrefix(own, "c ") || strings.HasPrefix(own, "b "))
	case "namespace":
		return own == "the host's" && peer != own
	case "status":
		return own < peer // of all of them, more is stronger
	case "call":
		return own == "reaches" && peer == "refused" // and not unknown: newer than the peer's filter
	}
	return false // limits of the caller's comfort: who has processes to spare goes round them
}

func TestWeaker(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what, own, peer string
		want            bool
	}{
		{"path /proc/keys", "read-only", "hidden", true},
		{"path /proc/keys", "seen", "read-only", true},
		{"path /proc/keys", "hidden", "missing", false},
		{"mount /dev", "tmpfs nosuid", "tmpfs nosuid noexec", true},
		{"mount /dev", "tmpfs nosuid noexec", "tmpfs nosuid", false},
		{"mount /dev", none, "tmpfs nosuid noexec", false},
		{"capability CAP_KILL", "bounding effective", "bounding", true},
		{"capability CAP_KILL", "bounding", none, true},
		{"capability CAP_KILL", none, "bounding", false},
		{"descriptor all", "0 1 2 7", "0 1 2", true},
		{"device mem", "c 1:1 0666", none, true},
		{"device core", "link /proc/kcore", none, false},
		{"namespace net", "the host's", "own", true},
		{"namespace net", "own", "the host's", false},
		{"status Seccomp", "0", "2", true},
		{"status NoNewPrivs", "1", "0", false},
		{"call bpf", "reaches", "refused", true},
		{"call bpf", "reaches", "unknown", false},
		{"call bpf", "refused", "refused", false},
	} {
		if got := weaker(c.what, c.own, c.peer); got != c.want {
			t.Errorf("%s: %q beside %q: %v", c.what, c.own, c.peer, got)
		}
	}
}

// hideable are the paths that somebody hides or makes read-only.
var hideable = []string{
	"/proc/acpi", "/proc/asound", "/proc/bus", "/proc/fs", "/proc/interrupts", "/proc/irq", "/proc/kcore", "/proc/keys",
	"/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/sys", "/proc/sysrq-trigger", "/proc/timer_list",
	"/proc/timer_stats", "/sys/dev/block", "/sys/devices/virtual/powercap", "/sys/firmware", "/sys/fs/selinux",
}

// observed runs testdata/observe.c by all three.
func observed(t *testing.T) map[string]sight {
	t.Helper()
	dir := t.TempDir()
	root := filepath.Join(dir, "rootfs")
	for _, name := range []string{"proc", "sys", "dev", "etc", "tmp", "run"} {
		if err := os.MkdirAll(filepath.Join(root, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(root, "observe")
	compile(t, "observe.c", program)
	seen := make(map[string]sight)
	for i, output := range []string{byPodtui(t, program), byRunc(t, dir), byPodman(t, dir)} {
		facts := facts(t, output)
		if i == 2 {
			// Root of this host may not raise these as podman would; and podman brings this
			// file with a network only.
			facts["limit open files"], facts["limit processes"] = "of this test", "of this test"
			facts["mount /etc/resolv.conf"] = facts["mount /etc/hosts"]
		}
		for what, is := range facts {
			if _, known := seen[what]; !known {
				seen[what] = sight{none, none, none}
			}
			all := seen[what]
			all[i] = is
			seen[what] = all
		}
	}
	return seen
}

func byPodtui(t *testing.T, program string) string {
	t.Helper()
	h := enginetest.NewHost(t)
	app := spec.App{Image: imageWith(t, recipe.File{Kind: recipe.Program, Path: "/observe", Mode: 0o755, Source: program}), Exec: "/observe", Args: hideable}
	got := h.Run(enginetest.Pod(app))
	if got.Err != nil || got.Exit != 0 {
		t.Fatalf("exit %d (%v): %s", got.Exit, got.Err, got.Stderr)
	}
	return got.Stdout
}

func byRunc(t *testing.T, dir string) string {
	t.Helper()
	output(t, dir, "runc", "spec")
	text, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	var config map[string]any
	if err := json.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	process := config["process"].(map[string]any)
	process["terminal"], process["args"] = false, append([]string{"/observe"}, hideable...)
	if text, err = json.Marshal(config); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "config.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return output(t, dir, "runc", "--root", filepath.Join(dir, "state"), "run", "podtui-peers-"+strconv.Itoa(os.Getpid()))
}

// byPodman runs it in a mount namespace without the cgroup2 of a mixed host, which
// crun refuses.
func byPodman(t *testing.T, dir string) string {
	t.Helper()
	own, err := os.MkdirTemp("", "podtui-peers-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // podman tidies up after itself for a moment
		enginetest.Eventually(t, "podman is done", func() bool { return os.RemoveAll(own) == nil })
		cgroups, _ := filepath.Glob("/sys/fs/cgroup/*/libpod_parent")
		for _, cgroup := range append(cgroups, "/sys/fs/cgroup/libpod_parent") {
			_ = os.Remove(filepath.Join(cgroup, "conmon"))
			_ = os.Remove(cgroup) // unless another podman has something there
		}
	})
	output(t, dir, "tar", "-C", "rootfs", "-cf", "rootfs.tar", ".")
	const script = `umount /sys/fs/cgroup/unified 2>/dev/null
podman() { command podman --root "$own/root" --runroot "$own/run" --tmpdir "$own/tmp" --cgroup-manager cgroupfs --events-backend file --storage-driver overlay "$@"; }
own=$1; shift
podman import --quiet rootfs.tar localhost/observe >&2 &&
podman run --rm --network none --pull never --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 localhost/observe /observe "$@"`
	return output(t, dir, "unshare", append([]string{"--mount", "sh", "-c", script, "sh", own}, hideable...)...)
}

// needs skips a test, loudly, where a program that it needs is missing; in CI that is
// a failure.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skipf("make test would install what is missing: %v", err)
		}
	}
}

// compile makes a static program of a file of testdata/programs.
func compile(t *testing.T, source, program string) {
	t.Helper()
	output(t, "../testdata/programs", "gcc", "-static", "-O1", "-Wall", "-Werror", "-o", program, source)
}

// output runs a program in a folder and returns what it prints.
func output(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, program, args...)
	command.Dir = dir
	var errors strings.Builder
	command.Stderr = &errors
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", program, err, errors.String())
	}
	return string(out)
}
