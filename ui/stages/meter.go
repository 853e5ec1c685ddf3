package stages

import (
	"strconv"
	"time"

	"github.com/podtui/podtui/ui/text"
)

// meter measures a rate by the times of the events themselves, so that a replay
// tells the same. A new measure counts more the longer it took.
type meter struct {
	at    time.Time
	moved time.Time // when a byte came last
	bytes int64
	rate  float64 // bytes a second
}

const (
	settle  = 3 * time.Second // over which the rate follows a change
	silence = 4 * time.Second // after which no rate is claimed
)

func (m *meter) add(at time.Time, bytes int64) {
	if m.at.IsZero() || bytes < m.bytes {
		*m = meter{at: at, moved: at, bytes: bytes}
		return
	}
	if bytes > m.bytes {
		m.moved = at
	}
	d := at.Sub(m.at)
	if d < 50*time.Millisecond {
		return
	}
	now := float64(bytes-m.bytes) / d.Seconds()
	weight := min(float64(d)/float64(settle), 1)
	if m.rate == 0 {
		weight = 1
	}
	m.rate += (now - m.rate) * weight
	m.at, m.bytes = at, bytes
}

// silent reports whether no byte has come for so long that the rate says nothing.
func (m *meter) silent(now time.Time) bool {
	return !m.moved.IsZero() && now.Sub(m.moved) >= silence
}

// progress puts a step that counts bytes into words: "61.2 of 148 MB ·
// 38 MB/s · 2 s left". Words that would be a guess are left out.
func (st *Step) progress(now time.Time) string {
	if st.Bytes == 0 {
		return ""
	}
	s := text.Part(st.Bytes, st.Total)
	rate, left := st.pace(now)
	return s + and(rate) + and(left)
}

// pace is how fast bytes come, and how long the rest takes; that none come any
// more stands in the place of the time. Each is "" if nobody can tell.
func (st *Step) pace(now time.Time) (rate, left string) {
	rest := st.Total - st.Bytes
	switch {
	case st.meter.silent(now) && st.Total > 0 && rest <= 0:
		return "", ""
	case st.meter.silent(now):
		return "", "stalled"
	case st.meter.rate < 1:
		return "", ""
	}
	rate = text.Bytes(int64(st.meter.rate)) + "/s"
	d := time.Duration(float64(rest) / st.meter.rate * float64(time.Second)).Round(time.Second)
	if d >= time.Second {
		left = text.Ago(d) + " left"
	}
	return rate, left
}

// and joins words to others, if there are any.
func and(words string) string {
	if words == "" {
		return ""
	}
	return " · " + words
}

// fitting is progress in so many cells: the rate is what is missed least, then
// the time.
func (st *Step) fitting(doing string, now time.Time, room int) string {
	if st.Bytes == 0 {
		return doing
	}
	part := text.Part(st.Bytes, st.Total)
	rate, left := st.pace(now)
	for _, s := range []string{doing + " " + part + and(rate) + and(left), doing + " " + part + and(left), part + and(left), doing + " " + part} {
		if text.Width(s) <= room {
			return s
		}
	}
	return part
}

// percent is how much of the step is done, "" if nobody knows.
func (st *Step) percent() string {
	if st.Total <= 0 || st.State != "started" {
		return ""
	}
	return strconv.FormatInt(min(100*st.Bytes/st.Total, 100), 10) + " %"
}
