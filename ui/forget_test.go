package ui

import (
	"testing"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/ui/theme"
)

// Nobody waits for the end of a pod that was removed; but of one that the list has not
// seen yet.
func TestARemovedPodIsWaitedForNoMore(t *testing.T) {
	r := newRoot(t.Context(), enginetest.NewScripted(), Options{}, theme.New(theme.Plain))
	r.unended["not seen"], r.unended["removed"] = false, true
	r.noteEnds()
	if _, waits := r.unended["not seen"]; !waits || len(r.unended) != 1 {
		t.Errorf("waits for %v", r.unended)
	}
}
