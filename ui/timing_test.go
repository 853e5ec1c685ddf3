package ui

import (
	"testing"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/ui/theme"
	"github.com/podtui/podtui/ui/watch"
)

// Who leaves a pod and comes back gets his seconds again, and not two for one.
func TestSecondsPassOnce(t *testing.T) {
	e := enginetest.NewScripted()
	r := newRoot(t.Context(), e, Options{}, theme.New(theme.Plain))
	r.watch = watch.New(t.Context(), r.env, e)
	defer r.watch.Close()
	for _, step := range []struct {
		what string
		at   place
		next func() bool
		want bool
	}{
		{"a pod is opened", atWatch, func() bool { return r.ticking() != nil }, true},
		{"it is left and opened again at once", atWatch, func() bool { return r.ticking() != nil }, false},
		{"a second is over", atWatch, func() bool { return r.tick() != nil }, true},
		{"a second is over elsewhere", atPods, func() bool { return r.tick() != nil }, false},
		{"it is opened again", atWatch, func() bool { return r.ticking() != nil }, true},
	} {
		r.at = step.at
		if got := step.next(); got != step.want {
			t.Errorf("%s: another second begins: %v", step.what, got)
		}
	}
}
