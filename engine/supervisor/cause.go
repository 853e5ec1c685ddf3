package supervisor

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/sandbox"
)

// Exit statuses of podtui itself (contract, section 3).
const statusCannotRun = 125

// exitStatus is what a front end exits with when the pod can't be started.
func exitStatus(err error) int {
	var refused *sandbox.ExecError
	if errors.As(err, &refused) {
		return refused.Status()
	}
	return statusCannotRun
}

// cause tells in words how an app ended, where its status needs them.
func cause(e end) string {
	switch {
	case e.err != nil:
		return e.err.Error()
	case e.status > 128 && e.status < 128+65:
		return fmt.Sprintf("killed by signal %d (%s)", e.status-128, unix.SignalName(unix.Signal(e.status-128)))
	case e.status != 0:
		return fmt.Sprintf("status %d", e.status)
	}
	return ""
}

func appCause(app, cause string) string { return fmt.Sprintf("app %q: %s", app, cause) }
