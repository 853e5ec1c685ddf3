package openpgp

import (
	"errors"
	"fmt"
	"io"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// Bounds of what is computed for one file, as effort counts it: about a second.
// Keyrings of whole distributions have some fifty keys, of a few signatures each.
const (
	maxKeys    = 64
	maxSubkeys = 64 // of one key
	maxEffort  = 8192
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
	if err := boundWork(elements); err != nil {
		return nil, err
	}
	var keys []*Key
	places := make(map[string]int)
	for i, certificate := range certificates {
		k, err := examine(certificate)
		if err != nil {
			return nil, &KeyError{fmt.Sprintf("key %d of %d: %v", i+1, len(certificates), err)}
		}
		if at, ok := places[k.Fingerprint()]; ok {
			if keys[at], err = keys[at].Merge(k); err != nil {
				return nil, err
			}
			continue
		}
		places[k.Fingerprint()] = len(keys)
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

// boundWork refuses keys that would be too much to compute with, before any of them
// is looked into. What others certify is not checked, and costs nothing.
func boundWork(elements []element) error {
	work := 0
	var primary, last *packet.PublicKey
	for _, e := range elements {
		switch p := parsed(e).(type) {
		case *packet.PublicKey:
			if last = p; e.tag == tagPublic {
				primary = p
			}
			if what := oversized(p); what != "" {
				return &KeyError{fmt.Sprintf("a key of %s bits; at most %d are taken", what, maxBits)}
			}
		case *packet.Signature:
			if primary != nil && (p.CheckKeyIdOrFingerprint(primary) || isBinding(p.SigType)) {
				work += effort(primary)
				if p.SigType == packet.SigTypeSubkeyBinding {
					work += effort(last) // the subkey has signed back
				}
			}
		}
	}
	if work > maxEffort {
		return &KeyError{"more signatures of keys over themselves than can be checked in a moment"}
	}
	return nil
}

// isBinding reports whether the library checks a signature of this kind whoever
// says to have made it.
func isBinding(t packet.SignatureType) bool {
	switch t {
	case packet.SigTypeSubkeyBinding, packet.SigTypeSubkeyRevocation,
		packet.SigTypeDirectSignature, packet.SigTypeKeyRevocation:
		return true
	}
	return false
}

// parsed is a packet as the library reads it, or nil if it can't.
func parsed(e element) packet.Packet {
	p, err := e.parse()
	if err != nil {
		return nil
	}
	return p
}
