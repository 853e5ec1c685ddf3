package openpgp

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
	v2 "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/podtui/podtui/engine/enginetest/gpg"
	"github.com/podtui/podtui/engine/trust/refusal"
)

func TestWhatAKeySays(t *testing.T) {
	t.Parallel()
	h := gpg.New(t)
	made := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	k := h.Key("Alice <alice@example.com>", gpg.CreatedAt(made), gpg.Expires("10y"), gpg.EncryptionSubkey(), gpg.SigningSubkey())
	k.AddUserID("Alice at work <alice@example.org>")
	got := keyOf(t, k.Armored())
	if got.Fingerprint() != k.Fingerprint() || got.KeyID() != k.KeyID() {
		t.Errorf("fingerprint %s, key ID %s", got.Fingerprint(), got.KeyID())
	}
	// The newest comes first, since gpg made it the primary one.
	if want := []string{"Alice at work <alice@example.org>", "Alice <alice@example.com>"}; !slices.Equal(got.UserIDs(), want) || got.UserID() != want[0] {
		t.Errorf("user ids %q", got.UserIDs())
	}
	if !got.Created().Equal(made) || !got.Expires().Equal(made.Add(3650*24*time.Hour)) {
		t.Errorf("from %v to %v", got.Created(), got.Expires())
	}
	if got.Revoked() || got.Problem(time.Now()) != nil {
		t.Errorf("revoked: %v, problem: %v", got.Revoked(), got.Problem(time.Now()))
	}
	refused(t, got.Problem(got.Expires()), refusal.Expired, "the key expired on 2034-05-04")
	for _, fingerprint := range append(k.Subkeys(), k.Fingerprint()) {
		for _, id := range []string{fingerprint, strings.ToUpper(fingerprint), fingerprint[24:], strings.ToUpper(fingerprint[24:])} {
			if !got.Has(id) {
				t.Errorf("has not %s", id)
			}
		}
	}
	for _, id := range []string{"", k.Fingerprint()[32:], k.Fingerprint()[1:], "0000000000000000", h.Key("b").Fingerprint()} {
		if got.Has(id) {
			t.Errorf("has %q", id)
		}
	}
	if binary := keyOf(t, k.Binary()); !bytes.Equal(binary.Armored(), got.Armored()) {
		t.Error("another key when read as packets")
	}
	if again := keyOf(t, got.Armored()); !bytes.Equal(again.Armored(), got.Armored()) || !bytes.HasPrefix(got.Armored(), []byte("-----BEGIN PGP PUBLIC KEY BLOCK-----\n")) {
		t.Errorf("is not read as it was written: %s", got.Armored())
	}
	// gpg itself takes what was written.
	if other := gpg.New(t); other.Import(got.Armored()) != nil {
		t.Error("gpg doesn't take it")
	}
}

func TestAlgorithmsByName(t *testing.T) {
	t.Parallel()
	h := gpg.New(t)
	for want, k := range map[string]gpg.Key{
		"ed25519":       h.Key("a"),
		"RSA 1024":      h.Key("a", gpg.RSA(1024)),
		"RSA 2048":      h.Key("a", gpg.RSA(2048)),
		"DSA 1024":      h.Key("a", gpg.DSA()),
		"NIST P-521":    h.Key("a", gpg.Algorithm("nistp521")),
		"BrainpoolP384": h.Key("a", gpg.Algorithm("brainpoolP384r1")),
		"secp256k1":     h.Key("a", gpg.Algorithm("secp256k1")),
	} {
		got := keyOf(t, k.Armored())
		if got.Algorithm() != want {
			t.Errorf("%s instead of %s", got.Algorithm(), want)
		}
		weak := want == "RSA 1024" || want == "DSA 1024" || want == "secp256k1"
		if p := got.Problem(time.Now()); (p != nil) != weak || weak && (p.Kind != refusal.Weak || p.Detail != want) {
			t.Errorf("%s: %v", want, p)
		}
	}
}

