package match

import "strings"

// Ranking ranks one list of texts again and again, and keeps what makes the
// next time cheap: which letters each text has, and which texts matched the
// query that the next one goes on from.
type Ranking struct {
	texts   []letters
	scores  []uint8
	matched []int // those with a score, in the order of the list
	order   []int
	last    Query
}

// Reset says that the list has changed.
func (r *Ranking) Reset() { r.texts, r.last = r.texts[:0], Query{} }

// Rank returns the indices of the texts that match, the best first, and those
// that match equally well in their own order. The slice is valid until the
// next call. It sorts by counting: scores are few, texts may be many.
func (r *Ranking) Rank(q Query, n int, folded func(int) string) []int {
	r.learn(n, folded)
	// Who types on only loses texts: those without a score stay without.
	if narrows := !r.last.Empty() && strings.HasPrefix(q.typed, r.last.typed); narrows {
		if q.typed != r.last.typed {
			r.narrow(q, folded)
		}
	} else {
		r.all(q, folded)
	}
	r.last = q
	return r.sort()
}

// Score is what a text got the last time, 0 if it did not match.
func (r *Ranking) Score(i int) int { return int(r.scores[i]) }

// all looks at every text.
func (r *Ranking) all(q Query, folded func(int) string) {
	r.matched = r.matched[:0]
	for i, text := range r.texts {
		s := 0
		if text&q.has == q.has {
			s = q.Score(folded(i))
		}
		if r.scores[i] = uint8(s); s > 0 {
			r.matched = append(r.matched, i)
		}
	}
}

// narrow looks at those that matched before.
func (r *Ranking) narrow(q Query, folded func(int) string) {
	still := r.matched[:0]
	for _, i := range r.matched {
		s := 0
		if r.texts[i]&q.has == q.has {
			s = q.Score(folded(i))
		}
		if r.scores[i] = uint8(s); s > 0 {
			still = append(still, i)
		}
	}
	r.matched = still
}

// learn looks at texts that nobody has looked at yet.
func (r *Ranking) learn(n int, folded func(int) string) {
	if len(r.texts) == n {
		return
	}
	if cap(r.texts) < n {
		r.texts, r.scores = make([]letters, n), make([]uint8, n)
		r.matched, r.order = make([]int, 0, n), make([]int, n)
	}
	r.texts, r.scores, r.last = r.texts[:n], r.scores[:n], Query{}
	for i := range r.texts {
		r.texts[i] = lettersOf(folded(i))
	}
}

// sort puts what matched in order.
func (r *Ranking) sort() []int {
	var starts [Best + 2]int // how many have each score, by the place after it
	for _, i := range r.matched {
		starts[Best-int(r.scores[i])+1]++
	}
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	order := r.order[:len(r.matched)]
	for _, i := range r.matched {
		place := &starts[Best-int(r.scores[i])]
		order[*place] = i
		*place++
	}
	return order
}
