package poddir

import "time"

// LogRange chooses lines of an app's log. The zero LogRange is all that is kept,
// and all that comes.
type LogRange struct {
	Stream string // "stdout", "stderr", or "" for both

	Since, Until time.Time // zero: no bound
	Last         int       // only so many lines at the end of what there is; 0: all
	New          bool      // nothing of what there is
}

// partial reports whether reading begins anywhere but at the beginning.
func (c *LogRange) partial() bool { return c.New || c.Last > 0 || !c.Since.IsZero() }

// place is where a record begins: in which of the segments that are kept.
type place struct {
	segment int
	off     int64
}

// choose finds where reading begins, and what of the lines there is not wanted.
// Of all records only the headers are read, and for the last lines as much of the
// end as has them.
func (r *LogReader) choose(kept []*segment, c LogRange) place {
	v := &survey{since: stamp(c.Since), until: r.until}
	for stream, l := range r.streams {
		v.unwanted[stream] = l.done
	}
	v.walk(kept)
	if c.New {
		return v.end
	}
	begin := v.marks[0]
	if c.Last > 0 {
		begin = r.last(v, c.Last)
	}
	if begin == v.marks[0] { // what has begun before is not ours
		for stream, cut := range v.cut {
			l := &r.streams[stream]
			l.begun, l.hidden, l.older = cut, cut, cut
		}
	}
	return begin
}

// last finds a place from which the last n lines can be read, and how many lines
// end behind it before them.
func (r *LogReader) last(v *survey, n int) place {
	for back := 1; ; back *= 2 {
		i := max(len(v.marks)-back, 0)
		t := v.count(v.marks[i], -1)
		open := v.open(t)
		surplus := max(t.all-max(n-open, 0), 0)
		if i > 0 && !v.hasAll(t, surplus) {
			continue
		}
		for stream, ends := range v.count(v.marks[i], surplus).ends {
			r.streams[stream].drop = ends
		}
		r.chosen = t.all - surplus + open
		return v.marks[i]
	}
}
