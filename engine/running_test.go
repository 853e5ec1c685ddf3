package engine

import (
	"context"
	"testing"
)

// Who gives up a start that has just succeeded has a pod to stop, which has run
// and may have said something: it is not killed and forgotten.
func TestAStartThatHasSucceededIsNotGivenUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := &Running{up: make(chan struct{}), ended: make(chan struct{})}
	close(r.up)
	for range 100 { // of both, select takes either
		if err := r.started(ctx); err != nil {
			t.Fatal(err)
		}
	}
}