func TestAWeakKeyHasItsNameAllTheSame(t *testing.T) {
	t.Parallel()
	k := keyOf(t, gpg.New(t).Key("Old Alice", gpg.SelfDigest("SHA1")).Armored())
	if k.UserID() != "Old Alice" {
		t.Errorf("user ids %q", k.UserIDs())
	}
	r := refused(t, k.Problem(time.Now()), refusal.Weak, "SHA-1 in the key's signature over itself")
	if want := "weak: SHA-1 in the key's signature over itself (key " + k.KeyID() + `, "Old Alice")`; r.Error() != want {
		t.Errorf("%s", r)
	}
}

func TestKeyFiles(t *testing.T) {
	t.Parallel()
	h := gpg.New(t)
	a, b := h.Key("a"), h.Key("b")
	fingerprints := func(keys []*Key) (list []string) {
		for _, k := range keys {
			list = append(list, k.Fingerprint())
		}
		return list
	}
	for name, c := range map[string]struct {
		file []byte
		want []string
	}{
		"two blocks":        {slices.Concat([]byte("Our keys:\n\n"), a.Armored(), []byte("\nand\n"), b.Armored()), []string{a.Fingerprint(), b.Fingerprint()}},
		"two in one binary": {slices.Concat(a.Binary(), b.Binary()), []string{a.Fingerprint(), b.Fingerprint()}},
		"twice the same":    {slices.Concat(b.Binary(), a.Binary(), b.Binary()), []string{b.Fingerprint(), a.Fingerprint()}},
		"lines of Windows":  {bytes.ReplaceAll(a.Armored(), []byte("\n"), []byte("\r\n")), []string{a.Fingerprint()}},
		"byte order mark":   {slices.Concat([]byte("\ufeff"), a.Armored()), []string{a.Fingerprint()}},
		"marker and trust":  {slices.Concat([]byte("\xca\x03PGP"), a.Binary(), []byte("\xcc\x02xx")), []string{a.Fingerprint()}},
	} {
		keys, err := ReadKeys(bytes.NewReader(c.file))
		if got := fingerprints(keys); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":            {nil, "no OpenPGP in it"},
		"a page":             {[]byte("<html>404</html>"), "no OpenPGP in it"},
		"a private key":      {h.Private(a), "a private key, which nobody else should have"},
		"a signature":        {a.Sign(data), "a PGP SIGNATURE"},
		"a signature packet": {a.Sign(data, gpg.Binary()), "it doesn't begin with a key"},
		"a message":          {a.Sign(data, gpg.Inline(), gpg.Binary()), "a packet"},
		"truncated text":     {a.Armored()[:len(a.Armored())-40], "truncated: the last line"},
		"truncated":          {a.Binary()[:100], "truncated: a packet has"},
		"too long":           {bytes.Repeat([]byte{'\n'}, MaxKeys+1), "longer than 1024 KiB"},
		"garbage behind it":  {append(a.Binary(), "garbage"...), "bytes that are no packet"},
		"only the key":       {a.Binary()[:53], "without a user id"},
		"version 3":          {append([]byte{0x99, 0, 8}, 3, 0, 0, 0, 0, 0, 0, 1), "key 1 of 1: of version 3"},
		"too many":           {bytes.Repeat(a.Binary(), 65), "more than 64 keys"},
	} {
		keys, err := ReadKeys(bytes.NewReader(c.file))
		var wrong *KeyError
		if !errors.As(err, &wrong) || !strings.Contains(wrong.Detail, c.want) || keys != nil {
			t.Errorf("%s: %v instead of %q", name, err, c.want)
		}
	}
}

