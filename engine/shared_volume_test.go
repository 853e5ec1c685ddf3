package engine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
)

// An app takes away, in a volume of two, what another's volume is mounted on, and may
// put something else there: when that one is to be started again it gets its volume
// and nothing else, or can't be, and says why. What becomes of the pod then is for its
// policies to say.
func TestAppThatSpoilsAnothersMountPoint(t *testing.T) {
	t.Parallel()
	skipIfShort(t)
	h := enginetest.NewHost(t)
	const (
		changed = `; it was mounted there before: somebody else who has volume "shared" has changed that`
		link    = `volume "inner": /shared/inner: /shared/inner is a symbolic link in volume "shared", and is not followed` + changed
		file    = `is a folder, and /shared/inner is a file in volume "shared"` + changed
	)
	for name, c := range map[string]struct {
		spoils, restart string
		onFailure       spec.OnFailure
		status          int
		causes          []string // of the victim's ends, how they end; nil: any
		other           int      // the other app's status
	}{
		"takes it away":             {`true`, "on-failure:1", "", 0, []string{"status 3", ""}, 0},
		"puts a link there":         {`ln -s /etc inner`, "on-failure:1", "", 125, []string{"status 3", link}, 143},
		"puts a file there":         {`touch inner`, "on-failure:2", "", 125, []string{"status 3", file, file}, 143},
		"puts a link, others go on": {`ln -s /etc inner`, "on-failure:1", spec.ContinueOthers, 125, []string{"status 3", link}, 0},
		"puts a link for a while":   {`ln -s /etc inner; touch /told/spoilt; sleep 0.3; rm inner`, "on-failure", "", 0, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			victim := enginetest.Shell(t, `[ -e /told/spoilt ] && { cat /shared/inner/mark; touch /told/over; exit 0; }
				echo mine >/shared/inner/mark; touch /told/ready; until [ -e /told/spoilt ]; do sleep 0.02; done; exit 3`)
			victim.Name, victim.Restart = "victim", c.restart
			looks := "10000" // until it is stopped
			if c.onFailure == spec.ContinueOthers {
				looks = "100"
			}
			other := enginetest.Shell(t, `cd /shared; until [ -e /told/ready ]; do sleep 0.02; done; rmdir inner; `+c.spoils+`; touch /told/spoilt
				for i in $(seq `+looks+`); do [ -e /told/over ] && exit 0; sleep 0.02; done; exit 0`)
			other.Name = "other"
			pod := enginetest.Pod(victim, other)
			pod.OnFailure = c.onFailure
			for _, volume := range []string{"shared", "told"} {
				pod.Volumes = append(pod.Volumes, spec.Volume{Name: volume, Kind: spec.EmptyVolume})
				pod.Mounts = append(pod.Mounts, spec.Mount{Volume: volume, Path: "/" + volume})
			}
			pod.Volumes = append(pod.Volumes, spec.Volume{Name: "inner", Kind: spec.EmptyVolume})
			pod.Apps[0].Mounts = []spec.Mount{{Volume: "inner", Path: "/shared/inner"}}
			got := h.Run(pod)
			if mine := map[bool]string{true: "mine\n"}[c.status == 0]; got.Exit != c.status || got.Err != nil || got.Stdout != mine {
				t.Errorf("%d (%v): %q %q", got.Exit, got.Err, got.Stdout, got.Stderr)
			}
			var causes []string
			for _, e := range got.Events {
				switch {
				case e.Type != event.AppExit:
				case e.App == "victim":
					cause, _, _ := strings.Cut(e.Message, "; started again in ")
					causes = append(causes, cause)
				case *e.Status != c.other:
					t.Errorf("the other has ended with %d (%s)", *e.Status, e.Message)
				}
			}
			ends := func(got, want string) bool { return strings.HasSuffix(got, want) && (want != "" || got == "") }
			if c.causes != nil && !slices.EqualFunc(causes, c.causes, ends) {
				t.Errorf("it has ended with %q, want %q", causes, c.causes)
			}
		})
	}
}
