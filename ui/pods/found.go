package pods

import (
	"slices"

	"github.com/podtui/podtui/engine/poddir"
)

// Found are the pods of the list, and what a search looks at of each: its name first.
func (s *Screen) Found() (all []poddir.Status, folded func(i int) string) {
	pods := slices.Clone(s.all)
	all = make([]poddir.Status, len(pods))
	for i, p := range pods {
		all[i] = p.Status
	}
	return all, func(i int) string { return pods[i].words.folded }
}

// NameOf is what a pod is called in the list, with its apps: as a search looks at it.
func (s *Screen) NameOf(uuid string) string {
	if p := s.find(uuid); p != nil {
		return p.words.name + " " + p.words.apps
	}
	return ""
}
