package compose

import (
	"reflect"
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/spec"
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
	}
	return rows
}

// manifestRow tells where the pod came from, if that was a file.
func manifestRow(file string) []row {
	if file == "" {
		return nil
	}
	return []row{{path: "manifestFile", key: "manifestFile", label: "manifest", value: file, own: true, note: "says what its apps are"}}
}

// otherApps is the problem of a pod that has other apps than its manifest.
func (s *Screen) otherApps() []spec.Problem {
	p := &s.draft.pod
	if p.ManifestFile == "" || p.ManifestFile == s.given.ManifestFile && reflect.DeepEqual(p.Apps, s.given.Apps) {
		return nil
	}
	return []spec.Problem{{Path: "apps", Message: "the pod manifest " + p.ManifestFile + " says which apps run; begin an empty pod for others"}}
}
