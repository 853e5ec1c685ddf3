package openpgp

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/eddsa"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	v2 "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/podtui/podtui/engine/enginetest/gpg"
	"github.com/podtui/podtui/engine/trust/refusal"
)

func TestTwoKeysWithOneShortID(t *testing.T) {
	t.Parallel()
	alice, bob := sameShortID(t)
	keys := []*Key{keyOf(t, serialize(t, alice)), keyOf(t, serialize(t, bob))}
	if keys[0].Fingerprint() == keys[1].Fingerprint() || keys[0].KeyID()[8:] != keys[1].KeyID()[8:] {
		t.Fatalf("%s and %s", keys[0].Fingerprint(), keys[1].Fingerprint())
	}
	if keys[0].Has(keys[1].KeyID()) || keys[0].Has(keys[1].KeyID()[8:]) {
		t.Error("taken for one another by ID")
	}
	var signature bytes.Buffer
	if err := v2.DetachSign(&signature, []*v2.Entity{alice}, bytes.NewReader(data), nil); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		good, err := judge(signature.Bytes(), data, keys...)
		if err != nil || len(good) != 1 || good[0].Key.UserID() != "Alice" {
			t.Errorf("%v, %v", good, err)
		}
		slices.Reverse(keys)
	}
	_, err := judge(signature.Bytes(), data, keyOf(t, serialize(t, bob)))
	refused(t, err, refusal.UnknownKey, "")
}

// sameShortID makes two keys whose fingerprints end with the same 32 bits: such are
// found among the seconds of a few days in a moment.
func sameShortID(t *testing.T) (alice, bob *v2.Entity) {
	t.Helper()
	const seconds = 400_000 // 37 pairs are to be expected
	now := time.Now().Unix()
	var pair [2]*packet.PrivateKey
	for i := range pair {
		e, err := v2.NewEntity("", "", "", ed25519Now())
		if err != nil {
			t.Fatal(err)
		}
		pair[i] = e.PrivateKey
	}
	seen := make(map[uint32]int64, seconds)
	shortIDs(t, pair[0], now, seconds, func(id uint32, made int64) bool {
		seen[id] = made
		return true
	})
	shortIDs(t, pair[1], now, seconds, func(id uint32, made int64) bool {
		other, ok := seen[id]
		if ok {
			alice, bob = entityMade(t, pair[0], other, "Alice"), entityMade(t, pair[1], made, "Bob")
		}
		return !ok
	})
	if bob == nil {
		t.Fatal("no pair of keys has one short ID")
	}
	return alice, bob
}

// shortIDs are those that a key would have if it were made at each of some seconds.
func shortIDs(t *testing.T, k *packet.PrivateKey, last, seconds int64, yield func(id uint32, made int64) bool) {
	t.Helper()
	var hashed bytes.Buffer
	if err := k.SerializeForHash(&hashed); err != nil {
		t.Fatal(err)
	}
	for made := last - seconds; made < last; made++ {
		binary.BigEndian.PutUint32(hashed.Bytes()[4:], uint32(made)) // behind 0x99, length and version
		sum := sha1.Sum(hashed.Bytes())
		if !yield(binary.BigEndian.Uint32(sum[16:]), made) {
			return
		}
	}
}

func entityMade(t *testing.T, k *packet.PrivateKey, made int64, name string) *v2.Entity {
	t.Helper()
	private := packet.NewEdDSAPrivateKey(time.Unix(made, 0), k.PrivateKey.(*eddsa.PrivateKey))
	e := &v2.Entity{PrimaryKey: &private.PublicKey, PrivateKey: private, Identities: map[string]*v2.Identity{}}
	if err := e.AddUserId(name, "", "", ed25519Now()); err != nil {
		t.Fatal(err)
	}
	return e
}

// Nobody can make two keys with one ID of 64 bits in a test, but in memory.
func TestTwoKeysWithOneLongID(t *testing.T) {
	t.Parallel()
	h := gpg.New(t)
	signer, other := h.Key("signer"), h.Key("other")
	s, err := ReadSignatures(bytes.NewReader(signer.Sign(data)))
	if err != nil {
		t.Fatal(err)
	}
	s.list[0].packet.IssuerFingerprint = nil // as older software signs
	keys := []*Key{keyOf(t, signer.Armored()), keyOf(t, other.Armored())}
	keys[1].primary.public.KeyId = keys[0].primary.public.KeyId
	for range 2 {
		good, err := Verify(s, stateOver(data), keys, time.Now())
		if err != nil || len(good) != 1 || good[0].By != signer.Fingerprint() {
			t.Errorf("%v, %v", good, err)
		}
		slices.Reverse(keys)
	}
	_, err = Verify(s, stateOver(data), keys[1:], time.Now())
	refused(t, err, refusal.BadSignature, "not over these bytes")
}
