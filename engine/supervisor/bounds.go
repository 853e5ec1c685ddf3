package supervisor

import (
	"fmt"

	"github.com/podtui/podtui/engine/event"
)

// bound sets what all apps together may use, before the first of them is made.
func (s *supervisor) bound() error {
	return s.pod.Bound(s.record.Resolved.Limits, s.record.Resolved.Sysctls)
}

// warn tells what this host can't do of what apps and the pod ask for.
func (s *supervisor) warn() {
	for _, w := range s.pod.Warnings() {
		message := "the pod: " + w.Message
		if w.App != "" {
			message = fmt.Sprintf("app %q: %s", w.App, w.Message)
		}
		s.emit(event.Event{Type: event.Warning, App: w.App, Message: message})
	}
}
