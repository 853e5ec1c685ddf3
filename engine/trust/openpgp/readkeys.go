package openpgp

import (
	"errors"
	"fmt"
	"io"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// Bounds of one file, and of what is computed for it: as effort counts it, a quarter of a second,
// or twice that if all of it is wrong. Keyrings of whole distributions have some fifty
// keys, of a few signatures each.
const (
	maxKeys    = 64
	maxSubkeys = 64 // of one key
	maxEffort  = 2560
)

// ReadKeys reads a file of keys, armoured or binary, of which there may be several.
// A key that occurs twice is one, with all that both say. It is all or nothing: what
// is no public key is a *KeyError that says which.
func ReadKeys(r io.Reader) ([]*Key, error) {
	data, err := readBounded(r, MaxKeys)
	if errors.Is(err, errLong) {
		return nil, &KeyError{"longer than " + size(MaxKeys)}
	}
	if err != nil {
		return nil, err
	}
	packets, err := unarmor(data, blockKey)
	if err != nil {
		return nil, &KeyError{explainKeyFile(err)}
	}
	return readCertificates(packets)
}

const private = "a private key, which nobody else should have; gpg --export --armor writes the public one"

func explainKeyFile(err error) string {
	var kind *kindError
	if errors.As(err, &kind) && kind.kind == blockPrivate {
		return private
	}
	return err.Error()
}

func readCertificates(packets []byte) ([]*Key, error) {
	elements, err := split(packets)
	for _, e := range elements {
		if e.tag == tagPrivate || e.tag == tagPrivateSub {
			return nil, &KeyError{private}
		}
	}
	if err != nil {
		return nil, &KeyError{err.Error()}
	}
	certificates, err := group(elements)
	if err != nil {
		return nil, err
	}
	certificates, err = united(certificates)
	if err != nil {
		return nil, err
	}
	return examineAll(certificates)
}

// examineAll makes keys of what has been found not to be too much.
func examineAll(certificates [][]element) ([]*Key, error) {
	if err := boundWork(certificates); err != nil {
		return nil, err
	}
	var keys []*Key
	for i, certificate := range certificates {
		k, err := examine(certificate)
		if err != nil {
			return nil, &KeyError{fmt.Sprintf("key %d of %d: %v", i+1, len(certificates), err)}
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// group gives each primary key the packets up to the next, but for what software
// keeps for itself.
func group(elements []element) ([][]element, error) {
	var certificates [][]element
	for _, e := range elements {
		switch e.tag {
		case tagPublic:
			if len(certificates) == maxKeys {
				return nil, &KeyError{fmt.Sprintf("more than %d keys", maxKeys)}
			}
			certificates = append(certificates, nil)
		case tagSignature, tagUserID, tagPublicSub, tagAttribute:
			if len(certificates) == 0 {
				return nil, &KeyError{"it doesn't begin with a key; a revocation has to stand behind its key"}
			}
		case tagMarker, tagTrust, tagPadding:
			continue
		default:
			return nil, &KeyError{fmt.Sprintf("a packet of type %d, which no key has", e.tag)}
		}
		last := len(certificates) - 1
		certificates[last] = append(certificates[last], e)
	}
	if len(certificates) == 0 {
		return nil, &KeyError{errNothing.Error()}
	}
	return certificates, nil
}

// parsed is a packet as the library reads it, or nil if it can't.
func parsed(e element) packet.Packet {
	p, err := e.parse()
	if err != nil {
		return nil
	}
	return p
}
