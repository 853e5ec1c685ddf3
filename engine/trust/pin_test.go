package trust

import (
	"bytes"
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

var (
	hex64  = long("0123456789abcdef", 4)
	hex128 = long("0123456789abcdef", 8)
	busy   = Pin("docker://docker.io/library/busybox@sha256:" + hex64)
)

func TestDigestIsCompletedAsDockerDoes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Pin{
		"docker://busybox@sha256:" + hex64:                          busy,
		"docker://docker.io/busybox@sha256:" + hex64:                busy,
		"docker://index.docker.io/library/busybox@sha256:" + hex64:  busy,
		"docker://busybox:1.36@sha256:" + hex64:                     busy,
		"docker://DOCKER.io/library/busybox:latest@sha256:" + hex64: busy,
		"docker://localhost:5000/a/b@sha256:" + hex64:               Pin("docker://localhost:5000/a/b@sha256:" + hex64),
		"docker://[::1]:5000/a@sha512:" + hex128:                    Pin("docker://[::1]:5000/a@sha512:" + hex128),
		"sha512-" + hex128:                                          Pin("sha512-" + hex128),
	} {
		p, err := ParsePin(text)
		if err != nil || p != want {
			t.Errorf("%s: %s, %v", text, p, err)
		}
		if again, err := ParsePin(string(p)); err != nil || again != p {
			t.Errorf("%s is not what it is parsed to: %s, %v", p, again, err)
		}
		if back, ok := pinOf(p.file()); !ok || back != p {
			t.Errorf("%s lies in %s, which is %s", p, p.file(), back)
		}
	}
}

func TestWhatIsNoExactContentIsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                     "write docker://REGISTRY/REPOSITORY@sha256:…",
		"busybox":                              "write docker://REGISTRY/REPOSITORY@sha256:…",
		"busybox@sha256:" + hex64:              "write docker://REGISTRY/REPOSITORY@sha256:…",
		"sha256:" + hex64:                      "write docker://REGISTRY/REPOSITORY@sha256:…",
		"https://example.com/app.aci":          "write docker://",
		"docker://busybox":                     "write docker://docker.io/library/busybox@sha256:",
		"docker://busybox:latest":              "names no exact content; write docker://docker.io/library/busybox@sha256:",
		"docker://busybox@sha256:12":           "64 hex digits",
		"docker://busybox@md5:" + hex64:        "64 hex digits",
		"docker://busybox@sha256:" + hex64[1:]: "64 hex digits",
		"docker://busybox@sha256:" + strings.ToUpper(hex64):   "64 hex digits",
		"docker://../x@sha256:" + hex64:                       "is not a registry",
		"docker://a.b/../x@sha256:" + hex64:                   "is not a repository",
		"docker://a.b/x/@sha256:" + hex64:                     "is not a repository",
		"docker://" + long("a", 300) + ".b/x@sha256:" + hex64: "no host has so long a name",
		"sha512-":                           "has 128 digits",
		"sha512-" + hex64:                   "has 128 digits",
		"sha512-" + hex128 + "0":            "has 128 digits",
		"sha512-" + strings.ToUpper(hex128): "0 to 9 and a to f",
		"sha512-" + hex128[1:] + "/":        "has 128 digits",
		"\x1b[2J":                           `"\x1b[2J"`,
	} {
		p, err := ParsePin(text)
		if p != "" || err == nil || !strings.Contains(err.Error(), want) || strings.ContainsAny(err.Error(), "\x1b\n") {
			t.Errorf("%q: %q, %v; want %q", text, p, err, want)
		}
	}
}

func FuzzParsePin(f *testing.F) {
	for _, s := range []string{string(busy), "sha512-" + hex128, "docker://busybox:1@sha256:" + hex64, "docker://[::1]:1/a@sha512:" + hex128, "docker://a/../b@sha256:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePin(s)
		if err != nil {
			if p != "" || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("%q: %q, %q", s, p, err)
			}
			return
		}
		file := p.file()
		if path.Clean(file) != file || !strings.HasPrefix(file, "trusteddigests/") || strings.Contains(file, "..") {
			t.Errorf("%q lies in %q", p, file)
		}
		if back, ok := pinOf(file); !ok || back != p {
			t.Errorf("%q lies in %q, which is %q", p, file, back)
		}
	})
}

// opened is a Store of new folders.
func opened(t testing.TB) *Store {
	dir := t.TempDir()
	return Open(Folders{Config: filepath.Join(dir, "config"), System: filepath.Join(dir, "system")})
}

func (s *Store) inConfig(name string) string { return filepath.Join(s.folders.Config, name) }

