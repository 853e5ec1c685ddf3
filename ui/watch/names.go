package watch

import (
	"slices"
	"strings"
)

// call names the pod by its apps. Their tabs are there from the beginning: in
// the pod's order, and not in that of who happens to speak first.
func (s *Screen) call(apps []string) {
	s.apps, s.name = apps, strings.Join(apps, "+")
	app := s.window().App()
	s.output.Arrange(apps)
	s.openPanes(app)
}

// learn takes the names that apps were started by, in the pod's order. What an
// app was called before its image was here was a guess.
func (s *Screen) learn() {
	names, wrong := make([]string, len(s.stages.Apps)), s.guessed
	for i, app := range s.stages.Apps {
		names[i] = app.Name
		wrong = wrong || !slices.Contains(s.apps, app.Name)
	}
	if !wrong || len(names) == 0 {
		return
	}
	for _, later := range s.apps[min(len(names), len(s.apps)):] {
		if !slices.Contains(names, later) {
			names = append(names, later)
		}
	}
	s.guessed = false
	s.call(names)
}

// hear is for who speaks before anybody told that he is there: then the names
// were guesses, and those that have not spoken are wrong.
func (s *Screen) hear() {
	if len(s.output.Apps()) > len(s.apps) {
		s.call(s.output.Spoken())
		s.guessed = true
	}
}

// imageName is what an image is called: as it was asked for, but for a hash.
func (s *Screen) imageName(reference string) string {
	if name := s.stages.Names[reference]; name != "" && strings.HasPrefix(reference, "sha512-") {
		return name
	}
	return reference
}
