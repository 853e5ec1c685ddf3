package match

// Ranking keeps the buckets of one Rank call for the next, so that ranking
// allocates only while it grows.
type Ranking struct {
	scores []uint8
	order  []int
}

// Rank returns the indices of the texts that match, the best first, and those
// that match equally well in their own order. The slice is valid until the
// next call. It sorts by counting: scores are few, texts may be many.
func (r *Ranking) Rank(q Query, n int, folded func(int) string) []int {
	if cap(r.scores) < n {
		r.scores = make([]uint8, n)
		r.order = make([]int, n)
	}
	scores, total := r.scores[:n], 0
	var starts [Best + 2]int
	for i := range n {
		s := q.Score(folded(i))
		scores[i] = uint8(s)
		if s > 0 {
			starts[Best-s+1]++
			total++
		}
	}
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	order := r.order[:total]
	for i, s := range scores {
		if s > 0 {
			order[starts[Best-int(s)]] = i
			starts[Best-int(s)]++
		}
	}
	return order
}
