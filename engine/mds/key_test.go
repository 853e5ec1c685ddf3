package mds

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
)

func TestTheKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(data string) error{
		"in a new folder": func(string) error { return nil },
		"where a crash left half of it": func(data string) error {
			return os.WriteFile(filepath.Join(data, keyFile+".new"), []byte("half"), 0o644)
		},
		"where a crash left more than it": func(data string) error {
			return os.WriteFile(filepath.Join(data, keyFile+".new"), make([]byte, 2*keySize), 0o644)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			if err := before(data); err != nil {
				t.Fatal(err)
			}
			keys := make([]*Key, 32)
			var all sync.WaitGroup
			for i := range keys {
				all.Go(func() {
					var err error
					if keys[i], err = OpenKey(data); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			for _, key := range keys {
				if key == nil || *key != *keys[0] || *key == (Key{}) {
					t.Fatal("not everybody has the same key")
				}
			}
			info, err := os.Lstat(filepath.Join(data, keyFile))
			if err != nil || info.Mode() != 0o600 || info.Size() != keySize {
				t.Errorf("%v, %v", info, err)
			}
			if entries, _ := os.ReadDir(data); len(entries) != 1 {
				t.Errorf("the folder has %v", entries)
			}
		})
	}
}

func TestADamagedKeyIsNeverReplaced(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(path string) error{
		"empty":     func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"too short": func(path string) error { return os.WriteFile(path, make([]byte, keySize-1), 0o600) },
		"too long":  func(path string) error { return os.WriteFile(path, make([]byte, keySize+1), 0o600) },
		"a folder":  func(path string) error { return os.Mkdir(path, 0o700) },
		"a link":    func(path string) error { return os.Symlink("/dev/zero", path) },
	} {
		path := filepath.Join(t.TempDir(), keyFile)
		if err := damage(path); err != nil {
			t.Fatal(err)
		}
		before, _ := os.Lstat(path)
		_, err := OpenKey(filepath.Dir(path))
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
		if after, _ := os.Lstat(path); after.Size() != before.Size() || after.Mode() != before.Mode() {
			t.Errorf("%s: it is another file now", name)
		}
	}
}

func TestATokenStandsForOnePod(t *testing.T) {
	t.Parallel()
	key, pod := newKey(t), uuid.NewString()
	token := key.Token(pod)
	if got, ok := key.podOf(token); !ok || got != pod {
		t.Errorf("%q, %v", got, ok)
	}
	if strings.Contains(token, pod) || token == key.Token(uuid.NewString()) || token == newKey(t).Token(pod) {
		t.Error("it can be guessed")
	}
	for i := range token {
		for _, c := range "AB" {
			if other := token[:i] + string(c) + token[i+1:]; other != token {
				if _, ok := key.podOf(other); ok {
					t.Errorf("%q counts as well as %q", other, token)
				}
			}
		}
	}
}

func TestOneServiceForAllPods(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if at := Shared(data); at != "" {
		t.Errorf("at %q, before there was one", at)
	}
	claim, err := NewClaim(data)
	if err != nil {
		t.Fatal(err)
	}
	if at := Shared(data); at != "" {
		t.Errorf("at %q, before it was told", at)
	}
	if err := claim.Tell("127.0.0.1:18112"); err != nil {
		t.Fatal(err)
	}
	if at := Shared(data); at != "127.0.0.1:18112" {
		t.Errorf("at %q", at)
	}
	if _, err := NewClaim(data); err == nil || !strings.Contains(err.Error(), "127.0.0.1:18112") {
		t.Errorf("a second one: %v", err)
	}
	claim.Release()
	if at := Shared(data); at != "" {
		t.Errorf("at %q, after its end", at)
	}
	if claim, err = NewClaim(data); err != nil {
		t.Fatal(err)
	}
	defer claim.Release()
	if at := Shared(data); at != "" {
		t.Errorf("at %q, which an earlier one has left", at)
	}
	if err := claim.Tell("[::1]:1"); err != nil {
		t.Fatal(err)
	}
	if at := Shared(data); at != "[::1]:1" {
		t.Errorf("at %q", at)
	}
}
