package poddir

import (
	"strconv"
	"time"
)

const (
	timeLayout = "2006-01-02T15:04:05.000000000Z"
	timeMask   = "0000-00-00T00:00:00.000000000Z" // 0: a digit

	timeAt   = len("@")
	streamAt = timeAt + len(timeLayout) + len(" ")
	sizeAt   = streamAt + len("stdout ")
	sizeLen  = 10

	headerSize = sizeAt + sizeLen + len("\n")
)

// header is what stands before a record's bytes.
type header struct {
	at     [len(timeLayout)]byte // times of this form are in order as text is
	stream int
	size   int64
}

func appendHeader(to []byte, at time.Time, stream, size int) []byte {
	to = append(at.UTC().AppendFormat(append(to, '@'), timeLayout), ' ')
	to = append(append(to, streamNames[stream]...), ' ')
	return append(appendSize(to, size), '\n')
}

// appendSize appends the field that can be changed where it stands.
func appendSize(to []byte, size int) []byte {
	for unit := 1_000_000_000; unit > 0; unit /= 10 {
		to = append(to, '0'+byte(size/unit%10))
	}
	return to
}

// parseHeader reads the header that p begins with. p has as many bytes.
func parseHeader(p []byte) (h header, ok bool) {
	if p[0] != '@' || p[streamAt-1] != ' ' || p[sizeAt-1] != ' ' || p[headerSize-1] != '\n' {
		return h, false
	}
	copy(h.at[:], p[timeAt:])
	for i, mask := range []byte(timeMask) {
		if c := h.at[i]; mask == '0' && (c < '0' || c > '9') || mask != '0' && c != mask {
			return h, false
		}
	}
	for h.stream = stdout; string(p[streamAt:sizeAt-1]) != streamNames[h.stream]; {
		if h.stream++; h.stream == len(streamNames) {
			return h, false
		}
	}
	for _, c := range p[sizeAt : sizeAt+sizeLen] {
		if c < '0' || c > '9' {
			return h, false
		}
		h.size = h.size*10 + int64(c-'0')
	}
	return h, h.size <= maxRecord && (h.size <= maxNote || !h.note())
}

// note reports whether the record is podtui's own.
func (h *header) note() bool { return h.stream >= lost }

// time is the header's. Digits that are no date become one.
func (h *header) time() time.Time {
	number := func(from, to int) int {
		n, _ := strconv.Atoi(string(h.at[from:to]))
		return n
	}
	return time.Date(number(0, 4), time.Month(number(5, 7)), number(8, 10),
		number(11, 13), number(14, 16), number(17, 19), number(20, 29), time.UTC)
}

// stamp is a time as it is in a header, to compare.
func stamp(at time.Time) string { return at.UTC().Format(timeLayout) }
