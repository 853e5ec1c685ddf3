package openpgp

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/podtui/podtui/engine/trust/refusal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var data = bytes.Repeat([]byte("the bytes of an image, as they were downloaded\r\n"), 4096)

// stateOver is the state of the digests after these bytes.
func stateOver(content []byte) State {
	h := NewHashes()
	h.Write(content)
	return h.State()
}

// keyOf reads a file that has one key.
func keyOf(t testing.TB, file []byte) *Key {
	t.Helper()
	keys, err := ReadKeys(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) != 1 {
		t.Fatalf("%d keys", len(keys))
	}
	return keys[0]
}

// judge reads a signature and verifies it now.
func judge(signature, over []byte, keys ...*Key) ([]Good, error) {
	s, err := ReadSignatures(bytes.NewReader(signature))
	if err != nil {
		return nil, err
	}
	return Verify(s, stateOver(over), keys, time.Now())
}

// refused looks that err is this refusal, and speaks of this.
func refused(t testing.TB, err error, kind refusal.Kind, detail string) *refusal.Error {
	t.Helper()
	var r *refusal.Error
	if !errors.As(err, &r) {
		t.Fatalf("not refused: %v", err)
	}
	if r.Kind != kind || !bytes.Contains([]byte(r.Detail), []byte(detail)) {
		t.Fatalf("refused with %q, which is not %q with %q", r, kind, detail)
	}
	return r
}
