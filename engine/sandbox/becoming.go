package sandbox

// #include "become.h"
import "C"

import (
	"os"
	"runtime/debug"

	"github.com/opencontainers/runc/libcontainer/utils"
	"github.com/sirupsen/logrus"
	"golang.org/x/sys/unix"
)

// What libcontainer says when a process has all that an app gets and nothing more:
// before an app would wait in its exec fifo, and before a program that enters one
// would be executed. Its pipes are closed then, but for that of its log.
const (
	aboutToWait = "init: about to wait on exec fifo"
	aboutToExec = "setns_init: about to exec"
)

// becoming is where a start leaves libcontainer. That lets nobody in there but its
// log, so that is where the moment is heard. Should it ever say it in other words,
// nothing is ever executed; a test says so first.
type becoming struct{}

func (becoming) Levels() []logrus.Level { return []logrus.Level{logrus.DebugLevel} }

func (becoming) Fire(entry *logrus.Entry) error {
	switch entry.Message {
	case aboutToWait:
	case aboutToExec:
		// The program dies with the thread that has started it. A change of user has
		// undone that wish, so that it is made here.
		if unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0) != nil {
			os.Exit(1)
		}
	default:
		return nil
	}
	// Whoever has started this waits for the log's end. Nothing else that is open
	// here is the app's, and no file is closed twice once another has its number.
	debug.SetGCPercent(-1)
	if utils.UnsafeCloseFrom(appStderr+1) != nil {
		os.Exit(1)
	}
	C.become(execStatus, appStderr)
	return nil // never
}
