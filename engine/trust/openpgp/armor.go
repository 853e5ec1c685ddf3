package openpgp

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
)

// Types of armoured blocks, as they stand behind BEGIN.
const (
	blockKey       = "PGP PUBLIC KEY BLOCK"
	blockPrivate   = "PGP PRIVATE KEY BLOCK"
	blockSignature = "PGP SIGNATURE"
	blockMessage   = "PGP MESSAGE"
	blockClear     = "PGP SIGNED MESSAGE"
)

const (
	begin = "-----BEGIN "
	end   = "-----END "
	dash  = "-----"
)

// kindError is a block of another type than the one that was looked for.
type kindError struct{ kind string }

func (e *kindError) Error() string { return fmt.Sprintf("a %s", e.kind) }

// errNothing is a file without packets or blocks.
var errNothing = errors.New("no OpenPGP in it")

// unarmor returns the packets of a file: the file itself if it is binary, which
// the first bit says, else those of all its blocks, in their order. Text around
// the blocks is for people, and passed over.
func unarmor(data []byte, want string) ([]byte, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(data) > 0 && data[0]&0x80 != 0 {
		return data, nil
	}
	var packets []byte
	for {
		at := lineWith(data, begin)
		if at < 0 {
			break
		}
		data = data[at:]
		kind, ok := kindOf(data)
		if !ok || kind != want {
			return nil, &kindError{kind}
		}
		stop := lineWith(data, end+kind+dash)
		if stop < 0 {
			return nil, errors.New("truncated: the last line of its armor is missing")
		}
		stop += len(end + kind + dash)
		content, err := decode(data[:stop])
		if err != nil {
			return nil, err
		}
		packets = append(packets, content...)
		data = data[stop:]
	}
	if len(packets) == 0 {
		return nil, errNothing
	}
	return packets, nil
}

// lineWith finds the first line that starts so.
func lineWith(data []byte, start string) int {
	if bytes.HasPrefix(data, []byte(start)) {
		return 0
	}
	if i := bytes.Index(data, []byte("\n"+start)); i >= 0 {
		return i + 1
	}
	return -1
}

// kindOf is the type of the block that begins here.
func kindOf(data []byte) (string, bool) {
	line, _, _ := bytes.Cut(data[len(begin):], []byte("\n"))
	kind, ok := bytes.CutSuffix(bytes.TrimSpace(line), []byte(dash))
	if !ok || len(kind) > 40 {
		return "block of a strange type", false
	}
	return string(kind), true
}

// decode reads one block, whole.
func decode(text []byte) ([]byte, error) {
	block, err := armor.Decode(bytes.NewReader(text))
	if err == nil {
		var content []byte
		if content, err = io.ReadAll(block.Body); err == nil {
			return content, nil
		}
	}
	return nil, errors.New("its armor is broken")
}

// encode writes one block.
func encode(kind string, packets []byte) []byte {
	var text bytes.Buffer
	// Writing into memory fails only if memory does.
	w, err := armor.Encode(&text, kind, nil)
	if err == nil {
		_, err = w.Write(packets)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err)
	}
	text.WriteByte('\n')
	return text.Bytes()
}
