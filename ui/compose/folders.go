package compose

import (
	"path"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/spec"
)

// place is a path in an image.
type place struct{ id, path string }

// placeLooked is the answer whether a folder is there.
type placeLooked struct {
	place
	folder bool
	err    error
}

// mostPlaces bounds what is remembered of what was typed.
const mostPlaces = 1000

// seePlaces returns the work of looking whether the images have the working folders
// of their apps, as far as nobody has looked yet.
func (s *Screen) seePlaces() tea.Cmd {
	var cmds []tea.Cmd
	for i := range s.draft.pod.Apps {
		k := s.of(i)
		at := place{k.image.ID, s.draft.pod.ResolveApp(i, s.manifest(i), spec.Surroundings{}).WorkingDir.Value}
		if _, asked := s.places[at]; !k.found || asked || !path.IsAbs(at.path) || strings.ContainsRune(at.path, 0) {
			continue
		}
		if len(s.places) >= mostPlaces {
			clear(s.places)
		}
		s.places[at] = true // until somebody knows better
		cmds = append(cmds, func() tea.Msg {
			folder, err := s.engine.HasFolder(at.id, at.path)
			return placeLooked{at, folder, err}
		})
	}
	return tea.Batch(cmds...)
}

func (s *Screen) takePlace(m placeLooked) {
	s.places[m.place] = m.folder || m.err != nil
	s.refresh()
}

// astray says of the folder that app i would begin in that its image has none there,
// where nothing else could make it: the run of a registry's image does, mounts bring
// folders with them, and so may what runs before the app.
func (s *Screen) astray(i int, folder string) string {
	there, looked := s.places[place{s.of(i).image.ID, folder}]
	e := s.draft.pod.ResolveApp(i, s.manifest(i), spec.Surroundings{})
	if there || !looked || e.MakesDir || len(e.Handlers.PreStart) > 0 {
		return ""
	}
	others := []string{"/dev", "/proc", "/sys"}
	for _, b := range e.Bindings {
		others = append(others, b.Path)
	}
	for _, other := range others {
		if isBelow(folder, other) || isBelow(other, folder) {
			return ""
		}
	}
	return "! the image has no such folder"
}

// isBelow reports whether a path is at another one or below it.
func isBelow(p, top string) bool {
	p, top = path.Clean(p), path.Clean(top)
	return p == top || strings.HasPrefix(p, strings.TrimSuffix(top, "/")+"/")
}
