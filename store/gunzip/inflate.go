package gunzip

import (
	"encoding/binary"
	"io"
)

const (
	window    = 32 << 10 // how far back a match may reach
	outSize   = window + 128<<10
	longest   = 258
	outMargin = longest + 32 // what one step may write, with the slack of its copies
)

// state is what comes next in a stream.
type state int

const (
	atBlock state = iota
	inStored
	inHuffman
	atEnd
)

// inflater decodes one deflate stream (RFC 1951) after another.
type inflater struct {
	in   *input
	out  []byte
	base int // the first byte of out that a match may reach
	read int // the first that was not taken yet
	end  int // the first that is not decoded yet

	state state
	final bool // this block is the last
	left  int  // bytes of a stored block

	symbols symbols
	lit     [litSize]uint32
	dist    [distSize]uint32
	pre     [1 << preBits]uint32
	lens    [288 + 32]uint8
}

func (f *inflater) init(in *input) {
	f.in = in
	f.out = make([]byte, outSize+outMargin)
	f.symbols.init()
}

// start begins a stream. Matches don't reach into the one before.
func (f *inflater) start() {
	f.state, f.final = atBlock, false
	f.base = f.end
}

// pending is what was decoded and not taken yet.
func (f *inflater) pending() []byte { return f.out[f.read:f.end] }

func (f *inflater) taken(n int) { f.read += n }

func (f *inflater) ended() bool { return f.state == atEnd }

// decode decodes until the buffer is full or the stream ends, and returns what
// is new. Nothing may be pending.
func (f *inflater) decode() ([]byte, error) {
	f.slide()
	from := f.end
	for f.state != atEnd && f.end < outSize {
		if err := f.step(); err != nil {
			if err == ErrCorrupt && f.in.cut() {
				err = io.ErrUnexpectedEOF
			}
			return f.out[from:f.end], err
		}
	}
	return f.out[from:f.end], nil
}

// slide makes room, and keeps what matches may reach.
func (f *inflater) slide() {
	if f.end < outSize {
		return
	}
	keep := f.out[f.end-window : f.end]
	moved := f.end - window
	copy(f.out, keep)
	f.base = max(0, f.base-moved)
	f.end, f.read = window, window
}

func (f *inflater) step() error {
	switch f.state {
	case atBlock:
		return f.block()
	case inStored:
		return f.stored()
	default:
		return f.huffman()
	}
}

// block reads the header of a block.
func (f *inflater) block() error {
	if f.final {
		f.in.align()
		f.state = atEnd
		return nil
	}
	if err := f.in.need(3); err != nil {
		return err
	}
	f.final = f.in.take(1) == 1
	switch f.in.take(2) {
	case 0:
		return f.storedHeader()
	case 1:
		f.state = inHuffman
		return f.fixed()
	case 2:
		f.state = inHuffman
		return f.dynamic()
	}
	return ErrCorrupt
}

func (f *inflater) storedHeader() error {
	f.in.align()
	b, err := f.in.bytes(4)
	if err != nil {
		return err
	}
	n := binary.LittleEndian.Uint16(b)
	if binary.LittleEndian.Uint16(b[2:]) != ^n {
		return ErrCorrupt
	}
	f.left, f.state = int(n), inStored
	return nil
}

func (f *inflater) stored() error {
	if f.left == 0 {
		f.state = atBlock
		return nil
	}
	b, err := f.in.chunk(min(f.left, outSize-f.end))
	if err != nil {
		return err
	}
	f.end += copy(f.out[f.end:], b)
	f.left -= len(b)
	return nil
}

// fixed builds the tables of RFC 1951, section 3.2.6.
func (f *inflater) fixed() error {
	for i := range f.lens[:288] {
		switch {
		case i < 144:
			f.lens[i] = 8
		case i < 256:
			f.lens[i] = 9
		case i < 280:
			f.lens[i] = 7
		default:
			f.lens[i] = 8
		}
	}
	dists := f.lens[288:320]
	for i := range dists {
		dists[i] = 5
	}
	return f.tables(f.lens[:288], dists)
}

func (f *inflater) tables(lits, dists []uint8) error {
	if !buildTable(f.lit[:], litBits, lits, f.symbols.lit[:]) || !buildTable(f.dist[:], distBits, dists, f.symbols.dist[:]) {
		return ErrCorrupt
	}
	return nil
}

// order is in which code lengths come (section 3.2.7).
var order = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// dynamic reads the tables of a block.
func (f *inflater) dynamic() error {
	in := f.in
	if err := in.need(14); err != nil {
		return err
	}
	lits, dists, pres := int(in.take(5))+257, int(in.take(5))+1, int(in.take(4))+4
	if lits > 286 || dists > 30 {
		return ErrCorrupt
	}
	var lens [19]uint8
	for _, i := range order[:pres] {
		if err := in.need(3); err != nil {
			return err
		}
		lens[i] = uint8(in.take(3))
	}
	if !buildTable(f.pre[:], preBits, lens[:], f.symbols.pre[:]) {
		return ErrCorrupt
	}
	if err := f.lengths(lits + dists); err != nil {
		return err
	}
	if f.lens[endOfBlock] == 0 {
		return ErrCorrupt
	}
	return f.tables(f.lens[:lits], f.lens[lits:lits+dists])
}

// lengths reads n code lengths, which are Huffman coded themselves.
func (f *inflater) lengths(n int) error {
	in := f.in
	for i := 0; i < n; {
		if err := in.fillBits(); err != nil {
			return err
		}
		e := f.pre[in.bits&(1<<preBits-1)]
		if e&exceptional != 0 {
			return ErrCorrupt
		}
		in.take(uint(e & lengthMask))
		symbol := e >> valueShift
		if symbol < 16 {
			f.lens[i] = uint8(symbol)
			i++
			continue
		}
		var value uint8
		var times int
		switch symbol {
		case 16:
			if i == 0 {
				return ErrCorrupt
			}
			value, times = f.lens[i-1], 3+int(in.take(2))
		case 17:
			times = 3 + int(in.take(3))
		default:
			times = 11 + int(in.take(7))
		}
		if i+times > n {
			return ErrCorrupt
		}
		for range times {
			f.lens[i] = value
			i++
		}
	}
	if in.overrun() {
		return io.ErrUnexpectedEOF
	}
	return nil
}
