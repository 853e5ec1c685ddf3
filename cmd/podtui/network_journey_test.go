package main

import (
	"net"
	"os"
	"os/exec"
	"testing"

	"github.com/podtui/podtui/engine/network/nettest"
	"github.com/podtui/podtui/keymap"
)

// A pod gets a network and a port in the form, and is reached by it from here and from
// outside. A second one finds the port taken, at its field, and takes another. When both
// are gone the ports are free.
func TestJourneyThroughAPublishedPort(t *testing.T) {
	long(t)
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("SKIP: make test would install what is missing: ", err)
	}
	world := nettest.NewWorld(t)
	const page = "a page out of a pod\n"
	fetch := func(from *nettest.Namespace, url string) {
		t.Helper()
		if got := from.Run("curl", "--silent", "--max-time", "20", url); got != page {
			t.Errorf("%s says %q", url, got)
		}
	}
	tm := openTerminalIn(t, world.Host).Image("web")
	tm.Command("podtui --insecure-skip-verify run example.com/web").Sees("example.com/web 1.0.0", "n private network")
	tm.Press(keymap.ComposeNetwork).Sees("172.16.28.0/24, 0 of", "out by uplink0 as the host", "space: on 80")
	tm.Press(keymap.Down, keymap.Down, keymap.Down, keymap.ComposeEdit).Type("8080").Press(keymap.EditAccept).
		Looks("network-1-port").Press(keymap.ComposeRun).Sees("running · web", "network default: 172.16.28.1/31", "ready")

	tm.Another().Command("curl --silent http://127.0.0.1:8080/").Sees("a page out of a pod").Window(0)
	fetch(world.Host, "http://"+nettest.HostIP+":8080/")
	fetch(world.Outside, "http://"+nettest.HostIP+":8080/")
	tm.Press(keymap.PodInspect, keymap.PageNext).Sees("172.16.28.1/31, gateway 172.16.28.0", "route default via 172.16.28.0",
		"received ", "8080 → http 80/tcp   http://127.0.0.1:8080")
	tm.Press(keymap.PageCopy).Sees("http://127.0.0.1:8080 copied")

	// The form still has the port that its own pod has now.
	tm.Press(keymap.GoCompose).Sees("port http: tcp port 8080 of the host is taken by pod").
		Press(keymap.ComposeRun).Sees("8081 is free", "▌ 8080 → http 80/tcp").
		Press(keymap.ComposeEdit, keymap.EditToStart).Type("8081").Press(keymap.EditAccept).Loses("is taken by").Sees("--port=http:8081")
	tm.Press(keymap.ComposeRun).Sees("running · web", "network default: 172.16.28.3/31", "ready")
	fetch(world.Outside, "http://"+nettest.HostIP+":8081/")
	fetch(world.Outside, "http://"+nettest.HostIP+":8080/")

	tm.Press(keymap.GoPods).Sees("2 pods", "Pods ● 2").Press(keymap.PodsMarkAll, keymap.PodsStop).Sees("Stop 2 pods?").Consent().Sees("stopped 2 pods").Loses("Pods ●")
	world.Host.Do(func() {
		for _, port := range []string{":8080", ":8081"} {
			l, err := net.Listen("tcp4", port)
			if err != nil {
				t.Errorf("after the pods: %v", err)
				continue
			}
			l.Close()
		}
	})
	if out, err := world.Outside.Command("curl", "--silent", "--max-time", "20", "http://"+nettest.HostIP+":8080/").CombinedOutput(); err == nil {
		t.Errorf("after the pods somebody answers: %q", out)
	}
	tm.Press(keymap.GoCompose).Loses("is taken by").Press(keymap.Quit, keymap.Quit).Sees("1 image").Press(keymap.Quit).IsShell(0)
}
