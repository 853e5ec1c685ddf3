package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/text"
)

// podRows are the fields of the pod as a whole.
func (s *Screen) podRows() []row {
	p := &s.draft.pod
	rows := []row{
		podNameRow(p.Name),
		choice("onFailure", "failure", p.OnFailure, func(p *spec.Pod) *spec.OnFailure { return &p.OnFailure },
			option{string(spec.StopOthers), "a failure stops all"},
			option{string(spec.ContinueOthers), "others go on"}),
		onOff("interactive", "input", p.Interactive, func(p *spec.Pod) *bool { return &p.Interactive },
			"its app has none", "a terminal, for who attaches"),
		onOff("inheritEnv", "inherit", p.InheritEnv, func(p *spec.Pod) *bool { return &p.InheritEnv },
			"apps don't get podtui's own environment", text.Count(len(s.options.Environ), "variable")+" of podtui's caller"),
	}
	rows = append(rows, envRows("env", p.Env, nil, spec.FromPod, func(p *spec.Pod) *[]spec.Var { return &p.Env })...)
	mounts := s.mountList("mounts", p.Mounts, func(p *spec.Pod) *[]spec.Mount { return &p.Mounts })
	mounts[0].gap, mounts[0].label = true, "mounts"
	rows = append(rows, mounts...)
	return append(rows, networkRow(p),
		choice("pull", "pull", p.Pull, func(p *spec.Pod) *spec.PullPolicy { return &p.Pull },
			option{string(spec.PullNew), "if there is none"},
			option{string(spec.PullUpdate), "sources are always asked"},
			option{string(spec.PullNever), "no source is asked"}),
		onOff("verifyImage", "check", p.VerifyImage, func(p *spec.Pod) *bool { return &p.VerifyImage },
			"files aren't read again", "every file of the images, before they run"),
		metadataRow(p.RegisterMDS),
	)
}

func podNameRow(name string) row {
	r := row{path: "name", key: "name", label: "name", value: "—", note: "goes by its UUID", own: name != ""}
	if r.own {
		r.value, r.note = name, "yours, beside its UUID"
		r.reset = func(p *spec.Pod) { p.Name = "" }
	}
	r.edit = &edit{start: name, hint: "a name in place of its UUID", set: func(p *spec.Pod, t string) { p.Name = t }}
	return r
}

// metadataRow is here because the flag is: nobody can have more than the default.
func metadataRow(register *bool) row {
	r := row{path: "registerMDS", key: "registerMDS", label: "metadata", value: "no", note: "no service yet",
		toggle: func(p *spec.Pod) { p.RegisterMDS = new(bool) }}
	if register != nil {
		r.own, r.note = true, "yours"
		r.reset = func(p *spec.Pod) { p.RegisterMDS = nil }
		r.toggle = r.reset
		if *register {
			r.value = "yes"
		}
	}
	return r
}

func networkRow(p *spec.Pod) row {
	names := strings.Join(p.Network.Names, ",")
	r := row{path: "network", key: "network", gap: true, label: "network", value: names, own: names != "", note: "yours"}
	if !r.own {
		r.value, r.note = "host", "default: the host's network"
	} else {
		r.reset = func(p *spec.Pod) { p.Network.Names = nil }
	}
	r.edit = &edit{start: names, hint: "host (others come later)", set: func(p *spec.Pod, t string) {
		p.Network.Names = nil
		if t != "" {
			p.Network.Names = strings.Split(t, ",")
		}
	}}
	return r
}

// volumeRows are the fields of every volume.
func (s *Screen) volumeRows() []row {
	var rows []row
	for i := range s.draft.pod.Volumes {
		rows = append(rows, s.volume(i)...)
	}
	return append(rows, row{key: "volume new", gap: len(rows) > 0, label: "new", value: "+ volume", edit: &edit{
		hint: "its name, as the mount points call it",
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
		{path: at + ".name", key: at, gap: i > 0, label: "volume", value: v.Name, own: true, note: s.users(v.Name), remove: remove,
			edit: &edit{start: v.Name, set: func(p *spec.Pod, t string) { rename(p, i, t) }}},
		{path: at + ".kind", key: at + "kind", label: "  kind", value: v.Kind, own: true, remove: remove,
			note: map[string]string{spec.HostVolume: "a folder of the host", spec.EmptyVolume: "ends with the pod"}[v.Kind],
			toggle: func(p *spec.Pod) {
				o := &p.Volumes[i]
				if o.Kind == spec.HostVolume {
					s.folders[o.Name] = o.Source
					o.Kind, o.Source = spec.EmptyVolume, ""
				} else {
					o.Kind, o.Source = spec.HostVolume, s.folders[o.Name]
				}
			}},
	}
	if v.Kind != spec.EmptyVolume {
		rows = append(rows, row{path: at + ".source", key: at + "source", label: "  source", value: v.Source, own: true, remove: remove,
			edit: &edit{start: v.Source, path: true, hint: "folder or file of the host",
				set: func(p *spec.Pod, t string) { p.Volumes[i].Source = field.Home(t) }}})
	}
	mode := row{path: at + ".readOnly", key: at + "mode", label: "  access", value: "as the mount points say", remove: remove,
		toggle: func(p *spec.Pod) { switchAccess(&p.Volumes[i], !s.readOnlyAnyway(v.Name)) }}
	if v.ReadOnly != nil {
		mode.value, mode.own = access(*v.ReadOnly), true
		mode.reset = func(p *spec.Pod) { p.Volumes[i].ReadOnly = nil }
	}
	return append(rows, mode)
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
		return "no app mounts it"
	}
	return strings.Join(all, ", ")
}
