package store

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestWhatAReferenceLedToIsRemembered(t *testing.T) {
	t.Parallel()
	s := open(t)
	id := add(t, s, named(t, "example.com/a")).ID
	r := Remembered{
		Reference: "docker://example.com/a:latest", ID: id, ETag: `W/"x"`, LastModified: "then", URL: "https://example.com/\n",
		Digest: "sha256:00", Checked: time.Unix(1700000000, 5).UTC(), FreshFor: time.Minute,
	}
	if got, ok, err := s.Recall(r.Reference); ok || err != nil {
		t.Errorf("recalls %+v, %v", got, err)
	}
	for _, r.ETag = range []string{"1", "2"} {
		if err := s.Remember(r); err != nil {
			t.Fatal(err)
		}
		if got, ok, err := s.Recall(r.Reference); !ok || err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("recalls %+v, %v", got, err)
		}
	}
	if _, ok, _ := s.Recall("docker://example.com/a"); ok {
		t.Error("another reference led there too")
	}
	if c := collect(t, s); c.Remembered != 0 {
		t.Errorf("%+v", c)
	}
	if err := s.Remove(id); err != nil {
		t.Fatal(err)
	}
	if c := collect(t, s); c.Remembered != 1 {
		t.Errorf("%+v", c)
	}
	if _, ok, err := s.Recall(r.Reference); ok || err != nil {
		t.Errorf("an image that is gone is recalled, %v", err)
	}
	r.URL = strings.Repeat("x", maxRemembered)
	if err := s.Remember(r); err == nil {
		t.Error("anything is remembered, however long")
	}
	wantEmpty(t, s)
}

// What a power cut tore is as if it had never been there.
func TestTornMemoryIsNone(t *testing.T) {
	t.Parallel()
	s := open(t)
	r := Remembered{Reference: "a", ID: add(t, s, named(t, "example.com/a")).ID}
	path := s.path(rememberDir, keyName("a"))
	for _, size := range []int64{0, 10, 100} {
		if err := s.Remember(r); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
		if _, ok, err := s.Recall("a"); ok || err != nil {
			t.Errorf("cut to %d bytes: %v", size, err)
		}
	}
	if c := collect(t, s); c.Remembered != 1 || exists(path) {
		t.Errorf("%+v", c)
	}
}

// Who remembers while a collection forgets does not lose what is new.
func TestForgettingSparesWhatIsNew(t *testing.T) {
	t.Parallel()
	s := open(t)
	img := add(t, s, named(t, "example.com/a"))
	gone := idPrefix + strings.Repeat("0", 128)
	for id, want := range map[string]bool{img.ID: false, gone: true} {
		r := Remembered{Reference: "a:" + id, ID: id}
		if err := s.Remember(r); err != nil {
			t.Fatal(err)
		}
		got, err := s.forget(keyName(r.Reference)) // as if it had been stale before
		if err != nil || got != want {
			t.Errorf("%.20s is gone: %v, %v", id, got, err)
		}
		if _, ok, err := s.Recall(r.Reference); err != nil || ok == want {
			t.Errorf("%.20s is remembered: %v, %v", id, ok, err)
		}
	}
	if got, err := s.forget(keyName("never")); err != nil || got {
		t.Errorf("what was never remembered: %v, %v", got, err)
	}
}
