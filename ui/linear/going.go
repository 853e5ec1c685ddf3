package linear

import (
	"strings"

	"github.com/podtui/podtui/ui/screen"
)

// goings says what goes on: another thing than before at once, and another number of
// the same every few seconds.
func (s *Speaker) goings(all []screen.Going) {
	for _, g := range all {
		if _, met := s.going[g.Key]; !met && g.Known {
			s.going[g.Key] = &told{g.Words, s.now()}
			continue
		}
		s.changed(g.Key, g.Words, g.Words)
	}
	s.forget(all)
}

// mostGoing is how many things are remembered that are not there any more.
const mostGoing = 4096

// forget keeps what was said from growing: what is not there any more goes first.
func (s *Speaker) forget(all []screen.Going) {
	if len(s.going) <= mostGoing {
		return
	}
	there := map[string]bool{"about": true}
	for _, g := range all {
		there[g.Key] = true
	}
	for key := range s.going {
		if !there[key] {
			delete(s.going, key)
		}
	}
}

// changed says words about something if they are news.
func (s *Speaker) changed(key, words, line string) {
	was := s.going[key]
	switch {
	case was == nil:
		was = &told{}
		s.going[key] = was
	case was.words == words:
		return
	case gist(was.words) == gist(words) && s.now().Sub(was.at) < Every:
		return
	}
	was.words, was.at = words, s.now()
	s.line(line)
}

// gist is a text without its numbers and what they count: what differs in these alone
// is the same thing that goes on.
func gist(words string) string {
	var kept []string
	for word := range strings.FieldsSeq(words) {
		word = strings.Trim(word, ",;()")
		if strings.ContainsAny(word, "0123456789") || isUnit(word) {
			continue
		}
		kept = append(kept, word)
	}
	return strings.Join(kept, " ")
}

func isUnit(word string) bool {
	switch strings.TrimSuffix(word, "/s") {
	case "B", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "ms", "s", "min", "m", "h", "d", "of", "left", "·", "", "at":
		return true
	}
	return false
}
