package match

import "strings"

// Ranking ranks one list of texts again and again, and keeps what makes the
// next time cheap: which letters each text has, and which texts matched the
// query that the next one goes on from.
type Ranking struct {
	texts  []letters
	scores []uint8
	order  []int
	last   Query
}

// Reset says that the list has changed.
func (r *Ranking) Reset() { r.texts, r.last = r.texts[:0], Query{} }

// Rank returns the indices of the texts that match, the best first, and those
// that match equally well in their own order. The slice is valid until the
// next call. It sorts by counting: scores are few, texts may be many.
func (r *Ranking) Rank(q Query, n int, folded func(int) string) []int {
	r.learn(n, folded)
	// Who types on only loses texts: those without a score stay without.
	narrows := !r.last.Empty() && strings.HasPrefix(q.typed, r.last.typed)
	r.last = q
	total := 0
	var starts [Best + 2]int
	for i, text := range r.texts {
		if narrows && r.scores[i] == 0 {
			continue
		}
		s := 0
		if text&q.has == q.has {
			s = q.Score(folded(i))
		}
		r.scores[i] = uint8(s)
		if s > 0 {
			starts[Best-s+1]++
			total++
		}
	}
	return r.sort(&starts, total)
}

// learn looks at texts that nobody has looked at yet.
func (r *Ranking) learn(n int, folded func(int) string) {
	if len(r.texts) == n {
		return
	}
	r.texts = make([]letters, n)
	r.scores, r.order, r.last = make([]uint8, n), make([]int, n), Query{}
	for i := range r.texts {
		r.texts[i] = lettersOf(folded(i))
	}
}

// sort puts the texts in order; starts is how many have each score, by the
// place after it.
func (r *Ranking) sort(starts *[Best + 2]int, total int) []int {
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	order := r.order[:total]
	for i, s := range r.scores {
		if s > 0 {
			order[starts[Best-int(s)]] = i
			starts[Best-int(s)]++
		}
	}
	return order
}
