package store

import (
	"bytes"
	"context"
	"maps"
	"os"
	"testing"
	"time"
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
	long := time.Now().Add(-time.Hour).Truncate(time.Second)
	for _, id := range ids {
		if err := os.Chtimes(s.path(imagesDir, id), time.Time{}, long); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Lease("pod", ids[1]); err != nil {
		t.Fatal(err)
	}
	list := mustList(t, s)
	if err := s.Remove(ids[2]); err != nil {
		t.Fatal(err)
	}
	used, err := s.LastUsed(list)
	if err != nil {
		t.Fatal(err)
	}
	if !used[0].Equal(long) || time.Since(used[1]) > time.Minute || !used[2].IsZero() {
		t.Errorf("got %v", used)
	}
	if none, err := s.LastUsed(nil); len(none) != 0 || err != nil {
		t.Error(none, err)
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
