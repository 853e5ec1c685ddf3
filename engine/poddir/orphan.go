package poddir

import (
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// BootID is the kernel's word for the time since the machine was last started;
// "" where it has none.
func BootID() string { return bootID() }

var bootID = sync.OnceValue(func() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
})

// alive reports whether the pod says of itself that somebody owns it.
func (s Status) alive() bool { return s.State == Preparing || s.State == Running }

// orphaned is what a state means when nobody owns the pod.
func orphaned(s Status) Status {
	switch s.State {
	case Preparing:
		if s.Before != "" { // it was there before, and has lost nothing
			s.State, s.Before = s.Before, ""
			return orphaned(s)
		}
		s.State = Failed
		s.Cause = "podtui was killed while it prepared the pod"
		if restarted(s) {
			s.Cause = "the machine was restarted while podtui prepared the pod"
		}
	case Running:
		s.State = Exited
		s.Cause = "its supervisor was killed"
		if restarted(s) {
			s.Cause = "the machine was restarted"
		}
		killed := 128 + 9
		s.Exit = &killed
		s.Disconnect()
		s.Apps = slices.Clone(s.Apps)
		for i := range s.Apps {
			s.Apps[i].Next = time.Time{} // nobody starts it again
			if s.Apps[i].Exit == nil {
				s.Apps[i].Exit, s.Apps[i].Cause = &killed, s.Cause
			}
		}
	}
	return s
}

// restarted reports whether the machine has been, since the pod was started.
func restarted(s Status) bool { return s.Boot != "" && BootID() != "" && s.Boot != BootID() }

// Settle tells how a pod is that we own. A pod that ended without a word, because
// its supervisor was killed, gets its end and its cause written down, so that it
// has ended now and not whenever somebody looks. A pod whose making was cut short
// has no end: nobody waits for it. What can't be written, on a full disk, is
// written by who settles it next.
func (d *Dir) Settle() (Status, error) {
	s, err := d.OwnStatus()
	if err != nil || !s.Ended.IsZero() || s.State != Exited {
		return s, err
	}
	s.Ended = time.Now()
	for i := range s.Apps {
		if s.Apps[i].Ended.IsZero() {
			s.Apps[i].Ended = s.Ended
		}
	}
	_ = d.WriteStatus(s)
	return s, nil
}
