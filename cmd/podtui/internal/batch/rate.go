package batch

import (
	"time"

	"github.com/podtui/podtui/ui/text"
)

// rate follows how fast bytes come, by the times at which they were told of. A
// new measure counts more the longer it took. Bytes that were there at the
// beginning, of a download that goes on, have taken no time.
type rate struct {
	at    time.Time
	bytes int64
	value float64 // bytes a second
}

const (
	// settle is the time over which the rate follows a change.
	settle = 3 * time.Second
	// measure is the least time that says anything.
	measure = 50 * time.Millisecond
)

func (r *rate) add(now time.Time, bytes int64) {
	took := now.Sub(r.at)
	switch {
	case bytes == 0: // nothing has come, and nobody knows what is there already
		return
	case r.at.IsZero() || bytes < r.bytes:
		*r = rate{at: now, bytes: bytes}
		return
	case took < measure:
		return
	}
	weight := min(float64(took)/float64(settle), 1)
	if r.value == 0 {
		weight = 1
	}
	r.value += (float64(bytes-r.bytes)/took.Seconds() - r.value) * weight
	r.at, r.bytes = now, bytes
}

// words are the rate, and the time that so many bytes will take: "38 MB/s, 2 s
// left". What would be a guess is left out.
func (r *rate) words(left int64) string {
	if r.value < 1 {
		return ""
	}
	words := text.Bytes(int64(r.value)) + "/s"
	if left > 0 {
		takes := time.Duration(min(float64(left)/r.value, 1e9) * float64(time.Second))
		words += ", " + text.Ago(takes.Round(time.Second)) + " left"
	}
	return words
}
