package gunzip

import (
	"encoding/binary"
	"io"
)

// input is a buffer of compressed bytes with a bit reader on it.
//
// After the end of the source the buffer goes on with zeros, so that the
// decoder need not look for the end at each symbol: it is found out afterwards
// if it has used more than there was.
type input struct {
	r    io.Reader
	buf  []byte
	pos  int   // of the next byte that is not in bits
	stop int   // of what was read
	err  error // the source's last word, io.EOF mostly

	bits  uint64 // the next bits, the first one lowest
	count uint   // of valid bits in bits
}

const (
	inputSize = 64 << 10
	// stepBytes is how many bytes one step of the decoder may load: three times
	// eight, since a refill goes on by seven at most and loads eight.
	stepBytes = 24
	margin    = 32 // what fill sees to, so more than a step
)

const trailerSize = 8

// maxEmpty is how often a source may say that it has nothing, but will have.
const maxEmpty = 100

func (in *input) init(r io.Reader) {
	in.r = r
	in.buf = make([]byte, inputSize+2*margin)
}

// fill makes sure that margin bytes can be loaded: real ones, or zeros after
// the end.
func (in *input) fill() error {
	if in.stop-in.pos >= margin {
		return nil
	}
	if in.err == nil {
		// Whole bytes that are in bits already stay before pos: align gives
		// them back.
		ahead := int(in.count / 8)
		in.stop = copy(in.buf, in.buf[in.pos-ahead:in.stop])
		in.pos = ahead
	}
	for empty := 0; in.err == nil && in.stop-in.pos < margin; {
		var n int
		n, in.err = in.r.Read(in.buf[in.stop:inputSize])
		in.stop += n
		if n > 0 {
			empty = 0
		} else if empty++; empty == maxEmpty && in.err == nil {
			in.err = io.ErrNoProgress
		}
	}
	if in.err != nil {
		if in.err != io.EOF {
			return in.err
		}
		clear(in.buf[in.stop:min(len(in.buf), in.stop+2*margin)])
	}
	if in.overrun() {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// overrun reports whether bits were used that never came.
func (in *input) overrun() bool {
	return in.pos-int(in.count/8) > in.stop
}

// cut reports whether the source ended before what must follow any symbol, a
// trailer: then data that makes no sense was cut off, not corrupt.
func (in *input) cut() bool {
	return in.err == io.EOF && in.stop-(in.pos-int(in.count/8)) < trailerSize
}

// limit is the position up to which a step may begin. fill must have been
// called.
func (in *input) limit() int {
	if in.err != nil {
		return in.stop + margin/2
	}
	return in.stop - stepBytes
}

// need makes at least n valid bits, n up to 32.
func (in *input) need(n uint) error {
	for in.count < n {
		if in.pos >= in.stop {
			if err := in.fill(); err != nil {
				return err
			}
			if in.pos >= in.stop {
				return io.ErrUnexpectedEOF
			}
		}
		in.bits |= uint64(in.buf[in.pos]) << in.count
		in.pos++
		in.count += 8
	}
	return nil
}

// fillBits makes at least 56 valid bits, of zeros after the end.
func (in *input) fillBits() error {
	if in.pos >= in.limit() {
		if err := in.fill(); err != nil {
			return err
		}
	}
	in.bits |= binary.LittleEndian.Uint64(in.buf[in.pos:]) << in.count
	in.pos += int((63 - in.count) >> 3)
	in.count |= 56
	return nil
}

// take returns n bits that need has made.
func (in *input) take(n uint) uint32 {
	v := uint32(in.bits & (1<<n - 1))
	in.bits >>= n
	in.count -= n
	return v
}

// align goes on to the next whole byte, and gives back those that were loaded
// ahead.
func (in *input) align() {
	in.pos -= int(in.count / 8)
	in.bits, in.count = 0, 0
}

// bytes returns the next n bytes, n up to margin. They are valid until the
// next call. The input must be aligned.
func (in *input) bytes(n int) ([]byte, error) {
	if in.stop-in.pos < n {
		if err := in.fill(); err != nil {
			return nil, err
		}
		if in.stop-in.pos < n {
			return nil, io.ErrUnexpectedEOF
		}
	}
	b := in.buf[in.pos : in.pos+n]
	in.pos += n
	return b, nil
}

// chunk returns at most n next bytes, at least one, likewise.
func (in *input) chunk(n int) ([]byte, error) {
	if _, err := in.bytes(1); err != nil {
		return nil, err
	}
	in.pos--
	return in.bytes(min(n, in.stop-in.pos))
}

// atEnd reports whether nothing more comes.
func (in *input) atEnd() bool {
	return in.pos >= in.stop && (in.fill() != nil || in.pos >= in.stop)
}

// end is the error that the source ended with.
func (in *input) end() error { return in.err }
