package poddir

// An app's log has the form of Kubernetes' container logs, one record a line:
//
//	2026-11-26T02:21:59.123456789Z stdout F text
//
// F ends a line of output; P is a part of one, which the next record of the same
// stream goes on with. So the output can be put together again byte for byte.
const (
	whole   = 'F'
	partial = 'P'

	timeLayout = "2006-01-02T15:04:05.000000000Z"
)

// segmentSize bounds a log: the segment that is written, and the one before it,
// are all that is kept of an app's output.
const segmentSize = 64 << 20

// olderSuffix is of the segment before the one that is written. No app's name
// has a dot.
const olderSuffix = ".older"

// lost is the stream of the record with which a segment begins that has others
// before it. Who has not read those is told by it.
const (
	lost     = "lost"
	lostText = "earlier lines were rotated away"
)

// Lost reports whether the line is no output of its app, but stands where older
// lines are no longer kept.
func (l LogLine) Lost() bool { return l.Stream == lost }

var newline = []byte{'\n'}
