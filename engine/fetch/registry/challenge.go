package registry

import "strings"

// challenge is one of what a WWW-Authenticate header offers (RFC 9110, 11.3).
type challenge struct {
	scheme string            // lower case: basic, bearer
	params map[string]string // names in lower case; of two of the same name the first
}

// Bounds of what is read; real headers have two challenges at most.
const (
	maxChallenges   = 16
	maxChallengeLen = 8 << 10
)

// parseChallenges reads the values of all WWW-Authenticate headers. What can't
// be read ends the value that it is in: what came before it counts.
func parseChallenges(values []string) []challenge {
	var all []challenge
	for _, value := range values {
		if len(value) > maxChallengeLen {
			continue
		}
		all = append(all, parseChallenge(value)...)
		if len(all) > maxChallenges {
			return all[:maxChallenges]
		}
	}
	return all
}

func parseChallenge(value string) []challenge {
	var all []challenge
	for s := (scanner{value}); ; {
		s.skip(" \t,")
		word := strings.ToLower(s.token())
		if word == "" {
			return all
		}
		s.skip(" \t")
		if !s.next('=') { // not a parameter: the next challenge begins
			all = append(all, challenge{scheme: word, params: map[string]string{}})
			continue
		}
		s.skip(" \t")
		text, ok := s.text()
		switch {
		case len(all) == 0, strings.HasPrefix(s.rest, `"`):
			return all
		case !ok: // not a parameter, but a blob that ends in "="
			s.toComma()
			continue
		}
		if _, twice := all[len(all)-1].params[word]; !twice {
			all[len(all)-1].params[word] = text
		}
	}
}

// scanner takes the words of a header off one by one.
type scanner struct{ rest string }

func (s *scanner) skip(these string) { s.rest = strings.TrimLeft(s.rest, these) }

// next takes one character if it is the next.
func (s *scanner) next(c byte) bool {
	if s.rest == "" || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// toComma leaves out what is before the next comma.
func (s *scanner) toComma() {
	_, rest, _ := strings.Cut(s.rest, ",")
	s.rest = rest
}

// token takes a word, "" if there is none.
func (s *scanner) token() string {
	n := 0
	for n < len(s.rest) && isTokenChar(s.rest[n]) {
		n++
	}
	word := s.rest[:n]
	s.rest = s.rest[n:]
	return word
}

// text takes a word or a quoted string. Of a string that never ends, the quote
// is left.
func (s *scanner) text() (text string, ok bool) {
	if !s.next('"') {
		text = s.token()
		return text, text != ""
	}
	var b strings.Builder
	for i := 0; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '"':
			s.rest = s.rest[i+1:]
			return b.String(), true
		case c == '\\' && i+1 < len(s.rest):
			i++
			b.WriteByte(s.rest[i])
		default:
			b.WriteByte(c)
		}
	}
	s.rest = `"` + s.rest
	return "", false
}

func isTokenChar(c byte) bool {
	return c > ' ' && c < 0x7f && !strings.ContainsRune(`"(),/:;<=>?@[\]{}`, rune(c))
}
