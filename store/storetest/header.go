package storetest

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

const block = 512 // of tar

// header is what a tar header can say, true or not. archive/tar would refuse
// to write most of what is needed here.
type header struct {
	kind         byte
	name, target string
	prefix       string
	mode         int64
	uid, gid     int64
	mtime        int64
	size         int64
	claimed      bool // size is not the content's
	major, minor int64
	content      string
}

// kinds are the words for entries, with their type flags.
var kinds = map[string]byte{
	"manifest": '0', "file": '0', "hardlink": '1', "symlink": '2', "char": '3', "block": '4', "dir": '5', "fifo": '6',
}

func (b *builder) entry(word string, args []string) error {
	h := header{
		kind: kinds[word], mode: 0o644,
		// Root's in most tests; without root only one's own files can be made.
		uid: int64(os.Geteuid()), gid: int64(os.Getegid()),
	}
	if word == "dir" {
		h.mode = 0o755
	}
	args, err := h.options(args)
	if err != nil {
		return err
	}
	switch word {
	case "manifest":
		args = append([]string{"manifest"}, append(args, Manifest)...)[:2]
	case "entry":
		h.kind, args = args[0][0], args[1:]
	}
	if h.kind == 0 || len(args) == 0 {
		return fmt.Errorf("%s: no such entry", word)
	}
	h.name, args = args[0], args[1:]
	switch {
	case h.kind == '0' && len(args) > 0:
		h.content = args[0]
	case (h.kind == '3' || h.kind == '4') && len(args) == 2:
		if h.major, err = strconv.ParseInt(args[0], 0, 64); err == nil {
			h.minor, err = strconv.ParseInt(args[1], 0, 64)
		}
	case len(args) > 0:
		h.target = args[0]
	}
	if len(b.pax) > 0 {
		b.write(header{kind: 'x', name: "pax", content: strings.Join(b.pax, "")})
		b.pax = nil
	}
	b.write(h)
	return err
}

// options takes the KEY=VALUE out of the arguments that say something of the
// header.
func (h *header) options(args []string) (rest []string, err error) {
	numbers := map[string]*int64{"mode": &h.mode, "uid": &h.uid, "gid": &h.gid, "mtime": &h.mtime, "size": &h.size}
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		number := numbers[key]
		switch {
		case ok && key == "prefix":
			h.prefix = value
		case ok && number != nil:
			if *number, err = strconv.ParseInt(value, 0, 64); err != nil {
				return nil, err
			}
			h.claimed = h.claimed || key == "size"
		default:
			rest = append(rest, arg)
		}
	}
	return rest, nil
}

// write adds a header and its content, padded.
func (b *builder) write(h header) {
	if !h.claimed {
		h.size = int64(len(h.content))
	}
	if len(h.name) > 100 {
		b.write(header{kind: 'x', name: "pax", content: record("path", h.name)})
		h.name = h.name[:100]
	}
	b.tar.Write(h.block())
	b.tar.WriteString(h.content)
	b.tar.Write(make([]byte, (block-len(h.content)%block)%block))
}

// block is the header as ustar has it.
func (h header) block() []byte {
	p := make([]byte, block)
	copy(p[0:100], h.name)
	number(p[100:108], h.mode)
	number(p[108:116], h.uid)
	number(p[116:124], h.gid)
	number(p[124:136], h.size)
	number(p[136:148], h.mtime)
	copy(p[148:156], "        ")
	p[156] = h.kind
	copy(p[157:257], h.target)
	copy(p[257:265], "ustar\x0000")
	number(p[329:337], h.major)
	number(p[337:345], h.minor)
	copy(p[345:500], h.prefix)
	sum := 0
	for _, c := range p {
		sum += int(c)
	}
	copy(p[148:156], fmt.Sprintf("%06o\x00 ", sum))
	return p
}

// number writes octal digits, or what GNU does where they don't fit.
func number(field []byte, n int64) {
	octal := strconv.FormatInt(n, 8)
	if n >= 0 && len(octal) < len(field) {
		copy(field, strings.Repeat("0", len(field)-1-len(octal))+octal)
		return
	}
	for i := len(field) - 1; i >= 0; i-- {
		field[i] = byte(n)
		n >>= 8
	}
	field[0] |= 0x80
}

// record is one line of an extended header: its own length in digits first.
func record(key, value string) string {
	rest := " " + key + "=" + value + "\n"
	n := len(rest)
	for n != len(rest)+len(strconv.Itoa(n)) {
		n = len(rest) + len(strconv.Itoa(n))
	}
	return string(bytes.Join([][]byte{[]byte(strconv.Itoa(n)), []byte(rest)}, nil))
}
