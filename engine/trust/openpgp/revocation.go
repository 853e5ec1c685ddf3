package openpgp

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// revocation is what is known of whether a part of a key is revoked.
type revocation struct {
	when time.Time // zero: no revocation was found good
	why  string    // why one can't be checked, so that it counts, or ""
}

func (r revocation) known() bool { return !r.when.IsZero() || r.why != "" }

// words are for what: "the key", "the subkey 1A2B3C4D5E6F7081".
func (r revocation) words(what string) string {
	if !r.when.IsZero() {
		return what + " was revoked on " + day(r.when)
	}
	return what + " counts as revoked, by a revocation that can't be checked: " + r.why
}

// revocations finds what revokes the key, and each of its subkeys, in the whole
// certificate: who appends a revocation to a key file puts it behind the last subkey,
// where the library looks for none but that one's. One that is wrong was made by
// somebody else, and revokes nothing. One of the key's own that can't be checked
// counts: to be mistaken about it must not leave a stolen key good. It counts for every
// subkey, since which one it is about can't be told.
func (x *examination) revocations() (key revocation, subkeys []revocation) {
	primary, last := x.strict.PrimaryKey, -1
	subkeys = make([]revocation, len(x.strict.Subkeys))
	for _, e := range x.elements {
		kind := e.signatureType()
		switch {
		case e.tag == tagPublicSub && parsed(e) != nil:
			last++
		case kind == int(packet.SigTypeKeyRevocation):
			key.add(e, primary, func(sig *packet.Signature) bool {
				return primary.VerifyRevocationSignature(sig) == nil
			})
		case kind == int(packet.SigTypeSubkeyRevocation):
			x.revokeSubkey(e, subkeys, last)
		}
	}
	return key, subkeys
}

// revokeSubkey asks the subkey in front of a revocation first: that is its place.
func (x *examination) revokeSubkey(e element, subkeys []revocation, last int) {
	for n := range subkeys {
		i := (max(last, 0) + n) % len(subkeys)
		found := subkeys[i].add(e, x.strict.PrimaryKey, func(sig *packet.Signature) bool {
			return x.strict.PrimaryKey.VerifySubkeyRevocationSignature(sig, x.strict.Subkeys[i].PublicKey) == nil
		})
		if found {
			return
		}
	}
}

// add notes a revocation by the primary key if it is good, or can't be checked. It
// reports whether it was found good.
func (r *revocation) add(e element, primary *packet.PublicKey, good func(*packet.Signature) bool) bool {
	sig, why := checkable(e, primary)
	switch {
	case why == "" && good(sig):
		r.when = earlier(r.when, sig.CreationTime)
		return true
	case why != "" && mayBeBy(e, primary):
		r.why = why
	}
	return false
}

// checkable is a signature as the library reads it, or why it can't be held against
// a key.
func checkable(e element, k *packet.PublicKey) (sig *packet.Signature, why string) {
	p, err := e.parse()
	sig, ok := p.(*packet.Signature)
	switch digest := e.weakDigest(); {
	case digest != "" && digest != sha1Name:
		return nil, "its digest is " + digest
	case err != nil:
		return nil, err.Error()
	case !ok || !sig.Hash.Available():
		return nil, "its digest is unknown"
	case sig.PubKeyAlgo != k.PubKeyAlgo:
		return nil, "its algorithm is not the key's"
	}
	return sig, ""
}

// mayBeBy tells whether a signature names this key as its maker, or nobody. It is read
// from the packet, since the library says nothing of those that it can't read.
func mayBeBy(e element, k *packet.PublicKey) bool {
	makers := e.makers()
	return len(makers) == 0 || slices.Contains(makers, k.KeyId)
}

// makers are the IDs of the keys that a signature packet says to be made by.
func (e element) makers() []uint64 {
	b := e.body
	switch {
	case len(b) >= 15 && b[0] < 4:
		return []uint64{binary.BigEndian.Uint64(b[7:])}
	case len(b) < 6 || b[0] > 5:
		return nil
	}
	makers, b := makersIn(b[4:])
	others, _ := makersIn(b)
	return append(makers, others...)
}

// makersIn reads one of the two areas of a signature's subpackets, as far as it can be
// read, and returns what follows it.
func makersIn(b []byte) (makers []uint64, rest []byte) {
	const issuer, fingerprint = 16, 33
	if len(b) < 2 {
		return nil, nil
	}
	length := min(int(binary.BigEndian.Uint16(b)), len(b)-2)
	area, rest := b[2:2+length], b[2+length:]
	for len(area) > 1 {
		// A subpacket's length is written as that of a packet.
		header, length := newLength(append([]byte{0}, area[:min(len(area), 5)]...))
		if header--; header < 1 || length < 1 || length > len(area)-header {
			break
		}
		sub := area[header : header+length]
		if kind := sub[0] & 0x7f; (kind == issuer || kind == fingerprint) && len(sub) > 8 {
			makers = append(makers, binary.BigEndian.Uint64(sub[len(sub)-8:]))
		}
		area = area[header+length:]
	}
	return makers, rest
}
