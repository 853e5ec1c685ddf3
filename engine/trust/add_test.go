package trust

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/enginetest/gpg"
	"github.com/podtui/podtui/engine/trust/openpgp"
	"github.com/podtui/podtui/engine/trust/refusal"
)

// adds adds a copy of a key, and says what has to come of it.
func (s *Store) adds(t *testing.T, scope Scope, raw []byte, want Change) {
	t.Helper()
	if change, err := s.Add(scope, parsed(t, raw)); err != nil || change != want {
		t.Errorf("%v, %v; want %v", change, err, want)
	}
}

// refuses is adds where it has to be refused, and to change nothing.
func (s *Store) refuses(t *testing.T, scope Scope, raw []byte, want refusal.Kind, detail string) {
	t.Helper()
	before := s.content(t)
	_, err := s.Add(scope, parsed(t, raw))
	refused(t, err, want, detail)
	if after := s.content(t); after != before {
		t.Errorf("refused, and changed\n%s\nto\n%s", before, after)
	}
}

// refused wants a refusal of a kind, which says something.
func refused(t *testing.T, err error, want refusal.Kind, detail string) {
	t.Helper()
	r := (*refusal.Error)(nil)
	if !errors.As(err, &r) || r.Kind != want || !strings.Contains(err.Error(), detail) {
		t.Errorf("%v; want %v, %q", err, want, detail)
	}
}

// content is all that is in CONFIG.
func (s *Store) content(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat(s.folders.Config); err != nil {
		return ""
	}
	var all strings.Builder
	for name := range strings.Lines(s.files(t)) {
		raw, err := os.ReadFile(s.inConfig(strings.TrimSpace(name)))
		if err != nil {
			t.Error(err)
		}
		all.WriteString(name)
		all.Write(raw)
	}
	return all.String()
}

// holds wants keys to count for exactly these scopes.
func (s *Store) holds(t *testing.T, revoked bool, scopes ...Scope) {
	t.Helper()
	held, warnings := s.Keys()
	if len(held) != len(scopes) || len(warnings) != 0 {
		t.Fatalf("%d keys, %v; want %q", len(held), warnings, scopes)
	}
	for i, h := range held {
		if h.Scope != scopes[i] || h.Key.Revoked() != revoked {
			t.Errorf("%q, revoked: %v; want %q", h.Scope, h.Key.Revoked(), scopes[i])
		}
	}
}

