package trust

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine"
)

func trustedKey(fingerprint, scope string) engine.TrustedKey {
	return engine.TrustedKey{KeyInfo: engine.KeyInfo{Fingerprint: fingerprint, UserIDs: []string{fingerprint}}, Scope: scope}
}

func stored(name, key, pin string) engine.Entry {
	e := engine.Entry{ID: "sha512-" + name, Name: name, VerifiedKey: key, VerifiedPin: pin}
	if key != "" || pin != "" {
		e.VerifiedBy = "somebody"
	}
	return e
}

func TestPrefixesEndWhereAPartOfANameEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		prefix, name string
		want         bool
	}{
		{"", "example.com/app", true},
		{"example.com", "example.com/app", true},
		{"example.com/app", "example.com/app", true},
		{"example.com/app", "example.com/app/x", true},
		{"example.com/app", "example.com/application", false},
		{"example.com/app", "example.com", false},
		{"example.com", "example.company/app", false},
	} {
		if got := covers(c.prefix, c.name); got != c.want {
			t.Errorf("%q covers %q: %v", c.prefix, c.name, got)
		}
	}
}

// Which images an entry vouches for, and which of them would no longer run without.
func TestWhatDependsOnAKey(t *testing.T) {
	t.Parallel()
	images := []engine.Entry{
		stored("example.com/app", "aa", ""), stored("example.com/app/x", "aa", ""), stored("example.com/application", "aa", ""),
		stored("other.org/app", "aa", ""), stored("other.org/unverified", "", ""), stored("other.org/pinned", "", "docker://p"),
		stored("other.org/both", "bb", ""),
	}
	expired := trustedKey("bb", "other.org/both") // it vouched for it before
	expired.Problem = "expired"
	s := &Screen{all: entriesOf(engine.Trusted{
		Keys: []engine.TrustedKey{trustedKey("aa", ""), trustedKey("aa", "example.com/app"), trustedKey("bb", "other.org"), expired},
		Pins: []engine.TrustedPin{{Pin: "docker://p"}, {Pin: "sha512-example.com/application"}, {Pin: "sha512-nobody"}},
	}, images)}
	for i, want := range []struct{ vouches, stops string }{
		{"example.com/app · example.com/app/x · example.com/application · other.org/app", "Would no longer run: other.org/app."},
		{"example.com/app · example.com/app/x", "No image stops running: others vouch for what it vouches for."},
		{"other.org/both", "No image stops running: others vouch for what it vouches for."},
		{"other.org/both", "No image stops running: others vouch for what it vouches for."},
		{"other.org/pinned", "Would no longer run: other.org/pinned."},
		{"no image that is here", "No image that is here depends on it."},
		{"no image that is here", "No image that is here depends on it."},
	} {
		e := s.all[i]
		if got := imageWords(e.images); got != want.vouches {
			t.Errorf("%s vouches for %s, want %s", e.id(), got, want.vouches)
		}
		if got := s.stops(e); got != want.stops {
			t.Errorf("without %s: %s\nwant %s", e.id(), got, want.stops)
		}
	}
}

func TestManyImagesThatStopAreCounted(t *testing.T) {
	t.Parallel()
	var images []engine.Entry
	for i := range 1234 {
		images = append(images, stored(fmt.Sprintf("example.com/%04d", i), "aa", ""))
	}
	s := &Screen{all: entriesOf(engine.Trusted{Keys: []engine.TrustedKey{trustedKey("aa", "")}}, images)}
	if got := s.stops(s.all[0]); !strings.HasPrefix(got, "Would no longer run: example.com/0000, ") || !strings.HasSuffix(got, "/0004, and 1,229 more.") {
		t.Error(got)
	}
}

func TestWhatWasApprovedIsShort(t *testing.T) {
	t.Parallel()
	digits := strings.Repeat("0123456789abcdef", 8)
	for pin, want := range map[string]string{
		"docker://quay.io/coreos/etcd@sha256:" + digits[:64]: "quay.io/coreos/etcd@0123456789ab…",
		"sha512-" + digits: "sha512-0123456789ab…",
		"odd":              "odd",
	} {
		if got := pinWords(pin); got != want {
			t.Errorf("%s: %s, want %s", pin, got, want)
		}
	}
	if got := ago(time.Now(), time.Time{}); got != "" {
		t.Errorf("an approval without a date is %s old", got)
	}
}

// BenchmarkEntries is what a visit of the screen costs beside the loop.
func BenchmarkEntries(b *testing.B) {
	images := make([]engine.Entry, 10_000)
	for i := range images {
		images[i] = stored(fmt.Sprintf("example.com/team-%d/service-%05d", i%40, i), fmt.Sprint("key", i%20), "")
	}
	var t engine.Trusted
	for i := range 20 {
		t.Keys = append(t.Keys, trustedKey(fmt.Sprint("key", i), "example.com"))
	}
	for b.Loop() {
		entriesOf(t, images)
	}
}
