package sandbox

// #include "filter.h"
import "C"

import (
	"fmt"
	"os"
	"syscall"

	"github.com/sirupsen/logrus"
	"golang.org/x/sys/unix"
)

// aboutToExec is the last that libcontainer says before it executes a program
// that enters: its privileges are dropped, and its pipes closed.
const aboutToExec = "setns_init: about to exec"

// confineBeforeExec has the seccomp filter put on a program that enters an app,
// in the last moment. libcontainer lets nobody in there but its log, so that is
// where the moment is heard. Should it ever say it in other words, no filter is
// installed, and Enter kills what it finds unconfined; a test says so first.
func confineBeforeExec() {
	logrus.SetLevel(logrus.DebugLevel)
	logrus.AddHook(confinement{})
}

// readyToExec is said on execStatus.
const readyToExec = 0

type confinement struct{}

func (confinement) Levels() []logrus.Level { return []logrus.Level{logrus.DebugLevel} }

// Fire does not return if there is no filter. The program then dies with the
// thread that started it, too, if that is killed: a change of user undoes that
// wish, so that it is made here.
func (confinement) Fire(entry *logrus.Entry) error {
	if entry.Message != aboutToExec {
		return nil
	}
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		refuse(err)
	}
	if _, err := os.Stderr.Write([]byte{readyToExec}); err != nil { // execStatus
		refuse(err)
	}
	if errno := C.install_filter(); errno != 0 {
		refuse(fmt.Errorf("seccomp filter: %w", syscall.Errno(errno)))
	}
	return nil
}

func refuse(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
