package compose

import (
	"strings"
)

// offer is a word that a field can be completed to, and what it means.
type offer struct{ word, means string }

// offers tells of what is typed what stays as it is, and what the rest of it could
// become.
type offers func(typed string) (stays string, fit []offer)

// oneOf offers words for the whole field.
func oneOf(all func() []offer) offers { return listOf("", all) }

// listOf offers words for the last of several, which separators part.
func listOf(separators string, all func() []offer) offers {
	return func(typed string) (string, []offer) {
		at := strings.LastIndexAny(typed, separators) + 1
		var fit []offer
		for _, o := range all() {
			if begins(o.word, typed[at:]) {
				fit = append(fit, o)
			}
		}
		return typed[:at], fit
	}
}

// begins reports whether a word begins with what is typed, in letters of any case,
// or does so behind what all words of its kind begin with.
func begins(word, typed string) bool {
	fold := func(s string) bool {
		return len(s) >= len(typed) && strings.EqualFold(s[:len(typed)], typed)
	}
	bare, prefixed := strings.CutPrefix(word, "CAP_")
	return fold(word) || prefixed && fold(bare)
}

// offered are the words that what is typed could become.
func (s *Screen) offered() (stays string, fit []offer) {
	if s.editing == nil || s.editing.row.edit.offer == nil {
		return "", nil
	}
	return s.editing.row.edit.offer(s.path.Value())
}

// candidates are the completions as they are shown.
func (s *Screen) candidates() []string {
	if s.editing != nil && s.editing.row.edit.path {
		return s.path.Candidates()
	}
	_, fit := s.offered()
	all := make([]string, len(fit))
	for i, o := range fit {
		all[i] = o.word
		if o.means != "" {
			all[i] += "  " + o.means
		}
	}
	return all
}

// completes reports whether there is something to complete: what is empty, or a
// whole word, is left as it is, so that the key goes on to the next field.
func (s *Screen) completes() bool {
	typed := s.path.Value()
	switch {
	case typed == "":
		return false
	case s.editing.row.edit.path:
		return true
	}
	stays, fit := s.offered()
	for _, o := range fit {
		if stays+o.word == typed {
			return false
		}
	}
	return len(fit) > 0
}

// complete adds what all completions have in common, and reports whether that was
// anything.
func (s *Screen) complete() bool {
	if s.editing.row.edit.path {
		return s.path.Complete()
	}
	stays, fit := s.offered()
	if len(fit) == 0 {
		return false
	}
	common := fit[0].word
	for _, o := range fit[1:] {
		n := 0
		for n < len(common) && n < len(o.word) && common[n] == o.word[n] {
			n++
		}
		common = common[:n]
	}
	if len(stays+common) < len(s.path.Value()) || stays+common == s.path.Value() {
		return false
	}
	s.path.Set(stays + common)
	return true
}
