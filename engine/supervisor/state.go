package supervisor

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/poddir"
)

// begin makes the status that of a new run. What an earlier one has left there
// was the pod's state until now. What it is made of is the record's to say: the
// state may be damaged.
func (s *supervisor) begin() {
	was := s.status
	s.status = poddir.Status{
		UUID: was.UUID, Name: s.record.Pod.Name, Created: was.Created, Insecure: was.Insecure,
		State: poddir.Running, Started: time.Now(), Runs: was.Runs + 1,
		Users: s.itsUsers(), Networks: s.record.NetworkNames(),
	}
	for i, image := range s.record.Images {
		s.status.Apps = append(s.status.Apps, poddir.AppStatus{
			Name: s.record.Resolved.Apps[i].Name.Value, Image: image.Name, ImageID: image.ID, Unverified: image.Unverified,
		})
	}
}

// save writes the status as it is now. A full disk must not end the pod: what
// can't be written now is written with the next change.
func (s *supervisor) save() { s.write(s.status) }

func (s *supervisor) write(status poddir.Status) {
	if err := s.dir.WriteStatus(status); err != nil {
		s.unwritten(err)
	}
}

func (s *supervisor) unwritten(err error) {
	s.front.event(event.Event{Time: time.Now(), Type: event.Warning, Message: fmt.Sprintf("the pod's state can't be written: %v", err)})
}

// reserve is a file in the pod's folder that holds the room that its last state
// will need. It is there while the pod runs.
const (
	reserveFile = "reserve"
	reserveSize = 64 << 10
)

func (s *supervisor) reserve() {
	file, err := os.OpenFile(filepath.Join(s.dir.Path, reserveFile), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return // the disk is full already: what can be done is done at the end
	}
	defer file.Close()
	_ = unix.Fallocate(int(file.Fd()), 0, 0, reserveSize)
}

// lastTries is how often the last state is written if it can't be: a second, in
// all. Then the pod is over without it. Whoever looks finds it exited, since
// nobody holds its lock, and takes its supervisor for killed.
const (
	lastTries = 20
	lastPause = 50 * time.Millisecond
)

// writeLast writes the state that nobody will write again.
func (s *supervisor) writeLast() error {
	_ = os.Remove(filepath.Join(s.dir.Path, reserveFile))
	err := s.dir.WriteStatus(s.status)
	if err != nil {
		s.unwritten(err)
	}
	for range lastTries {
		if err == nil {
			return nil
		}
		time.Sleep(lastPause)
		err = s.dir.WriteStatus(s.status)
	}
	return err
}
