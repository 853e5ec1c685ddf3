package openpgp

import (
	"bytes"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest/gpg"
)

// What a run pays to ask a record against today's key.
func BenchmarkReadAndVerify(b *testing.B) {
	h := gpg.New(b)
	for name, k := range map[string]gpg.Key{
		"ed25519":  h.Key("a"),
		"subkey":   h.Key("a", gpg.SigningSubkey(), gpg.EncryptionSubkey()),
		"RSA-4096": h.Key("a", gpg.RSA(4096)),
	} {
		file, signature, state := k.Armored(), k.Sign(data, gpg.Binary()), stateOver(data)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				key := keyOf(b, file)
				s, err := ReadSignatures(bytes.NewReader(signature))
				if err != nil {
					b.Fatal(err)
				}
				if _, err := Verify(s, state, []*Key{key}, time.Now()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
