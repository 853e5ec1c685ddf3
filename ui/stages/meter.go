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
	bytes int64
	rate  float64 // bytes a second
}

// settle is the time over which the rate follows a change.
const settle = 3 * time.Second

func (m *meter) add(at time.Time, bytes int64) {
	if m.at.IsZero() || bytes < m.bytes {
		*m = meter{at: at, bytes: bytes}
		return
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

// progress puts a step that counts bytes into words: "61.2 of 148 MB ·
// 38 MB/s · 2 s left". Words that would be a guess are left out.
func (st *Step) progress() string {
	if st.Bytes == 0 {
		return ""
	}
	s := text.Part(st.Bytes, st.Total)
	if st.meter.rate < 1 {
		return s
	}
	s += " · " + text.Bytes(int64(st.meter.rate)) + "/s"
	if st.Total > st.Bytes {
		left := time.Duration(float64(st.Total-st.Bytes) / st.meter.rate * float64(time.Second))
		s += " · " + text.Ago(left.Round(time.Second)) + " left"
	}
	return s
}

// percent is how much of the step is done, "" if nobody knows.
func (st *Step) percent() string {
	if st.Total <= 0 || st.State != "started" {
		return ""
	}
	return strconv.FormatInt(min(100*st.Bytes/st.Total, 100), 10) + " %"
}
