package compose

import (
	"strconv"
	"strings"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/text"
)

// apartRows are what keeps an app apart from the host and from others.
func (s *Screen) apartRows(i int, at string, e spec.Effective) []row {
	app := &s.draft.pod.Apps[i]
	keep, drop := capabilityRows(i, at, app, e)
	keep.edit.below = func(p *spec.Pod) []string { return s.kept(p, i) }
	drop.edit.below = keep.edit.below
	seccomp := seccompRow(i, at, app.Seccomp, e)
	keep.widened(e, spec.KindCapabilities)
	seccomp.widened(e, spec.KindSeccomp)
	keep.relaxed(s.options.Relax.Capabilities)
	seccomp.relaxed(s.options.Relax.Seccomp)
	return []row{
		s.groupsRow(i, at, e),
		keep, drop, seccomp,
		yesNo{at + ".noNewPrivileges", "new privs", app.NoNewPrivileges, e.Isolation.NoNewPrivileges, spec.KindNoNewPrivileges, "allowed", "none",
			"setuid programs gain them", "no program gains any", func(p *spec.Pod) **bool { return &p.Apps[i].NoNewPrivileges }}.row(e),
		yesNo{at + ".readOnlyRoot", "root", app.ReadOnlyRoot, e.Isolation.ReadOnlyRoot, spec.KindReadOnlyRoot, "writable", "read-only",
			"its own copy of the image", "it writes to volumes only", func(p *spec.Pod) **bool { return &p.Apps[i].ReadOnlyRoot }}.row(e),
	}
}

// widened says of a field that its image gives the app more than the default.
func (r *row) widened(e spec.Effective, kind string) {
	if more := engine.Widened(e, kind); more != "" {
		r.alert = "! " + string(isolator(e, kind).From) + ", more than the default: " + strings.ToLower(strings.ReplaceAll(more, "CAP_", ""))
	}
}

// relaxed says of a field that it decides nothing, if that is so.
func (r *row) relaxed(off bool) {
	if off {
		r.stays, r.alert = true, "! off: --insecure-options"
	}
}

// groupsRow are the groups beside the main one. Those that the image has names for
// can be typed by name; the pod has their numbers.
func (s *Screen) groupsRow(i int, at string, e spec.Effective) row {
	image := numbers(s.imageSays(i).SupplementaryGIDs)
	r := row{path: at + ".supplementaryGIDs", key: at + ".supplementaryGIDs", label: "groups", value: numbers(e.Groups), note: whence(s.sayer(i), image), stays: len(e.Groups) > 0}
	if r.value == "" {
		r.value, r.note = "—", "default: none beside group"
	}
	app := &s.draft.pod.Apps[i]
	if r.own = app.SupplementaryGIDs != nil; r.own {
		r.note = mine(image)
		r.reset = func(p *spec.Pod) { p.Apps[i].SupplementaryGIDs = nil }
	}
	number := func(word string) (int, bool) {
		for _, g := range s.knows(i).Groups { // which may become known meanwhile
			if g.Name == word {
				return g.ID, true
			}
		}
		n, err := strconv.Atoi(word)
		return n, err == nil
	}
	r.edit = &edit{start: numbers(app.SupplementaryGIDs), hint: "numbers, or names of the image, with commas", offer: listOf(" ,", named(s.knows(i).Groups)), hard: true,
		set: func(p *spec.Pod, t string) {
			p.Apps[i].SupplementaryGIDs = nil
			for _, word := range listed(t) {
				if n, ok := number(word); ok {
					p.Apps[i].SupplementaryGIDs = append(p.Apps[i].SupplementaryGIDs, n)
				}
			}
		},
		warn: func(t string) string {
			for _, word := range listed(t) {
				if _, ok := number(word); !ok {
					return "! " + word + " is no number, and no group of the image"
				}
			}
			return ""
		}}
	return r
}

func numbers(list []int) string {
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, ",")
}

// capabilityRows are the capabilities that an app keeps, and those that it loses.
// The first shows what comes of both.
func capabilityRows(i int, at string, app *spec.App, e spec.Effective) (keep, drop row) {
	iso := isolator(e, spec.KindCapabilities)
	keep = row{path: at + ".capsRetain", key: at + ".capsRetain", label: "caps", value: short(iso.Value), stays: given(iso),
		note: "default: " + text.Count(len(e.Isolation.Capabilities), "capability")}
	if n := len(e.Isolation.Capabilities); n != 1 {
		keep.note = "default: " + text.Number(n) + " capabilities"
	}
	if given(iso) {
		keep.note = whence(iso.From, short(iso.Image))
	}
	drop = row{path: at + ".capsRemove", key: at + ".capsRemove", label: "no caps", value: "—", note: "default: none is taken away"}
	if len(app.CapsRetain) > 0 {
		keep.value, keep.own, keep.note = strings.Join(app.CapsRetain, ","), true, mine(short(iso.Image))
		keep.reset = func(p *spec.Pod) { p.Apps[i].CapsRetain = nil }
	}
	if len(app.CapsRemove) > 0 {
		drop.value, drop.own, drop.note = strings.Join(app.CapsRemove, ","), true, mine(short(iso.Image))
		drop.reset = func(p *spec.Pod) { p.Apps[i].CapsRemove = nil }
		keep.note = "what is left"
	}
	keep.edit = capabilities(app.CapsRetain, "the only ones that it keeps", func(p *spec.Pod) *[]string { return &p.Apps[i].CapsRetain })
	drop.edit = capabilities(app.CapsRemove, "taken away from the default", func(p *spec.Pod) *[]string { return &p.Apps[i].CapsRemove })
	return keep, drop
}

