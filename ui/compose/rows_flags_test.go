package compose

import (
	"slices"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/spec"
)

// fields are where the form has the flags of run. Those that need something beside
// them have it in with.
var fields = map[string]struct{ value, path, with string }{
	"inherit-env":  {"", "inheritEnv", ""},
	"set-env":      {"=A=b", "env[0]", ""},
	"volume":       {"=v,kind=empty", "volumes[0].name", ""},
	"mount":        {"=volume=v,target=/v", "mounts[0]", "--volume=v,kind=empty"},
	"net":          {"=host", "network.names[0]", ""},
	"private-net":  {"=false", "network.names[0]", ""},
	"port":         {"=http:8080", "ports[0]", "--private-net"},
	"register-mds": {"=false", "registerMDS", ""},
	"mds-register": {"=false", "registerMDS", ""},
	"pull-policy":  {"=update", "pull", ""},
	"store-only":   {"", "pull", ""},
	"no-store":     {"", "pull", ""},
	"verify-image": {"", "verifyImage", ""},
	"pod-name":     {"=web", "name", ""},
	"on-failure":   {"=continue", "onFailure", ""},
	"interactive":  {"", "interactive", ""},
	"exec":         {"=/x", "apps[0].exec", ""},
	"signature":    {"=/x.asc", "apps[0].signature", ""},
	"name":         {"=x", "apps[0].name", ""},
	"user":         {"=1", "apps[0].user", ""},
	"group":        {"=1", "apps[0].group", ""},
	"working-dir":  {"=/x", "apps[0].workingDir", ""},
	"environment":  {"=A=b", "apps[0].env[0]", ""},
	"memory":       {"=64Mi", "apps[0].memory", ""},
	"cpu":          {"=500m", "apps[0].cpu", ""},
	"restart":      {"=on-failure:3", "apps[0].restart", ""},
	"stop-signal":  {"=INT", "apps[0].stopSignal", ""},
	"stop-timeout": {"=30s", "apps[0].stopTimeout", ""},

	"set-env-file":       {"=/etc/environment", "envFiles[0]", ""},
	"hostname":           {"=web", "hostname", ""},
	"dns":                {"=1.1.1.1", "dns.servers", ""},
	"dns-search":         {"=example.com", "dns.search", ""},
	"dns-opt":            {"=ndots:2", "dns.options", ""},
	"hosts-entry":        {"=10.0.0.1=db", "hostsEntries[0]", ""},
	"private-users":      {"", "privateUsers", ""},
	"no-overlay":         {"", "noOverlay", ""},
	"supplementary-gids": {"=5,6", "apps[0].supplementaryGIDs", ""},
	"caps-retain":        {"=CAP_KILL", "apps[0].capsRetain", ""},
	"caps-remove":        {"=CAP_KILL", "apps[0].capsRemove", ""},
	"seccomp":            {"=mode=remove,reboot", "apps[0].seccomp", ""},
	"no-new-privileges":  {"", "apps[0].noNewPrivileges", ""},
	"readonly-rootfs":    {"", "apps[0].readOnlyRoot", ""},
	"annotation":         {"=owner=a", "apps[0].annotations[0]", ""},
	"label":              {"=tier=b", "apps[0].labels[0]", ""},
	"pids":               {"=64", "apps[0].pids", ""},
	"rlimit":             {"=nofile=64", "apps[0].rlimits", ""},
	"oom-score-adjust":   {"=500", "apps[0].oomScoreAdj", ""},
	"cpu-shares":         {"=512", "apps[0].cpuShares", ""},
}

// withoutField are the flags that have none, and why.
var withoutField = map[string]string{
	"detach":         "what runs here goes on when podtui is left",
	"uuid-file-save": "for scripts; the TUI shows the UUID",
	"dry-run":        "is what the form shows all the time",
	"pod-manifest":   "is a pod, and no field of one",
}

// withoutFlag are the fields that are no flag of their own, and why.
var withoutFlag = map[string]string{
	"apps[].image":        "stands as it is",
	"apps[].args":         "stand behind --",
	"apps[].mounts[]":     "are --mount as well, behind the image",
	"volumes[].kind":      "a part of --volume, as all below",
	"volumes[].source":    "",
	"volumes[].readOnly":  "",
	"volumes[].recursive": "",
	"volumes[].mode":      "",
	"volumes[].uid":       "",
	"volumes[].gid":       "",
	"volumes[].medium":    "",
	"volumes[].size":      "",
}

