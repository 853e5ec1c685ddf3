package compose

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/text"
)

// volumeRows are the fields of every volume.
func (s *Screen) volumeRows() []row {
	var rows []row
	for i := range s.draft.pod.Volumes {
		rows = append(rows, s.volume(i)...)
	}
	rows = append(rows, s.unboundRows()...)
	return append(rows, row{key: "volume new", gap: len(rows) > 0, label: "new", value: "+ volume", edit: &edit{
		hint: "its name, as the mount points call it", offer: oneOf(s.waitingPoints),
		set: func(p *spec.Pod, t string) {
			if t != "" {
				p.Volumes = append(p.Volumes, spec.Volume{Name: t, Kind: spec.HostVolume})
			}
		}}})
}

// volume is one volume: its name, what it is, and who uses it.
func (s *Screen) volume(i int) []row {
	v, at := s.draft.pod.Volumes[i], fmt.Sprintf("volumes[%d]", i)
	remove := func(p *spec.Pod) { p.Volumes = slices.Delete(p.Volumes, i, i+1) }
	rows := []row{
		{path: at + ".name", key: at, gap: i > 0, label: "volume", value: v.Name, own: true, itself: true, note: s.users(v.Name), alert: s.unused(v.Name), remove: remove,
			edit: &edit{start: v.Name, offer: oneOf(s.waitingPoints), set: func(p *spec.Pod, t string) { rename(p, i, t) }}},
		{path: at + ".kind", key: at + "kind", label: "  kind", value: v.Kind, own: true, itself: true, remove: remove,
			note:   map[string]string{spec.HostVolume: "a folder or file of the host", spec.EmptyVolume: "ends with the pod"}[v.Kind],
			toggle: func(p *spec.Pod) { s.switchKind(&p.Volumes[i]) }},
	}
	if v.Kind != spec.EmptyVolume {
		rows = append(rows, row{path: at + ".source", key: at + "source", label: "  source", value: v.Source, own: true, itself: true, remove: remove, make: s.missing(v),
			edit: &edit{start: v.Source, path: true, hint: "folder or file of the host",
				set: func(p *spec.Pod, t string) { p.Volumes[i].Source = field.Home(t) }}})
	}
	mode := row{path: at + ".readOnly", key: at + "mode", label: "  access", value: "as the mount points say", remove: remove,
		toggle: func(p *spec.Pod) { switchAccess(&p.Volumes[i], !s.readOnlyAnyway(v.Name)) }}
	if v.ReadOnly != nil {
		mode.value, mode.own = access(*v.ReadOnly), true
		mode.reset = func(p *spec.Pod) { p.Volumes[i].ReadOnly = nil }
	}
	details := hostDetails(i, at, v)
	if v.Kind == spec.EmptyVolume {
		details = s.emptyDetails(i, at, v)
	}
	for j := range details {
		details[j].remove = remove
	}
	details, folded := s.fold("  more", details)
	for j := range folded {
		folded[j].key = at + " folded"
	}
	return slices.Concat(rows, []row{mode}, s.mountedRows(at, v.Name), details, folded)
}

// switchKind makes a volume of the host an empty one, and back. What only the other
// kind has is kept for the way back.
func (s *Screen) switchKind(v *spec.Volume) {
	other := spec.HostVolume
	if v.Kind == spec.HostVolume {
		other = spec.EmptyVolume
	}
	s.earlier[v.Kind+" "+v.Name] = *v
	back := s.earlier[other+" "+v.Name]
	become(v, other)
	if other == spec.HostVolume {
		v.Source, v.Recursive = back.Source, back.Recursive
	} else {
		v.Mode, v.UID, v.GID, v.Medium, v.Size = back.Mode, back.UID, back.GID, back.Medium, back.Size
	}
}

// become makes a volume one of a kind, without what that kind has not.
func become(v *spec.Volume, kind string) {
	*v = spec.Volume{Name: v.Name, Kind: kind, ReadOnly: v.ReadOnly}
}

// hostDetails is what else there is to say of a folder of the host.
func hostDetails(i int, at string, v spec.Volume) []row {
	r := row{path: at + ".recursive", key: at + "recursive", label: "  below", value: "mounts too", note: "default: what is mounted below it as well",
		toggle: func(p *spec.Pod) { p.Volumes[i].Recursive = new(bool) }}
	if v.Recursive != nil {
		r.own, r.note = true, "yours"
		r.reset = func(p *spec.Pod) { p.Volumes[i].Recursive = nil }
		r.toggle = r.reset
		if !*v.Recursive {
			r.value, r.note = "no mounts", "yours, without what is mounted below it"
		}
	}
	return []row{r}
}

