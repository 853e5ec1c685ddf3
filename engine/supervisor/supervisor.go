package supervisor

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/podtui/podtui/engine/crash"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/sandbox"
)

// supervisor is one pod's life. Everything that decides happens on one goroutine,
// in run; making an app, which takes time, and the copying of what it writes on
// others.
type supervisor struct {
	dir     *poddir.Dir
	cache   string
	options SpawnOptions

	metadata metadata
	network  networks
	hosts    hosts

	front  *sender
	stdio  *allStdio
	socket socket

	record poddir.Record
	events *poddir.EventWriter
	status poddir.Status
	users  sandbox.Users // the pod's own; none: the host's
	pod    *sandbox.Pod
	apps   []*app
	stop   stopSequence
	quiet  quiet

	rehearsal func(event.Event) // told in place of the pod's folder and front end, which a rehearsal hasn't

	listening sync.Once // to who gives orders

	orders  chan order
	made    chan made
	ends    chan end
	handled chan handled
}

// run starts the pod, lives as long as it does, and leaves nothing of it but
// its folder.
func (s *supervisor) run() error {
	// What needs no record comes first: it is made while the record is written, and read.
	startErr := s.startPod()
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
	if err := s.starting(); err != nil {
		return s.fail(err)
	}
	s.live()
	return s.finish()
}

func (s *supervisor) startPod() (err error) {
	if err := s.leaseUsers(); err != nil {
		return err
	}
	s.pod, err = sandbox.Start(sandbox.Options{
		UUID: s.dir.UUID, Hostname: s.hostname(), StateDir: s.dir.Sandbox(), CacheDir: s.cache,
		Users: s.users, Network: s.options.Network,
	})
	return err
}

// hopeless tells the front end why there will be no pod, where there is not even
// a folder to write it into.
func (s *supervisor) hopeless(cause error) error {
	err := errors.Join(cause, s.close())
	s.front.event(event.Event{Time: time.Now(), Type: event.Error, Message: cause.Error(), Status: event.Status(statusCannotRun)})
	s.front.over()
	return err
}

func (s *supervisor) hostname() string {
	return cmp.Or(s.options.Hostname, "podtui-"+s.dir.UUID[:8])
}

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
	s.network.ctx, s.network.cancel = context.WithCancel(context.Background())
	s.begin()
	return nil
}

// finish takes the pod's namespaces and cgroups away, then says that it is
// over: nobody is told before it is true.
func (s *supervisor) finish() error {
	s.takeAway()
	if s.status.Exit == nil {
		s.status.Exit = event.Status(0)
	}
	s.status.State, s.status.Ended = poddir.Exited, time.Now()
	return s.bury(event.Event{Time: s.status.Ended, Type: event.PodExit, State: event.Done, Status: s.status.Exit, Message: s.status.Cause})
}

// fail takes away what was made of a pod that could not be started.
func (s *supervisor) fail(cause error) error {
	s.takeAway()
	s.status.State, s.status.Ended, s.status.Cause = poddir.Failed, time.Now(), cause.Error()
	s.status.Exit = event.Status(exitStatus(cause))
	return s.bury(event.Event{Type: event.Error, Message: cause.Error(), Status: s.status.Exit})
}

func (s *supervisor) takeAway() {
	s.closeMetadata()
	s.partPods()
	for _, err := range s.takeApart() {
		if err != nil {
			s.emit(event.Event{Type: event.Warning, Message: err.Error()})
		}
	}
	crash.Here("cgroups gone") // nothing is left, and the folder says that the pod runs: the free lock says better
}

// takeApart takes away the pod's processes and networks, side by side, since the kernel
// takes its time for both. But plugins are children of ours, and with the pod's init all
// of them are reaped that have ended: they come when it is gone.
func (s *supervisor) takeApart() (errs [2]error) {
	if s.network.plugin {
		s.leaveSetUp()
		errs[1] = s.close()
		errs[0] = s.takeNetwork()
		return errs
	}
	var taking sync.WaitGroup
	taking.Go(func() { errs[0] = s.takeNetwork() })
	errs[1] = s.close()
	taking.Wait()
	return errs
}

// bury writes the pod's last state and says its last word. From here on an order
// can only be meant for a front end that does not take what is left.
func (s *supervisor) bury(last event.Event) error {
	err := s.writeLast()
	s.emit(last)
	if s.stop.ordered {
		s.front.hurry() // who ordered it waits for us
	}
	go func() { // ends with the process
		for range s.orders {
			s.front.hurry()
		}
	}()
	s.over()
	return err
}

// emit writes an event into the pod's folder, and then tells the front end.
func (s *supervisor) emit(e event.Event) {
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	if s.rehearsal != nil {
		s.rehearsal(e)
		return
	}
	e.Pod = s.dir.UUID
	_ = s.events.Write(e) // a full disk must not end the pod
	s.front.event(e)
}
