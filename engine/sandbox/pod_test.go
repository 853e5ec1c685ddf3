package sandbox

import (
	"strings"
	"testing"
)

func TestAppIsMadeAgainOnEachKindOfHost(t *testing.T) {
	if !onHosts(t, "as it is", "v1 alone", "v2 alone", "read-only", "without cgroups", "inside a container") {
		return
	}
	checkLimited(t)
	p := newTestPod(t)
	for range 2 {
		ending, said := p.start("echo hello; sleep 100 & exit 3").end()
		if ending != (Ending{Status: 3}) || said != "hello\n" {
			t.Errorf("%+v, %q", ending, said)
		}
	}
}

func TestProcessesDoNotOutrunKill(t *testing.T) {
	if !onHosts(t, "v1 alone", "v2 alone", "read-only") {
		return
	}
	p := newTestPod(t)
	bomb := p.start(`for i in 1 2 3 4; do (while :; do (sleep 99 &); done) & done; echo begun; wait`)
	bomb.waitFor("begun")
	bomb.Kill()
	if ending, _ := bomb.end(); ending != (Ending{Status: 137, Signaled: true}) {
		t.Errorf("%+v", ending)
	}
	if ending, said := p.start("echo after").end(); ending.Status != 0 || said != "after\n" {
		t.Errorf("the next app: %+v, %q", ending, said)
	}
}

// checkLimited looks at what the host says that it can't limit.
func checkLimited(t *testing.T) {
	t.Helper()
	want := map[string]string{
		"read-only":       "cgroups can't be made in /sys/fs/cgroup/",
		"without cgroups": "no cgroups are mounted on /sys/fs/cgroup",
	}[thisHost()]
	switch err := Limited(); {
	case want == "" && thisHost() != "v2 alone" && err != nil:
		t.Errorf("%v", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestDevicesAreKeptFromApps(t *testing.T) {
	if !onHosts(t, "as it is", "read-only") {
		return
	}
	p := newTestPod(t)
	_, said := p.start("mknod /tmp/memory c 1 1; head -c 1 /tmp/memory; mknod /tmp/zero c 1 5; cat /dev/null; head -c 0 /dev/zero && echo dev works").end()
	if !strings.Contains(said, "ermitted") || !strings.HasSuffix(said, "dev works\n") {
		t.Errorf("%q", said)
	}
}
