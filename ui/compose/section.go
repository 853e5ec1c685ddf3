package compose

import (
	"strconv"

	"github.com/podtui/podtui/engine/spec"
)

// section is what the list at the left points at: one app, or what belongs to
// the whole pod.
type section struct {
	kind sectionKind
	app  int // of an app
}

type sectionKind int

const (
	appSection sectionKind = iota
	addSection
	podSection
	volumesSection
	networkSection
)

// sections are all, in the order of the list.
func sections(p *spec.Pod) []section {
	var all []section
	for i := range p.Apps {
		all = append(all, section{app: i})
	}
	if p.ManifestFile == "" { // which says what its apps are
		all = append(all, section{kind: addSection})
	}
	return append(all, section{kind: podSection}, section{kind: volumesSection}, section{kind: networkSection})
}

// within returns the section, or the nearest that the pod has.
func (c section) within(p *spec.Pod) section {
	if c.kind != appSection || c.app < len(p.Apps) {
		return c
	}
	if len(p.Apps) == 0 {
		return section{kind: addSection}
	}
	return section{app: len(p.Apps) - 1}
}

// sectionOf is where the field of a problem stands.
func sectionOf(path string) section {
	if i, ok := appOf(path); ok {
		return section{app: i}
	}
	if hasPrefix(path, "volumes") {
		return section{kind: volumesSection}
	}
	if hasPrefix(path, "network") || hasPrefix(path, "ports") {
		return section{kind: networkSection}
	}
	if path == "apps" {
		return section{kind: addSection}
	}
	return section{kind: podSection}
}

// appOf reads N out of apps[N]….
func appOf(path string) (int, bool) {
	const start = "apps["
	if len(path) <= len(start) || path[:len(start)] != start {
		return 0, false
	}
	n := 0
	for i := len(start); i < len(path) && path[i] != ']'; i++ {
		if path[i] < '0' || path[i] > '9' {
			return 0, false
		}
		n = n*10 + int(path[i]-'0')
	}
	return n, true
}

// hasPrefix reports whether a field's path is at or below another's.
func hasPrefix(path, at string) bool {
	if len(path) < len(at) || path[:len(at)] != at {
		return false
	}
	return len(path) == len(at) || path[len(at)] == '.' || path[len(at)] == '['
}

// open shows a section, with the focus in its fields or in the list.
func (s *Screen) open(c section, right bool) {
	fresh := c != s.at
	s.at, s.right = c, right
	s.refresh()
	if fresh {
		s.cursor, s.offset, s.stood = 0, 0, 0
		s.stay("exec") // what is changed most, and not the image by mistake
	}
}

// appName is what app i will be called.
func (s *Screen) appName(i int) string { return s.nameIn(&s.draft.pod, i) }

// nameIn is what app i of another pod would be called.
func (s *Screen) nameIn(p *spec.Pod, i int) string {
	k := s.known(p.Apps[i].Image)
	name := p.ResolveApp(i, k.manifest(), spec.Surroundings{}).Name.Value
	if name == "" {
		name = spec.DefaultName(imageName(k.ref, p.Apps[i].Image))
	}
	return name
}

// freeName is "" where the image's own name will do, else that name with a
// number: an image that is added twice need not be named by hand.
func (s *Screen) freeName(p *spec.Pod, image string) string {
	base := spec.DefaultName(image)
	taken := map[string]bool{}
	for i := range p.Apps {
		name := p.Apps[i].Name
		switch k := s.images[p.Apps[i].Image]; {
		case name != "" || k == nil:
		case k.name() != "":
			name = spec.DefaultName(k.name())
		default:
			name = spec.DefaultName(imageName(k.ref, p.Apps[i].Image))
		}
		taken[name] = true
	}
	if !taken[base] {
		return ""
	}
	for n := 2; ; n++ {
		if name := base + "-" + strconv.Itoa(n); !taken[name] {
			return name
		}
	}
}
