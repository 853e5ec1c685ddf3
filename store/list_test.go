package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

// wantVerifiedBy expects that the only image is listed so.
func wantVerifiedBy(t *testing.T, s *Store, by string) {
	t.Helper()
	list, err := s.List()
	if err != nil || len(list) != 1 || list[0].VerifiedBy != by {
		t.Errorf("want one image verified by %q, got %+v, %v", by, list, err)
	}
}

func TestListSaysWhatARowNeeds(t *testing.T) {
	t.Parallel()
	s := open(t)
	archive := named(t, "example.com/a", "version=1.0+b", "note=50%\t=x")
	v := &Verification{By: "Ann\tB <a=b@example.com>", At: time.Now()}
	img, _, err := s.Import(context.Background(), bytes.NewReader(archive), ImportOptions{Verified: v})
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.List()
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	e := list[0]
	if e.ID != img.ID || e.Name != "example.com/a" || e.Size != img.Size || !e.Imported.Equal(img.Imported) || e.VerifiedBy != v.By {
		t.Errorf("got %+v", e)
	}
	if want := map[string]string{"version": "1.0+b", "note": "50%\t=x"}; !maps.Equal(e.Labels(), want) {
		t.Errorf("got the labels %q", e.Labels())
	}
	if e.Version() != "1.0+b" || e.Label("note") != "50%\t=x" || e.Label("") != "" || e.Label("none") != "" {
		t.Error("a label is not found by its name")
	}
}

// What a line has is what older and newer ones have, so that each reads the other's.
func TestLinesOfTheIndex(t *testing.T) {
	t.Parallel()
	m, err := parseManifest([]byte(manifestOf("example.com/a", "version=1")))
	if err != nil {
		t.Fatal(err)
	}
	deps := []string{"sha512-00"}
	for want, img := range map[string]Image{
		"ce44a914\tsha512-1\t5\t7\texample.com/a\tversion=1\n":                            {},
		"434ce156\tsha512-1\t5\t7\texample.com/a\t=Ann+B\t=4b1f\tversion=1\n":             {Verified: &Verification{By: "Ann B", Key: "4b1f"}},
		"\tsha512-1\t5\t7\texample.com/a\t=\t=\t=\t=dependent\tversion=1\n":               {Dependencies: deps},
		"\tsha512-1\t5\t7\texample.com/a\t=Ann+B\t=4b1f\t=\t=dependent\tversion=1\n":      {Dependencies: deps, Verified: &Verification{By: "Ann B", Key: "4b1f"}},
		"\tsha512-1\t5\t7\texample.com/a\t=digest\t=\t=sha512-1\t=dependent\tversion=1\n": {Dependencies: deps, Verified: &Verification{By: "digest", Pin: "sha512-1"}},
	} {
		img.ID, img.Manifest, img.Imported, img.Size = "sha512-1", m, time.Unix(0, 5), 7
		got := string(appendLine(nil, img.Entry()))
		if !strings.HasSuffix(got, want) {
			t.Errorf("\n got %q\nwant %q", got, want)
		}
		line := strings.TrimSuffix(got, "\n")
		if e, ok := new(lineParser).parse([]byte(line), line); !ok || e != img.Entry() {
			t.Errorf("%q is read as %+v", line, e)
		}
	}
}

// An older line does not say that an image depends on others. Whatever makes it
// anew does, and so does whatever lists the image without it.
func TestDependentImagesAreListedSo(t *testing.T) {
	t.Parallel()
	s := open(t)
	base := add(t, s, named(t, "example.com/base")).ID
	top := withImages(t, s, withDependencies(t, "example.com/top", 1), base)
	want := func(what string, dependent bool) {
		t.Helper()
		if list := mustList(t, s); len(list) != 2 || list[0].Dependent || list[1].Dependent != dependent {
			t.Errorf("%s: listed as %+v", what, list)
		}
		if found := verify(t, s, top.ID); len(found) > 0 && what != "without an index" {
			t.Errorf("%s: damaged: %v", what, found)
		}
	}
	older := func() {
		t.Helper()
		list := mustList(t, s)
		list[1].Dependent = false
		if err := s.compactIndex(list); err != nil {
			t.Fatal(err)
		}
	}
	want("new", true)
	older()
	want("older", false)
	collect(t, s)
	want("collected", true)
	older()
	if err := s.vouchWhatever(top.ID, signedBy("Ann")); err != nil {
		t.Fatal(err)
	}
	want("with a key", true)
	if err := os.Remove(s.path(indexFile)); err != nil {
		t.Fatal(err)
	}
	want("without an index", true)
	collect(t, s)
	want("in the end", true)
	rest(t, s)
	mustList(t, s)
	want("sealed", true)
}

