package openpgp

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/podtui/podtui/engine/trust/refusal"
)

// Key is a certificate: a primary key, its subkeys and its user ids. It doesn't
// change, and may be used by many at once.
type Key struct {
	elements []element // as read, in their order
	primary  part
	subkeys  []part
	userIDs  []string
}

// part is the primary key or a subkey, and what its owner says about it.
type part struct {
	public  *packet.PublicKey
	name    string // in sentences: "the key", "the subkey 1A2B3C4D5E6F7081"
	revoked revocation
	weak    string    // why what it signs is not believed, or ""
	unfit   string    // why it signs nothing now, or ""
	meant   bool      // to sign, as its owner says
	expires time.Time // zero: never
}

// KeyError says why something is not a file of keys.
type KeyError struct {
	Detail string // "a private key; …", "no OpenPGP in it"
}

func (e *KeyError) Error() string { return "not a file of public keys: " + e.Detail }

// Fingerprint is the primary key's, 40 digits in lower case.
func (k *Key) Fingerprint() string { return k.primary.fingerprint() }

// KeyID is the last 16 digits of the fingerprint, in upper case.
func (k *Key) KeyID() string { return k.primary.id() }

// UserIDs are those that the key itself certified and hasn't revoked, the primary
// one first, raw: whoever made the key wrote them.
func (k *Key) UserIDs() []string { return slices.Clone(k.userIDs) }

// UserID is the first of them, or "" if there is none.
func (k *Key) UserID() string {
	if len(k.userIDs) == 0 {
		return ""
	}
	return k.userIDs[0]
}

// Algorithm is the primary key's: "ed25519", "RSA 4096".
func (k *Key) Algorithm() string { return algorithm(k.primary.public) }

// Created is when the primary key was made, as it says itself.
func (k *Key) Created() time.Time { return k.primary.public.CreationTime.UTC() }

// Expires is when the primary key ends, or zero.
func (k *Key) Expires() time.Time { return k.primary.expires }

// Revoked tells whether the key as a whole is revoked.
func (k *Key) Revoked() bool { return k.primary.revoked.known() }

// RevokedInPart tells whether the key is revoked, or a subkey that was for signatures.
func (k *Key) RevokedInPart() bool {
	return k.Revoked() || slices.ContainsFunc(k.subkeys, func(p part) bool { return p.meant && p.revoked.known() })
}

// Problem is why nothing that the key signs is believed at that time, or nil.
func (k *Key) Problem(now time.Time) *refusal.Error { return k.problem(&k.primary, now) }

// Has tells whether an id is the primary key's or a subkey's: a fingerprint or a key
// ID of 16 digits, in any case.
func (k *Key) Has(id string) bool {
	for _, p := range k.parts() {
		if strings.EqualFold(id, p.fingerprint()) || strings.EqualFold(id, p.id()) {
			return true
		}
	}
	return false
}

// Armored is the key as a key file has it: public, and whole.
func (k *Key) Armored() []byte { return encode(blockKey, join(k.elements)) }

// parts are the primary key and its subkeys.
func (k *Key) parts() []*part {
	list := []*part{&k.primary}
	for i := range k.subkeys {
		list = append(list, &k.subkeys[i])
	}
	return list
}

func (p *part) fingerprint() string { return hex.EncodeToString(p.public.Fingerprint) }

func (p *part) id() string { return fmt.Sprintf("%016X", p.public.KeyId) }

// problem is why nothing that this part signs is believed at that time, or nil.
func (k *Key) problem(p *part, at time.Time) *refusal.Error {
	switch {
	case p.revoked.known():
		return k.refuse(refusal.Revoked, p.revoked.words(p.name))
	case p.weak != "":
		return k.refuse(refusal.Weak, p.weak)
	case !p.expires.IsZero() && !at.Before(p.expires):
		return k.refuse(refusal.Expired, p.name+" expired on "+day(p.expires))
	}
	return nil
}

func (k *Key) refuse(kind refusal.Kind, detail string) *refusal.Error {
	return &refusal.Error{Kind: kind, KeyID: k.KeyID(), UserID: k.UserID(), Detail: detail}
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
