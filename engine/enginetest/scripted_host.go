package enginetest

import (
	"context"
	"errors"
	"slices"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/spec"
)

// The host of a scripted engine: what people have, whatever the tests run on.
const (
	scriptedMemory = 8_200_000_000
	scriptedCPUs   = 4
)

// ScriptedHost is what a scripted engine says of the host, and of who is who in its
// images. What it finds at a path of the host is what is there.
type ScriptedHost struct {
	Known map[string]engine.People // by the image's ID
	Holds map[string][]string      // the folders of images, likewise; nil: nothing is known of one
	made  []string
}

// People are those that the script has.
func (s *Scripted) People(id string) (engine.People, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	people, ok := s.Known[id]
	if !ok {
		return people, errors.New("no files of the image were scripted")
	}
	return people, nil
}

// HasFolder is what the script says.
func (s *Scripted) HasFolder(id, path string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	folders, ok := s.Holds[id]
	if !ok {
		return false, errors.New("no folders of the image were scripted")
	}
	return slices.Contains(folders, path), nil
}

// Foresee looks at this host, but for what differs from one to the other.
func (s *Scripted) Foresee(ctx context.Context, pod spec.Pod) engine.Foreseen {
	made := s.Made()
	pod.Volumes = slices.Clone(pod.Volumes)
	for i := range pod.Volumes {
		if v := &pod.Volumes[i]; slices.Contains(made, v.Source) {
			v.Source = "/" // which is there
		}
	}
	asked := pod
	pod.Network.Names = nil // the networks are the script's
	f := new(engine.Engine).Foresee(ctx, pod)
	f.Problems = append(f.Problems, s.networkProblems(asked)...)
	f.Memory, f.CPUs = scriptedMemory, scriptedCPUs
	return f
}

// MakeFolder makes none, and says that it is there from now on.
func (s *Scripted) MakeFolder(path string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made = append(s.made, path)
	return nil
}

// Made are the folders that it was asked to make.
func (s *Scripted) Made() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.made)
}
