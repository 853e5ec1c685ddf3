package sandbox

import (
	"os"
	"syscall"

	"github.com/opencontainers/runc/libcontainer"
	_ "github.com/opencontainers/runc/libcontainer/nsenter" // the C half of an app's start
	"github.com/sirupsen/logrus"

	_ "github.com/opencontainers/cgroups/devices" // device rules for cgroups
)

// execStatus is the descriptor of an app's start on which it takes what it is to
// become, and says why it can't (become.c). It closes, silently, when it has.
const execStatus = 3

// appStderr is what becomes the app's standard error in the last moment.
const appStderr = execStatus + 1

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
	syscall.CloseOnExec(execStatus)
	syscall.CloseOnExec(appStderr)
	logrus.SetLevel(logrus.DebugLevel)
	logrus.AddHook(becoming{})
	libcontainer.Init()
}
