package ui_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/uitest"
)

func alone() spec.Pod { return spec.Pod{Apps: []spec.App{worker()}} }

// One key gives the pod a network of its own, from wherever one is, and tells what
// that will do; the same key takes it back, with all that belongs to it.
func TestPrivateNetworkingIsOneKey(t *testing.T) {
	formOver(t, recordings(t), alone(), func(d *uitest.Driver) {
		d.Sees("verified by", "n private network").Press(keymap.ComposeNetwork).
			Sees("--net=default", "one of 172.16.28.0/24, 3 of 128 in use", "out by eth0 as the host (masquerade)", "no port is published", "network on").
			Press(keymap.Down, keymap.Down, keymap.Down, keymap.ComposeToggle).Sees("--net=default --port=http:8080", "8080 → http 8080/tcp", "reached on the host's 8080", "network 1 port").
			Press(keymap.ComposeNetwork).SeesNot("--net").SeesNot("--port").Sees("the pod is on the host's network").
			Press(keymap.ComposeNetwork).Sees("--net=default --port=http:8080").
			Press(keymap.ComposeUndo, keymap.ComposeUndo, keymap.ComposeUndo, keymap.ComposeUndo).SeesNot("--net").SeesNot("--port")
	})
}

// A pod that publishes a port gets a network for it.
func TestPublishingAPortNeedsNoSecondStep(t *testing.T) {
	e := recordings(t)
	e.Take(spec.TCP, 8080, "pod web")
	formOver(t, e, alone(), func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.End, keymap.ComposeRight, keymap.Down, keymap.Down).Sees("space: on 8081").
			Press(keymap.ComposeToggle).Sees("--net=default --port=http:8081").SeesNot("! ").
			Press(keymap.ComposeToggle).SeesNot("--port").Press(keymap.ComposeUndo).Sees("--port=http:8081").
			Press(keymap.ComposeEdit, keymap.EditToStart).Type("127.0.0.1:99").Sees("--port=http:127.0.0.1:99").
			Type("x").Sees("99x is not a port").Press(keymap.EditAccept).Sees("99x is not a port").
			Press(keymap.EditBackspace, keymap.EditAccept).Sees("127.0.0.1:99 → http 8080/tcp", "on 127.0.0.1 alone").
			Press(keymap.ComposeRemove).SeesNot("--port").Sees("http 8080/tcp")
	})
}

func TestPortsAreAddedByTheirNames(t *testing.T) {
	formOver(t, recordings(t), alone(), func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeNetwork, keymap.End, keymap.ComposeEdit).Sees("http:  8080/tcp of reduce-worker").
			Type("ht").Press(keymap.EditNext).Type("80").Press(keymap.EditAccept).Sees("--port=http:80", "80 → http 8080/tcp").
			Press(keymap.End, keymap.ComposeEdit).Type("http:81").Press(keymap.EditAccept).Sees("--port=http:80 --port=http:81", "81 → http 8080/tcp").
			Press(keymap.End, keymap.ComposeEdit).Type("nothing:82").Press(keymap.EditAccept).Sees("no image has a port nothing; there are http (tcp 8080)")
	})
}

func TestNetworksAreChosenByTheirNames(t *testing.T) {
	e := recordings(t)
	e.Broken = []string{"/etc/podtui/net.d/20-broken.conf: unexpected end of JSON input"}
	formOver(t, e, alone(), func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeNetwork, keymap.Down, keymap.Down).Sees("20-broken.conf", "! of no use").
			Press(keymap.ComposeEdit).Sees("backend  by CNI's bridge, portmap; /etc/podtui/net.d/10-backend.conflist", "default-restricted  one of 172.16.29.0/24").
			Type("back").Press(keymap.EditNext).Type(":IP=10.0.0.7").Press(keymap.EditAccept).
			Sees("--net=default --net=backend:IP=10.0.0.7", "eth0 default, one of", "eth1 backend, by CNI's bridge, portmap").SeesNot("! ne").
			Press(keymap.ComposeUndo, keymap.Home, keymap.Down, keymap.Down, keymap.ComposeEdit).Type("nowhere").Press(keymap.EditAccept).Sees(`! there is no network "nowhere"`)
	})
}

// A conflict is seen while the port is typed, and gone with another.
func TestAPortThatIsTakenIsSeenWhereItIsTyped(t *testing.T) {
	e := recordings(t)
	e.Take(spec.TCP, 8090, "pod web")
	formOver(t, e, alone(), func(d *uitest.Driver) {
		d.Sees("verified by").Press(keymap.ComposeNetwork, keymap.Down, keymap.Down, keymap.Down, keymap.ComposeEdit).Sees("8080 is free").
			Type("8090").SeesNot("taken").Pass(time.Second).Sees("port http: tcp port 8090 of the host is taken by pod web", "8091 is free").
			Type("1").Pass(time.Second).SeesNot("taken").Press(keymap.EditBackspace).Pass(time.Second).Press(keymap.EditAccept).Sees("taken by pod web")
		e.Take(spec.TCP, 8090, "")
		d.Press(keymap.ComposeRun).Sees("taken by pod web").SeesNot("exited").Pass(time.Second). // it was looked at again
														Press(keymap.GoImages, keymap.GoCompose).SeesNot("taken")
	})
}

// Of several ports that are not published the one is marked that is typed.
func TestAPortThatIsTakenMarksItsOwnRow(t *testing.T) {
	e := recordings(t)
	e.Take(spec.TCP, 8090, "pod web")
	formOver(t, e, spec.Pod{Apps: []spec.App{{Image: "coreos.com/etcd:2.3.7"}}}, func(d *uitest.Driver) {
		d.Sees("etcd").Press(keymap.ComposeNetwork, keymap.Down, keymap.Down, keymap.Down, keymap.ComposeEdit).
			Type("8090").Pass(time.Second).Sees("taken by pod web", "peer 2380/tcp", "space: on 2380")
		if n := strings.Count(d.Screen(), "! port client"); n != 2 { // in its row, and in the line for what is wrong
			t.Errorf("%d times it is told:\n%s", n, d.Screen())
		}
	})
}

// What a start finds to be taken leads back to the field that says so.
func TestAStartThatFailsForAPortLeadsToItsField(t *testing.T) {
	e := recordings(t, "two-apps")
	pod := alone()
	pod.Network.Names, pod.Ports = []string{"default"}, []spec.Port{{Name: "http", HostPort: 8080}}
	formOver(t, e, pod, func(d *uitest.Driver) {
		d.Sees("verified by")
		e.Take(spec.TCP, 8080, "pod web")
		d.Press(keymap.ComposeRun).Sees("port http: tcp port 8080 of the host is taken by pod web", "back to the form").
			Press(keymap.WatchForm).Sees("▌ 8080 → http 8080/tcp", "is taken by pod web; 8081 is free").
			Press(keymap.ComposeEdit, keymap.EditToStart).Type("8081").Press(keymap.EditAccept).SeesNot("taken").
			Press(keymap.ComposeRun).Sees("exited 0")
		if runs := e.Runs(); len(runs) != 1 || !slices.Equal(ports(runs), []int{8081}) {
			t.Errorf("ran with %v", ports(runs))
		}
	})
}

func ports(runs []enginetest.Ran) (all []int) {
	for _, r := range runs {
		for _, p := range r.Pod.Ports {
			all = append(all, p.HostPort)
		}
	}
	return all
}
