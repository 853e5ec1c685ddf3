package openpgp

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest/gpg"
	"github.com/podtui/podtui/engine/trust/refusal"
)

// What is read as keys is written and read again as the same keys, and each can be
// merged with itself.
func FuzzKeys(f *testing.F) {
	h := gpg.New(f)
	k := h.Key("Alice <alice@example.com>", gpg.SigningSubkey(), gpg.EncryptionSubkey(), gpg.Expires("1y"))
	k.AddUserID("Bob")
	weak, gone := h.Key("weak", gpg.RSA(1024), gpg.SelfDigest("SHA1")), h.Key("gone", gpg.DSA())
	gone.Revoke()
	for _, seed := range [][]byte{
		k.Binary(), k.Armored(), weak.Binary(), gone.Binary(), slices.Concat(k.Binary(), weak.Binary()),
		slices.Concat(k.Armored(), gone.Armored()), h.Private(weak), h.Key("n", gpg.Algorithm("nistp256")).Binary(), {},
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		keys, err := ReadKeys(bytes.NewReader(file))
		if err != nil {
			var wrong *KeyError
			if !errors.As(err, &wrong) || keys != nil {
				t.Fatalf("%T, and %d keys", err, len(keys))
			}
			return
		}
		if len(keys) == 0 {
			t.Fatal("neither keys nor an error")
		}
		for _, k := range keys {
			again := keyOf(t, k.Armored())
			if again.Fingerprint() != k.Fingerprint() || !slices.Equal(again.UserIDs(), k.UserIDs()) ||
				again.Revoked() != k.Revoked() || !again.Expires().Equal(k.Expires()) || k.UserID() == "" {
				t.Fatalf("%+v is read as %+v", k, again)
			}
			if !k.Has(k.Fingerprint()) || !k.Has(k.KeyID()) || k.Algorithm() == "" {
				t.Fatal("doesn't know itself")
			}
			if p := k.Problem(time.Now()); p != nil && p.Error() == "" {
				t.Fatal("a problem without words")
			}
			if merged, err := k.Merge(again); err != nil || merged != k {
				t.Fatalf("merged with itself: %v", err)
			}
		}
	})
}

// What is read as signatures is written and read again as the same, and none of
// them is good that was not a seed.
func FuzzSignatures(f *testing.F) {
	h := gpg.New(f)
	k, other := h.Key("Alice", gpg.SigningSubkey()), h.Key("Bob", gpg.RSA(2048))
	key := keyOf(f, k.Armored())
	good := k.Sign(data, gpg.Binary(), gpg.And(other))
	for _, seed := range [][]byte{
		good, k.Sign(data), other.Sign(data, gpg.Binary()), other.Sign(data, gpg.Digest("SHA1")), k.Sign(data, gpg.Clearsign()),
		k.Sign(data, gpg.Inline(), gpg.Binary()), k.Sign(data, gpg.TextMode()), h.Key("d", gpg.DSA()).Sign(data), {},
	} {
		f.Add(seed)
	}
	over, others := stateOver(data), stateOver(data[1:])
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := ReadSignatures(bytes.NewReader(file))
		if err != nil {
			var r *refusal.Error
			if !errors.As(err, &r) || s != nil || r.Kind != refusal.BadSignature && r.Kind != refusal.Weak {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		again, err := ReadSignatures(bytes.NewReader(s.Bytes()))
		if err != nil || !slices.Equal(again.Issuers(), s.Issuers()) || !bytes.Equal(again.Bytes(), s.Bytes()) || len(s.Bytes()) > maxSignaturesSize {
			t.Fatalf("read again: %v", err)
		}
		if s.By(key) != slices.ContainsFunc(s.Issuers(), key.Has) {
			t.Fatal("its makers are not those who claim to be")
		}
		if _, err := Verify(s, others, []*Key{key}, time.Now()); err == nil {
			t.Fatal("good over other bytes")
		}
		found, err := Verify(s, over, []*Key{key}, time.Now())
		if (err == nil) != (len(found) == 1) {
			t.Fatalf("%v and %v", found, err)
		}
	})
}

// What is read as states is written again as it was.
func FuzzState(f *testing.F) {
	short := (&Signatures{}).NewHashes()
	for _, s := range []State{stateOver(nil), stateOver(data[:100]), stateOver(data), short.State()} {
		text, err := s.MarshalText()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var s State
		if s.UnmarshalText(text) != nil {
			return
		}
		again, err := s.MarshalText()
		if err != nil || !bytes.Equal(again, text) {
			t.Fatalf("%q is written as %q: %v", text, again, err)
		}
		if s.SHA256() == ([32]byte{}) {
			t.Fatal("no SHA-256")
		}
	})
}