// write puts a file below one of the folders, as an administrator would.
func write(t testing.TB, name string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// files are the paths of all that is in CONFIG but folders, one a line.
func (s *Store) files(t testing.TB) string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(s.folders.Config, func(name string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, err = filepath.Rel(s.folders.Config, name)
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, "\n")
}

func TestApprovalLivesUntilItIsWithdrawn(t *testing.T) {
	t.Parallel()
	for _, p := range []Pin{busy, Pin("sha512-" + hex128), Pin("docker://[::1]:5000/a@sha512:" + hex128)} {
		s := opened(t)
		if held, warnings := s.Pins(); held != nil || warnings != nil {
			t.Errorf("before: %v, %v", held, warnings)
		}
		if err := s.Withdraw(p); !errors.As(err, new(*NotFoundError)) || !strings.Contains(err.Error(), string(p)) {
			t.Errorf("withdrawn before it was there: %v", err)
		}
		for i, step := range []struct {
			note, want string
			change     Change
		}{{"by\n\x1b[2Jme", "by\n\x1b[2Jme", New}, {"", "by\n\x1b[2Jme", Same}, {"by you", "by\n\x1b[2Jme", Same}} {
			if change, err := s.Approve(p, step.note); err != nil || change != step.change {
				t.Errorf("%d: %v, %v", i, change, err)
			}
			held, warnings := s.Pins()
			if len(held) != 1 || warnings != nil || held[0].Pin != p || held[0].Note != step.want ||
				held[0].At.IsZero() || held[0].Path != s.inConfig(p.file()) {
				t.Errorf("%d: %+v, %v", i, held, warnings)
			}
		}
		was := []byte(`{"note":"n","at":"2020-01-02T03:04:05Z"}`)
		write(t, s.inConfig(p.file()), was)
		if change, err := s.Approve(p, "later"); err != nil || change != Same {
			t.Errorf("approved long ago: %v, %v", change, err)
		}
		if now, err := os.ReadFile(s.inConfig(p.file())); err != nil || !bytes.Equal(now, was) {
			t.Errorf("it was changed: %s, %v", now, err)
		}
		info, err := os.Stat(s.inConfig(p.file()))
		if err != nil || info.Mode() != 0o644 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
		if err := s.Withdraw(p); err != nil {
			t.Error(err)
		}
		if held, warnings := s.Pins(); held != nil || warnings != nil {
			t.Errorf("after: %v, %v", held, warnings)
		}
		if left, _ := os.ReadDir(s.inConfig(pinsFolder)); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

func TestPinsThatAreNotWellFormedAreNeitherWrittenNorBelieved(t *testing.T) {
	t.Parallel()
	s := opened(t)
	for _, p := range []Pin{"", "x", "docker://busybox", "docker://busybox@sha256:" + Pin(hex64) + "/../../x", "sha512-../../x"} {
		if _, err := s.Approve(p, ""); err == nil {
			t.Errorf("%q is approved", p)
		}
		if s.Withdraw(p) == nil {
			t.Errorf("%q is withdrawn", p)
		}
	}
	if _, err := s.Approve(busy, long("x", maxNote+1)); err == nil || !strings.Contains(err.Error(), "at most 1024") {
		t.Error(err)
	}
	if _, err := os.Stat(s.folders.Config); err == nil {
		t.Error("something was written")
	}
}

func TestStrangeFilesOfPinsAreNamedAndDontCount(t *testing.T) {
	t.Parallel()
	good := `{"note":"n","at":"2026-01-02T03:04:05Z"}`
	for name, c := range map[string]struct{ file, content, want string }{
		"empty":               {busy.file(), "", "not an approval"},
		"no JSON":             {busy.file(), "yes", "not an approval"},
		"no object":           {busy.file(), "[]", "not an approval"},
		"null":                {busy.file(), "null", `without "at"`},
		"no time":             {busy.file(), `{"note":"n"}`, `without "at"`},
		"a time that is none": {busy.file(), `{"at":"yesterday"}`, "not an approval"},
		"an unknown field":    {busy.file(), `{"at":"2026-01-02T03:04:05Z","until":"2027"}`, "not an approval"},
		"more after it":       {busy.file(), good + good, "something follows"},
		"a torn write":        {busy.file(), good[:20], "not an approval"},
		"a note too long":     {busy.file(), `{"at":"2026-01-02T03:04:05Z","note":"` + long("x", maxNote+1) + `"}`, "at most 1024"},
		"10 MB":               {busy.file(), long(" ", 10<<20), "larger than"},
		"no digest":           {"trusteddigests/docker.io/library/busybox/latest", good, "not named as an approved digest"},
		"not whole":           {"trusteddigests/docker.io/busybox/sha256:" + hex64, good, "not named as an approved digest"},
		"in no registry":      {"trusteddigests/sha256:" + hex64, good, "not named as an approved digest"},
		"a short ID":          {"trusteddigests/sha512-" + hex64, good, "not named as an approved digest"},
		"an escape":           {"trusteddigests/\x1b[2J", good, `\x1b[2J`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := opened(t)
			write(t, s.inConfig(c.file), []byte(c.content))
			held, warnings := s.Pins()
			if held != nil || len(warnings) != 1 || !strings.Contains(warnings[0].Error(), c.want) ||
				!strings.HasPrefix(warnings[0].Error(), s.inConfig("trusteddigests/")) || strings.Contains(warnings[0].Error(), "\x1b") {
				t.Errorf("%v, %q; want %q", held, warnings, c.want)
			}
			for _, p := range []Pin{busy, Pin("sha512-" + hex128)} {
				if v, err := s.Judge(Subject{Name: "example.com/x", ID: "sha512-" + hex128, Evidence: Evidence{Digests: []string{string(p)}}}); err == nil {
					t.Errorf("it vouches: %+v", v)
				}
			}
			if change, err := s.Approve(busy, ""); err != nil || change != New {
				t.Errorf("can't be mended: %v, %v", change, err)
			}
		})
	}
}