func TestARevocationIsFoundWhereverItStandsAndNeverLost(t *testing.T) {
	t.Parallel()
	h := gpg.New(t)
	k := h.Key("a", gpg.SigningSubkey())
	older := k.Armored()
	certificate := k.Revocation()
	k.Revoke()
	k.AddUserID("later")
	newer := k.Armored()

	for name, file := range map[string][]byte{
		"as gpg exports it":     newer,
		"appended":              slices.Concat(older, certificate),
		"of an older and newer": slices.Concat(older, newer),
		"of a newer and older":  slices.Concat(newer, older),
	} {
		if got := keyOf(t, file); !got.Revoked() {
			t.Errorf("%s: not revoked", name)
		}
	}
	old, now := keyOf(t, older), keyOf(t, newer)
	if old.Revoked() || !now.Revoked() {
		t.Fatal("gpg has not revoked it")
	}
	both, err := now.Merge(old)
	if err != nil || !bytes.Equal(both.Armored(), now.Armored()) {
		t.Errorf("an older copy changed it: %v", err)
	}
	both, err = old.Merge(now)
	if err != nil || !both.Revoked() || len(both.UserIDs()) != 2 {
		t.Errorf("not merged: %v", err)
	}
	again, err := both.Merge(old)
	if err != nil || !bytes.Equal(again.Armored(), both.Armored()) {
		t.Errorf("merging is not the same the second time: %v", err)
	}
	if _, err := old.Merge(keyOf(t, h.Key("b").Armored())); err == nil {
		t.Error("merged with another key")
	}
}

// A stranger's revocation, or one of another key, revokes nothing.
func TestARevocationOfAnotherKeyRevokesNothing(t *testing.T) {
	t.Parallel()
	h := gpg.New(t)
	k, other := h.Key("a"), h.Key("b")
	if keyOf(t, slices.Concat(k.Armored(), other.Revocation())).Revoked() {
		t.Error("revoked by a stranger")
	}
}

func TestHostileUserIDsAreKeptRawAndToldEscaped(t *testing.T) {
	t.Parallel()
	for _, userID := range []string{
		"\x1b]0;owned\x07\x1b[2J evil\r\nunknown key 0000",
		"\u202eecila\u202c \u200bzero\u2066",
		"C1 \u009b2J and \xff\xfe not UTF-8",
		strings.Repeat("x", 10_000),
		strings.Repeat("\u202e", 10_000),
	} {
		entity, err := v2.NewEntity("", "", "", ed25519Now())
		if err != nil {
			t.Fatal(err)
		}
		k := keyOf(t, serialize(t, renamed(t, entity, userID)))
		if k.UserID() != userID {
			t.Errorf("user id %.40q", k.UserID())
		}
		told := k.refuse(refusal.Weak, "SHA-1").Error()
		if len(told) > 1000 || strings.ContainsFunc(told, func(r rune) bool { return r < ' ' || r >= 0x7f && r != '…' }) {
			t.Errorf("told as %q", told)
		}
	}
}

func ed25519Now() *packet.Config {
	return &packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, Time: func() time.Time { return time.Now().Add(-time.Minute) }}
}

// renamed gives an entity another user id, which packet.NewUserId would not make.
func renamed(t *testing.T, e *v2.Entity, userID string) *v2.Entity {
	t.Helper()
	for _, identity := range e.Identities {
		sig := identity.SelfCertifications[0].Packet
		if err := sig.SignUserId(userID, e.PrimaryKey, e.PrivateKey, ed25519Now()); err != nil {
			t.Fatal(err)
		}
		identity.Name, identity.UserId.Id = userID, userID
	}
	return e
}

