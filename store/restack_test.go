package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// based is an image on one that tells what it is, and the archive of the upper one.
type based struct {
	s         *Store
	archive   []byte
	good, bad string // images that can be below
	top       Image  // on bad
}

// recipes of bases, by which they are told apart. In either the folder of the
// upper image has other attributes, so that a layer is derived for each.
func base(name string, mode string) string {
	return fmt.Sprintf("dir rootfs mode=0755\ndir rootfs/etc mode=%s\nfile rootfs/etc/who %s\n", mode, name)
}

// newBased makes one whose upper image was verified on the bad one, and which has
// a list of paths if any are given.
func newBased(t *testing.T, was standing, whitelist ...string) *based {
	t.Helper()
	b := &based{s: open(t)}
	b.good = addOn(t, b.s, manifestWith("example.com/base", 0), base("good", "0711")).ID
	b.bad = addOn(t, b.s, manifestWith("example.com/base", 0), base("bad", "0700")).ID
	b.archive = build(t, fmt.Sprintf("file manifest %q\nfile rootfs/etc/top top\n", manifestWith("example.com/top", 1, whitelist...)))
	b.top = b.must(t, CommitOptions{Dependencies: []string{b.bad}, Verified: was.Verified, Evidence: was.Evidence, Insecure: was.Insecure})
	return b
}

func (b *based) must(t *testing.T, o CommitOptions) Image {
	t.Helper()
	img, err := commit(t, b.s, b.archive, o)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// who tells which base the upper image is on, by its layers and by its record.
func (b *based) who(t *testing.T) string {
	t.Helper()
	img, err := b.s.Get(b.top.ID)
	if err != nil {
		t.Fatal(err)
	}
	dirs, err := b.s.Layers(img)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		if who, err := os.ReadFile(filepath.Join(dir, "etc/who")); err == nil {
			if recorded := map[string]string{b.good: "good", b.bad: "bad"}[img.Dependencies[0]]; recorded != string(who) {
				t.Errorf("on %s, recorded as %s", who, recorded)
			}
			return string(who)
		}
	}
	t.Fatal("no base")
	return ""
}

// Whoever vouched for an image vouches for it on what it came with: on others it is
// another, whatever was known of it before.
func TestImageThatComesOnOthersIsStackedAnew(t *testing.T) {
	t.Parallel()
	needRoot(t)
	one, two := json.RawMessage(`{"hashes":"1"}`), json.RawMessage(`{"hashes":"2"}`)
	for name, test := range map[string]struct{ was, comes standing }{
		"verified at last":       {standing{nil, one, []string{"image"}}, standing{signedBy("Ann"), two, nil}},
		"verified by another":    {standing{signedBy("Ann"), one, nil}, standing{approved("docker://x@sha256:0"), two, []string{"http"}}},
		"verified no more":       {standing{signedBy("Ann"), one, []string{"tls"}}, standing{nil, two, []string{"image"}}},
		"without anything known": {standing{signedBy("Ann"), one, []string{"tls"}}, standing{}},
		"never verified":         {standing{nil, one, nil}, standing{nil, two, nil}},
	} {
		for kind, whitelist := range map[string][]string{"whole": nil, "flat": {"/etc/who", "/etc/top"}} {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				b := newBased(t, test.was, whitelist...)
				if who := b.who(t); who != "bad" {
					t.Fatalf("on %s", who)
				}
				o := CommitOptions{
					Dependencies: []string{b.good}, Origin: "https://example.com/again",
					Verified: test.comes.Verified, Evidence: test.comes.Evidence, Insecure: test.comes.Insecure,
				}
				img := b.must(t, o)
				if who := b.who(t); who != "good" || !reflect.DeepEqual(standingOf(img), test.comes) || img.Origin != o.Origin {
					t.Errorf("on %s: %+v", who, img)
				}
				stored, err := b.s.Get(img.ID)
				if err != nil || !reflect.DeepEqual(standingOf(stored), test.comes) || !stored.Imported.Equal(b.top.Imported) || !slices.Equal(stored.layers, img.layers) {
					t.Errorf("%+v, %v", stored, err)
				}
				if all := look(t, b.s, stored); !strings.HasPrefix(all["etc"], look(t, b.s, mustGet(t, b.s, b.good))["etc"]) {
					t.Errorf("its folder is %s", all["etc"])
				}
				told, fresh := Entry{}, b.s.line(t, img.ID)
				told.tell(test.comes.Verified)
				if fresh.VerifiedBy != told.VerifiedBy || fresh.VerifiedKey != told.VerifiedKey || fresh.VerifiedPin != told.VerifiedPin || !fresh.Dependent {
					t.Errorf("listed as %+v, want %+v", fresh, told)
				}
				before := snapshot(t, b.s.path(imagesDir))
				b.must(t, CommitOptions{Dependencies: o.Dependencies, Evidence: o.Evidence, Insecure: o.Insecure})
				if after := snapshot(t, b.s.path(imagesDir)); after != before {
					t.Error("the same on the same was written anew")
				}
				b.wantClean(t)
			})
		}
	}
}

