package trust

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/enginetest/gpg"
)

func TestRemoveTakesWhatItWasAskedFor(t *testing.T) {
	t.Parallel()
	home := gpg.New(t)
	a, b := home.Key("alice", gpg.SigningSubkey()), home.Key("bob")
	fp := a.Fingerprint()
	scope := func(s Scope) *Scope { return &s }
	all := []Scope{"", "example.com", "example.com/app", "example.com/app/deep/down"}
	bobs := keyFile("example.com", b.Fingerprint())

	for name, c := range map[string]struct {
		id    string
		in    *Scope
		gone  []Scope
		error string
	}{
		"everywhere":             {id: fp, gone: all},
		"in capitals":            {id: strings.ToUpper(fp), gone: all},
		"as a review shows it":   {id: grouped(fp), gone: all},
		"by its key ID":          {id: a.KeyID(), gone: all},
		"as gpg writes an ID":    {id: "0x" + a.KeyID(), gone: all},
		"by a short ID":          {id: a.KeyID()[8:], gone: all},
		"by its beginning":       {id: fp[:8], gone: all},
		"by a subkey":            {id: a.Subkeys()[0], gone: all},
		"for all images":         {id: fp, in: scope(Root), gone: all[:1]},
		"for a prefix":           {id: fp, in: scope("example.com"), gone: all[1:2]},
		"for a deep prefix":      {id: a.KeyID(), in: scope("example.com/app/deep/down"), gone: all[3:]},
		"for another prefix":     {id: fp, in: scope("example.org"), error: fp + " is not trusted for the prefix example.org"},
		"for a prefix above":     {id: fp, in: scope("example.com/app/deep"), error: "is not trusted for the prefix example.com/app/deep"},
		"bob for all":            {id: b.Fingerprint(), in: scope(Root), error: "is not trusted for all images"},
		"an unknown key":         {id: someFP, error: someFP + " is not trusted here"},
		"too short":              {id: fp[:7], error: "at least 8 of its digits"},
		"no ID":                  {id: "alice@example.com", error: "alice@example.com is no key"},
		"an escape":              {id: "\x1b[2J\n", error: `\x1b[2J\n is no key`},
		"nothing":                {id: "", error: "at least 8 of its digits"},
		"a path":                 {id: "../../" + fp, error: "is no key"},
		"longer than any":        {id: fp + fp, error: "is not trusted here"},
		"what two keys begin as": {id: "01234567", error: "01234567 is the ID of 2 keys: 0123456700000000000000000000000000000000, 0123456711111111111111111111111111111111"},
		"what two keys end as":   {id: "89abcdef", error: "is the ID of 2 keys"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := opened(t)
			for _, scope := range all {
				s.adds(t, scope, a.Armored(), New)
			}
			s.adds(t, "example.com", b.Armored(), New)
			for _, name := range []string{"01234567" + long("0", 32), "01234567" + long("1", 32), long("2", 32) + "89abcdef", long("3", 32) + "89abcdef"} {
				write(t, s.inConfig(keyFile(Root, name)), []byte("broken"))
			}
			before := s.content(t)
			held, err := s.Remove(c.id, c.in)
			if c.error != "" {
				if err == nil || !strings.Contains(err.Error(), c.error) || held != nil || s.content(t) != before {
					t.Errorf("%v, %v; want %q", held, err, c.error)
				}
				return
			}
			if err != nil || len(held) != len(c.gone) {
				t.Fatalf("%v, %v", held, err)
			}
			for i, scope := range c.gone {
				if held[i].Scope != scope || held[i].Key.Fingerprint() != fp {
					t.Errorf("%q, %s", held[i].Scope, held[i].Key.Fingerprint())
				}
				if _, err := os.Lstat(held[i].Path); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("%s: %v", held[i].Path, err)
				}
			}
			if raw, err := os.ReadFile(s.inConfig(bobs)); err != nil || len(raw) == 0 {
				t.Errorf("bob's key: %v", err)
			}
			if left := strings.Count(s.files(t), fp); left != len(all)-len(c.gone) {
				t.Errorf("%d files are left", left)
			}
			s.noEmptyFolders(t)
			if _, err := s.Remove(c.id, c.in); !errors.As(err, new(*NotFoundError)) {
				t.Errorf("again: %v", err)
			}
		})
	}
}

func grouped(fp string) string {
	var groups []string
	for ; fp != ""; fp = fp[4:] {
		groups = append(groups, fp[:4])
	}
	return strings.Join(groups, " ")
}

// noEmptyFolders wants none but those that are always there.
func (s *Store) noEmptyFolders(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(s.folders.Config, func(name string, entry os.DirEntry, err error) error {
		if !entry.IsDir() || err != nil {
			return err
		}
		in, err := os.ReadDir(name)
		switch base := entry.Name(); {
		case len(in) > 0, base == keysFolder, base == rootFolder, base == prefixFolder, base == pinsFolder:
		default:
			t.Errorf("%s is empty", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestRemovedSystemKeyDoesNotComeBack(t *testing.T) {
	t.Parallel()
	a := gpg.New(t).Key("alice")
	file := keyFile("example.com", a.Fingerprint())
	for name, ours := range map[string]string{
		"only the system's":  "",
		"ours before it":     file,
		"ours in capitals":   keyFile("example.com", strings.ToUpper(a.Fingerprint())),
		"ours for all":       keyFile(Root, a.Fingerprint()),
		"ours for an inside": keyFile("example.com/app", a.Fingerprint()),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := opened(t)
			write(t, filepath.Join(s.folders.System, file), a.Armored())
			if ours != "" {
				write(t, s.inConfig(ours), a.Armored())
			}
			if _, err := s.Remove(a.Fingerprint(), nil); err != nil {
				t.Error(err)
			}
			s.holds(t, false)
			if got := s.content(t); got != file {
				t.Errorf("%q; want an empty %s", got, file)
			}
			if _, err := s.Remove(a.Fingerprint(), nil); !errors.As(err, new(*NotFoundError)) {
				t.Errorf("again: %v", err)
			}
			s.adds(t, "example.com", a.Armored(), New)
			s.holds(t, false, "example.com")
		})
	}
}

func TestBrokenFilesAreRemovedAndLeftoversDontHold(t *testing.T) {
	t.Parallel()
	s := opened(t)
	write(t, s.inConfig(keyFile("example.com/app", someFP)), []byte("broken"))
	write(t, s.inConfig(keyFile("example.com/app", unfinished)), []byte("torn"))
	write(t, s.inConfig(keyFile("example.com", unfinished)), []byte("torn"))
	held, err := s.Remove(someFP, nil)
	if held != nil || err != nil {
		t.Error(held, err)
	}
	if got := s.files(t); got != "" {
		t.Errorf("left: %s", got)
	}
	s.noEmptyFolders(t)
	if _, err := os.Stat(s.inConfig("trustedkeys/prefix.d")); err != nil {
		t.Error(err)
	}
}

func TestNotFoundSaysWhere(t *testing.T) {
	t.Parallel()
	for scope, want := range map[string]string{"": "for all images", "example.com": "for the prefix example.com"} {
		s := Scope(scope)
		if got := (&NotFoundError{What: "x\n", Scope: &s}).Error(); got != fmt.Sprintf(`x\n is not trusted %s`, want) {
			t.Error(got)
		}
	}
}
