package poddir

import "bytes"

// survey is what a walk over the headers of a log has found. It is of what was
// there at the time.
type survey struct {
	since, until string
	unwanted     [2]bool // streams

	spans      []*segment // the segments, each to its bound
	over       bool       // until was reached
	marks      []place    // records some way apart; the first is that with which the range begins
	end        place      // behind the last record
	cut        [2]bool    // the range begins within a line of the stream
	unfinished [2]bool    // it ends within one
}

// markGap is how far marks are apart. The last lines are looked for from mark to
// mark.
const markGap = 256 << 10

// ending is the end of a stream's last record.
type ending struct {
	segment *segment
	off     int64 // behind its last byte; 0: there is none
}

// within reports whether it is no end of a line.
func (e ending) within() bool {
	var last [1]byte
	if e.off == 0 {
		return false
	}
	_, err := e.segment.file.ReadAt(last[:], e.off-1)
	return err == nil && last[0] != '\n'
}

func (v *survey) walk(kept []*segment) {
	var before, endings [2]ending
	for i, s := range kept {
		s = s.to(0, min(size(s.file), maxSegment))
		v.spans = append(v.spans, s)
		if !v.over {
			v.walkSegment(i, s, &before, &endings)
		} else {
			s.limit = 0
		}
	}
	if len(v.marks) == 0 {
		v.marks = []place{v.end}
	}
	for stream := range endings {
		v.cut[stream] = before[stream].within()
		v.unfinished[stream] = endings[stream].within() && !v.unwanted[stream]
	}
}

func (v *survey) walkSegment(i int, s *segment, before, endings *[2]ending) {
	marked := int64(-markGap)
	for s.next() {
		v.end = place{i, s.from}
		if v.until != "" && string(s.head.at[:]) > v.until {
			v.over, s.limit = true, s.from
			return
		}
		early := len(v.marks) == 0 && string(s.head.at[:]) < v.since
		if !early && s.from-marked >= markGap {
			v.marks = append(v.marks, v.end)
			marked = s.from
		}
		if behind := min(s.off+s.left, s.limit); !s.head.note() && behind > s.off {
			endings[s.head.stream] = ending{s, behind}
		}
		if early {
			*before = *endings
		}
		if !s.skip() {
			return
		}
	}
	v.end = place{i, s.off}
}

// tally is how many lines end in a part of a log.
type tally struct {
	all   int
	ends  [2]int  // of each stream
	first [2]int  // how many end before the stream's first; -1: none of it does
	cut   [2]bool // the stream's line that had begun before has not ended
}

// count counts the lines that end behind a place: the first ones only, if most is
// no less than 0. One that has begun before the range does not count.
func (v *survey) count(from place, most int) tally {
	t := tally{first: [2]int{-1, -1}}
	if from == v.marks[0] {
		t.cut = v.cut
	}
	for i := from.segment; i < len(v.spans) && t.all != most; i++ {
		t.add(v, v.spans[i].to(from.off, v.spans[i].limit), most)
		from.off = 0
	}
	return t
}

func (t *tally) add(v *survey, s *segment, most int) {
	for t.all != most && s.next() {
		stream := s.head.stream
		if stream == lost {
			t.cut = [2]bool{}
		}
		if s.head.note() || v.unwanted[stream] {
			if !s.skip() {
				return
			}
			continue
		}
		for p := s.piece(); p != nil; p = s.piece() {
			t.addPiece(stream, bytes.Count(p, []byte{'\n'}), most)
		}
		if s.left > 0 {
			return
		}
	}
}

func (t *tally) addPiece(stream, n, most int) {
	if t.cut[stream] && n > 0 {
		t.cut[stream] = false
		n--
	}
	if most >= 0 {
		n = min(n, most-t.all)
	}
	if n > 0 && t.first[stream] < 0 {
		t.first[stream] = t.all
	}
	t.all += n
	t.ends[stream] += n
}

// open is how many lines have no end and count nevertheless.
func (v *survey) open(t tally) (n int) {
	for stream, is := range v.unfinished {
		if is && !t.cut[stream] {
			n++
		}
	}
	return n
}

// hasAll reports whether the part that was counted has the beginnings of all lines
// in it, but for those of the surplus, the first ones to end.
func (v *survey) hasAll(t tally, surplus int) bool {
	for stream, first := range t.first {
		if first < 0 && v.unfinished[stream] || first >= surplus {
			return false
		}
	}
	return true
}
