package compose

import (
	"fmt"
	"path"
	"slices"

	"github.com/podtui/podtui/engine/spec"
)

// lead is a field that a row only tells of, and where that is.
type lead struct {
	section section
	key     string
}

// goTo goes to the field.
func (s *Screen) goTo(l lead) {
	s.open(l.section, true)
	s.stay(l.key)
}

// mountedRows are who mounts a volume, where, and whether it can be written there: a
// row each, which leads to the field that says so.
func (s *Screen) mountedRows(at, name string) []row {
	var rows []row
	for i := range s.draft.pod.Apps {
		for _, b := range s.draft.pod.ResolveApp(i, s.manifest(i), spec.Surroundings{}).Bindings {
			if b.Volume != name || b.Implicit {
				continue
			}
			l, by := s.mountedBy(i, b)
			rows = append(rows, row{
				key: fmt.Sprint(at, " in ", i, " ", b.Path), value: s.appName(i) + " → " + b.Path,
				note: join(access(b.ReadOnly), by), leads: &l,
			})
		}
	}
	if len(rows) > 0 {
		rows[0].label = "  in"
	}
	return rows
}

// mountedBy is the field that mounts a volume in app i, and who asked for it.
func (s *Screen) mountedBy(i int, b spec.Binding) (lead, string) {
	p := &s.draft.pod
	index := func(mounts []spec.Mount) string {
		return fmt.Sprint("mount:", slices.IndexFunc(mounts, func(m spec.Mount) bool { return m.Volume == b.Volume && path.Clean(m.Path) == path.Clean(b.Path) }))
	}
	switch b.From {
	case spec.FromApp:
		return lead{section{app: i}, index(p.Apps[i].Mounts)}, "yours"
	case spec.FromPod:
		return lead{section{kind: podSection}, index(p.Mounts)}, "in every app"
	}
	return lead{section{app: i}, "point:" + b.MountPoint}, "its mount point " + b.MountPoint
}

// unboundRows are the mount points of images that have no volume: what apps write there
// ends with the pod.
func (s *Screen) unboundRows() []row {
	var rows []row
	for i := range s.draft.pod.Apps {
		for _, b := range s.draft.pod.ResolveApp(i, s.manifest(i), spec.Surroundings{}).Bindings {
			if !b.Implicit {
				continue
			}
			r := row{key: fmt.Sprint("unbound ", i, " ", b.Path), value: s.appName(i) + " → " + b.Path,
				leads: &lead{section{app: i}, "point:" + b.MountPoint}, alert: "! no volume " + b.MountPoint + ": starts empty"}
			if b.Fill {
				r.alert, r.note = "", "no volume "+b.MountPoint+": starts with the image's files"
			}
			rows = append(rows, r)
		}
	}
	if len(rows) > 0 {
		rows[0].label, rows[0].gap = "unbound", len(s.draft.pod.Volumes) > 0
	}
	return rows
}

// unused flags a volume that nobody mounts, once it is known what the images mount.
func (s *Screen) unused(name string) string {
	for i := range s.draft.pod.Apps {
		if !s.of(i).found {
			return ""
		}
	}
	if s.users(name) == noUser {
		return "! " + noUser
	}
	return ""
}

// noUser is said of a volume that nobody mounts.
const noUser = "no app mounts it"