// emptyDetails is what else there is to say of an empty volume.
func (s *Screen) emptyDetails(i int, at string, v spec.Volume) []row {
	of := func(p *spec.Pod) *spec.Volume { return &p.Volumes[i] }
	medium := choice(at+".medium", "  medium", v.Medium, func(p *spec.Pod) *string { return &of(p).Medium },
		option{"disk", "default: in the pod's folder"}, option{spec.MemoryMedium, "gone with the pod"})
	if v.Medium == spec.MemoryMedium {
		medium.toggle = func(p *spec.Pod) { of(p).Medium, of(p).Size = "", "" }
		medium.reset = medium.toggle
	}
	rows := []row{
		lifeRow(at+".mode", "  mode", v.Mode, "0755", "others read it", "octal", "octal, such as 1777",
			func(p *spec.Pod) *string { return &of(p).Mode }),
		idRow(at+".uid", "  uid", v.UID, func(p *spec.Pod) **int { return &of(p).UID }),
		idRow(at+".gid", "  gid", v.GID, func(p *spec.Pod) **int { return &of(p).GID }),
		medium,
	}
	if v.Medium == spec.MemoryMedium || v.Size != "" {
		rows = append(rows, s.sizeRow(at, v, func(p *spec.Pod) *string { return &of(p).Size }))
	}
	return rows
}

func (s *Screen) sizeRow(at string, v spec.Volume, of func(*spec.Pod) *string) row {
	bytes, _ := spec.ParseSize(v.Size)
	r := lifeRow(at+".size", "  size", v.Size, "—", "half the host's memory", text.Bytes(bytes), "", of)
	r.stays = true
	if s.exceeds(bytes) {
		r.alert = "! more than the host's " + text.Bytes(s.host.Memory)
	}
	s.sized(r.edit, of)
	return r
}

// idRow is who owns an empty volume, by number.
func idRow(path, label string, own *int, of func(*spec.Pod) **int) row {
	r := row{path: path, key: path, label: label, value: "0", note: "default: root's"}
	start := ""
	if own != nil {
		start = strconv.Itoa(*own)
		r.value, r.own, r.note = start, true, "yours"
		r.reset = func(p *spec.Pod) { *of(p) = nil }
	}
	r.edit = &edit{start: start, hint: "a number", hard: true,
		set: func(p *spec.Pod, t string) {
			*of(p) = nil
			if n, err := strconv.Atoi(t); err == nil {
				*of(p) = &n
			}
		},
		warn: func(t string) string {
			if _, err := strconv.Atoi(t); err != nil && t != "" {
				return "! " + t + " is no number"
			}
			return ""
		}}
	return r
}

// waitingPoints are the mount points of the images that have no volume of their name.
func (s *Screen) waitingPoints() []offer {
	var all []offer
	for i := range s.draft.pod.Apps {
		for _, b := range s.draft.pod.ResolveApp(i, s.manifest(i), spec.Surroundings{}).Bindings {
			if b.Implicit && !slices.ContainsFunc(all, func(o offer) bool { return o.word == b.MountPoint }) {
				all = append(all, offer{b.MountPoint, s.appName(i) + " " + b.Path})
			}
		}
	}
	return all
}

// rename renames a volume where it is mounted too.
func rename(p *spec.Pod, i int, name string) {
	old := p.Volumes[i].Name
	p.Volumes[i].Name = name
	follow := func(mounts []spec.Mount) {
		for j := range mounts {
			if mounts[j].Volume == old {
				mounts[j].Volume = name
			}
		}
	}
	follow(p.Mounts)
	for j := range p.Apps {
		follow(p.Apps[j].Mounts)
	}
}

// users tells which apps mount a volume, and where.
func (s *Screen) users(name string) string {
	var all []string
	for i := range s.draft.pod.Apps {
		e := s.draft.pod.ResolveApp(i, s.manifest(i), spec.Surroundings{})
		for _, b := range e.Bindings {
			if b.Volume == name && !b.Implicit {
				all = append(all, s.appName(i)+" "+b.Path)
			}
		}
	}
	if len(all) == 0 {
		return noUser
	}
	return strings.Join(all, ", ")
}
