package compose

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/field"
)

// mountRows are what is mounted where in an app: the image's mount points with
// the volumes of their names, what the pod mounts in every app, then the mounts of
// one's own. Each path has one row.
func (s *Screen) mountRows(i int, at string, e spec.Effective) []row {
	var rows []row
	for _, b := range e.Bindings {
		switch b.From {
		case spec.FromApp:
		case spec.FromPod:
			r := row{key: "pod mount:" + b.Path, value: b.Volume + " → " + b.Path, note: string(b.From)}
			if n := s.volumeIndex(b.Volume); n >= 0 {
				r.note = join(r.note, described(s.draft.pod.Volumes[n], b.ReadOnly))
			}
			rows = append(rows, r)
		default:
			rows = append(rows, s.pointRow(b))
		}
	}
	readOnly := func(m spec.Mount) bool {
		return slices.ContainsFunc(e.Bindings, func(b spec.Binding) bool { return b.ReadOnly && path.Clean(b.Path) == path.Clean(m.Path) })
	}
	rows = append(rows, s.mountList(at+".mounts", s.draft.pod.Apps[i].Mounts, readOnly,
		func(p *spec.Pod) *[]spec.Mount { return &p.Apps[i].Mounts })...)
	rows[0].gap, rows[0].label = true, "mounts"
	return rows
}

// pointRow is a mount point of the image. Typing a path binds the volume of
// its name to that folder of the host, and makes the volume if there is none.
func (s *Screen) pointRow(b spec.Binding) row {
	name := b.MountPoint
	r := row{key: "point:" + name, value: name + " → " + b.Path}
	n := s.volumeIndex(b.Volume)
	switch {
	case b.Fill:
		r.note, n = "image, starts with its files", -1
	case b.Implicit || n < 0:
		r.alert, n = "! starts empty", -1
	default:
		name = b.Volume
		v := s.draft.pod.Volumes[n]
		r.own, r.also = true, fmt.Sprintf("volumes[%d]", n)
		r.note, r.make = described(v, b.ReadOnly), s.missing(v)
		r.toggle = func(p *spec.Pod) { switchAccess(&p.Volumes[n], !b.ReadOnly) }
		r.remove = func(p *spec.Pod) { p.Volumes = slices.Delete(p.Volumes, n, n+1) }
		r.reset = r.remove
	}
	start := ""
	if n >= 0 {
		start = s.draft.pod.Volumes[n].Source
	}
	r.edit = &edit{start: start, path: true, hint: "folder of the host for volume " + name,
		set: func(p *spec.Pod, t string) { bind(p, n, name, t) }}
	return r
}

// bind gives a volume its folder of the host. Without a folder it is empty.
func bind(p *spec.Pod, n int, name, source string) {
	if n < 0 {
		if source == "" {
			return
		}
		p.Volumes = append(p.Volumes, spec.Volume{Name: name})
		n = len(p.Volumes) - 1
	}
	v := &p.Volumes[n]
	switch {
	case source == "" && v.Kind != spec.EmptyVolume:
		become(v, spec.EmptyVolume)
	case source != "" && v.Kind != spec.HostVolume:
		become(v, spec.HostVolume)
	}
	v.Source = field.Home(source)
}

// mountList are mounts that somebody asked for, as VOLUME:PATH.
func (s *Screen) mountList(at string, mounts []spec.Mount, readOnly func(spec.Mount) bool, of func(*spec.Pod) *[]spec.Mount) []row {
	var rows []row
	for i, m := range mounts {
		r := row{path: fmt.Sprintf("%s[%d]", at, i), key: fmt.Sprintf("mount:%d", i), value: m.Volume + " → " + m.Path, own: true, note: "yours"}
		if n := s.volumeIndex(m.Volume); n >= 0 {
			r.also = fmt.Sprintf("volumes[%d]", n)
			v, only := s.draft.pod.Volumes[n], readOnly(m)
			r.note, r.make = join(r.note, described(v, only)), s.missing(v)
			r.toggle = func(p *spec.Pod) { switchAccess(&p.Volumes[n], !only) }
		}
		r.remove = func(p *spec.Pod) { *of(p) = slices.Delete(*of(p), i, i+1) }
		r.edit = &edit{start: m.Volume + ":" + m.Path, hint: "VOLUME:PATH in the app", offer: s.mountOffers,
			set: func(p *spec.Pod, t string) { (*of(p))[i] = parseMount(t) }}
		rows = append(rows, r)
	}
	return append(rows, row{key: "mount new", value: "+ mount", edit: &edit{hint: "VOLUME:PATH in the app", offer: s.mountOffers,
		set: func(p *spec.Pod, t string) {
			if t != "" {
				*of(p) = append(*of(p), parseMount(t))
			}
		}}})
}

// mountOffers are the volumes by name, and behind one the paths of the mount points
// that have none yet.
func (s *Screen) mountOffers(typed string) (string, []offer) {
	return listOf(":", func() []offer {
		var all []offer
		if strings.Contains(typed, ":") {
			for _, o := range s.waitingPoints() {
				_, path, _ := strings.Cut(o.means, " ")
				all = append(all, offer{path, o.word})
			}
			return all
		}
		for _, v := range s.draft.pod.Volumes {
			all = append(all, offer{v.Name + ":", describe(v)})
		}
		return all
	})(typed)
}

func parseMount(t string) spec.Mount {
	volume, path, _ := strings.Cut(t, ":")
	return spec.Mount{Volume: strings.TrimSpace(volume), Path: path}
}

func (s *Screen) volumeIndex(name string) int {
	return slices.IndexFunc(s.draft.pod.Volumes, func(v spec.Volume) bool { return v.Name == name })
}

func describe(v spec.Volume) string {
	switch {
	case v.Kind == spec.EmptyVolume:
		return "empty volume"
	case v.Source == "":
		return "no folder yet"
	}
	return v.Source
}

func described(v spec.Volume, readOnly bool) string {
	if readOnly {
		return access(true) + " · " + describe(v)
	}
	return describe(v)
}

func access(readOnly bool) string {
	if readOnly {
		return "read-only"
	}
	return "read-write"
}

// switchAccess goes from "as the mount points say" to something else, and back:
// what is switched twice is as it was.
func switchAccess(v *spec.Volume, readOnly bool) {
	if v.ReadOnly != nil {
		v.ReadOnly = nil
		return
	}
	v.ReadOnly = &readOnly
}

// readOnlyAnyway reports whether all that mounts a volume mounts it read-only.
func (s *Screen) readOnlyAnyway(name string) bool {
	any := false
	for i := range s.draft.pod.Apps {
		for _, b := range s.draft.pod.ResolveApp(i, s.manifest(i), spec.Surroundings{}).Bindings {
			if b.Volume == name && !b.Implicit {
				if !b.ReadOnly {
					return false
				}
				any = true
			}
		}
	}
	return any
}
