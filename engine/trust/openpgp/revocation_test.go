package openpgp

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/podtui/podtui/engine/enginetest/gpg"
	"github.com/podtui/podtui/engine/trust/refusal"
)

// What gpg makes of a revocation is made of it here, or more.
func TestARevocationThatCantBeCheckedCounts(t *testing.T) {
	t.Parallel()
	h := gpg.New(t)
	k, other := h.Key("a", gpg.RSA(2048)), h.Key("b", gpg.RSA(2048))
	clean := k.Binary()
	by := func(k gpg.Key, digest string) element {
		elements := mustSplit(t, dearmor(t, k.RevocationBy(digest)))
		return elements[0]
	}
	good, ripemd, strangers := by(k, "SHA256"), by(k, "RIPEMD160"), by(other, "RIPEMD160")
	const cant = "the key counts as revoked, by a revocation that can't be checked: "
	id := keyOf(t, clean).primary.public.KeyId
	old := append([]byte{3, 5, 0x20, 1, 2, 3, 4}, bytes.Repeat([]byte{0}, 8)...) // of version 3
	for i := range 8 {
		old[7+i] = byte(id >> (56 - 8*i))
	}
	old = append(old, 1, 1, 0, 0, 0, 8, 255)
	for name, c := range map[string]struct {
		element element
		says    string // "": not revoked
	}{
		"SHA-256":                       {good, "the key was revoked on "},
		"SHA-1":                         {by(k, "SHA1"), "the key was revoked on "},
		"SHA-224":                       {by(k, "SHA224"), "the key was revoked on "},
		"RIPEMD-160":                    {ripemd, cant + "its digest is RIPEMD-160"},
		"MD5":                           {by(k, "MD5"), cant + "its digest is MD5"},
		"another's":                     {by(other, "SHA256"), ""},
		"another's with RIPEMD-160":     {strangers, ""},
		"over another key":              {ofKey(t, by(other, "SHA256"), id), ""},
		"without an issuer, RIPEMD-160": {ofKey(t, ripemd, 0), cant + "its digest is RIPEMD-160"},
		"without an issuer, wrong":      {ofKey(t, by(other, "SHA256"), 0), ""},
		"a digest of the future":        {changed(good, 3, 99), cant + "openpgp: unsupported feature: hash function"},
		"another algorithm":             {changed(good, 2, 3), cant + "its algorithm is not the key's"},
		"an unknown algorithm":          {changed(good, 2, 99), cant + "openpgp: unsupported feature: public key algorithm 99"},
		"version 3":                     {packetOf(old), cant + "openpgp: unsupported feature: signature packet version 3"},
		"another's of version 3":        {changed(packetOf(old), 9, 0xaa), ""},
		"version 9":                     {changed(good, 0, 9), cant + "openpgp: unsupported feature: signature packet version 9"},
		"cut off":                       {packetOf(good.body[:20]), cant},
		"with bytes behind its end":     {packetOf(append(slices.Clone(good.body), 1, 2)), cant + "2 bytes too many in a packet"},
		"one bit is another":            {changed(good, len(good.body)-3, good.body[len(good.body)-3]^1), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for place, file := range map[string][]byte{
				"at the end":       slices.Concat(clean, c.element.whole),
				"behind the key":   behindTheKey(t, clean, c.element),
				"before a better":  slices.Concat(clean, c.element.whole, good.whole),
				"in another's key": slices.Concat(other.Binary(), c.element.whole),
			} {
				got := keyOf(t, file)
				want := c.says
				switch place {
				case "before a better":
					want = "the key was revoked on "
				case "in another's key":
					if want = ""; strings.Contains(name, "another's") || strings.Contains(name, "without an issuer") || name == "cut off" || name == "version 9" {
						continue
					}
				}
				if got.Revoked() != (want != "") || got.RevokedInPart() != got.Revoked() {
					t.Errorf("%s: revoked: %v", place, got.Revoked())
				}
				if want != "" {
					refused(t, got.Problem(time.Now()), refusal.Revoked, want)
				}
			}
		})
	}
}

