package compose

import (
	"strings"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/screen"
)

// stand is where in the form somebody was.
type stand struct {
	section section
	right   bool
	key     string
}

// addHere has a reference typed right here, and what it is typed for is an app. Who
// thinks better of it is back where he was.
func (s *Screen) addHere() screen.Out {
	if why := s.fixed(); why != "" {
		return screen.Say(screen.Notice{Text: why})
	}
	from := stand{s.at, s.right, ""}
	if r := s.current(); r != nil {
		from.key = r.key
	}
	s.open(section{kind: addSection}, true)
	s.stay(newApp)
	if r := s.current(); r == nil || r.edit == nil {
		return screen.Out{}
	}
	look := s.startEdit()
	s.editing.from = &from
	return screen.Do(look)
}

// found is what was looked for in the store last.
type found struct {
	typed string
	store []engine.Entry
	fit   []offer
}

// storedImages are the images of the store that what is typed is a part of.
func (s *Screen) storedImages(typed string) (string, []offer) {
	if sameStore(s.stored.store, s.store) && s.stored.typed == typed && s.stored.fit != nil {
		return "", s.stored.fit // a frame asks several times, of what may be many
	}
	fit := make([]offer, 0)
	seen := make(map[string]bool)
	for i := range s.store {
		e := &s.store[i]
		word := e.Name
		if v := e.Version(); v != "" {
			word += ":" + v
		}
		if seen[word] || !strings.Contains(strings.ToLower(word), strings.ToLower(typed)) {
			continue
		}
		seen[word] = true
		fit = append(fit, offer{word: word})
	}
	s.stored = found{typed, s.store, fit}
	return "", fit
}

// sameStore reports whether two lists are one: a new one comes as another.
func sameStore(a, b []engine.Entry) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}
