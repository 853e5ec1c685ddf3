package openpgp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// Tags of packets that are looked for, or known well enough to be named.
const (
	tagSignature  = 2
	tagPrivate    = 5
	tagPublic     = 6
	tagPrivateSub = 7
	tagMarker     = 10
	tagTrust      = 12
	tagUserID     = 13
	tagPublicSub  = 14
	tagAttribute  = 17
	tagPadding    = 21
)

// maxPackets bounds the packets of one file.
const maxPackets = 4096

// element is one packet as it was written.
type element struct {
	tag         byte
	whole, body []byte // whole is nil if the packet has no length of its own
}

// errOpenEnd is a packet that ends where the file does, or comes in parts: messages
// are made so, and neither keys nor signatures.
var errOpenEnd = errors.New("a packet without a length")

// split cuts a file into its packets. With an error it returns those before it.
func split(data []byte) ([]element, error) {
	var list []element
	for len(data) > 0 {
		if len(list) == maxPackets {
			return list, fmt.Errorf("more than %d packets", maxPackets)
		}
		e, rest, err := first(data)
		if err == nil || errors.Is(err, errOpenEnd) {
			list = append(list, e)
		}
		if err != nil {
			return list, err
		}
		data = rest
	}
	return list, nil
}

// first cuts the first packet off.
func first(data []byte) (e element, rest []byte, err error) {
	var header, length int
	switch b := data[0]; {
	case b&0x80 == 0:
		return element{}, nil, errors.New("bytes that are no packet")
	case b&0x40 == 0:
		e.tag = b >> 2 & 0x0f
		header, length = oldLength(data)
	default:
		e.tag = b & 0x3f
		header, length = newLength(data)
	}
	switch {
	case header == 0:
		return e, nil, errOpenEnd
	case header > len(data):
		return e, nil, errors.New("truncated")
	case length > len(data)-header:
		return e, nil, fmt.Errorf("truncated: a packet has %d bytes, of which %d are there", length, len(data)-header)
	}
	e.whole, e.body = data[:header+length], data[header:header+length]
	return e, data[header+length:], nil
}

// oldLength reads a length in the format of old: 1, 2 or 4 bytes, or none (0).
func oldLength(data []byte) (header, length int) {
	wide := 1 << (data[0] & 3)
	if wide == 8 {
		return 0, 0
	}
	if len(data) < 1+wide {
		return 1 + wide, 0
	}
	for _, b := range data[1 : 1+wide] {
		length = length<<8 | int(b)
	}
	return 1 + wide, length
}

// newLength reads a length in today's format; a part of a packet has none (0).
func newLength(data []byte) (header, length int) {
	if len(data) < 2 {
		return 2, 0
	}
	switch b := data[1]; {
	case b < 192:
		return 2, int(b)
	case b < 224:
		if len(data) < 3 {
			return 3, 0
		}
		return 3, int(b-192)<<8 + int(data[2]) + 192
	case b < 255:
		return 0, 0
	default:
		if len(data) < 6 {
			return 6, 0
		}
		return 6, int(binary.BigEndian.Uint32(data[2:6]))
	}
}

// parse lets the library read the packet. It stops where it has what it needs; what
// more is in the packet would be read as others that nobody has counted.
func (e element) parse() (packet.Packet, error) {
	r := bytes.NewReader(e.whole)
	p, err := packet.Read(r)
	if err == nil && r.Len() > 0 {
		return nil, fmt.Errorf("%d bytes too many in a packet", r.Len())
	}
	return p, err
}

// signatureType is what kind of signature a signature packet says it is, or -1.
func (e element) signatureType() int {
	switch b := e.body; {
	case e.tag != tagSignature || len(b) < 3:
		return -1
	case b[0] < 4:
		return int(b[2])
	default:
		return int(b[1])
	}
}

const sha1Name = "SHA-1"

// weakDigest is the name of a signature packet's digest, if that is not believed. It is
// read from the packet, since the library can't name those that it has forgotten.
func (e element) weakDigest() string {
	if len(e.body) < 4 || e.body[0] != 4 {
		return ""
	}
	switch e.body[3] {
	case 1:
		return "MD5"
	case 2:
		return sha1Name
	case 3:
		return "RIPEMD-160"
	}
	return ""
}

func join(elements []element) []byte {
	var all []byte
	for _, e := range elements {
		all = append(all, e.whole...)
	}
	return all
}
