package sandbox

// #include "filter.h"
import "C"

import (
	"os"
	"syscall"

	"github.com/opencontainers/runc/libcontainer"
	_ "github.com/opencontainers/runc/libcontainer/nsenter" // the C half of an app's start

	_ "github.com/opencontainers/cgroups/devices" // device rules for cgroups
)

// execStatus is the descriptor of an app's start on which it takes its seccomp
// filter, and then reports why its executable could not be executed. It closes,
// silently, when it was.
const execStatus = 3

// Role runs this process as an app's start, if that is what it was started for,
// and then does not return. It must be called first thing in main, and in
// TestMain of tests that run pods: libcontainer starts the executable that it
// is part of again.
func Role() {
	if len(os.Args) == 2 && os.Args[1] == "init" && os.Getenv("_LIBCONTAINER_INITPIPE") != "" {
		startApp()
	}
}

// startApp becomes the app, or a program that enters it.
func startApp() {
	enters := os.Getenv("_LIBCONTAINER_INITTYPE") == "setns"
	if errno := C.start_filter_thread(execStatus, C.bool(enters)); errno != 0 {
		os.Exit(1)
	}
	if enters {
		confineBeforeExec()
	}
	// The last error before execve is written to standard error, which by then
	// is the app's own. Send it to the supervisor instead.
	syscall.CloseOnExec(execStatus)
	os.Stderr = os.NewFile(execStatus, "exec status")
	libcontainer.Init()
}
