package enginetest

import (
	"errors"
	"slices"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
)

// ScriptedOutput is what pods wrote that ended, or began, before anybody looked.
type ScriptedOutput struct {
	Outputs map[string][]poddir.LogLine // by UUID

	read []string
}

// Read are the pods whose output was asked for so far.
func (s *Scripted) Read() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.read)
}

func (s *Scripted) noteRead(uuid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read = append(s.read, uuid)
}

func (s *Scripted) wrote(uuid string, out func([]poddir.LogLine) error) error {
	if lines := s.Outputs[uuid]; len(lines) > 0 {
		return out(lines)
	}
	return nil
}

// failure is the error that a recorded start ended with: of an app that could not be
// executed, or another.
func failure(e event.Event) error {
	if e.Status != nil && (*e.Status == 126 || *e.Status == 127) {
		return &engine.StartError{Message: e.Message, Status: *e.Status}
	}
	return errors.New(e.Message)
}
