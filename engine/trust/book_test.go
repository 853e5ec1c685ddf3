package trust

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest/gpg"
	"github.com/podtui/podtui/store"
)

func TestBookSaysWhatStillCounts(t *testing.T) {
	t.Parallel()
	home := gpg.New(t)
	a, b, gone, stolen := home.Key("alice"), home.Key("bob"), home.Key("gone"), home.Key("stolen")
	masked, short := home.Key("masked"), home.Key("short", gpg.CreatedAt(time.Now().Add(-72*time.Hour)), gpg.Expires("1d"))
	sub, part := home.Key("sub", gpg.SigningSubkey()), home.Key("part", gpg.SigningSubkey(), gpg.SigningSubkey())
	part.RevokeSubkey()
	s := opened(t)
	s.keep(t, Root, sub)
	s.keep(t, Root, part)
	s.keep(t, "example.com/app", a)
	s.keep(t, Root, b)
	s.keep(t, Root, short)
	s.keep(t, "example.org", stolen)
	stolen.Revoke()
	s.keep(t, "example.net", stolen)
	write(t, filepath.Join(s.folders.System, keyFile(Root, masked.Fingerprint())), masked.Armored())
	write(t, s.inConfig(keyFile(Root, masked.Fingerprint())), nil)
	write(t, s.inConfig(keyFile(Root, someFP)), []byte("broken"))
	broken := "docker://docker.io/library/broken@sha256:" + hex64
	write(t, s.inConfig(Pin(broken).file()), []byte("broken"))
	s.Approve(busy, "")
	book, err := s.Book()
	if err != nil {
		t.Fatal(err)
	}
	// A book is what was true when it was made.
	s.Approve(Pin("sha512-"+hex128), "")
	for name, c := range map[string]struct {
		key, pin, name string
		want           bool
	}{
		"a prefix":            {a.Fingerprint(), "", "example.com/app", true},
		"below it":            {a.Fingerprint(), "", "example.com/app/x", true},
		"beside it":           {a.Fingerprint(), "", "example.com/application", false},
		"all":                 {b.Fingerprint(), "", "example.com/application", true},
		"expired since":       {short.Fingerprint(), "", "example.com/app", true},
		"revoked":             {stolen.Fingerprint(), "", "example.net/x", false},
		"revoked elsewhere":   {stolen.Fingerprint(), "", "example.org/x", false},
		"with a subkey":       {sub.Fingerprint(), "", "example.com/app", true},
		"a subkey is revoked": {part.Fingerprint(), "", "example.com/app", false},
		"removed":             {gone.Fingerprint(), "", "example.com/app", false},
		"masked":              {masked.Fingerprint(), "", "example.com/app", false},
		"broken":              {someFP, "", "example.com/app", false},
		"no fingerprint":      {"../../x", "", "example.com/app", false},
		"nothing":             {"", "", "example.com/app", false},
		"a pin":               {"", string(busy), "docker.io/library/busybox", true},
		"a broken pin":        {"", broken, "docker.io/library/broken", false},
		"another pin":         {"", string(busy) + "0", "docker.io/library/busybox", false},
		"no pin":              {"", "docker://../..@..", "docker.io/library/busybox", false},
		"approved afterwards": {"", "sha512-" + hex128, "example.com/app", false},
	} {
		for range 2 {
			if got := book.Counts(c.key, c.pin, c.name); got != c.want {
				t.Errorf("%s: %v", name, got)
			}
		}
	}
	if len(book.keys.known) > 8 { // those that were asked for, and are there
		t.Errorf("%d keys were read", len(book.keys.known))
	}
	os.RemoveAll(s.folders.Config)
	if empty, err := s.Book(); err != nil || empty.Counts(b.Fingerprint(), string(busy), "x") {
		t.Error("without a folder:", err)
	}
}

// full is a host with keys for five prefixes each, and as many approved digests.
func full(b *testing.B, n int) (s *Store, keys []gpg.Key) {
	home := gpg.New(b)
	s = opened(b)
	for i := range n {
		k := home.Key(fmt.Sprintf("signer %d <s@example.com>", i), gpg.CreatedAt(time.Now().Add(-time.Hour)))
		keys = append(keys, k)
		for j := range 5 {
			s.keep(b, Scope(fmt.Sprintf("host%d.example.com/app%d", i%10, (i+j)%5)), k)
		}
		if _, err := s.Approve(Pin(fmt.Sprintf("docker://docker.io/library/app%d@sha256:%064x", i, i)), ""); err != nil {
			b.Fatal(err)
		}
	}
	return s, keys
}

func BenchmarkBookOf10000Images(b *testing.B) {
	s, keys := full(b, 20)
	fingerprints := make([]string, len(keys))
	for i, k := range keys {
		fingerprints[i] = k.Fingerprint()
	}
	type image struct{ key, pin, name string }
	images := make([]image, 10000)
	for i := range images {
		j := i % 20
		images[i] = image{fingerprints[j], "", fmt.Sprintf("host%d.example.com/app%d/part/of/%d", j%10, j%5, i)}
		if i%4 == 0 {
			images[i] = image{"", fmt.Sprintf("docker://docker.io/library/app%d@sha256:%064x", j, j), "x"}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		book, err := s.Book()
		if err != nil {
			b.Fatal(err)
		}
		for _, x := range images {
			if !book.Counts(x.key, x.pin, x.name) {
				b.Fatal(x)
			}
		}
	}
}

func BenchmarkJudge(b *testing.B) {
	for _, n := range []int{2, 20} {
		s, keys := full(b, n)
		signed := given(b, keys[1].Sign(image))
		signed.Name = "host1.example.com/app3"
		v, err := s.Judge(signed)
		if err != nil {
			b.Fatal(err)
		}
		recorded := signed
		recorded.Given, recorded.Recorded = nil, v
		pin := fmt.Sprintf("docker://docker.io/library/app1@sha256:%064x", 1)
		pinned := Subject{Name: "x", Evidence: Evidence{Digests: []string{pin}}, Recorded: &store.Verification{Pin: pin}}
		for name, x := range map[string]Subject{"recorded": recorded, "new": signed, "pinned": pinned} {
			b.Run(fmt.Sprintf("%s/%dkeys", name, n), func(b *testing.B) {
				for b.Loop() {
					if _, err := s.Judge(x); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
