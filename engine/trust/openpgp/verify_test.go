package openpgp

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest/gpg"
	"github.com/podtui/podtui/engine/trust/refusal"
)

func days(n int) time.Time { return time.Now().Add(time.Duration(n) * 24 * time.Hour) }

func TestGoodSignaturesOfGnupg(t *testing.T) {
	t.Parallel()
	type made struct {
		signers   []gpg.Key
		by        []string
		signature []byte
	}
	one := func(k gpg.Key, wishes ...gpg.SignOption) made {
		return made{[]gpg.Key{k}, []string{k.Fingerprint()}, k.Sign(data, wishes...)}
	}
	for name, make := range map[string]func(h *gpg.Home) made{
		"ed25519":         func(h *gpg.Home) made { return one(h.Key("a")) },
		"RSA-4096":        func(h *gpg.Home) made { return one(h.Key("a", gpg.RSA(4096))) },
		"RSA-2048":        func(h *gpg.Home) made { return one(h.Key("a", gpg.RSA(2048))) },
		"NIST P-256":      func(h *gpg.Home) made { return one(h.Key("a", gpg.Algorithm("nistp256"))) },
		"NIST P-384":      func(h *gpg.Home) made { return one(h.Key("a", gpg.Algorithm("nistp384"))) },
		"Brainpool":       func(h *gpg.Home) made { return one(h.Key("a", gpg.Algorithm("brainpoolP256r1"))) },
		"binary":          func(h *gpg.Home) made { return one(h.Key("a"), gpg.Binary()) },
		"SHA-256":         func(h *gpg.Home) made { return one(h.Key("a"), gpg.Digest("SHA256")) },
		"SHA-384":         func(h *gpg.Home) made { return one(h.Key("a"), gpg.Digest("SHA384")) },
		"SHA-512":         func(h *gpg.Home) made { return one(h.Key("a"), gpg.Digest("SHA512")) },
		"not yet expired": func(h *gpg.Home) made { return one(h.Key("a", gpg.Expires("2d")), gpg.ExpiresIn("1d")) },
		"for encryption too": func(h *gpg.Home) made {
			return one(h.Key("a", gpg.EncryptionSubkey()))
		},
		"signing subkey": func(h *gpg.Home) made {
			k := h.Key("a", gpg.EncryptionSubkey(), gpg.SigningSubkey())
			return made{[]gpg.Key{k}, k.Subkeys()[1:], k.Sign(data)}
		},
		"primary beside a subkey": func(h *gpg.Home) made {
			return one(h.Key("a", gpg.SigningSubkey()), gpg.ByPrimary())
		},
		"primary beside a revoked subkey": func(h *gpg.Home) made {
			k := h.Key("a", gpg.SigningSubkey())
			k.RevokeSubkey()
			return one(k)
		},
		"several signers": func(h *gpg.Home) made {
			a, b := h.Key("a"), h.Key("b", gpg.RSA(2048))
			return made{[]gpg.Key{a, b}, []string{a.Fingerprint(), b.Fingerprint()}, a.Sign(data, gpg.And(b))}
		},
		"several files in one": func(h *gpg.Home) made {
			a, b := h.Key("a"), h.Key("b")
			return made{[]gpg.Key{a, b}, []string{a.Fingerprint(), b.Fingerprint()}, slices.Concat(a.Sign(data), []byte("and\n"), b.Sign(data))}
		},
		"a clock that is ahead": func(h *gpg.Home) made {
			k := h.Key("a")
			return made{[]gpg.Key{k}, []string{k.Fingerprint()}, k.Sign(data, gpg.At(time.Now().Add(maxSkew-time.Minute)))}
		},
		"extended after it had expired": func(h *gpg.Home) made {
			k := h.Key("a", gpg.CreatedAt(days(-9)), gpg.Expires("2d"))
			defer k.Extend(days(-3), "1y")
			return one(k)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := gpg.New(t)
			m := make(h)
			var keys []*Key
			for _, k := range m.signers {
				keys = append(keys, keyOf(t, k.Armored()), keyOf(t, h.Key("stranger").Binary()))
			}
			if err := h.Verify(data, m.signature); err != nil {
				t.Fatalf("gpg: %v", err)
			}
			good, err := judge(m.signature, data, keys...)
			if err != nil {
				t.Fatal(err)
			}
			var by []string
			for _, g := range good {
				by = append(by, g.By)
			}
			slices.Sort(by)
			slices.Sort(m.by)
			if !slices.Equal(by, m.by) {
				t.Errorf("by %v, not %v", by, m.by)
			}
			others := append(slices.Clone(data), '\n')
			if h.Verify(others, m.signature) == nil {
				t.Error("gpg finds it good over other bytes")
			}
			_, err = judge(m.signature, others, keys...)
			refused(t, err, refusal.BadSignature, "not over these bytes")
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	// Each case signs with a key of its own; the key is exported afterwards.
	for name, c := range map[string]struct {
		make   func(t *testing.T, h *gpg.Home) (gpg.Key, []byte)
		kind   refusal.Kind
		detail string
		gpg    bool // that gpg refuses it too
	}{
		"SHA-1": {
			make:   signed(nil, gpg.Digest("SHA1")),
			kind:   refusal.Weak,
			detail: "SHA-1",
		},
		"SHA-1 in the key's self-signature": {
			make:   signed([]gpg.Option{gpg.SelfDigest("SHA1")}),
			kind:   refusal.Weak,
			detail: "SHA-1 in the key's signature over itself",
		},
		"SHA-1 in the subkey's binding": {
			make: func(t *testing.T, h *gpg.Home) (gpg.Key, []byte) {
				k := h.Key("a", gpg.RSA(2048))
				k.AddSubkey(gpg.RSA(2048), gpg.SelfDigest("SHA1"))
				return k, k.Sign(data)
			},
			kind:   refusal.Weak,
			detail: "SHA-1 binds the subkey",
		},
		"RSA-1024": {
			make:   signed([]gpg.Option{gpg.RSA(1024)}),
			kind:   refusal.Weak,
			detail: "RSA 1024",
		},
		"DSA": {
			make:   signed([]gpg.Option{gpg.DSA()}),
			kind:   refusal.Weak,
			detail: "DSA",
		},
		"DSA of 2048 bits": {
			make:   signed([]gpg.Option{gpg.Algorithm("dsa2048")}),
			kind:   refusal.Weak,
			detail: "DSA",
		},
		"RSA-1024 subkey": {
			make: func(t *testing.T, h *gpg.Home) (gpg.Key, []byte) {
				k := h.Key("a")
				k.AddSubkey(gpg.RSA(1024))
				return k, k.Sign(data)
			},
			kind:   refusal.Weak,
			detail: " is RSA 1024",
		},
		"secp256k1": {
			make:   signed([]gpg.Option{gpg.Algorithm("secp256k1")}),
			kind:   refusal.Weak,
			detail: "secp256k1",
		},
		"expired key": {
			make:   signed([]gpg.Option{gpg.CreatedAt(days(-9)), gpg.Expires("2d")}),
			kind:   refusal.Expired,
			detail: "the key expired on " + day(days(-7)),
		},
		"expired subkey": {
			make: func(t *testing.T, h *gpg.Home) (gpg.Key, []byte) {
				created := days(-9) // both: a subkey of the next second signs nothing yet
				k := h.Key("a", gpg.CreatedAt(created))
				k.AddSubkey(gpg.CreatedAt(created), gpg.Expires("2d"))
				return k, k.Sign(data)
			},
			kind:   refusal.Expired,
			detail: " expired on " + day(days(-7)),
		},
		"expired signature": {
			make:   signed([]gpg.Option{gpg.CreatedAt(days(-9))}, gpg.ExpiresIn("2d")),
			kind:   refusal.Expired,
			detail: "the signature expired on " + day(days(-7)),
		},
		"revoked key": {
			make: func(t *testing.T, h *gpg.Home) (gpg.Key, []byte) {
				k := h.Key("a")
				defer k.Revoke()
				return k, k.Sign(data)
			},
			kind:   refusal.Revoked,
			detail: "the key was revoked on " + day(time.Now()),
		},
		"superseded key, signed before": {
			make: func(t *testing.T, h *gpg.Home) (gpg.Key, []byte) {
				k := h.Key("a", gpg.CreatedAt(days(-9)))
				defer k.Supersede()
				return k, k.Sign(data)
			},
			kind:   refusal.Revoked,
			detail: "the key was revoked on " + day(time.Now()),
		},
		"revoked subkey": {
			make: func(t *testing.T, h *gpg.Home) (gpg.Key, []byte) {
				k := h.Key("a", gpg.SigningSubkey())
				defer k.RevokeSubkey()
				return k, k.Sign(data)
			},
			kind:   refusal.Revoked,
			detail: "the subkey ",
		},
		"revoked key that has also expired": {
			make: func(t *testing.T, h *gpg.Home) (gpg.Key, []byte) {
				k := h.Key("a", gpg.CreatedAt(days(-9)), gpg.Expires("2d"))
				defer k.Revoke()
				return k, k.Sign(data)
			},
			kind: refusal.Revoked,
		},
		"made in the future": {
			make:   signed(nil, gpg.At(time.Now().Add(maxSkew+time.Minute))),
			kind:   refusal.BadSignature,
			detail: "made in the future",
		},
		"another file's": {
			make: func(t *testing.T, h *gpg.Home) (gpg.Key, []byte) {
				k := h.Key("a")
				return k, k.Sign([]byte("another image"))
			},
			kind:   refusal.BadSignature,
			detail: "not over these bytes",
			gpg:    true,
		},
		"one bit is another": {
			make: func(t *testing.T, h *gpg.Home) (gpg.Key, []byte) {
				k := h.Key("a")
				signature := k.Sign(data, gpg.Binary())
				signature[len(signature)-5] ^= 4
				return k, signature
			},
			kind:   refusal.BadSignature,
			detail: "not over these bytes",
			gpg:    true,
		},
		"truncated": {
			make:   cut(-1),
			kind:   refusal.BadSignature,
			detail: "truncated: a packet has ",
			gpg:    true,
		},
		"truncated in its header": {
			make:   cut(1),
			kind:   refusal.BadSignature,
			detail: "truncated",
			gpg:    true,
		},
		"truncated text": {
			make: func(t *testing.T, h *gpg.Home) (gpg.Key, []byte) {
				k := h.Key("a")
				signature := k.Sign(data)
				return k, signature[:len(signature)-40]
			},
			kind:   refusal.BadSignature,
			detail: "truncated: the last line",
		},
		"clearsigned": {
			make:   signed(nil, gpg.Clearsign()),
			kind:   refusal.BadSignature,
			detail: "a clearsigned text",
			gpg:    true,
		},
		"inline-signed": {
			make:   signed(nil, gpg.Inline()),
			kind:   refusal.BadSignature,
			detail: "a message (inline-signed or encrypted)",
			gpg:    true,
		},
		"inline-signed, binary": {
			make:   signed(nil, gpg.Inline(), gpg.Binary()),
			kind:   refusal.BadSignature,
			detail: "a message that holds its data",
			gpg:    true,
		},
		"in text mode": {
			make:   signed(nil, gpg.TextMode()),
			kind:   refusal.BadSignature,
			detail: "text mode",
		},
		"SHA-224": {
			make:   signed([]gpg.Option{gpg.RSA(2048)}, gpg.Digest("SHA224")),
			kind:   refusal.BadSignature,
			detail: "its digest is SHA-224",
		},
		"a key": {
			make: func(t *testing.T, h *gpg.Home) (gpg.Key, []byte) {
				k := h.Key("a")
				return k, k.Binary()
			},
			kind:   refusal.BadSignature,
			detail: "a key, not a detached signature",
			gpg:    true,
		},
		"50 MB": {
			make: func(t *testing.T, h *gpg.Home) (gpg.Key, []byte) {
				k := h.Key("a")
				return k, bytes.Repeat(k.Sign(data, gpg.Binary()), 50<<20/119)
			},
			kind:   refusal.BadSignature,
			detail: "longer than 256 KiB",
		},
		"a hundred signatures": {
			make: func(t *testing.T, h *gpg.Home) (gpg.Key, []byte) {
				k := h.Key("a")
				return k, bytes.Repeat(k.Sign(data, gpg.Binary()), 100)
			},
			kind:   refusal.BadSignature,
			detail: "100 signatures; at most 32 are taken",
		},
		"a page that says not found": {
			make: func(t *testing.T, h *gpg.Home) (gpg.Key, []byte) {
				return h.Key("a"), []byte("<html><body>404 not found</body></html>\n")
			},
			kind:   refusal.BadSignature,
			detail: "no OpenPGP in it",
			gpg:    true,
		},
		"empty": {
			make:   func(t *testing.T, h *gpg.Home) (gpg.Key, []byte) { return h.Key("a"), nil },
			kind:   refusal.BadSignature,
			detail: "no OpenPGP in it",
			gpg:    true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := gpg.New(t)
			k, signature := c.make(t, h)
			_, err := judge(signature, data, keyOf(t, k.Armored()))
			r := refused(t, err, c.kind, c.detail)
			if len(signature) < MaxSignature && c.gpg && h.Verify(data, signature) == nil {
				t.Error("gpg finds it good")
			}
			if known := k.KeyID(); r.KeyID != "" && r.KeyID != known && len(k.Subkeys()) == 0 {
				t.Errorf("is about key %s, not %s", r.KeyID, known)
			}
			// All but other bytes is known without any.
			if other := strings.Contains(r.Detail, "not over these bytes"); r.OtherBytes != other {
				t.Errorf("other bytes: %v: %v", r.OtherBytes, r)
			}
			if s, err := ReadSignatures(bytes.NewReader(signature)); err == nil {
				may, foreseen := Foresee(s, []*Key{keyOf(t, k.Armored())}, time.Now())
				if r.OtherBytes != (foreseen == nil && len(may) == 1) || !r.OtherBytes && foreseen.Error() != r.Error() {
					t.Errorf("foreseen: %v, %v; it was %v", may, foreseen, r)
				}
			}
		})
	}
}

// signed is a case in which a key signs, and no more.
func signed(key []gpg.Option, wishes ...gpg.SignOption) func(*testing.T, *gpg.Home) (gpg.Key, []byte) {
	return func(t *testing.T, h *gpg.Home) (gpg.Key, []byte) {
		k := h.Key("Alice <alice@example.com>", key...)
		return k, k.Sign(data, wishes...)
	}
}

// cut is a signature of which so many bytes are left, or so many are missing.
func cut(n int) func(*testing.T, *gpg.Home) (gpg.Key, []byte) {
	return func(t *testing.T, h *gpg.Home) (gpg.Key, []byte) {
		k := h.Key("a")
		signature := k.Sign(data, gpg.Binary())
		if n < 0 {
			n += len(signature)
		}
		return k, signature[:n]
	}
}

func TestOneGoodSignatureIsEnoughAndNoneIsBelievedThatIsNot(t *testing.T) {
	t.Parallel()
	h := gpg.New(t)
	good, weak, gone, stranger := h.Key("good"), h.Key("weak", gpg.RSA(1024)), h.Key("gone"), h.Key("stranger")
	other := good.Sign([]byte("another image"), gpg.Binary())
	bytesOf := func(k gpg.Key) []byte { return k.Sign(data, gpg.Binary()) }
	late := good.Sign(data, gpg.Binary(), gpg.At(days(2)))
	all := slices.Concat(other, bytesOf(weak), bytesOf(gone), bytesOf(stranger), bytesOf(good), bytesOf(good))
	gone.Revoke()
	keys := []*Key{keyOf(t, weak.Armored()), keyOf(t, gone.Armored()), keyOf(t, good.Armored())}
	found, err := judge(all, data, keys...)
	if err != nil || len(found) != 1 || found[0].Key != keys[2] || found[0].By != good.Fingerprint() {
		t.Errorf("%v, %v", found, err)
	}

	// Of several refusals the one that tells most.
	for _, c := range []struct {
		signatures []byte
		kind       refusal.Kind
	}{
		{slices.Concat(bytesOf(stranger), other, bytesOf(weak)), refusal.Weak},
		{slices.Concat(bytesOf(stranger), other), refusal.BadSignature},
		{slices.Concat(bytesOf(stranger), late, other), refusal.BadSignature},
		{slices.Concat(bytesOf(stranger)), refusal.UnknownKey},
	} {
		_, err := judge(c.signatures, data, keys...)
		if r := refused(t, err, c.kind, ""); r.OtherBytes != (r.Kind == refusal.BadSignature) {
			t.Errorf("other bytes: %v: %v", r.OtherBytes, r)
		}
	}
}

func TestAnUnknownKeyIsToldByItsID(t *testing.T) {
	t.Parallel()
	h := gpg.New(t)
	k := h.Key("a")
	_, err := judge(k.Sign(data), data, keyOf(t, h.Key("b").Armored()))
	if r := refused(t, err, refusal.UnknownKey, ""); r.Error() != "unknown key "+k.KeyID() {
		t.Errorf("%q", r)
	}
}

func TestARecordIsJudgedAtItsTimeButARevocationAlways(t *testing.T) {
	t.Parallel()
	h := gpg.New(t)
	k := h.Key("a", gpg.CreatedAt(days(-9)), gpg.Expires("4d"))
	s, err := ReadSignatures(bytes.NewReader(k.Sign(data)))
	if err != nil {
		t.Fatal(err)
	}
	// As the store keeps it: packets, and states as text.
	s, err = ReadSignatures(bytes.NewReader(s.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := json.Marshal(stateOver(data))
	if err != nil {
		t.Fatal(err)
	}
	var state State
	if err := json.Unmarshal(kept, &state); err != nil {
		t.Fatal(err)
	}
	verify := func(at time.Time) error {
		_, err := Verify(s, state, []*Key{keyOf(t, k.Armored())}, at)
		return err
	}
	if err := verify(days(-7)); err != nil {
		t.Errorf("at its time: %v", err)
	}
	refused(t, verify(days(-10)), refusal.BadSignature, "made in the future")
	refused(t, verify(days(-3)), refusal.Expired, "the key expired on "+day(days(-5)))

	// An extension is found in a copy that has lost the older self-signature too.
	k.Extend(days(-1), "1y")
	if _, err := Verify(s, state, []*Key{keyOf(t, k.Minimal())}, days(-7)); err != nil {
		t.Errorf("with a copy of today: %v", err)
	}
	k.Supersede()
	refused(t, verify(days(-7)), refusal.Revoked, "")
}

func TestStatesOfFewerDigestsCheckWhatTheyWereMadeFor(t *testing.T) {
	t.Parallel()
	h := gpg.New(t)
	k := h.Key("a")
	keys := []*Key{keyOf(t, k.Armored())}
	read := func(digest string) *Signatures {
		s, err := ReadSignatures(bytes.NewReader(k.Sign(data, gpg.Digest(digest))))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	long, short := read("SHA512"), read("SHA256")
	hashes := short.NewHashes()
	hashes.Write(data)
	if _, err := Verify(short, hashes.State(), keys, time.Now()); err != nil {
		t.Error(err)
	}
	_, err := Verify(long, hashes.State(), keys, time.Now())
	refused(t, err, refusal.BadSignature, "SHA-512 of the bytes is not known")
	if hashes.State().SHA256() != stateOver(data).SHA256() {
		t.Error("other bytes")
	}
	_, err = Verify(short, State{}, keys, time.Now())
	refused(t, err, refusal.BadSignature, "SHA-256 of the bytes is not known")
}