// kept is the whole set that app i has, in rows that have room on a small screen.
func (s *Screen) kept(p *spec.Pod, i int) []string {
	const room = 44
	set := p.ResolveApp(i, s.manifest(i), spec.Surroundings{}).Isolation.Capabilities
	if len(set) == 0 {
		return nil
	}
	return text.Wrap("→ "+short(strings.Join(set, " ")), room)
}

// capabilities is how a set of them is typed.
func capabilities(own []string, hint string, of func(*spec.Pod) *[]string) *edit {
	return &edit{start: strings.Join(own, ","), hint: hint,
		offer: listOf(" ,", func() []offer {
			all := spec.Capabilities()
			list := make([]offer, len(all))
			for n, name := range all {
				list[n].word = name
			}
			return list
		}),
		set: func(p *spec.Pod, t string) { *of(p) = listed(t) },
	}
}

// short leaves out what all names of capabilities begin with.
func short(set string) string {
	return strings.ToLower(strings.ReplaceAll(set, "CAP_", ""))
}

// seccompRow is which system calls the app may make.
func seccompRow(i int, at, own string, e spec.Effective) row {
	iso := isolator(e, spec.KindSeccomp)
	r := row{path: at + ".seccomp", key: at + ".seccomp", label: "seccomp", value: iso.Value, stays: given(iso), note: filterMeans(e.Isolation.Seccomp)}
	switch {
	case own != "":
		r.value, r.own, r.note = own, true, join(mine(iso.Image), filterMeans(e.Isolation.Seccomp))
		r.reset = func(p *spec.Pod) { p.Apps[i].Seccomp = "" }
	case given(iso):
		r.note = join(whence(iso.From, iso.Image), r.note)
	default:
		r.note = "default: " + r.note
	}
	r.edit = &edit{start: own, hint: "mode=retain|remove,errno=EPERM,CALL,…", offer: filters,
		set: func(p *spec.Pod, t string) { p.Apps[i].Seccomp = strings.Join(listed(t), ",") }}
	return r
}

// filterMeans puts a filter into words.
func filterMeans(s spec.Seccomp) string {
	refused := "others kill it"
	if s.Mode == spec.SeccompRemove {
		refused = "these kill it"
	}
	if s.Errno != "" {
		refused = strings.TrimSuffix(refused, "kill it") + "get " + s.Errno
	}
	switch s.Mode {
	case spec.SeccompOff:
		return "every system call"
	case spec.SeccompRetain, spec.SeccompRemove:
		return refused
	}
	return "docker's profile"
}

// filters offers what a filter is written with: first which kind it is, then the
// wildcards of that kind.
func filters(typed string) (string, []offer) {
	return listOf(",", func() []offer {
		if !strings.Contains(typed, ",") {
			return []offer{{"mode=retain", "only the calls named"}, {"mode=remove", "all but the calls named"}}
		}
		mode := spec.SeccompRemove
		if strings.HasPrefix(typed, "mode=retain") {
			mode = spec.SeccompRetain
		}
		list := []offer{{"errno=EPERM", "refused calls fail"}, {"errno=ENOSYS", "refused calls are unknown"}}
		for _, name := range spec.SeccompWildcards(mode) {
			list = append(list, offer{name, ""})
		}
		return list
	})(typed)
}

// yesNo is a field that an image may have switched.
type yesNo struct {
	path, label string
	own         *bool
	on          bool // as it will be
	isolator    string
	no, yes     string // its values as they are shown
	noMeans     string
	yesMeans    string
	of          func(*spec.Pod) **bool
}

func (y yesNo) row(e spec.Effective) row {
	iso := isolator(e, y.isolator)
	r := row{path: y.path, key: y.path, label: y.label, value: y.no, note: y.noMeans, stays: given(iso)}
	if y.on {
		r.value, r.note = y.yes, y.yesMeans
	}
	switch {
	case y.own != nil:
		r.own, r.note = true, "yours, "+r.note
		if iso.Image != "" {
			r.note = mine(map[string]string{"true": y.yes, "false": y.no}[iso.Image])
		}
		r.reset = func(p *spec.Pod) { *y.of(p) = nil }
		r.toggle = r.reset // what is switched twice is as it was
		return r
	case given(iso):
		r.note = join(from(iso.From), r.note)
	default:
		r.note = "default: " + r.note
	}
	r.toggle = func(p *spec.Pod) { *y.of(p) = new(!y.on) }
	return r
}
