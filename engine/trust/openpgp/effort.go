package openpgp

import (
	"crypto/dsa" //nolint:staticcheck // only to see how large one is, before it is refused
	"crypto/rsa"
	"fmt"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// boundWork refuses keys that would be too much to compute with, before any of them
// is looked into. What others certify is not checked, and costs nothing.
func boundWork(certificates [][]element) error {
	work := 0
	for _, elements := range certificates {
		more, err := workOf(elements)
		if err != nil {
			return err
		}
		work += more
	}
	if work > maxEffort {
		return &KeyError{"more signatures of keys over themselves than can be checked in a moment"}
	}
	return nil
}

// workOf is the effort that all signatures of one certificate cost.
func workOf(elements []element) (work int, err error) {
	var last *packet.PublicKey
	subkeys, primary := 0, parsed(elements[0]).(*packet.PublicKey)
	for _, e := range elements {
		p, ok := parsed(e).(*packet.PublicKey)
		if !ok {
			continue
		}
		if what := oversized(p); what != "" {
			return 0, &KeyError{fmt.Sprintf("a key of %s bits; at most %d are taken", what, maxBits)}
		}
		if e.tag == tagPublicSub {
			subkeys++
		}
	}
	if subkeys > maxSubkeys {
		return 0, &KeyError{fmt.Sprintf("a key with %d subkeys; at most %d are taken", subkeys, maxSubkeys)}
	}
	for _, e := range elements {
		switch p := parsed(e).(type) {
		case *packet.PublicKey:
			last = p
		case *packet.Signature:
			work += checks(p, primary, subkeys) * effort(primary)
			if p.SigType == packet.SigTypeSubkeyBinding {
				work += effort(last) // which has signed back
			}
		}
	}
	return work, nil
}

// checks is how often a signature is held against the primary key, here and by the
// library.
func checks(sig *packet.Signature, primary *packet.PublicKey, subkeys int) int {
	switch sig.SigType {
	case packet.SigTypeSubkeyRevocation:
		return subkeys + 1
	case packet.SigTypeKeyRevocation:
		return 2
	case packet.SigTypeSubkeyBinding, packet.SigTypeDirectSignature:
		return 1
	}
	if sig.CheckKeyIdOrFingerprint(primary) {
		return 1
	}
	return 0
}

// oversized is what of a key is too large to be computed with, or "".
func oversized(k *packet.PublicKey) string {
	if bits, err := k.BitLength(); err == nil && bits > maxBits {
		return algorithm(k)
	}
	if q := divisor(k); q > 512 {
		return fmt.Sprintf("DSA with a divisor of %d", q)
	}
	return ""
}

// divisor is the length of a DSA key's, or 0.
func divisor(k *packet.PublicKey) int {
	if d, ok := k.PublicKey.(*dsa.PublicKey); ok {
		return d.Q.BitLen()
	}
	return 0
}

// effort is what it costs to check a signature by this key, in units of about a
// tenth of a millisecond: what was measured, and more.
func effort(k *packet.PublicKey) int {
	bits, _ := k.BitLength() // 0 where it is not known
	square := int(bits) * int(bits) >> 20
	switch k.PubKeyAlgo {
	case packet.PubKeyAlgoRSA, packet.PubKeyAlgoRSASignOnly:
		if public, ok := k.PublicKey.(*rsa.PublicKey); ok && public.E <= 1<<16+1 {
			return max(1, square/4)
		}
		return max(1, square/2)
	case packet.PubKeyAlgoDSA:
		return max(3, square*divisor(k)/64)
	case packet.PubKeyAlgoECDSA:
		return effortOfCurve(k, int(bits))
	case packet.PubKeyAlgoEdDSA, packet.PubKeyAlgoEd25519:
		if curve, err := k.Curve(); err == nil && curve == packet.Curve25519 {
			return 2
		}
	case packet.PubKeyAlgoRSAEncryptOnly, packet.PubKeyAlgoElGamal, packet.PubKeyAlgoECDH,
		packet.PubKeyAlgoX25519, packet.PubKeyAlgoX448:
		return 0 // has signed nothing back
	}
	return 64
}

func effortOfCurve(k *packet.PublicKey, bits int) int {
	curve, err := k.Curve()
	switch {
	case err != nil:
		return 160
	case curve == packet.CurveNistP256:
		return 3
	case curve == packet.CurveNistP384:
		return 8
	case curve == packet.CurveNistP521:
		return 48
	}
	return max(64, bits*bits>>13) // those that the standard library has not; a point has two numbers
}
