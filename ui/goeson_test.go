package ui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/poddir"
)

func TestWhatGoesOnIsSaidWhenTheScreenIsClosed(t *testing.T) {
	const web, ended, unnamed, others = "8e6fc849-0000-0000-0000-000000000000", "bbbbbbbb-0000-0000-0000-000000000000",
		"cccccccc-0000-0000-0000-000000000000", "aaaaaaaa-0000-0000-0000-000000000000"
	e := enginetest.NewScripted()
	e.AddPods(
		poddir.Status{UUID: web, Name: "web", State: poddir.Running},
		poddir.Status{UUID: others, State: poddir.Running}, // nobody looked at it here
		poddir.Status{UUID: ended, State: poddir.Exited},
		poddir.Status{UUID: unnamed, State: poddir.Running},
	)
	got := goesOn(e, []string{"podtui", "--dir=/a b"}, []string{ended, web, unnamed, "removed"})
	want := "pod web (8e6fc849) still runs: podtui --dir='/a b' logs web / podtui --dir='/a b' stop web\n" +
		"pod cccccccc still runs: podtui --dir='/a b' logs cccccccc / podtui --dir='/a b' stop cccccccc\n"
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestOfManyPodsThatGoOnTheLastAreTold(t *testing.T) {
	e := enginetest.NewScripted()
	var uuids []string
	for i := range 9 {
		uuids = append(uuids, fmt.Sprintf("%08d-0000-0000-0000-000000000000", i))
		e.AddPods(poddir.Status{UUID: uuids[i], State: poddir.Running})
	}
	got := goesOn(e, nil, uuids)
	if strings.Count(got, "\n") != 5 || !strings.Contains(got, "pod 00000008 still") || !strings.HasSuffix(got, "and 5 more: podtui list\n") {
		t.Error(got)
	}
}
