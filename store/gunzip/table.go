package gunzip

import "math/bits"

// An entry of a decoding table says all there is to do for a symbol:
//
//	bits 0–7    how many bits to take: the code's, and the extra bits after it
//	bits 8–11   the code's alone, of what is left of it in this table
//	bit 15      exceptional: none of the following is meant, but
//	bit 14        with it: the code goes on in a subtable, of 2^(bits 8–11)
//	              entries, at the value
//	bit 13        with it: the end of the block; neither: no such code
//	bits 16–30  the value: a literal, the base of a length or distance
//	bit 31      it is a literal
//
// Codes longer than a table's bits go on in subtables behind it.
const (
	lengthMask  = 0xff
	codeShift   = 8
	codeMask    = 0xf
	exceptional = 1 << 15
	subtable    = 1 << 14
	blockEnd    = 1 << 13
	valueShift  = 16
	valueMask   = 0x7fff
	literal     = 1 << 31

	litBits  = 11
	distBits = 9
	preBits  = 7
	maxBits  = 15

	// The most that a complete code can need, main table and subtables, made
	// a power of two so that a masked index needs no check.
	litSize  = 4096
	distSize = 1024

	endOfBlock = 256
)

// symbols are the entries of all symbols, without their code lengths.
type symbols struct {
	lit  [288]uint32
	dist [32]uint32
	pre  [19]uint32
}

func (s *symbols) init() {
	for i := range 256 {
		s.lit[i] = literal | uint32(i)<<valueShift
	}
	s.lit[endOfBlock] = exceptional | blockEnd
	for i, base := 257, uint32(3); i < 285; i++ {
		extra := uint32(max(0, (i-261)/4))
		s.lit[i] = base<<valueShift | extra
		base += 1 << extra
	}
	s.lit[285] = longest << valueShift
	s.lit[286], s.lit[287] = exceptional, exceptional // in the fixed code only
	for i, base := 0, uint32(1); i < 30; i++ {
		extra := uint32(max(0, i/2-1))
		s.dist[i] = base<<valueShift | extra
		base += 1 << extra
	}
	s.dist[30], s.dist[31] = exceptional, exceptional // likewise
	for i := range s.pre {
		s.pre[i] = uint32(i) << valueShift
	}
}

// buildTable makes the decoding table of a canonical Huffman code from the
// lengths of its codes. It reports false for a code that is over-subscribed,
// or incomplete: of the latter only the empty code and the one of a single
// symbol of one bit are allowed, and what they leave open is no code.
func buildTable(table []uint32, tableBits int, lens []uint8, symbols []uint32) bool {
	var count [maxBits + 1]int
	for _, n := range lens {
		count[n]++
	}
	used := len(lens) - count[0]
	count[0] = 0
	left := 1
	for n := 1; n <= maxBits; n++ {
		left = left<<1 - count[n]
		if left < 0 {
			return false
		}
	}
	if left > 0 {
		if used > 1 || used == 1 && count[1] != 1 {
			return false
		}
		for i := range table[:1<<tableBits] {
			table[i] = exceptional
		}
	}
	b := builder{table: table, tableBits: tableBits, free: 1 << tableBits, count: count}
	b.assign(lens, symbols)
	return true
}

// builder gives each code its entries.
type builder struct {
	table     []uint32
	tableBits int
	free      int              // behind the subtables so far
	count     [maxBits + 1]int // of codes, those in subtables that are still to come
	prefix    int              // of the current subtable; -1 with none
	start     int              // of it
	bits      int              // of it
}

// assign goes through the symbols in the order of their codes: by length, then
// by number.
func (b *builder) assign(lens []uint8, symbols []uint32) {
	var next [maxBits + 2]int
	for n := 1; n <= maxBits; n++ {
		next[n+1] = next[n] + b.count[n]
	}
	var sorted [288 + 32]uint16
	for i, n := range lens {
		if n > 0 {
			sorted[next[n]] = uint16(i)
			next[n]++
		}
	}
	b.prefix = -1
	code, i := 0, 0
	for n := 1; n <= maxBits; n++ {
		for range b.count[n] {
			b.enter(code, n, symbols[sorted[i]])
			code++
			i++
		}
		code <<= 1
	}
}

// enter fills in a symbol of the given code, of n bits. In the stream a code's
// first bit comes lowest.
func (b *builder) enter(code, n int, symbol uint32) {
	reversed := int(bits.Reverse16(uint16(code)) >> (16 - n))
	if n <= b.tableBits {
		e := entry(symbol, n)
		for i := reversed; i < 1<<b.tableBits; i += 1 << n {
			b.table[i] = e
		}
		return
	}
	if prefix := reversed & (1<<b.tableBits - 1); prefix != b.prefix {
		b.open(prefix, n)
	}
	b.count[n]--
	rest := n - b.tableBits
	e := entry(symbol, rest)
	for i := reversed >> b.tableBits; i < 1<<b.bits; i += 1 << rest {
		b.table[b.start+i] = e
	}
}

// entry completes a symbol's entry for a code of n bits.
func entry(symbol uint32, n int) uint32 {
	return symbol + uint32(n) + uint32(n)<<codeShift
}

// open begins the subtable of the codes that share their first bits. The first
// of them has n bits; the subtable is made so large that those to come fill it,
// which the numbers of codes that are left of each length tell.
func (b *builder) open(prefix, n int) {
	b.prefix, b.start = prefix, b.free
	b.bits = n - b.tableBits
	for filled := b.count[n]; filled < 1<<b.bits && b.tableBits+b.bits < maxBits; {
		b.bits++
		filled = filled<<1 + b.count[b.tableBits+b.bits]
	}
	b.free += 1 << b.bits
	b.table[prefix] = exceptional | subtable |
		uint32(b.start)<<valueShift | uint32(b.bits)<<codeShift | uint32(b.tableBits)
}
