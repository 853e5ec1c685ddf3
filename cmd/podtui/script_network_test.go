package main

import (
	"os"
	"runtime"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/network/nettest"
)

// cmdWorld has the script go on on a host whose network is a test's own. What it starts
// from then on is there.
func cmdWorld(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 0, "world")
	world := nettest.NewWorld(sessionOf(ts).tb)
	host, err := os.Open(world.Host.Path())
	ts.Check(err)
	defer host.Close()
	// Never unlocked: the thread ends with the script, and no other test is given it.
	runtime.LockOSThread()
	ts.Check(unix.Setns(int(host.Fd()), unix.CLONE_NEWNET))
	ts.Setenv("OUTSIDE", world.Outside.Path())
	ts.Setenv("HOST_IP", nettest.HostIP)
	ts.Setenv("OUTSIDE_IP", nettest.FarIP)
}
