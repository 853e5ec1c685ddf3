package gunzip

import "encoding/binary"

// huffman decodes symbols of a block as long as a step can neither run out of
// input nor of room: then it returns, and is called again. Here is where all
// the time goes; it has no calls in it, and works on local copies.
//
// A register that was refilled has at least 56 bits. Three literals take 33 of
// them at most. A match takes 48 (15+5 for its length, 15+13 for its distance),
// so it gets a refill of its own if there was a literal before.
func (f *inflater) huffman() error {
	in := f.in
	if err := in.fill(); err != nil {
		return err
	}
	var (
		buf   = in.buf
		out   = f.out
		pos   = in.pos
		limit = in.limit()
		bits  = in.bits
		count = in.count
		o     = f.end
		base  = f.base
		lit   = &f.lit
		dist  = &f.dist
		err   error
	)
loop:
	for pos < limit && o < outSize {
		bits |= binary.LittleEndian.Uint64(buf[pos:]) << (count & 63)
		pos += int((63 - count) >> 3)
		count |= 56

		e := lit[bits&(1<<litBits-1)]
		if e&literal != 0 {
			bits >>= e & 63
			count -= uint(e & lengthMask)
			out[o] = byte(e >> valueShift)
			o++
			e = lit[bits&(1<<litBits-1)]
			if e&literal != 0 {
				bits >>= e & 63
				count -= uint(e & lengthMask)
				out[o] = byte(e >> valueShift)
				o++
				e = lit[bits&(1<<litBits-1)]
				if e&literal != 0 {
					bits >>= e & 63
					count -= uint(e & lengthMask)
					out[o] = byte(e >> valueShift)
					o++
					continue
				}
			}
			bits |= binary.LittleEndian.Uint64(buf[pos:]) << (count & 63)
			pos += int((63 - count) >> 3)
			count |= 56
		}

		if e&exceptional != 0 {
			if e&subtable != 0 {
				bits >>= litBits
				count -= litBits
				e = lit[(uint64(e>>valueShift)+bits&(1<<(e>>codeShift&codeMask)-1))&(litSize-1)]
				if e&literal != 0 {
					bits >>= e & 63
					count -= uint(e & lengthMask)
					out[o] = byte(e >> valueShift)
					o++
					continue
				}
			}
			if e&exceptional != 0 {
				if e&blockEnd == 0 {
					err = ErrCorrupt
					break loop
				}
				bits >>= e & 63
				count -= uint(e & lengthMask)
				f.state = atBlock
				break loop
			}
		}
		length := int(e>>valueShift) + int(bits&(1<<(e&63)-1)>>(e>>codeShift&codeMask))
		bits >>= e & 63
		count -= uint(e & lengthMask)

		e = dist[bits&(1<<distBits-1)]
		if e&exceptional != 0 {
			if e&subtable != 0 {
				bits >>= distBits
				count -= distBits
				e = dist[(uint64(e>>valueShift)+bits&(1<<(e>>codeShift&codeMask)-1))&(distSize-1)]
			}
			if e&exceptional != 0 {
				err = ErrCorrupt
				break loop
			}
		}
		back := int(e>>valueShift) + int(bits&(1<<(e&63)-1)>>(e>>codeShift&codeMask))
		bits >>= e & 63
		count -= uint(e & lengthMask)

		from := o - back
		if from < base {
			err = ErrCorrupt
			break loop
		}
		to := o
		o += length
		if back >= 8 {
			// Eight bytes that may overlap with what follows, but not with
			// themselves. Most matches are short: two words do them.
			for {
				binary.LittleEndian.PutUint64(out[to:], binary.LittleEndian.Uint64(out[from:]))
				binary.LittleEndian.PutUint64(out[to+8:], binary.LittleEndian.Uint64(out[from+8:]))
				to += 16
				from += 16
				if to >= o {
					break
				}
			}
		} else {
			repeat(out, from, to, o)
		}
	}
	in.pos, in.bits, in.count, f.end = pos, bits, count, o
	return err
}

// repeat writes a match that overlaps with itself: a pattern of less than eight
// bytes, again and again.
func repeat(out []byte, from, to, end int) {
	if to-from == 1 {
		word := uint64(out[from]) * 0x0101010101010101
		for ; to < end; to += 8 {
			binary.LittleEndian.PutUint64(out[to:], word)
		}
		return
	}
	for ; to < end; to++ {
		out[to] = out[from]
		from++
	}
}
