package openpgp

import (
	"crypto"
	"fmt"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// minRSA is the smallest RSA key that is believed, maxBits the largest number that
// is computed with: a stranger's key of 65,535 bits would take minutes.
const (
	minRSA  = 2048
	maxBits = 8192
)

// strict is what a key has to hold to. Without a time, since time is judged here.
func strict() *packet.Config {
	return &packet.Config{
		MinRSABits:                minRSA,
		RejectPublicKeyAlgorithms: map[packet.PublicKeyAlgorithm]bool{packet.PubKeyAlgoDSA: true, packet.PubKeyAlgoElGamal: true},
		RejectHashAlgorithms:      map[crypto.Hash]bool{crypto.MD5: true, crypto.RIPEMD160: true, crypto.SHA1: true},
	}
}

// lax is what it takes to say whose a key is, and why it is weak.
func lax() *packet.Config {
	return &packet.Config{
		MinRSABits:                1,
		RejectPublicKeyAlgorithms: map[packet.PublicKeyAlgorithm]bool{},
		RejectHashAlgorithms:      map[crypto.Hash]bool{},
		RejectCurves:              map[packet.Curve]bool{},
	}
}

// algorithm is what people call a key's.
func algorithm(k *packet.PublicKey) string {
	bits, err := k.BitLength()
	if err != nil {
		return "unknown"
	}
	switch k.PubKeyAlgo {
	case packet.PubKeyAlgoRSA, packet.PubKeyAlgoRSASignOnly, packet.PubKeyAlgoRSAEncryptOnly:
		return fmt.Sprintf("RSA %d", bits)
	case packet.PubKeyAlgoDSA:
		return fmt.Sprintf("DSA %d", bits)
	case packet.PubKeyAlgoElGamal:
		return fmt.Sprintf("ElGamal %d", bits)
	}
	return curveName(k)
}

func curveName(k *packet.PublicKey) string {
	curve, err := k.Curve()
	if err != nil {
		return "unknown"
	}
	switch curve {
	case packet.Curve25519:
		return "ed25519"
	case packet.Curve448:
		return "ed448"
	case packet.CurveNistP256, packet.CurveNistP384, packet.CurveNistP521:
		return "NIST P-" + string(curve[1:])
	case packet.CurveSecP256k1:
		return "secp256k1"
	}
	return string(curve)
}

// weakness is why nothing that this key signs is believed, or "".
func weakness(k *packet.PublicKey) string {
	switch k.PubKeyAlgo {
	case packet.PubKeyAlgoDSA, packet.PubKeyAlgoElGamal:
		return algorithm(k)
	case packet.PubKeyAlgoRSA, packet.PubKeyAlgoRSASignOnly:
		if bits, err := k.BitLength(); err != nil || bits < minRSA {
			return algorithm(k)
		}
	case packet.PubKeyAlgoECDSA:
		if curve, err := k.Curve(); err != nil || strict().RejectCurve(curve) {
			return algorithm(k)
		}
	}
	return ""
}

// weakDigest is the name of a digest that is not believed, or "".
func weakDigest(h crypto.Hash) string {
	if h == crypto.SHA1 {
		return sha1Name
	}
	return ""
}
