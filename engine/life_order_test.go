package engine_test

import (
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
)

// The front end of a pod in which one app had to be killed hears of the others on.
func TestAppThatIsKilledDoesNotSilenceTheOthers(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	stubborn := enginetest.Shell(t, `trap '' TERM; echo ready >/data/stubborn; while :; do sleep 0.02; done`)
	stubborn.StopTimeout = "100ms"
	got := h.Run(sharing(
		enginetest.Shell(t, `until [ -e /data/slow -a -e /data/stubborn ]; do sleep 0.02; done; exit 3`),
		stubborn,
		enginetest.Shell(t, `trap 'sleep 1.5; echo saved; exit 0' TERM; echo ready >/data/slow; while :; do sleep 0.02; done`),
	))
	if got.Exit != 3 || got.Err != nil || !strings.Contains(got.Stdout, "saved") {
		t.Errorf("exit %d (%v), printed %q", got.Exit, got.Err, got.Stdout)
	}
}

// sharing is a pod whose apps have the same volume at /data.
func sharing(apps ...spec.App) spec.Pod {
	for i := range apps {
		apps[i].Mounts = []spec.Mount{{Volume: "data", Path: "/data"}}
	}
	pod := enginetest.Pod(apps...)
	pod.Volumes = []spec.Volume{{Name: "data", Kind: spec.EmptyVolume}}
	return pod
}
