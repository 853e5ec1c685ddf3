// Package match finds what somebody means by a few typed letters. A query is a
// list of words, all of which must be found, each as a part of the text or, if
// it is not, as letters in their order. It allocates nothing per text, so that
// a filter over a hundred thousand names keeps up with typing.
//
// Texts are folded once, with Fold, when they are loaded.
package match

import "strings"

// Best is the highest score.
const Best = 255

// Aside begins, in a text, what stands beside its name: there a word must be a
// part. Letters in their order would be found in nearly everything.
const Aside = "\x00"

// Query is what was typed.
type Query struct {
	words []string
	typed string
	has   letters
}

// letters is which ones a text has, as far as 64 bits tell: a text that lacks
// one of the query's can't match, and most don't.
type letters uint64

func lettersOf(s string) letters {
	var l letters
	for i := 0; i < len(s); i++ {
		l |= 1 << (s[i] & 63)
	}
	return l
}

// Parse reads a query. An empty one matches everything.
func Parse(typed string) Query {
	q := Query{words: strings.Fields(Fold(typed)), typed: Fold(typed)}
	for _, w := range q.words {
		q.has |= lettersOf(w)
	}
	return q
}

// Empty reports whether the query matches everything.
func (q Query) Empty() bool { return len(q.words) == 0 }

// Fold lowers the ASCII letters of a text and no others, so that positions in
// the folded text are positions in the text.
func Fold(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 'A' && c <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if c := b[i]; c >= 'A' && c <= 'Z' {
					b[i] = c + 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

// Score says how well a folded text matches, from 1 to Best; 0: not at all.
func (q Query) Score(folded string) int {
	score := Best
	for _, w := range q.words {
		s := scoreWord(folded, w)
		if s == 0 {
			return 0
		}
		score = min(score, s)
	}
	return score
}

// The scores: a whole word of the text, the beginning of one, beginnings of several
// in their order, a part, scattered letters; and of those, the less scattered first.
// What begins the text itself is a little better.
const (
	wholeWord   = 240
	wordStart   = 200
	wordStarts  = 180
	somePart    = 160
	scattered   = 120
	atBeginning = 5
)

func scoreWord(t, w string) int {
	if i := strings.Index(t, w); i >= 0 {
		return scorePart(t, w, i)
	}
	start, end := span(name(t), w)
	if start < 0 {
		return 0
	}
	if spells(t, w, nil) {
		return wordStarts
	}
	gaps := end - start - len(w)
	s := scattered - 2*min(gaps, 50)
	if atStart(t, start) {
		s += 10
	}
	return s
}

// scorePart looks for the first place where w begins a word of t, or is inside
// of one.
func scorePart(t, w string, i int) int {
	for at := 0; i >= 0; {
		at += i
		if atStart(t, at) {
			s := wordStart
			if at+len(w) == len(t) || boundary(t[at+len(w)]) {
				s = wholeWord
			}
			if at == 0 {
				s += atBeginning
			}
			return s
		}
		at++
		i = strings.Index(t[at:], w)
	}
	return somePart
}

// spells reports whether beginnings of the words of a text's name spell w: "gc" is
// found in "garbage collect", "rewo" in "reduce-worker". It tells mark each byte.
func spells(t, w string, mark func(at int)) bool {
	t = name(t)
	j := 0
	for i := 0; i < len(t) && j < len(w); i++ {
		if t[i] != w[j] || !atStart(t, i) {
			continue
		}
		for ; i < len(t) && j < len(w) && t[i] == w[j]; i, j = i+1, j+1 {
			if mark != nil {
				mark(i)
			}
		}
		i-- // the loop goes on after it
	}
	return j == len(w)
}

// name is a text without what stands beside it.
func name(t string) string {
	if i := strings.IndexByte(t, Aside[0]); i >= 0 {
		return t[:i]
	}
	return t
}

func atStart(t string, i int) bool { return i == 0 || boundary(t[i-1]) }

func boundary(c byte) bool {
	return c == '/' || c == '-' || c == '.' || c == ' ' || c == ':' || c == '_' || c == '=' || c == Aside[0]
}

// span finds where the letters of w stand in t in their order: the first place
// where they end, and the last place from which they can begin to end there.
func span(t, w string) (start, end int) {
	for j := 0; j < len(w); j++ {
		i := strings.IndexByte(t[end:], w[j])
		if i < 0 {
			return -1, 0
		}
		end += i + 1
	}
	start = end
	for j := len(w) - 1; j >= 0; j-- {
		start = strings.LastIndexByte(t[:start], w[j])
	}
	return start, end
}

// Positions appends to dst the bytes of a folded text that the query matched,
// in no order. It is for the few rows that are drawn.
func (q Query) Positions(folded string, dst []int) []int {
	for _, w := range q.words {
		dst = positions(folded, w, dst)
	}
	return dst
}

func positions(t, w string, dst []int) []int {
	if at := bestPart(t, w); at >= 0 {
		for i := range len(w) {
			dst = append(dst, at+i)
		}
		return dst
	}
	if spells(t, w, nil) {
		spells(t, w, func(at int) { dst = append(dst, at) })
		return dst
	}
	start, _ := span(name(t), w)
	if start < 0 {
		return dst
	}
	for j := 0; j < len(w); j++ {
		start += strings.IndexByte(t[start:], w[j])
		dst = append(dst, start)
		start++
	}
	return dst
}

// bestPart is where w stands in t, at the beginning of a word if it can.
func bestPart(t, w string) int {
	first := strings.Index(t, w)
	for at, i := 0, first; i >= 0; {
		at += i
		if atStart(t, at) {
			return at
		}
		at++
		i = strings.Index(t[at:], w)
	}
	return first
}
