package compose

import (
	"slices"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/text"
)

// podRows are the fields of the pod as a whole.
func (s *Screen) podRows() []row {
	p := &s.draft.pod
	rows := append(manifestRow(p.ManifestFile),
		podNameRow(p.Name),
		choice("onFailure", "failure", p.OnFailure, func(p *spec.Pod) *spec.OnFailure { return &p.OnFailure },
			option{string(spec.StopOthers), "a failure stops all"},
			option{string(spec.ContinueOthers), "others go on"}),
		onOff("interactive", "input", p.Interactive, func(p *spec.Pod) *bool { return &p.Interactive },
			"its app has none", "a terminal, for who attaches"),
		onOff("inheritEnv", "inherit", p.InheritEnv, func(p *spec.Pod) *bool { return &p.InheritEnv },
			"apps don't get podtui's own environment", text.Count(len(s.options.Environ), "variable")+" of podtui's caller"),
	)
	rows = append(rows, s.envRows("env", p.Env, nil, spec.FromPod, func(p *spec.Pod) *[]spec.Var { return &p.Env })...)
	files, folded := s.fold("more", append(s.envFileRows(), s.aroundRows()...))
	readOnly := func(m spec.Mount) bool {
		n := s.volumeIndex(m.Volume)
		return n >= 0 && p.Volumes[n].ReadOnly != nil && *p.Volumes[n].ReadOnly
	}
	mounts := s.mountList("mounts", p.Mounts, readOnly, func(p *spec.Pod) *[]spec.Mount { return &p.Mounts })
	mounts[0].gap, mounts[0].label = true, "mounts"
	rows = append(rows, mounts...)
	rows = append(rows, grouped([]row{
		choice("pull", "pull", p.Pull, func(p *spec.Pod) *spec.PullPolicy { return &p.Pull },
			option{string(spec.PullNew), "if there is none"},
			option{string(spec.PullUpdate), "sources are always asked"},
			option{string(spec.PullNever), "no source is asked"}),
		onOff("verifyImage", "check", p.VerifyImage, func(p *spec.Pod) *bool { return &p.VerifyImage },
			"files aren't read again", "every file of the images, before they run"),
		metadataRow(p.RegisterMDS),
	})...)
	return slices.Concat(rows, boundRows(p), files, folded)
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

// metadataRow is on if nobody says anything.
func metadataRow(register *bool) row {
	r := row{path: "registerMDS", key: "registerMDS", label: "metadata", value: "yes", note: "default: at AC_METADATA_URL",
		toggle: func(p *spec.Pod) { p.RegisterMDS = new(bool) }}
	if register != nil {
		r.own, r.note = true, "yours"
		r.reset = func(p *spec.Pod) { p.RegisterMDS = nil }
		r.toggle = r.reset
		if !*register {
			r.value, r.note = "no", "yours, no AC_METADATA_URL"
		}
	}
	return r
}