func TestEveryFlagOfRunHasItsField(t *testing.T) {
	t.Parallel()
	flags := make(map[string]bool)
	for _, f := range spec.RunFlags() {
		flags[f.Name] = true
		field, ok := fields[f.Name]
		if _, none := withoutField[f.Name]; ok == none {
			t.Errorf("--%s: a field %v, a reason for none %v", f.Name, ok, none)
		}
		if !ok {
			continue
		}
		flag := "--" + f.Name + field.value
		args := []string{flag, "img"}
		if f.Scope == spec.AppScope {
			args = []string{"img", flag}
		}
		if field.with != "" {
			args = append([]string{field.with}, args...)
		}
		pod, err := spec.Parse(args)
		if err != nil {
			t.Errorf("%s: %v", flag, err)
			continue
		}
		s := filled(t, pod)
		switch r := find(s, field.path); {
		case r == nil || !r.own:
			t.Errorf("%s: not in the form as %s: %+v", flag, field.path, r)
		case r.reset == nil && r.remove == nil:
			t.Errorf("%s: nothing takes it back", flag)
		case r.edit == nil && r.toggle == nil:
			t.Errorf("%s: nothing changes it", flag)
		default:
			takenBack(t, s, flag)
		}
	}
	for name := range withoutField {
		if !flags[name] {
			t.Errorf("--%s is no flag", name)
		}
	}
}

// takenBack takes the field under the cursor back, and that back again.
func takenBack(t *testing.T, s *Screen, flag string) {
	t.Helper()
	before := s.Line()
	key := "backspace"
	if s.current().reset == nil {
		key = "x"
	}
	press(s, key)
	if after := s.Line(); len(after) >= len(before) {
		t.Errorf("%s, taken back: %s", flag, after)
	}
	press(s, "u")
	if after := s.Line(); after != before {
		t.Errorf("%s, undone: %s, not %s", flag, after, before)
	}
}

// Whatever can be changed in the form is in its command line.
func TestEveryFieldHasItsFlag(t *testing.T) {
	t.Parallel()
	flagged := make(map[string]bool)
	for _, f := range fields {
		flagged[general(f.path)] = true
	}
	seen := make(map[string]bool)
	s := filled(t, everything())
	for _, c := range sections(&s.draft.pod) {
		s.open(c, true)
		for folded := func(r row) bool { return r.folds != nil }; slices.ContainsFunc(s.rows, folded); {
			s.unfold(s.rows[slices.IndexFunc(s.rows, folded)].folds)
		}
		for i, r := range s.rows {
			path := general(r.path)
			if r.edit == nil && r.toggle == nil || path == "" {
				continue
			}
			seen[path] = true
			if _, none := withoutFlag[path]; flagged[path] == none {
				t.Errorf("%s: a flag %v, a reason for none %v", path, flagged[path], none)
			}
			s.cursor = i
			before := s.Line()
			if key := "space"; r.toggle != nil {
				press(s, key)
			} else {
				press(s, "enter")
				s.path.Set("")
				press(s, "7", "enter")
			}
			if s.Line() == before {
				t.Errorf("%s: changed, and the line is what it was: %s", path, before)
			}
			press(s, "u")
		}
	}
	for path := range withoutFlag {
		if !seen[path] {
			t.Errorf("%s is no field", path)
		}
	}
	for name, f := range fields {
		if !seen[general(f.path)] {
			t.Errorf("--%s: %s is no field of a pod with everything", name, f.path)
		}
	}
}

// everything is a pod with something in each list that it has.
func everything() spec.Pod {
	one := []spec.Var{{Name: "A", Value: "b"}}
	return spec.Pod{
		Env: one, EnvFiles: []string{"/vars"}, HostsEntries: []spec.HostsEntry{{IP: "10.0.0.1", Name: "db"}},
		Mounts: []spec.Mount{{Volume: "host", Path: "/all"}}, Network: spec.Network{Names: []string{"default"}}, Ports: []spec.Port{{Name: "http", HostPort: 8080}},
		Volumes: []spec.Volume{{Name: "host", Kind: spec.HostVolume, Source: "/usr"},
			{Name: "empty", Kind: spec.EmptyVolume, Medium: spec.MemoryMedium, Size: "64Mi"}},
		Apps: []spec.App{{Image: "img", Env: one, Mounts: []spec.Mount{{Volume: "host", Path: "/own"}}, Annotations: one, Labels: one}},
	}
}

// general is a field's path for any app, volume and so on.
func general(path string) string {
	var general strings.Builder
	for _, c := range path {
		if c < '0' || c > '9' {
			general.WriteRune(c)
		}
	}
	return general.String()
}