// line is an image as listings have it.
func (s *Store) line(t *testing.T, id string) Entry {
	t.Helper()
	for _, e := range mustList(t, s) {
		if e.ID == id {
			return e
		}
	}
	t.Fatalf("%s is not listed", id)
	return Entry{}
}

func mustGet(t *testing.T, s *Store, id string) Image {
	t.Helper()
	img, err := s.Get(id)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// wantClean: nothing is damaged, a collection leaves what is needed and no more.
func (b *based) wantClean(t *testing.T) {
	t.Helper()
	collect(t, b.s)
	needed := make(map[string]bool)
	for _, e := range mustList(t, b.s) {
		if found := verify(t, b.s, e.ID); len(found) > 0 {
			t.Errorf("%s is damaged: %v", e.Name, found)
		}
		r, _, _, err := b.s.load(e.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, layer := range r.all() {
			needed[layer] = true
		}
	}
	if layers, err := readNames(b.s.path(layersDir)); err != nil || len(layers) != len(needed) {
		t.Errorf("there are %d layers, %d are needed, %v", len(layers), len(needed), err)
	}
	if left, err := readNames(b.s.path(tmpDir)); err != nil || len(left) > 0 {
		t.Errorf("left: %q, %v", left, err)
	}
}

// The base has the ID that it had, and is on another one itself.
func TestDependencyThatWasStackedAnewMakesTheImageStale(t *testing.T) {
	t.Parallel()
	s := open(t)
	one := add(t, s, named(t, "example.com/lowest", "version=1")).ID
	two := add(t, s, named(t, "example.com/lowest", "version=2")).ID
	middle := withDependencies(t, "example.com/middle", 1)
	upper := withDependencies(t, "example.com/upper", 1)
	listed := build(t, fmt.Sprintf("file manifest %q\ndir rootfs\n", manifestWith("example.com/listed", 1, "/middle")))
	below := withImages(t, s, middle, one)
	tops := [][]byte{upper, listed}
	var images []Image
	for _, archive := range tops {
		images = append(images, withImages(t, s, archive, below.ID))
	}
	wantBelow := func(img Image, want error) {
		t.Helper()
		got, err := s.Below(img)
		if fmt.Sprint(err) != fmt.Sprint(want) || err == nil && (len(got) != 1 || got[0].ID != below.ID) {
			t.Errorf("below %s are %v, %v, want %v", img.Name(), got, err, want)
		}
	}
	for _, img := range images {
		wantBelow(img, nil)
	}
	withImages(t, s, middle, two)
	for i, archive := range tops {
		wantBelow(images[i], &StaleError{ID: images[i].ID})
		if _, err := s.Layers(images[i]); err != nil {
			t.Errorf("it runs as it did: %v", err)
		}
		again := withImages(t, s, archive, below.ID)
		wantBelow(again, nil)
		if slices.Equal(again.layers, images[i].layers) {
			t.Error("it is on what its dependency was on")
		}
		var stale *StaleError
		if _, err := s.Layers(images[i]); !errors.As(err, &stale) {
			t.Errorf("layers of what it was: %v", err)
		}
	}
	if err := s.Remove(below.ID); err != nil {
		t.Fatal(err)
	}
	wantBelow(mustGet(t, s, images[0].ID), &NotFoundError{Image: below.ID})
	if got, err := s.Below(mustGet(t, s, one)); err != nil || len(got) != 0 {
		t.Errorf("below the lowest are %v, %v", got, err)
	}
}

// Pods run on an image as it is.
func TestLeasedImageIsNotStackedAnew(t *testing.T) {
	t.Parallel()
	needRoot(t)
	b := newBased(t, standing{Verified: signedBy("Ann")})
	for _, owner := range []string{"two", "one"} {
		if err := b.s.Lease(owner, b.top.ID); err != nil {
			t.Fatal(err)
		}
	}
	before, index := snapshot(t, b.s.path(imagesDir)), snapshot(t, b.s.path(indexFile))
	_, err := commit(t, b.s, b.archive, CommitOptions{Dependencies: []string{b.good}, Verified: signedBy("Bob")})
	var inUse *StackInUseError
	if !errors.As(err, &inUse) || inUse.ID != b.top.ID || !slices.Equal(inUse.Owners, []string{"one", "two"}) {
		t.Fatalf("got %v", err)
	}
	if want := "image " + b.top.ID[:19] + `: it came with other dependencies than pods still run it on; once they have ended, "podtui rm one two" frees it`; err.Error() != want {
		t.Errorf("\n got %s\nwant %s", err, want)
	}
	if snapshot(t, b.s.path(imagesDir)) != before || snapshot(t, b.s.path(indexFile)) != index {
		t.Error("something was changed")
	}
	// What is said of it on the layers that it has is heard.
	b.must(t, CommitOptions{Dependencies: []string{b.bad}, Verified: signedBy("Carl")})
	if img := mustGet(t, b.s, b.top.ID); b.who(t) != "bad" || img.Verified.By != "Carl" {
		t.Errorf("%+v", img)
	}
	for _, owner := range inUse.Owners {
		b.s.Unlease(owner)
	}
	b.must(t, CommitOptions{Dependencies: []string{b.good}, Verified: signedBy("Bob")})
	if who := b.who(t); who != "good" {
		t.Errorf("on %s", who)
	}
	b.wantClean(t)
}

// Nobody leases an image between the look at who does and its new record. A first
// commit keeps no lease waiting.
func TestLeasesWaitForANewStack(t *testing.T) {
	t.Parallel()
	needRoot(t)
	b := newBased(t, standing{})
	path := filepath.Join(t.TempDir(), "image.aci")
	if err := os.WriteFile(path, b.archive, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"layer renamed locked: true\nvouched locked: true\n", "layer renamed locked: false\n"} {
		out, err := spawn(b.s, "restack, leasing", path+":"+b.good, "").CombinedOutput()
		if err != nil || string(out) != want {
			t.Errorf("got %s, %v, want %s", out, err, want)
		}
		if err := b.s.Remove(b.top.ID); err != nil {
			t.Fatal(err)
		}
	}
}

// A verdict on an image and those below it is not kept with another stack.
func TestVouchForWhatWasJudged(t *testing.T) {
	t.Parallel()
	needRoot(t)
	b := newBased(t, standing{})
	judged := b.top
	if err := b.s.Vouch(judged, signedBy("Ann")); err != nil {
		t.Fatal(err)
	}
	b.must(t, CommitOptions{Dependencies: []string{b.good}})
	var stale *StaleError
	if err := b.s.Vouch(judged, signedBy("Ann")); !errors.As(err, &stale) || err.Error() != "image "+judged.ID[:19]+": what it depends on has changed" {
		t.Errorf("got %v", err)
	}
	if img := mustGet(t, b.s, judged.ID); img.Verified != nil {
		t.Errorf("verified by %s", img.Verified.By)
	}
	if err := b.s.Vouch(mustGet(t, b.s, judged.ID), signedBy("Bob")); err != nil {
		t.Error(err)
	}
}

// Who dies while an image is stacked anew leaves it as it was or as it will be, and
// a listing that says no more than that.
func TestCrashWhileStackingAnew(t *testing.T) {
	t.Parallel()
	needRoot(t)
	for _, test := range []struct {
		point crashPoint
		was   *Verification
		want  string // on which it is then
	}{
		{unpacking, signedBy("Ann"), "bad"},
		{kept, signedBy("Ann"), "bad"},
		{beforeSync, signedBy("Ann"), "bad"},
		{layerRenamed, signedBy("Ann"), "bad"},
		{withdrawn, signedBy("Ann"), "bad"},
		{vouched, signedBy("Ann"), "good"},
		{layerRenamed, nil, "bad"},
		{vouched, nil, "good"},
	} {
		t.Run(fmt.Sprint(test.point, " ", test.was != nil), func(t *testing.T) {
			t.Parallel()
			b := newBased(t, standing{Verified: test.was})
			path := filepath.Join(t.TempDir(), "image.aci")
			if err := os.WriteFile(path, b.archive, 0o600); err != nil {
				t.Fatal(err)
			}
			arg := path + ":" + b.good
			for _, mended := range []func(){func() { collect(t, b.s) }, func() {}} {
				b.must(t, CommitOptions{Dependencies: []string{b.bad}, Verified: test.was})
				die(t, spawn(b.s, "restack", arg, test.point))
				by := map[string]string{"good": "Bob", "bad": ""}[test.want]
				if test.want == "bad" && test.was != nil {
					by = test.was.By
				}
				listed := b.s.line(t, b.top.ID)
				if listed.VerifiedBy != "" && listed.VerifiedBy != by || !listed.Dependent {
					t.Errorf("listed as %+v", listed)
				}
				if found := verify(t, b.s, b.top.ID); len(found) > 0 {
					t.Errorf("damaged: %v", found)
				}
				mended()
				img := mustGet(t, b.s, b.top.ID)
				if who := b.who(t); who != test.want || img.Verified == nil && by != "" || img.Verified != nil && img.Verified.By != by {
					t.Errorf("on %s, verified by %+v", who, img.Verified)
				}
				if out, err := spawn(b.s, "restack", arg, "").CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				if by := mustGet(t, b.s, b.top.ID).Verified.By; b.who(t) != "good" || by != "Bob" || b.s.line(t, b.top.ID).VerifiedBy != by {
					t.Errorf("then it is on %s, verified by %s", b.who(t), by)
				}
			}
			b.wantClean(t)
		})
	}
}

// Some commit an image on one base and some on another, in several processes,
// while others remove it, collect, lease it, and vouch for what they judged. At no
// time does a record say that somebody vouches who did so for another stack, and
// who has a lease has the layers.
func TestManyStackAnewAtOnce(t *testing.T) {
	t.Parallel()
	needRoot(t)
	b := newBased(t, standing{Verified: signedBy("bad")})
	path := filepath.Join(t.TempDir(), "image.aci")
	if err := os.WriteFile(path, b.archive, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var others, group sync.WaitGroup
	others.Go(func() {
		for ctx.Err() == nil {
			if _, err := b.s.GC(ctx, GCOptions{}); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
	})
	others.Go(func() {
		for ctx.Err() == nil {
			if err := b.s.Remove(b.top.ID); !tolerable(err) {
				t.Error(err)
			}
			time.Sleep(time.Millisecond)
		}
	})
	others.Go(func() {
		for ctx.Err() == nil {
			b.checkOnce(t)
		}
	})
	for name, id := range map[string]string{"good": b.good, "bad": b.bad} {
		group.Go(func() {
			for range 15 {
				_, err := commit(t, b.s, b.archive, CommitOptions{Dependencies: []string{id}, Verified: signedBy(name)})
				if !tolerable(err) {
					t.Error(err)
				}
			}
		})
	}
	group.Go(func() {
		for range 3 { // its Bob vouches for the good one
			out, err := spawn(b.s, "restack", path+":"+b.good, "").CombinedOutput()
			if err != nil && !bytes.Contains(out, []byte("frees it")) {
				t.Errorf("%v: %s", err, out)
			}
		}
	})
	group.Go(func() {
		for i := range 40 {
			b.leaseOnce(t, fmt.Sprint("pod-", i))
		}
	})
	group.Wait()
	stop()
	others.Wait()
	b.must(t, CommitOptions{Dependencies: []string{b.good}, Verified: signedBy("good")})
	if who := b.who(t); who != "good" {
		t.Errorf("on %s", who)
	}
	b.wantClean(t)
}

// tolerable is what others may be the cause of.
func tolerable(err error) bool {
	var stale *StaleError
	var inUse *InUseError
	var stackInUse *StackInUseError
	return err == nil || errors.Is(err, ErrNotFound) || errors.As(err, &stale) || errors.As(err, &inUse) || errors.As(err, &stackInUse)
}

// checkOnce looks at the upper image as it is now, and vouches for it.
func (b *based) checkOnce(t *testing.T) {
	img, err := b.s.Get(b.top.ID)
	if err == nil && img.Verified != nil && b.is(img) != map[string]string{"good": "good", "Bob": "good", "bad": "bad"}[img.Verified.By] {
		t.Errorf("%s vouches for the %s one", img.Verified.By, b.is(img))
	}
	if err == nil {
		err = b.s.Vouch(img, signedBy(b.is(img)))
	}
	if !tolerable(err) {
		t.Error(err)
	}
}

// is tells by its layers which base an image is on.
func (b *based) is(img Image) string {
	if slices.Contains(img.layers, b.good) {
		return "good"
	}
	return "bad"
}

func (b *based) leaseOnce(t *testing.T, owner string) {
	defer b.s.Unlease(owner)
	img, err := b.s.Get(b.top.ID)
	if err == nil {
		err = b.s.Lease(owner, b.top.ID)
	}
	var dirs []string
	if err == nil {
		dirs, err = b.s.Layers(img)
	}
	if !tolerable(err) {
		t.Error(err)
	}
	if err != nil {
		return
	}
	time.Sleep(2 * time.Millisecond)
	for _, dir := range dirs {
		if !exists(dir) {
			t.Errorf("%s is gone under a lease", dir)
		}
	}
}