func TestAddedKeyCountsThereAndOnce(t *testing.T) {
	t.Parallel()
	a := gpg.New(t).Key("alice")
	s := opened(t)
	s.adds(t, Root, a.Armored(), New)
	s.adds(t, Root, a.Armored(), Same)
	s.adds(t, Root, a.Binary(), Same)
	s.adds(t, "example.com/app", a.Binary(), New)
	s.adds(t, "example.com", a.Binary(), New)
	s.holds(t, false, Root, "example.com", "example.com/app")
	fp := a.Fingerprint()
	want := "trustedkeys/prefix.d/example.com/" + fp + "\ntrustedkeys/prefix.d/example.com/app/" + fp + "\ntrustedkeys/root.d/" + fp
	if got := s.files(t); sortedLines(got) != sortedLines(want) {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	err := filepath.WalkDir(s.folders.Config, func(name string, entry os.DirEntry, err error) error {
		info, _ := entry.Info()
		if mode := info.Mode(); err != nil || mode != 0o644 && mode != os.ModeDir|0o755 {
			t.Errorf("%s is %v", name, mode)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := s.Add("Example.com", parsed(t, a.Armored())); !errors.As(err, new(*ScopeError)) {
		t.Errorf("a scope that is none: %v", err)
	}
}

func TestRevocationReachesEveryPlaceAndIsNeverUndone(t *testing.T) {
	t.Parallel()
	a := gpg.New(t).Key("alice")
	old := a.Armored()
	a.Revoke()
	revoked := a.Armored()

	s := opened(t)
	s.refuses(t, Root, revoked, refusal.Revoked, "")
	s.adds(t, Root, old, New)
	s.adds(t, "example.com/app", old, New)
	s.adds(t, "example.org", revoked, Updated)
	s.holds(t, true, Root, "example.com/app")
	for _, scope := range []Scope{Root, "example.com/app"} {
		raw, err := os.ReadFile(s.inConfig(keyFile(scope, a.Fingerprint())))
		if err != nil || !parsed(t, raw).Revoked() {
			t.Errorf("%q has not heard of it: %v", scope, err)
		}
	}
	s.refuses(t, Root, old, refusal.Revoked, "older than its revocation")
	s.refuses(t, "example.net", old, refusal.Revoked, "older than its revocation")
	s.adds(t, Root, revoked, Same)
	s.adds(t, "example.net", revoked, Same)
	s.holds(t, true, Root, "example.com/app")

	// An old copy that somebody puts there by hand.
	write(t, s.inConfig(keyFile(Root, a.Fingerprint())), old)
	s.holds(t, true, Root, "example.com/app")
	s.adds(t, Root, revoked, Updated)
	s.adds(t, Root, revoked, Same)
}

func TestSystemsKeysAreUpdatedBesideThem(t *testing.T) {
	t.Parallel()
	home := gpg.New(t)
	a := home.Key("alice")
	old := a.Armored()
	a.Revoke()
	revoked := a.Armored()
	file := keyFile("example.com", a.Fingerprint())

	s := opened(t)
	theirs := filepath.Join(s.folders.System, file)
	write(t, theirs, old)
	s.adds(t, "example.com", old, Same)
	if got := s.content(t); got != "" {
		t.Errorf("written though it is there: %s", got)
	}
	s.adds(t, "example.com", revoked, Updated)
	s.holds(t, true, "example.com")
	if raw, _ := os.ReadFile(theirs); !bytes.Equal(raw, old) {
		t.Error("the system's file was changed")
	}

	// The system knows of the revocation, and CONFIG has what goes before it.
	s = opened(t)
	write(t, filepath.Join(s.folders.System, file), revoked)
	write(t, s.inConfig(file), old)
	s.holds(t, true, "example.com")
	write(t, s.inConfig(file), nil)
	s.holds(t, false)
	s.refuses(t, Root, old, refusal.Revoked, "older than its revocation")
	s.refuses(t, Root, revoked, refusal.Revoked, "")

	// A mask goes when the key is added, not when another is.
	b := home.Key("bob")
	s = opened(t)
	write(t, filepath.Join(s.folders.System, keyFile(Root, b.Fingerprint())), b.Armored())
	write(t, s.inConfig(keyFile(Root, strings.ToUpper(b.Fingerprint()))), nil)
	s.adds(t, "example.com", b.Armored(), New)
	s.holds(t, false, "example.com")
	s.adds(t, Root, b.Armored(), New)
	s.holds(t, false, Root, "example.com")
}

func TestKeysThatNobodyShouldBelieveAreNotAdded(t *testing.T) {
	t.Parallel()
	home := gpg.New(t)
	long := time.Now().Add(-72 * time.Hour)
	for name, c := range map[string]struct {
		key    gpg.Key
		want   refusal.Kind
		detail string
	}{
		"expired": {home.Key("a", gpg.CreatedAt(long), gpg.Expires("1d")), refusal.Expired, ""},
		"RSA":     {home.Key("b", gpg.RSA(1024)), refusal.Weak, "1024"},
		"DSA":     {home.Key("c", gpg.DSA()), refusal.Weak, "DSA"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := opened(t)
			s.refuses(t, Root, c.key.Armored(), c.want, c.detail)
			s.refuses(t, "example.com", c.key.Armored(), c.want, c.detail)
			// Where somebody put it by hand, it may stay, and comes no further.
			write(t, s.inConfig(keyFile(Root, c.key.Fingerprint())), c.key.Armored())
			s.adds(t, Root, c.key.Armored(), Same)
			s.refuses(t, "example.com", c.key.Armored(), c.want, c.detail)
		})
	}
}

func TestExtensionReachesEveryPlaceAndIsNotUndone(t *testing.T) {
	t.Parallel()
	a := gpg.New(t).Key("alice", gpg.CreatedAt(time.Now().Add(-72*time.Hour)), gpg.Expires("1d"))
	old := a.Armored()
	a.Extend(time.Now().Add(-time.Hour), "1y")
	extended := a.Armored()

	s := opened(t)
	write(t, s.inConfig(keyFile(Root, strings.ToUpper(a.Fingerprint()))), old)
	s.adds(t, "example.com", extended, New)
	s.adds(t, Root, old, Same)
	s.adds(t, "example.org", old, New)
	held, _ := s.Keys()
	if len(held) != 3 {
		t.Fatalf("%v", held)
	}
	for _, h := range held {
		raw, err := os.ReadFile(h.Path)
		if err != nil || parsed(t, raw).Problem(time.Now()) != nil || filepath.Base(h.Path) != a.Fingerprint() {
			t.Errorf("%s: %v", h.Path, err)
		}
	}
}

func TestBrokenSurroundingsStopAnAddWithTheirName(t *testing.T) {
	t.Parallel()
	a := gpg.New(t).Key("alice")
	for name, c := range map[string]struct {
		special func(s *Store) error
		scope   Scope
		want    string
	}{
		"a folder for the key": {func(s *Store) error { return os.MkdirAll(s.inConfig(keyFile(Root, a.Fingerprint())+"/x"), 0o755) },
			Root, "config/trustedkeys/root.d/" + a.Fingerprint() + ": file exists"},
		"a file for a folder": {func(s *Store) error {
			os.MkdirAll(s.inConfig("trustedkeys/prefix.d"), 0o755)
			return os.WriteFile(s.inConfig("trustedkeys/prefix.d/example.com"), nil, 0o644)
		}, "example.com/app", "config/trustedkeys/prefix.d/example.com"},
		"a FIFO for prefix.d": {func(s *Store) error {
			os.MkdirAll(s.inConfig("trustedkeys"), 0o755)
			return unix.Mkfifo(s.inConfig("trustedkeys/prefix.d"), 0o644)
		}, Root, "prefix.d: not a directory"},
		"trustedkeys leads out": {func(s *Store) error {
			os.Mkdir(s.folders.Config, 0o755)
			os.Mkdir(filepath.Join(s.folders.Config, "../outside"), 0o755)
			return os.Symlink("../outside", s.inConfig("trustedkeys"))
		}, Root, "config/trustedkeys: "},
		"CONFIG is a file": {func(s *Store) error { return os.WriteFile(s.folders.Config, nil, 0o644) }, Root, "config: not a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := opened(t)
			if err := c.special(s); err != nil {
				t.Fatal(err)
			}
			_, err := s.Add(c.scope, parsed(t, a.Armored()))
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v; want %q", err, c.want)
			}
			err = filepath.WalkDir(filepath.Dir(s.folders.Config), func(name string, entry os.DirEntry, err error) error {
				if filepath.Base(name) == unfinished || entry.Type().IsRegular() && filepath.Base(name) == a.Fingerprint() {
					t.Errorf("left behind: %s", name)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhatAnInterruptedWriteLeftIsReplaced(t *testing.T) {
	t.Parallel()
	a := gpg.New(t).Key("alice")
	for name, leave := range map[string]func(path string) error{
		"a torn file": func(path string) error { return os.WriteFile(path, []byte("-----BEGIN"), 0o600) },
		"a link":      func(path string) error { return os.Symlink("../../../victim", path) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := opened(t)
			write(t, s.inConfig("victim"), []byte("dear"))
			dir := s.inConfig("trustedkeys/prefix.d/example.com/")
			os.MkdirAll(dir, 0o755)
			if err := leave(dir + "/" + unfinished); err != nil {
				t.Fatal(err)
			}
			s.holds(t, false)
			s.adds(t, "example.com", a.Armored(), New)
			s.holds(t, false, "example.com")
			if _, err := os.Lstat(dir + "/" + unfinished); err == nil {
				t.Error("still there")
			}
			if raw, err := os.ReadFile(s.inConfig("victim")); string(raw) != "dear" {
				t.Errorf("a link was written through: %q, %v", raw, err)
			}
		})
	}
}

func TestSubkeysRevocationIsKept(t *testing.T) {
	t.Parallel()
	a := gpg.New(t).Key("alice", gpg.SigningSubkey())
	old, signature := a.Armored(), a.Sign(image)
	a.RevokeSubkey()
	s := opened(t)
	s.adds(t, Root, old, New)
	if _, err := s.Judge(given(t, signature)); err != nil {
		t.Fatal(err)
	}
	s.adds(t, "example.com", a.Armored(), New)
	s.adds(t, Root, old, Same)
	_, err := s.Judge(given(t, signature))
	refused(t, err, refusal.Revoked, "")
}

// image is what was downloaded.
var image = []byte("the bytes of an image, as they came\n")

func stateOf(t testing.TB, data []byte) *openpgp.State {
	t.Helper()
	h := openpgp.NewHashes()
	if _, err := h.Write(data); err != nil {
		t.Fatal(err)
	}
	state := h.State()
	return &state
}

func signatureOf(t testing.TB, raw []byte) *openpgp.Signatures {
	t.Helper()
	sig, err := openpgp.ReadSignatures(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

// given is example.com/app with a signature that came just now.
func given(t testing.TB, signature []byte) Subject {
	t.Helper()
	return Subject{Name: "example.com/app", Evidence: Evidence{Hashes: stateOf(t, image)}, Given: signatureOf(t, signature)}
}
