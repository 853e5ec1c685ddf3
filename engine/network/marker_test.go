package network

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/engine/poddir"
)

// A marker that was cut is no reason to leave anything: the record says the same.
func TestNetworkIsTakenDownByItsRecordWhereTheMarkerIsCut(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"", `{"networks":[{"name":"def`} {
		host, data := nettest.New(t, "host"), t.TempDir()
		p := newGuest(t, host, data).mustSetUp("default")
		marker := filepath.Join(p.dir.Path, markerFile)
		if err := os.WriteFile(marker, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := p.dir.WriteRecord(poddir.Record{Version: 1, Networks: builtIn()[:1]}); err != nil {
			t.Fatal(err)
		}
		if err := p.end(); err != nil {
			t.Error(err)
		}
		if left := leftovers(t, data); len(left) > 0 {
			t.Errorf("left: %q", left)
		}
	}
}

// Nor is it one to keep the pod for ever.
func TestNetworkThatNobodyKnowsIsNoObstacle(t *testing.T) {
	t.Parallel()
	p := newGuest(t, nettest.New(t, "host"), t.TempDir())
	marker := filepath.Join(p.dir.Path, markerFile)
	if err := os.WriteFile(marker, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.end(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(marker); err == nil {
		t.Error("the marker is still there")
	}
}
