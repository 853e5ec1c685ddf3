package gpg

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var data = []byte("the bytes of an image\n")

func TestSignaturesAreGoodForGnupgItself(t *testing.T) {
	t.Parallel()
	day := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	for name, sign := range map[string]func(h *Home) []byte{
		"ed25519":        func(h *Home) []byte { return h.Key("a").Sign(data) },
		"binary":         func(h *Home) []byte { return h.Key("b").Sign(data, Binary()) },
		"RSA":            func(h *Home) []byte { return h.Key("c", RSA(1024)).Sign(data, Digest("SHA512")) },
		"DSA":            func(h *Home) []byte { return h.Key("d", DSA()).Sign(data) },
		"signing subkey": func(h *Home) []byte { return h.Key("e", SigningSubkey()).Sign(data) },
		"two signers":    func(h *Home) []byte { return h.Key("f").Sign(data, And(h.Key("g"))) },
		"an earlier day": func(h *Home) []byte { return h.Key("h", CreatedAt(day)).Sign(data, At(day.Add(time.Hour))) },
		"SHA-1 in self":  func(h *Home) []byte { return h.Key("i", SelfDigest("SHA1")).Sign(data) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := New(t)
			signature := sign(h)
			if err := h.Verify(data, signature); err != nil {
				t.Error(err)
			}
			if armored := bytes.HasPrefix(signature, []byte("-----BEGIN PGP SIGNATURE-----\n")); armored == (name == "binary") {
				t.Errorf("armored is %v: %q", armored, signature)
			}
			if h.Verify([]byte("others"), signature) == nil {
				t.Error("good over other bytes")
			}
		})
	}
}

func TestGnupgRefusesWhatIsRevokedOrExpired(t *testing.T) {
	t.Parallel()
	long := time.Now().Add(-72 * time.Hour)
	for name, sign := range map[string]func(h *Home) []byte{
		"revoked": func(h *Home) []byte {
			k := h.Key("a")
			defer k.Revoke()
			return k.Sign(data)
		},
		"superseded": func(h *Home) []byte {
			k := h.Key("b")
			defer k.Supersede()
			return k.Sign(data)
		},
		"revoked subkey": func(h *Home) []byte {
			k := h.Key("c", SigningSubkey())
			defer k.RevokeSubkey()
			return k.Sign(data)
		},
		"expired key":       func(h *Home) []byte { return h.Key("d", CreatedAt(long), Expires("1d")).Sign(data) },
		"expired signature": func(h *Home) []byte { return h.Key("e", CreatedAt(long)).Sign(data, ExpiresIn("1d")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := New(t)
			signature := sign(h)
			// gpg's exit status is 0 for several of these: what it says counts.
			_, message, _ := h.try(nil, "--batch", "--verify", write(t, signature), write(t, data))
			word := name[:7]
			if word == "superse" {
				word = "revoked"
			}
			if !strings.Contains(string(message), word) {
				t.Errorf("gpg does not say %q:\n%s", word, message)
			}
		})
	}
}

func write(t *testing.T, content []byte) string {
	t.Helper()
	name := t.TempDir() + "/file"
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestNothingIsLeftOfAHome(t *testing.T) {
	t.Parallel()
	var dir string
	var agent int
	t.Run("a test", func(t *testing.T) {
		h := New(t)
		h.Key("a")
		dir = h.dir
		agent = agentOf(t, dir)
	})
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", dir, err)
	}
	if err := syscall.Kill(agent, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("gpg-agent %d is still there: %v", agent, err)
	}
}

// agentOf looks for the agent in /proc, and finds it there exactly once.
func agentOf(t *testing.T, dir string) (found int) {
	t.Helper()
	processes, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, process := range processes {
		pid, err := strconv.Atoi(process.Name())
		if err != nil {
			continue
		}
		line, _ := os.ReadFile("/proc/" + process.Name() + "/cmdline")
		if !strings.HasPrefix(string(line), "gpg-agent\x00--homedir\x00"+dir+"\x00") {
			continue
		}
		if found != 0 {
			t.Errorf("two agents: %d and %d", found, pid)
		}
		found = pid
	}
	if found == 0 {
		t.Fatalf("no agent of %s", dir)
	}
	return found
}