func serialize(t *testing.T, e *v2.Entity) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := e.Serialize(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestAUserIDThatTheKeyHasNotCertifiedIsNotToldAsItsName(t *testing.T) {
	t.Parallel()
	h := gpg.New(t)
	victim := h.Key("Alice <alice@example.com>")
	binary := victim.Binary()
	forged := append(slices.Clone(binary), 0xcd, 4, 'R', 'o', 'o', 't')
	for _, e := range mustSplit(t, binary) {
		if e.tag == tagSignature {
			forged = append(forged, e.whole...) // that over another user id
		}
	}
	if got := keyOf(t, forged); !slices.Equal(got.UserIDs(), []string{"Alice <alice@example.com>"}) {
		t.Errorf("user ids %q", got.UserIDs())
	}
}

func mustSplit(t *testing.T, packets []byte) []element {
	t.Helper()
	elements, err := split(packets)
	if err != nil {
		t.Fatal(err)
	}
	return elements
}

// A key that takes in another's signing subkey would else have made its signatures.
func TestASubkeyThatHasNotSignedBackSignsNothing(t *testing.T) {
	t.Parallel()
	owner, err := v2.NewEntity("Owner", "", "", ed25519Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.AddSigningSubkey(ed25519Now()); err != nil {
		t.Fatal(err)
	}
	thief, err := v2.NewEntity("Thief", "", "", ed25519Now())
	if err != nil {
		t.Fatal(err)
	}
	stolen := owner.Subkeys[len(owner.Subkeys)-1]
	var signature bytes.Buffer
	// The subkey is a minute old: the signature is of now.
	if err := v2.DetachSign(&signature, []*v2.Entity{owner}, bytes.NewReader(data), nil); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		back, forSigning bool
		detail           string
	}{
		"without signing back":        {false, true, "is not bound to the key in both directions"},
		"with what it signed another": {true, true, "is not bound to the key in both directions"},
		"not for signatures":          {false, false, "is not one for signatures"},
	} {
		binding := *stolen.Bindings[0].Packet
		if binding.FlagSign = c.forSigning; !c.back {
			binding.EmbeddedSignature = nil
		}
		binding.IssuerKeyId, binding.IssuerFingerprint = &thief.PrimaryKey.KeyId, thief.PrimaryKey.Fingerprint
		if err := binding.SignKey(stolen.PublicKey, thief.PrivateKey, ed25519Now()); err != nil {
			t.Fatal(err)
		}
		forged := *thief
		forged.Subkeys = []v2.Subkey{{Primary: thief, PublicKey: stolen.PublicKey, Bindings: []*packet.VerifiableSignature{packet.NewVerifiableSig(&binding)}}}
		_, err := judge(signature.Bytes(), data, keyOf(t, serialize(t, &forged)))
		t.Log(name)
		refused(t, err, refusal.BadSignature, c.detail)

		// Whoever comes first, the owner is found.
		good, err := judge(signature.Bytes(), data, keyOf(t, serialize(t, &forged)), keyOf(t, serialize(t, owner)))
		if err != nil || len(good) != 1 || good[0].Key.UserID() != "Owner" {
			t.Errorf("%s: %v, %v", name, good, err)
		}
	}
}

func TestAKeyTooLargeToComputeWithIsRefused(t *testing.T) {
	t.Parallel()
	// A modulus of 65,535 bits, and an exponent.
	body := append([]byte{4, 0, 0, 0, 1, 1, 0xff, 0xff}, bytes.Repeat([]byte{0x7f}, 8192)...)
	body = append(body, 0, 2, 3)
	packet := append([]byte{0xc6, 0xff, 0, 0, byte(len(body) >> 8), byte(len(body))}, body...)
	_, err := ReadKeys(bytes.NewReader(packet))
	var wrong *KeyError
	if !errors.As(err, &wrong) || !strings.Contains(wrong.Detail, "RSA 65535") {
		t.Error(err)
	}
}

func TestAFileThatWouldKeepUsBusyIsRefused(t *testing.T) {
	t.Parallel()
	modulus := bytes.Repeat([]byte{0xff}, 1024)
	body := slices.Concat([]byte{4, 0, 0, 0, 1, 1, 0x20, 0}, modulus, []byte{0, 24, 0xff, 0xff, 0xff})
	file := append([]byte{0xc6, 0xff, 0, 0, byte(len(body) >> 8), byte(len(body))}, body...)
	key := parsed(mustSplit(t, file)[0]).(*packet.PublicKey)
	file = append(file, 0xcd, 1, 'a')
	for i := range 1000 {
		// A certification with SHA-256 that says when it was made, and by this key.
		sig := slices.Concat([]byte{4, 0x13, 1, 8, 0, 29, 5, 2, 0, 0, byte(i>>8) + 1, byte(i), 22, 33, 4}, key.Fingerprint)
		sig = append(sig, 0, 0, 0, 0, 0, 8, 0xff)
		file = append(append(file, 0xc2, byte(len(sig))), sig...)
	}
	_, err := ReadKeys(bytes.NewReader(file))
	var wrong *KeyError
	if !errors.As(err, &wrong) || !strings.Contains(wrong.Detail, "than can be checked in a moment") {
		t.Error(err)
	}
}