func TestVerifiedLaterIsListed(t *testing.T) {
	t.Parallel()
	s := open(t)
	archive := named(t, "example.com/a", "version=1")
	add(t, s, archive)
	wantVerifiedBy(t, s, "")
	v := &Verification{By: "Example Builds", At: time.Now()}
	if _, fresh, err := s.Import(context.Background(), bytes.NewReader(archive), ImportOptions{Verified: v}); err != nil || fresh {
		t.Fatal(fresh, err)
	}
	wantVerifiedBy(t, s, v.By)
	if img, err := s.FindName("example.com/a", map[string]string{"version": "1"}); err != nil || img.Verified == nil {
		t.Errorf("got %+v, %v", img, err)
	}
	collect(t, s)
	wantVerifiedBy(t, s, v.By)
	if err := s.Remove(mustList(t, s)[0].ID); err != nil {
		t.Fatal(err)
	}
	add(t, s, archive)
	wantVerifiedBy(t, s, "") // what was known of it went with it
}

// Listings have to be quick however many images there are: no image is opened.
// Here none could be read.
func TestListOpensNoImage(t *testing.T) {
	t.Parallel()
	s := open(t)
	a, b := add(t, s, named(t, "example.com/a")), add(t, s, named(t, "example.com/b"))
	for _, id := range []string{a.ID, b.ID} {
		if err := os.Truncate(s.path(imagesDir, id), 0); err != nil {
			t.Fatal(err)
		}
	}
	if list := mustList(t, s); list[0].ID != a.ID || list[1].ID != b.ID {
		t.Errorf("got %+v", list)
	}
}

func TestListLeavesOutWhatIsGone(t *testing.T) {
	t.Parallel()
	s := open(t)
	gone, here := add(t, s, named(t, "example.com/a")), add(t, s, named(t, "example.com/b"))
	if err := s.Remove(gone.ID); err != nil {
		t.Fatal(err)
	}
	if list := mustList(t, s); len(list) != 1 || list[0].ID != here.ID {
		t.Errorf("got %+v", list)
	}
}

func TestLastUsedFollowsLeases(t *testing.T) {
	t.Parallel()
	s := open(t)
	var ids []string
	for _, name := range []string{"example.com/a", "example.com/b", "example.com/c"} {
		ids = append(ids, add(t, s, named(t, name)).ID)
	}
	list := mustList(t, s)
	if used, err := s.LastUsed(list); err != nil || !used[1].Equal(list[1].Imported) {
		t.Errorf("got %v, %v", used, err)
	}
	if err := s.Lease("pod", ids[1]); err != nil {
		t.Fatal(err)
	}
	used, err := s.LastUsed(list)
	if err != nil {
		t.Fatal(err)
	}
	if img, err := s.Get(ids[1]); err != nil || !used[1].Equal(img.Used) || !used[1].After(list[1].Imported) {
		t.Errorf("got %v, %v", used, err)
	}
	if !used[0].Equal(list[0].Imported) || !used[2].Equal(list[2].Imported) {
		t.Errorf("others were used too: %v", used)
	}
	// An image that goes takes its use along; what a crash leaves of it goes with
	// the next GC.
	if err := errors.Join(s.Unlease("pod"), s.Remove(ids[1]), s.noteUse(ids[1])); err != nil {
		t.Fatal(err)
	}
	collect(t, s)
	if names, err := readNames(s.path(usedDir)); err != nil || len(names) != 0 {
		t.Errorf("left: %v, %v", names, err)
	}
}

