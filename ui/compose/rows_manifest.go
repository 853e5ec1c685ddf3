package compose

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/text"
)

// A pod that came from a pod manifest has its command line, --pod-manifest=FILE,
// which has no words for what is changed about an app: the file says it. What
// flags can say of the pod as a whole can be changed here too.

// manifested leaves of rows that a pod manifest decides only what they show.
func (s *Screen) manifested(rows []row) []row {
	if s.draft.pod.ManifestFile == "" {
		return rows
	}
	rows = slices.DeleteFunc(rows, func(r row) bool { return strings.HasSuffix(r.key, " new") })
	for i := range rows {
		r := &rows[i]
		r.edit, r.toggle, r.reset, r.remove = nil, nil, nil, nil
		if note, ok := strings.CutPrefix(r.note, mine("")); ok {
			r.note = string(spec.FromPodManifest) + note
		}
	}
	return rows
}

// manifestRow tells where the pod came from, if that was a file.
func manifestRow(file string) []row {
	if file == "" {
		return nil
	}
	return []row{{path: "manifestFile", also: "isolators", key: "manifestFile", label: "manifest", value: file, own: true, itself: true, note: "says what its apps are"}}
}

// boundRows are what a pod manifest says of all apps together.
func boundRows(p *spec.Pod) []row {
	all, _ := p.Resolve(nil, spec.Surroundings{})
	var rows []row
	add := func(label, value, means string) {
		rows = append(rows, row{key: "all " + label, label: label, value: value, note: join(string(spec.FromPodManifest), means)})
	}
	for _, l := range []struct {
		label, means string
		limit        int64
		show         func(int64) string
	}{
		{"memory", "all apps together", all.Limits.Memory, text.Bytes},
		{"cpu", "all apps together", all.Limits.CPU, cores},
		{"shares", "all apps together", all.Limits.CPUShares, decimal},
		{"pids", "all apps together", all.Limits.PIDs, decimal},
		{"disk", "bytes a second of each device", all.Limits.BlockBandwidth, text.Bytes},
		{"disk ops", "a second, of each device", all.Limits.BlockIOPS, decimal},
	} {
		if l.limit > 0 {
			add(l.label, l.show(l.limit), l.means)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all.Sysctls)) {
		add("sysctl", name+"="+all.Sysctls[name], "")
	}
	for _, name := range all.Ignored {
		rows = append(rows, row{key: "ignored " + name, label: "isolator", value: name, alert: "! not enforced"})
	}
	return grouped(rows)
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// otherApps is the problem of a pod that has other apps than its manifest.
func (s *Screen) otherApps() []spec.Problem {
	p := &s.draft.pod
	if p.ManifestFile == "" || s.given().ManifestFile != "" {
		return nil
	}
	return []spec.Problem{{Path: "manifestFile", Message: s.fixed()}}
}

// given is the pod as it came in, if that is a manifest's: none that came has other apps.
func (s *Screen) given() spec.Pod {
	p := &s.draft.pod
	for _, came := range slices.Backward(s.came) {
		if p.ManifestFile != "" && p.ManifestFile == came.ManifestFile && reflect.DeepEqual(p.Apps, came.Apps) {
			return came
		}
	}
	return spec.Pod{}
}

// fixed says why no apps come or go, or "".
func (s *Screen) fixed() string {
	if s.draft.pod.ManifestFile == "" {
		return ""
	}
	key, _ := s.env.Keys.Hint(keymap.ComposeNew)
	return "the pod manifest " + s.draft.pod.ManifestFile + " says which apps run; " + key + " begins an empty pod"
}

// told are the volumes' rows without what no flag can say: that a volume of the
// manifest is called otherwise, or isn't there.
func (s *Screen) told(rows []row) []row {
	if s.draft.pod.ManifestFile == "" {
		return rows
	}
	for i := range rows {
		n, _, ok := element(rows[i].path, "volumes", len(s.draft.pod.Volumes))
		theirs := func(v spec.Volume) bool { return v.Name == s.draft.pod.Volumes[n].Name }
		if !ok || !slices.ContainsFunc(s.given().Volumes, theirs) {
			continue
		}
		if rows[i].remove = nil; strings.HasSuffix(rows[i].path, ".name") {
			rows[i].edit = nil
		}
	}
	return rows
}
