package openpgp

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestStatesDontDependOnHowTheBytesCame(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat(data, 3)
	whole := stateOver(content)
	if whole.SHA256() != sha256.Sum256(content) {
		t.Error("another SHA-256")
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		h := NewHashes()
		for rest := content; len(rest) > 0; {
			n := min(len(rest), 1+random.IntN(2*parallelFrom))
			if written, err := h.Write(rest[:n]); written != n || err != nil {
				t.Fatal(written, err)
			}
			h.State() // asking changes nothing
			rest = rest[n:]
		}
		if h.State() != whole {
			t.Fatal("another state")
		}
	}
	if stateOver(content[1:]) == whole {
		t.Error("the same state of other bytes")
	}
}

func TestStatesAsText(t *testing.T) {
	t.Parallel()
	short := (&Signatures{}).NewHashes() // SHA-256 alone
	short.Write(data)
	for _, s := range []State{stateOver(nil), stateOver(data), stateOver(data[:100]), short.State()} {
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > maxState {
			t.Errorf("%d bytes", len(text))
		}
		var again State
		if err := json.Unmarshal(text, &again); err != nil || again != s {
			t.Errorf("%s is read as another state: %v", text, err)
		}
	}
	if _, err := (State{}).MarshalText(); err == nil {
		t.Error("a state of nothing is written")
	}
}

func TestStatesThatNobodyHasWritten(t *testing.T) {
	t.Parallel()
	text, err := stateOver(data[:100]).MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	other, err := stateOver(data[:101]).MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	parts, others := strings.Split(string(text), "."), strings.Split(string(other), ".")
	dirty, err := base64.RawStdEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	dirty[len(dirty)-9] = 1 // behind the bytes that wait
	for name, text := range map[string]string{
		"empty":            "",
		"another version":  strings.Join(append([]string{"2"}, parts[1:]...), "."),
		"a part less":      strings.Join(parts[:3], "."),
		"a part more":      string(text) + ".",
		"no SHA-256":       strings.Join([]string{"1", "", parts[2], parts[3]}, "."),
		"in another order": strings.Join([]string{"1", parts[1], parts[3], parts[2]}, "."),
		"of other bytes":   strings.Join([]string{"1", parts[1], others[2], parts[3]}, "."),
		"cut":              string(text[:len(text)-1]),
		"not base64":       strings.Replace(string(text), ".", ".!", 1),
		"a bit is another": strings.Join([]string{"1", base64.RawStdEncoding.EncodeToString(dirty), "", ""}, "."),
		"in two lines":     strings.Replace(string(text), ".", ".\n", 2),
		"endless":          strings.Repeat("1", maxState+1),
	} {
		var s State
		if err := s.UnmarshalText([]byte(text)); err == nil || s != (State{}) {
			t.Errorf("%s: read, %v", name, err)
		}
	}
}

func BenchmarkHashes(b *testing.B) {
	buffer := make([]byte, 256<<10)
	for name, h := range map[string]*Hashes{"all": NewHashes(), "SHA-256": (&Signatures{}).NewHashes()} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(buffer)))
			for b.Loop() {
				h.Write(buffer)
			}
		})
	}
}