// The certificate of one who revokes for another is not followed: docs/trust.md.
func TestARevocationOfASubkeyIsFoundWhereverItStands(t *testing.T) {
	t.Parallel()
	h := gpg.New(t)
	k := h.Key("a", gpg.CreatedAt(days(-2)), gpg.SigningSubkey(), gpg.EncryptionSubkey())
	olds := k.Sign(data)
	k.AddSubkey(gpg.CreatedAt(days(-1))) // gpg signs with the newest
	news := k.Sign(data, gpg.At(time.Now()))
	clean := k.Binary()
	k.RevokeSubkey()
	all := mustSplit(t, k.Binary())
	i := slices.IndexFunc(all, func(e element) bool { return e.signatureType() == int(packet.SigTypeSubkeyRevocation) })
	revocation := all[i]
	unreadable := changed(revocation, 3, 3)
	for name, c := range map[string]struct {
		file          []byte
		old, new      refusal.Kind
		detail        string
		inPart, whole bool
	}{
		"as gpg exports it": {file: k.Binary(), old: refusal.Revoked, detail: "the subkey " + strings.ToUpper(k.Subkeys()[0][24:]) + " was revoked on ", inPart: true},
		"at the end":        {file: slices.Concat(clean, revocation.whole), old: refusal.Revoked, detail: " was revoked on ", inPart: true},
		"behind the key":    {file: behindTheKey(t, clean, revocation), old: refusal.Revoked, detail: " was revoked on ", inPart: true},
		"merged":            {file: slices.Concat(clean, k.Binary()), old: refusal.Revoked, detail: " was revoked on ", inPart: true},
		"unreadable":        {file: slices.Concat(clean, unreadable.whole), old: refusal.Revoked, new: refusal.Revoked, detail: " counts as revoked, by a revocation that can't be checked: its digest is RIPEMD-160", inPart: true},
		"of another's":      {file: slices.Concat(clean, changed(revocation, len(revocation.body)-3, 0).whole)},
		"none":              {file: clean},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key := keyOf(t, c.file)
			if key.Revoked() || key.RevokedInPart() != c.inPart {
				t.Errorf("revoked: %v, in part: %v", key.Revoked(), key.RevokedInPart())
			}
			for _, made := range []struct {
				signature []byte
				kind      refusal.Kind
			}{{olds, c.old}, {news, c.new}} {
				_, err := judge(made.signature, data, key)
				if made.kind == 0 {
					if err != nil {
						t.Error(err)
					}
					continue
				}
				refused(t, err, made.kind, c.detail)
			}
		})
	}
}

// gpg itself makes revocations of subkeys with any digest.
func TestASubkeyRevokedWithAForgottenDigestIsRevoked(t *testing.T) {
	t.Parallel()
	k := gpg.New(t).Key("a", gpg.RSA(2048), gpg.SigningSubkey())
	signature, primarys := k.Sign(data), k.Sign(data, gpg.ByPrimary())
	k.RevokeSubkeyBy("RIPEMD160")
	key := keyOf(t, k.Armored())
	_, err := judge(signature, data, key)
	refused(t, err, refusal.Revoked, "its digest is RIPEMD-160")
	if _, err := judge(primarys, data, key); err != nil {
		t.Error("the key itself is good:", err)
	}
}

// A subkey that signed nothing is no matter.
func TestARevokedSubkeyForEncryptionRevokesNoPart(t *testing.T) {
	t.Parallel()
	k := gpg.New(t).Key("a", gpg.EncryptionSubkey())
	k.RevokeSubkey()
	key := keyOf(t, k.Armored())
	if !key.subkeys[0].revoked.known() || key.RevokedInPart() {
		t.Errorf("%+v", key.subkeys[0])
	}
}

func dearmor(t *testing.T, text []byte) []byte {
	t.Helper()
	packets, err := unarmor(text, blockKey)
	if err != nil {
		t.Fatal(err)
	}
	return packets
}

// packetOf is a signature packet with this body.
func packetOf(body []byte) element {
	whole := append([]byte{0xc2, 0xff, 0, 0, byte(len(body) >> 8), byte(len(body))}, body...)
	return element{tag: tagSignature, whole: whole, body: whole[6:]}
}

// changed is a packet in which one byte is another.
func changed(e element, at int, to byte) element {
	body := slices.Clone(e.body)
	body[at] = to
	return packetOf(body)
}

// ofKey is a signature that claims to be by another key; 0: by none.
func ofKey(t *testing.T, e element, id uint64) element {
	t.Helper()
	// gpg writes the fingerprint first, and the key ID last.
	body := slices.Clone(e.body)
	if body[7] != 33 || body[6] != 22 {
		t.Fatalf("% x", body)
	}
	body[7] = 100 // of private use
	length := int(body[4])<<8 | int(body[5])
	issuer := body[6+length+2:][:10]
	if issuer[1] != 16 {
		t.Fatalf("% x", body)
	}
	if id == 0 {
		issuer[1] = 101
	}
	for i := range 8 {
		issuer[2+i] = byte(id >> (56 - 8*i))
	}
	return packetOf(body)
}

func behindTheKey(t *testing.T, file []byte, e element) []byte {
	elements := mustSplit(t, file)
	return join(slices.Insert(elements, 1, e))
}
