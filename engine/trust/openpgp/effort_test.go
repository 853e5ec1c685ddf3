package openpgp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
	v2 "github.com/ProtonMail/go-crypto/openpgp/v2"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/enginetest/gpg"
)

func TestAKeyHasAtMost64Subkeys(t *testing.T) {
	t.Parallel()
	key := withSubkeys(t, maxSubkeys)
	if got := keyOf(t, serialize(t, key)); len(got.subkeys) != maxSubkeys || slices.ContainsFunc(got.subkeys, func(p part) bool { return p.unfit != "" }) {
		t.Errorf("%d subkeys", len(got.subkeys))
	}
	whole := keyOf(t, serialize(t, key))
	if err := key.AddSigningSubkey(ed25519Now()); err != nil {
		t.Fatal(err)
	}
	_, err := ReadKeys(bytes.NewReader(serialize(t, key)))
	tooMuch(t, err, "a key with 65 subkeys; at most 64 are taken")

	// Nor has a key that is put together from two.
	other := *key
	other.Subkeys = key.Subkeys[maxSubkeys:]
	_, err = whole.Merge(keyOf(t, serialize(t, &other)))
	tooMuch(t, err, "a key with 65 subkeys")
}

func withSubkeys(t testing.TB, n int) *v2.Entity {
	t.Helper()
	key, err := v2.NewEntity("a", "", "", ed25519Now())
	if err != nil {
		t.Fatal(err)
	}
	key.Subkeys = nil
	for range n {
		if err := key.AddSigningSubkey(ed25519Now()); err != nil {
			t.Fatal(err)
		}
	}
	return key
}

func tooMuch(t *testing.T, err error, says string) {
	t.Helper()
	var wrong *KeyError
	if !errors.As(err, &wrong) || !strings.Contains(wrong.Detail, says) {
		t.Errorf("%v instead of %q", err, says)
	}
}

// What the library would read behind the end of a packet nobody has counted.
func TestAPacketThatHoldsMoreThanItShouldIsNotRead(t *testing.T) {
	t.Parallel()
	h := gpg.New(t)
	k := h.Key("a")
	var stuffed []byte
	for _, e := range mustSplit(t, k.Binary()) {
		if e.tag == tagSignature {
			e = packetOf(slices.Concat(e.body, e.whole))
		}
		stuffed = append(stuffed, e.whole...)
	}
	_, err := ReadKeys(bytes.NewReader(stuffed))
	tooMuch(t, err, "without any identities")

	key := mustSplit(t, k.Binary())[0]
	key.whole = append([]byte{0xc6, byte(len(key.body) + 1)}, append(slices.Clone(key.body), 0)...)
	for name, file := range map[string][]byte{"alone": key.whole, "behind itself": slices.Concat(k.Binary(), key.whole)} {
		_, err = ReadKeys(bytes.NewReader(file))
		t.Log(name)
		tooMuch(t, err, "unreadable: 1 bytes too many in a packet")
	}
}

// worst are files that cost as much as a file can.
func worst(tb testing.TB) map[string][]byte {
	h := gpg.New(tb)
	files := make(map[string][]byte)
	for _, algorithm := range []string{"ed25519", "rsa1024", "rsa2048", "rsa4096", "dsa1024", "dsa3072", "nistp256", "nistp384", "nistp521", "brainpoolP256r1", "brainpoolP512r1", "secp256k1"} {
		files[algorithm] = stuff(tb, mustSplitB(tb, h.Key("a", gpg.Algorithm(algorithm)).Binary()), 1, nil)
	}
	k := h.Key("a")
	elements := mustSplitB(tb, k.Binary())
	files["copies of one key"] = bytes.Repeat(stuff(tb, elements, maxKeys, nil), maxKeys)
	var copies []byte
	for i := range maxKeys {
		copies = append(copies, stuff(tb, elements, maxKeys, binary.BigEndian.AppendUint32(nil, uint32(i)))...)
	}
	files["versions of one key"] = copies
	var subkeys bytes.Buffer
	if err := withSubkeys(tb, maxSubkeys).Serialize(&subkeys); err != nil {
		tb.Fatal(err)
	}
	files["subkeys"] = subkeys.Bytes()
	all := mustSplitB(tb, subkeys.Bytes())
	i := slices.IndexFunc(all, func(e element) bool { return e.signatureType() == int(packet.SigTypeSubkeyBinding) })
	revoked := slices.Clone(subkeys.Bytes())
	for j := range (maxEffort - 300) / (maxSubkeys + 1) / effort(parsed(all[0]).(*packet.PublicKey)) {
		revoked = append(revoked, changed(changed(all[i], 1, 0x28), 11, byte(j)).whole...)
	}
	files["revocations of subkeys"] = revoked
	return files
}

func mustSplitB(tb testing.TB, packets []byte) []element {
	elements, err := split(packets)
	if err != nil {
		tb.Fatal(err)
	}
	return elements
}

// stuff adds as many wrong certifications to a key as are looked into, or its share of
// them; salt makes them others.
func stuff(tb testing.TB, elements []element, share int, salt []byte) []byte {
	primary := parsed(elements[0]).(*packet.PublicKey)
	file := join(elements[:2])
	n := min(maxEffort/effort(primary), maxPackets) / share
	for i := range n - 2 {
		e := elements[2]
		body := slices.Clone(e.body)
		at := bytes.Index(body, []byte{5, 2}) // when it was made
		if at < 0 {
			tb.Fatalf("% x", body)
		}
		binary.BigEndian.PutUint32(body[at+2:], uint32(1_700_000_000+i))
		copy(body[len(body)-8:], salt)
		file = append(file, packetOf(body).whole...)
	}
	return file
}

func BenchmarkReadKeysThatCostMost(b *testing.B) {
	for name, file := range worst(b) {
		b.Run(fmt.Sprintf("%s/%dKiB", name, len(file)>>10), func(b *testing.B) {
			began := spent(b)
			for b.Loop() {
				_, _ = ReadKeys(bytes.NewReader(file)) // nothing is right in most of them
			}
			b.ReportMetric((spent(b)-began).Seconds()/float64(b.N), "cpu-s/op")
		})
	}
}

// spent is the time that this process has kept processors busy: others may be at work.
func spent(b *testing.B) time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
