package engine_test

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	libseccomp "github.com/seccomp/libseccomp-golang"

	"github.com/podtui/podtui/engine/spec"
)

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
				host, _ := os.Readlink("/proc/thread-self/ns/" + name) // the process's first thread may be in a test's own network
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
