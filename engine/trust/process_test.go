package trust

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/enginetest/gpg"
	"github.com/podtui/podtui/engine/trust/openpgp"
)

// roleVariable makes the test's executable another podtui: CONFIG, and the key file of
// the key that it is about.
const roleVariable = "PODTUI_TRUST_TEST"

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		config, key, _ := strings.Cut(role, "\n")
		if err := addAndRemove(config, key); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// addAndRemove adds a key and removes it, over and over, in folders that it shares with
// others who do the same, and leaves it there.
func addAndRemove(config, keyFile string) error {
	unix.Umask(0o077)
	raw, err := os.ReadFile(keyFile)
	if err != nil {
		return err
	}
	keys, err := openpgp.ReadKeys(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	s, scope := Open(Folders{Config: config}), Scope("example.com/app/deep")
	for range 25 {
		for _, where := range []Scope{scope, "example.com"} {
			if _, err := s.Add(where, keys[0]); err != nil {
				return fmt.Errorf("add: %w", err)
			}
		}
		// The same key may be taken away by another process at any time.
		for _, in := range []*Scope{&scope, nil} {
			if _, err := s.Remove(keys[0].Fingerprint(), in); err != nil && !errors.As(err, new(*NotFoundError)) {
				return fmt.Errorf("remove: %w", err)
			}
		}
		if _, err := s.Approve(busy, "by "+keys[0].KeyID()); err != nil {
			return fmt.Errorf("approve: %w", err)
		}
		if err := s.Withdraw(busy); err != nil && !errors.As(err, new(*NotFoundError)) {
			return fmt.Errorf("withdraw: %w", err)
		}
	}
	return nil
}

func TestProcessesThatAddAndRemoveDontHinderEachOther(t *testing.T) {
	t.Parallel()
	home := gpg.New(t)
	s := opened(t)
	dir := t.TempDir()
	keep := home.Key("kept")
	s.adds(t, "example.com", keep.Armored(), New)

	var work sync.WaitGroup
	for i := range 4 {
		name := fmt.Sprintf("%s/%d", dir, i%2) // two and two share a key
		if i < 2 {
			write(t, name, home.Key(fmt.Sprint(i)).Armored())
		}
		work.Go(func() {
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), roleVariable+"="+s.folders.Config+"\n"+name)
			if out, err := child.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	done, stop := context.WithCancel(t.Context())
	defer stop()
	var reading sync.WaitGroup
	reading.Go(func() {
		for done.Err() == nil {
			held, warnings := s.Keys()
			if !hasKey(held, keep.Fingerprint()) {
				t.Error("the kept key is gone for a moment")
			}
			if len(warnings) > 0 { // a file that went since its name was read is none
				t.Error(warnings)
			}
		}
	})
	work.Wait()
	stop()
	reading.Wait()
	if got := s.files(t); got != keyFile("example.com", keep.Fingerprint()) {
		t.Errorf("left behind:\n%s", got)
	}
	s.noEmptyFolders(t)
}

func hasKey(held []Held, fingerprint string) bool {
	for _, h := range held {
		if h.Key.Fingerprint() == fingerprint {
			return true
		}
	}
	return false
}

// One adds the revocation while others add the copy from before it: whoever is first,
// it is there in the end, in every place that was taken.
func TestRevocationWinsAgainstOlderCopiesAtTheSameMoment(t *testing.T) {
	t.Parallel()
	a := gpg.New(t).Key("alice")
	old := parsed(t, a.Armored())
	a.Revoke()
	revoked := parsed(t, a.Armored())
	for range 20 {
		s := opened(t)
		s.adds(t, Root, old.Armored(), New)
		var work sync.WaitGroup
		for _, scope := range []Scope{Root, "example.com", "example.com/app"} {
			work.Go(func() { _, _ = s.Add(scope, old) }) // refused, if the revocation was first
		}
		work.Go(func() {
			if _, err := s.Add(Root, revoked); err != nil {
				t.Error(err)
			}
		})
		work.Wait()
		held, warnings := s.Keys()
		if len(held) == 0 || len(warnings) != 0 {
			t.Errorf("%v, %v", held, warnings)
		}
		for _, h := range held {
			if raw, err := os.ReadFile(h.Path); err != nil || !parsed(t, raw).Revoked() {
				t.Errorf("%s: %v", h.Path, err)
			}
		}
	}
}

func TestFilesAreForEverybodyToReadWhateverTheUmask(t *testing.T) {
	t.Parallel()
	a := gpg.New(t).Key("alice")
	s := opened(t)
	key := t.TempDir() + "/key"
	write(t, key, a.Armored())
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), roleVariable+"="+s.folders.Config+"\n"+key)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, dir := range []string{"trustedkeys", "trustedkeys/prefix.d", "trusteddigests"} {
		if info, err := os.Stat(s.inConfig(dir)); err != nil || info.Mode() != os.ModeDir|0o755 {
			t.Errorf("%s: %v, %v", dir, info.Mode(), err)
		}
	}
}
