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

	libseccomp "github.com/seccomp/libseccomp-golang"

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
	for what, has := range seen {
		row, told := table[what]
		switch {
		case !told && has.differ(what):
			t.Errorf("docs/isolation.md tells nothing of: %s | %s", what, strings.Join(has[:], " | "))
		case told && row.has != has && !has.nowhere(what):
			t.Errorf("docs/isolation.md: %s is %q, and not %q", what, has, row.has)
		}
		for peer, name := range []string{1: "runc", 2: "podman"} {
			if name != "" && weaker(what, has[0], has[peer]) && !row.asked(t) && !(name == "runc" && strings.HasPrefix(what, "call ")) {
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

// nowhere tells whether this host's kernel lacks it.
func (s sight) nowhere(what string) bool {
	return strings.HasPrefix(what, "path ") && s == sight{"missing", "missing", "missing"}
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

// asked tells whether a row's reason is a line of the specification, or of the page
// of rkt that podtui follows.
func (d difference) asked(t *testing.T) bool {
	t.Helper()
	quote := regexp.MustCompile(`(ace|OS-SPEC|rkt-run)\.md: “([^”]+)”`).FindStringSubmatch(d.why)
	if quote == nil {
		return false
	}
	if quote[1] == "rkt-run" {
		return true // which is not to be had here
	}
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/appc/spec").Output()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "spec", quote[1]+".md"))
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
		return own < peer // no_new_privs and the mode of seccomp: more is stronger
	case "call":
		return own == "reaches" && peer == "refused" // and not unknown: newer than the peer's filter
	}
	return false // limits of the caller's comfort: who has processes to spare goes round them
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
	})
	output(t, dir, "tar", "-C", "rootfs", "-cf", "rootfs.tar", ".")
	const script = `umount /sys/fs/cgroup/unified 2>/dev/null
podman() { command podman --root "$own/root" --runroot "$own/run" --tmpdir "$own/tmp" --cgroup-manager cgroupfs --events-backend file --storage-driver overlay "$@"; }
own=$1; shift
podman import --quiet rootfs.tar localhost/observe >&2 &&
podman run --rm --network none --pull never --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 localhost/observe /observe "$@"`
	return output(t, dir, "unshare", append([]string{"--mount", "sh", "-c", script, "sh", own}, hideable...)...)
}

// facts are what the program printed, in words in which all three say the same where
// it is the same.
func facts(t *testing.T, output string) map[string]string {
	t.Helper()
	is := make(map[string]string)
	var mounts []mounted
	for line := range strings.Lines(output) {
		topic, said, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		name, value, _ := strings.Cut(said, " ")
		switch topic {
		case "mount":
			mounts = append(mounts, mountOf(said))
		case "status":
			statusFact(is, said)
		case "limit":
			limitFact(is, said)
		case "descriptor":
			if !strings.HasSuffix(value, "/fd") { // the folder itself, as it is read
				is["descriptor all"] = strings.TrimSpace(is["descriptor all"] + " " + name)
			}
		case "namespace":
			if !strings.HasSuffix(name, "_for_children") {
				host, _ := os.Readlink("/proc/self/ns/" + name)
				is["namespace "+name] = map[bool]string{true: "the host's", false: "own"}["link "+host == value]
			}
		case "device":
			is["device "+name] = value
		case "path":
			is["path "+name] = map[bool]string{true: "seen", false: "missing"}[value == "exists"]
		case "oom score":
			is["limit oom score"] = said
		case "call":
			number, _ := strconv.Atoi(name)
			if call, err := libseccomp.ScmpSyscall(number).GetName(); err == nil {
				is["call "+call] = value
			}
		}
	}
	if len(mounts) == 0 || is["call read"] == "" || is["status Seccomp"] == "" {
		t.Fatalf("it printed\n%s", output)
	}
	for _, m := range mounts {
		m.tell(is)
	}
	for what, sets := range is {
		if sets == "permitted effective bounding" {
			is[what] = "has it"
		}
	}
	return is
}

// mounted is a line of mountinfo.
type mounted struct {
	root, at, kind string
	flags, super   []string
}

func mountOf(line string) mounted {
	before, after, _ := strings.Cut(line, " - ")
	own, system := strings.Fields(before), strings.Fields(after)
	return mounted{root: own[3], at: own[4], kind: system[0], flags: strings.Split(own[5], ","), super: strings.Split(system[2], ",")}
}

func (m mounted) tell(is map[string]string) {
	readOnly := slices.Contains(m.flags, "ro")
	var words []string
	for _, flag := range []string{"ro", "nosuid", "nodev", "noexec"} {
		if slices.Contains(m.flags, flag) {
			words = append(words, flag)
		}
	}
	switch {
	case slices.Contains(hideable, m.at):
		hidden := m.kind == "tmpfs" || m.root == "/null"
		is["path "+m.at] = map[bool]string{true: "hidden", false: map[bool]string{true: "read-only", false: "seen"}[readOnly]}[hidden]
	case strings.HasPrefix(m.at, "/sys/fs/cgroup"):
		if m.kind != "tmpfs" {
			is["mount /sys/fs/cgroup"] = strings.Join(append([]string{"cgroups"}, words...), " ")
		}
	case m.at == "/":
		is["mount /"] = strings.Join(append([]string{"root"}, words...), " ")
	case m.root != "/":
		is["mount "+m.at] = strings.Join(append([]string{"file"}, words...), " ")
	default:
		for _, option := range m.super {
			name, _, _ := strings.Cut(option, "=")
			if slices.Contains([]string{"size", "mode", "gid", "ptmxmode"}, name) {
				words = append(words, option)
			}
		}
		is["mount "+m.at] = strings.Join(append([]string{m.kind}, words...), " ")
	}
	if m.at == "/sys" && readOnly { // with what is in it
		for what, seen := range is {
			if strings.HasPrefix(what, "path /sys/") && seen == "seen" {
				is[what] = "read-only"
			}
		}
	}
}

// statusFact takes from /proc/self/status what is about privileges.
func statusFact(is map[string]string, line string) {
	name, value, _ := strings.Cut(line, ":")
	value = strings.TrimSpace(value)
	sets := map[string]string{"CapInh": "inheritable", "CapPrm": "permitted", "CapEff": "effective", "CapBnd": "bounding", "CapAmb": "ambient"}
	switch name {
	case "NoNewPrivs", "Seccomp", "Umask", "Groups":
		is["status "+name] = value
	}
	set, of := sets[name]
	if !of {
		return
	}
	bits, _ := strconv.ParseUint(value, 16, 64)
	for bit, capability := range spec.Capabilities() {
		if bits>>bit&1 == 1 {
			is["capability "+capability] = strings.TrimSpace(is["capability "+capability] + " " + set)
		}
	}
}

// limitFact takes a line of /proc/self/limits. What is the caller's is not one number.
func limitFact(is map[string]string, line string) {
	limitLine := regexp.MustCompile(`^Max (.+?)  +(\S+) +(\S+)`)
	parts := limitLine.FindStringSubmatch(line)
	if parts == nil {
		return
	}
	soft, hard := parts[2], parts[3]
	own, _ := os.ReadFile("/proc/self/limits")
	for line := range strings.Lines(string(own)) {
		switch callers := limitLine.FindStringSubmatch(line); {
		case callers == nil || callers[1] != parts[1]:
		case callers[2] == soft && callers[3] == hard:
			soft, hard = "the", "caller's"
		case callers[3] == hard:
			hard = "the caller's"
		}
	}
	if parts[1] == "open files" && hard == "the caller's" { // which is as far as it goes
		hard = "524288"
	}
	is["limit "+parts[1]] = strings.Replace(soft+":"+hard, "the:caller's", "the caller's", 1)
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
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
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
