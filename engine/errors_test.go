package engine

import (
	"errors"
	"testing"

	"github.com/podtui/podtui/store"
)

// An image is named once, as it was asked for, whoever found out what is wrong.
func TestImageIsNamedOnce(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"image a:1: not in the store":                                                &store.NotFoundError{Image: "a"},
		"image a:1: damaged: its record is cut off":                                  &store.DamagedError{ID: "sha512-00", What: "its record is cut off"},
		"image a:1: in use by me":                                                    &store.InUseError{ID: "sha512-00", Owners: []string{"me"}},
		"image a:1: ambiguous, it may be sha512-001122334455 or sha512-002122334455": &store.AmbiguousError{Prefix: "sha512-00", Candidates: []string{"sha512-00112233445566", "sha512-00212233445566"}},
		"image a:1: archive is cut off":                                              &store.ArchiveError{Reason: "is cut off"},
		"image a:1: no such file or directory":                                       errors.New("no such file or directory"),
	} {
		got := &ImageError{Image: "a:1", Err: err}
		if got.Error() != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if !errors.Is(got, err) {
			t.Errorf("%s: the cause is lost", got)
		}
	}
}