func mustList(t *testing.T, s *Store) []Entry {
	t.Helper()
	list, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// rest lets a store look as if nothing had changed for long.
func rest(t *testing.T, s *Store) {
	t.Helper()
	past := time.Now().Add(-time.Hour)
	if err := os.Chtimes(s.path(imagesDir), past, past); err != nil {
		t.Fatal(err)
	}
}

// wantListed expects images by their names, and whether the index alone tells
// them next time.
func wantListed(t *testing.T, s *Store, what string, sealed bool, names ...string) {
	t.Helper()
	var got []string
	for _, e := range mustList(t, s) {
		got = append(got, e.Name)
	}
	if !slices.Equal(got, names) {
		t.Errorf("%s: listed %q, want %q", what, got, names)
	}
	if s.stamp().sealed() != sealed {
		t.Errorf("%s: sealed %v", what, !sealed)
	}
}

// A sealed index is believed without a look at images. Whatever anybody does to
// either breaks the seal.
func TestSealedIndexTellsTheTruth(t *testing.T) {
	t.Parallel()
	s := open(t)
	c, a := add(t, s, named(t, "c")), add(t, s, named(t, "a"))
	wantListed(t, s, "just imported", false, "a", "c")
	rest(t, s)
	wantListed(t, s, "at rest", true, "a", "c")
	wantListed(t, s, "sealed", true, "a", "c")
	b := add(t, s, named(t, "b"))
	wantListed(t, s, "one more", false, "a", "b", "c")
	rest(t, s)
	wantListed(t, s, "at rest again", true, "a", "b", "c")
	if err := os.Remove(s.path(imagesDir, b.ID)); err != nil {
		t.Fatal(err)
	}
	wantListed(t, s, "one removed by hand", false, "a", "c")
	rest(t, s)
	wantListed(t, s, "its line goes", true, "a", "c")
	if index, err := os.ReadFile(s.path(indexFile)); err != nil || bytes.Count(index, []byte("\n")) != 2 {
		t.Errorf("the index is %q, %v", index, err)
	}
	if err := s.Remove(a.ID); err != nil {
		t.Fatal(err)
	}
	wantListed(t, s, "one removed", false, "c")
	rest(t, s)
	wantListed(t, s, "at rest after that", true, "c")
	if err := os.Remove(s.path(indexFile)); err != nil {
		t.Fatal(err)
	}
	wantListed(t, s, "the index is gone", false, "c")
	wantListed(t, s, "and nobody can seal it", false, "c")
	collect(t, s)
	rest(t, s)
	wantListed(t, s, "after a collection", true, "c")
	file, err := os.ReadFile(s.path(indexFile))
	if err != nil {
		t.Fatal(err)
	}
	seal := time.Unix(0, s.stamp().index)
	file[40] ^= 1
	if err := errors.Join(os.WriteFile(s.path(indexFile), file, 0o600), os.Chtimes(s.path(indexFile), seal, seal)); err != nil {
		t.Fatal(err)
	}
	wantListed(t, s, "a flipped bit under the seal", true, "c")
	_ = c
}

// A collection that finds the index in order leaves it as it is, seal and all.
func TestCollectionLeavesAGoodIndexAlone(t *testing.T) {
	t.Parallel()
	s := open(t)
	b := add(t, s, named(t, "example.com/b"))
	add(t, s, named(t, "example.com/a"))
	collect(t, s)
	before := snapshot(t, s.path(indexFile))
	collect(t, s)
	if after := snapshot(t, s.path(indexFile)); after != before {
		t.Errorf("the index was\n%s and is\n%s", before, after)
	}
	if err := s.Remove(b.ID); err != nil {
		t.Fatal(err)
	}
	collect(t, s)
	if after := snapshot(t, s.path(indexFile)); after == before || strings.Contains(after, b.ID) {
		t.Errorf("a surplus line is left: %s", after)
	}
}

// While somebody commits, a listing does not wait for the seal.
func TestListingWaitsForNobody(t *testing.T) {
	t.Parallel()
	s := open(t)
	add(t, s, named(t, "a"))
	rest(t, s)
	unlock, err := s.lock(commitLock, unix.LOCK_EX)
	if err != nil {
		t.Fatal(err)
	}
	wantListed(t, s, "under a commit", false, "a")
	unlock()
	wantListed(t, s, "after it", true, "a")
}

// The order is that of whole names, wherever they begin to differ.
func TestListingsOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOfN(rapid.RuneFrom([]rune("ab/-")), 0, 20, -1)
		var list []Entry
		begin := name.Draw(t, "begin")
		for i := range rapid.IntRange(0, 20).Draw(t, "images") {
			list = append(list, Entry{
				ID: fmt.Sprint(i), Name: begin + name.Draw(t, "name"), Imported: time.Unix(0, rapid.Int64Range(0, 2).Draw(t, "time")),
				labels: "version=" + rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "version"),
			})
		}
		want := slices.Clone(list)
		slices.SortStableFunc(want, func(a, b Entry) int { return compare(&a, &b) })
		if got := inOrder(list); !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}
