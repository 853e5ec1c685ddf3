// Package graph keeps the last minutes of a measure and draws them in a row of blocks. It
// measures nothing, and knows no colours: what it draws is plain text.
package graph

import (
	"strings"
	"time"
)

// Kept is how many samples are kept: five minutes, of one every two seconds.
const Kept = 150

// Ring keeps the last samples of a measure, each with its time. The zero value is empty.
type Ring struct {
	samples []sample // at most Kept, the oldest at next
	next    int
}

type sample struct {
	at    time.Time
	value float64
}

// Add appends a sample; below zero: it is not known.
func (r *Ring) Add(at time.Time, value float64) {
	if len(r.samples) < Kept {
		r.samples = append(r.samples, sample{at, value})
		return
	}
	r.samples[r.next] = sample{at, value}
	r.next = (r.next + 1) % Kept
}

// Last is the newest sample; below zero: there is none, or it was not known.
func (r *Ring) Last() float64 {
	if len(r.samples) == 0 {
		return -1
	}
	return r.samples[(r.next+len(r.samples)-1)%len(r.samples)].value
}

// Most is the largest of the samples that are kept; below zero: none is known.
func (r *Ring) Most() float64 {
	most := -1.0
	for _, s := range r.samples {
		most = max(most, s.value)
	}
	return most
}

// Blank is what stands where nothing is known; the others are a zero, and the heights
// above it.
const Blank = " "

var heights = [...]string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}

// Draw draws the samples of the time up to now into so many cells, each the same part of
// that time and as high as the highest sample in it, of top. Parts have fixed bounds: what
// is drawn moves on by whole cells, and keeps its form.
func (r *Ring) Draw(now time.Time, span time.Duration, cells int, top float64) string {
	step := span / time.Duration(max(cells, 1))
	if step <= 0 || cells <= 0 {
		return ""
	}
	most := make([]float64, cells)
	for i := range most {
		most[i] = -1
	}
	end := now.UnixNano() / int64(step)
	for _, s := range r.samples {
		if i := cells - 1 - int(end-s.at.UnixNano()/int64(step)); i >= 0 && i < cells {
			most[i] = max(most[i], s.value)
		}
	}
	var b strings.Builder
	for _, m := range most {
		b.WriteString(height(m, top))
	}
	return b.String()
}

// height is how high a value stands. What is more than nothing is seen to be more.
func height(value, top float64) string {
	switch {
	case value < 0:
		return Blank
	case value == 0 || top <= 0:
		return heights[0]
	}
	last := len(heights) - 1
	return heights[max(min(int(value/top*float64(last)+0.5), last), 1)]
}
