package supervisor

import (
	"errors"
	"fmt"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/sandbox"
)

// StopTimeout is how long an app has between SIGTERM and SIGKILL.
const StopTimeout = 10 * time.Second

// supervisor is one pod's life. Everything but the copying of output happens on
// one goroutine, in run.
type supervisor struct {
	dir     *poddir.Dir
	cache   string
	options SpawnOptions
	front   *sender
	stdio   *allStdio
	socket  socket

	record poddir.Record
	events *poddir.EventWriter
	status poddir.Status
	pod    *sandbox.Pod
	apps   []*app

	orders chan order
	ends   chan end
}

// end says that an app has ended, and that all its output has been kept.
type end struct {
	app    int
	status int
	err    error
}

// run starts the pod, lives as long as it does, and leaves nothing of it but
// its folder.
func (s *supervisor) run() error {
	// What needs no record comes first: it is made while the record is written.
	pod, startErr := sandbox.Start(s.dir.UUID, hostname(s.dir.UUID), s.dir.Sandbox(), s.cache)
	s.pod = pod
	if !s.released() {
		return s.close()
	}
	if err := s.open(); err != nil {
		return s.hopeless(err)
	}
	defer s.events.Close()
	if startErr != nil {
		return s.fail(startErr)
	}
	s.orders = make(chan order, 4)
	if err := s.start(); err != nil {
		return s.fail(err)
	}
	s.live()
	return s.finish()
}

// hopeless tells the front end why there will be no pod, where there is not even
// a folder to write it into.
func (s *supervisor) hopeless(cause error) error {
	err := errors.Join(cause, s.close())
	s.front.event(event.Event{Time: time.Now(), Type: event.Error, Message: cause.Error(), Status: event.Status(statusCannotRun)})
	s.front.over()
	return err
}

func hostname(uuid string) string { return "podtui-" + uuid[:8] }

// close takes away what the pod has on the host.
func (s *supervisor) close() error {
	if s.pod == nil {
		return nil
	}
	return s.pod.Close()
}

func (s *supervisor) open() error {
	record, err := s.dir.ReadRecord()
	if err != nil {
		return err
	}
	status, err := s.dir.Status()
	if err != nil {
		return err
	}
	events, err := s.dir.AppendEvents()
	if err != nil {
		return err
	}
	s.record, s.status, s.events = record, status, events
	return nil
}

// live runs until the last app has ended.
func (s *supervisor) live() {
	stop := stopSequence{apps: s.apps, pod: s.pod, front: s.front}
	defer stop.close()
	for left := len(s.apps); left > 0; {
		select {
		case ended := <-s.ends:
			if left--; left == 0 {
				s.pod.Kill() // its init goes while the rest is written down
			}
			s.apps[ended.app].io.close(ended.status)
			if s.ended(ended) != 0 {
				stop.begin()
			}
			if left > 0 {
				s.save() // else finish does
			}
		case order := <-s.orders:
			stop.take(order)
		case <-stop.timeout():
			stop.kill()
		}
	}
}

// ended writes down an app's end, and returns its exit status.
func (s *supervisor) ended(e end) int {
	now := time.Now()
	status := &s.status.Apps[e.app]
	status.Ended, status.Exit, status.Cause = now, &e.status, cause(e)
	if e.status != 0 && s.status.Exit == nil {
		s.status.Exit, s.status.Cause = &e.status, appCause(status.Name, status.Cause)
	}
	s.emit(event.Event{Time: now, Type: event.AppExit, State: event.Done, App: status.Name, Status: &e.status, Message: status.Cause})
	return e.status
}

// finish takes the pod's namespaces and cgroups away, then says that it is
// over: nobody is told before it is true.
func (s *supervisor) finish() error {
	if err := s.close(); err != nil {
		s.emit(event.Event{Type: event.Warning, Message: err.Error()})
	}
	if s.status.Exit == nil {
		s.status.Exit = event.Status(0)
	}
	s.status.State, s.status.Ended = poddir.Exited, time.Now()
	err := s.dir.WriteStatus(s.status)
	s.emit(event.Event{Time: s.status.Ended, Type: event.PodExit, State: event.Done, Status: s.status.Exit, Message: s.status.Cause})
	s.over()
	return err
}

// fail takes away what was made of a pod that could not be started.
func (s *supervisor) fail(cause error) error {
	if err := s.close(); err != nil {
		s.emit(event.Event{Type: event.Warning, Message: err.Error()})
	}
	s.status.State, s.status.Ended, s.status.Cause = poddir.Failed, time.Now(), cause.Error()
	s.status.Exit = event.Status(exitStatus(cause))
	err := s.dir.WriteStatus(s.status)
	s.emit(event.Event{Type: event.Error, Message: cause.Error(), Status: s.status.Exit})
	s.front.over()
	return err
}

// save writes the status as it is now.
func (s *supervisor) save() { s.write(s.status) }

// write replaces the status in the folder. A full disk must not end the pod:
// what can't be written now is written with the next change.
func (s *supervisor) write(status poddir.Status) {
	if err := s.dir.WriteStatus(status); err != nil {
		s.front.event(event.Event{Time: time.Now(), Type: event.Warning, Message: fmt.Sprintf("the pod's state can't be written: %v", err)})
	}
}

// emit writes an event into the pod's folder, and then tells the front end.
func (s *supervisor) emit(e event.Event) {
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	e.Pod = s.dir.UUID
	_ = s.events.Write(e) // a full disk must not end the pod
	s.front.event(e)
}
