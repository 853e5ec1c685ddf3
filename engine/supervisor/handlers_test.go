package supervisor

import (
	"testing"
	"time"
)

// A limit that comes too late is for the handler that has ended, and not for the next.
func TestLimitOfAHandlerIsNotTheNextOnes(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]func(h *handler){
		"that is allowed anew": (*handler).allow,
		"that has ended":       func(h *handler) { h.end() },
		"that has another":     func(h *handler) { h.limit(time.Hour, nil) },
	} {
		var h handler
		h.limit(time.Hour, nil)
		late := h.limits
		next(&h)
		if h.outOfTime(late, nil); !h.begin(nil) {
			t.Errorf("%s: the next may not run", name)
		}
	}
	var h handler
	h.limit(time.Hour, nil)
	if h.outOfTime(h.limits, nil); h.begin(nil) {
		t.Error("one runs whose time was over before")
	}
}
