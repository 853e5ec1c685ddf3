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
		{"example.com/app · example.com/app/x · example.com/application · other.org/app", "The key still counts for example.com/app. Would no longer run: other.org/app."},
		{"example.com/app · example.com/app/x", "The key still counts for all images, and for these names with it: nothing stops running."},
		{"other.org/both", "The key still counts for other.org/both. No image stops running: others vouch for what it vouches for."},
		{"other.org/both", "The key still counts for other.org, and for these names with it: nothing stops running."},
		{"other.org/pinned", "Would no longer run: other.org/pinned."},
		{"no image that is here", "No image that is here depends on it."},
		{"no image that is here", "No image that is here depends on it."},
	} {
		e := s.all[i]
		if got := imageWords(e.images); got != want.vouches {
			t.Errorf("%s vouches for %s, want %s", e.id(), got, want.vouches)
		}
		if got := strings.Join(s.stops(e), " "); got != want.stops {
			t.Errorf("without %s: %s\nwant %s", e.id(), got, want.stops)
		}
	}
}

// What a revocation takes away, wherever the key counts; and that it can be forgotten.
func TestWhatARevocationMeans(t *testing.T) {
	t.Parallel()
	images := []engine.Entry{
		stored("example.com/app", "aa", ""), stored("other.org/app", "aa", ""), stored("other.org/pinned", "aa", ""), stored("third.org/app", "aa", ""),
	}
	gone := trustedKey("cc", "example.com")
	gone.Problem = "revoked: the key was revoked on 2026-01-02"
	alone := gone
	alone.Fingerprint, alone.Scope = "dd", "example.com"
	both, odd := gone, gone
	both.Scope = "other.org"
	odd.Fingerprint = "ee"
	s := &Screen{all: entriesOf(engine.Trusted{
		Keys: []engine.TrustedKey{trustedKey("aa", "example.com"), trustedKey("aa", "other.org"), gone, both, alone, odd, trustedKey("ee", "")},
		Pins: []engine.TrustedPin{{Pin: "sha512-other.org/pinned"}},
	}, images)}
	came := trustedKey("aa", "").KeyInfo
	came.Problem = gone.Problem
	c := s.foresee(came)
	if got := willStop(c.lost); c.why != "" || len(c.revokes) != 2 || got != "2 images will no longer run: example.com/app, other.org/app." {
		t.Errorf("%+v: %s", c, got)
	}
	for i, want := range map[int]string{
		2: "The key stays revoked: it is here for other.org too.",
		4: "Its revocation is forgotten with it: an older copy could be trusted again. While it stays here it is refused.",
		5: "Its revocation is forgotten with it: the key would count again for all images.",
	} {
		if got := strings.Join(s.stops(s.all[i]), " "); got != want {
			t.Errorf("without %s: %s\nwant %s", s.all[i].id(), got, want)
		}
	}
}

// Nothing is offered that the engine refuses.
func TestWhatCantBeTrustedIsForeseen(t *testing.T) {
	t.Parallel()
	key := func(fingerprint, problem string) engine.KeyInfo {
		return engine.KeyInfo{Fingerprint: fingerprint, Problem: problem}
	}
	held := func(fingerprint, problem string) engine.TrustedKey {
		return engine.TrustedKey{KeyInfo: key(fingerprint, problem), Scope: "example.com"}
	}
	const expired, weak, gone = "expired: the key expired on 2026-01-02 (key 01, \"x\")", "weak: RSA 1024", "revoked: the key was revoked"
	s := &Screen{all: entriesOf(engine.Trusted{Keys: []engine.TrustedKey{held("good", ""), held("old", expired), held("gone", gone)}}, nil)}
	for _, c := range []struct {
		name  string
		key   engine.KeyInfo
		scope string
		why   string
	}{
		{"a new key", key("new", ""), "example.com", ""},
		{"a key that is here, for more names", key("good", ""), "other.org", ""},
		{"expired, and not here", key("new", expired), "example.com", "expired: the key expired on 2026-01-02"},
		{"weak, and not here", key("new", weak), "example.com", weak},
		{"revoked, and not here", key("new", gone), "example.com", gone},
		{"an expired copy of a good one", key("good", expired), "other.org", ""},
		{"expired here as well, for the same names", key("old", expired), "example.com", ""},
		{"expired here as well, for more names", key("old", expired), "other.org", "expired: the key expired on 2026-01-02"},
		{"an old copy of a revoked one", key("gone", ""), "example.com", "revoked: this copy is older than the key's revocation, which is here"},
		{"a revocation that is here", key("gone", gone), "example.com", gone},
		{"a revocation that came", key("good", gone), "other.org", ""},
	} {
		s.add.scope.Set(c.scope)
		got := s.foresee(c.key)
		if got.why != c.why || (got.mend != "") != (c.why != "") || c.why != "" && got.key.Problem == "" {
			t.Errorf("%s: %+v", c.name, got)
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
	if got := s.stopping(s.all[0]); !strings.HasPrefix(got, "Would no longer run: example.com/0000, ") || !strings.HasSuffix(got, "/0004, and 1,229 more.") {
		t.Error(got)
	}
}

// What was approved is called by its name where that is known, before its digest.
func TestWhatWasApprovedHasAName(t *testing.T) {
	t.Parallel()
	id, other := "sha512-"+strings.Repeat("ab", 64), "sha512-"+strings.Repeat("cd", 64)
	here := stored("example.com/app", "aa", "") // somebody vouches for it as well
	here.ID = id
	from := stored("registry.test/backup", "", "docker://registry.test/backup@sha256:"+strings.Repeat("9f", 32))
	for _, c := range []struct{ pin, note, want string }{
		{id, "looked at", "example.com/app · sha512-abababababab…"},
		{other, "example.com/gone 1.0", "example.com/gone 1.0 · sha512-cdcdcdcdcdcd…"},
		{other, "", "sha512-cdcdcdcdcdcd…"},
		{from.VerifiedPin, "x", "registry.test/backup · docker://registry.test/backup@9f9f9f9f9f9f…"},
		{"docker://quay.io/x@sha256:" + strings.Repeat("12", 32), "x", "docker://quay.io/x@121212121212…"},
	} {
		all := entriesOf(engine.Trusted{Pins: []engine.TrustedPin{{Pin: c.pin, Note: c.note}}}, []engine.Entry{here, from})
		if got := all[0].owner; got != c.want {
			t.Errorf("%s, %q: %s, want %s", c.pin, c.note, got, c.want)
		}
	}
}

func TestWhatWasApprovedIsShort(t *testing.T) {
	t.Parallel()
	digits := strings.Repeat("0123456789abcdef", 8)
	for pin, want := range map[string]string{
		"docker://quay.io/coreos/etcd@sha256:" + digits[:64]: "docker://quay.io/coreos/etcd@0123456789ab…",
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
