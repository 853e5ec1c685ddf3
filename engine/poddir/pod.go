// Package poddir is the pod folder: what a pod is on disk, its state, its lock,
// its events, its logs and its exit records. There is no daemon: any process
// may look at any time, and what it sees is true, because the state is what is
// in the folder together with who holds its lock (contract, section 6).
//
// The package reads and writes folders. It starts nothing, mounts nothing and
// signals nothing; that is for engine/supervisor and engine/sandbox.
package poddir

import (
	"time"

	"github.com/podtui/podtui/engine/spec"
)

// State is where a pod is in its life.
type State string

// The states of the contract, section 6.
const (
	Preparing State = "preparing" // its folder is being made
	Prepared  State = "prepared"  // it could be run
	Running   State = "running"   // its supervisor lives
	Exited    State = "exited"    // it ran and ended, whatever its status
	Failed    State = "failed"    // it could not be started
	Deleting  State = "deleting"  // it is being removed
)

// Status is what a look at a pod's folder tells. It is a copy; the pod goes on.
type Status struct {
	UUID    string      `json:"uuid"`
	Name    string      `json:"name,omitempty"` // of --pod-name
	State   State       `json:"state"`
	Before  State       `json:"before,omitempty"` // while it is being started again: what it is if that comes to nothing
	Created time.Time   `json:"created"`
	Started time.Time   `json:"started,omitzero"`
	Ended   time.Time   `json:"ended,omitzero"`
	Exit    *int        `json:"exit,omitempty"`  // the pod's exit status, once it has ended
	Cause   string      `json:"cause,omitempty"` // why it ended or failed, in words, if the status alone doesn't tell
	Apps    []AppStatus `json:"apps"`

	Runs int    `json:"runs,omitempty"` // how often it was started
	Boot string `json:"boot,omitempty"` // the boot ID of the machine as the pod was last started

	Users *IDRange `json:"users,omitempty"` // the pod's own users, as the host knows them; nil: the host's

	Networks []string `json:"networks,omitempty"` // as rkt writes them: "default:ip4=172.16.28.3"; of the host's: "host"

	Interfaces []Interface      `json:"interfaces,omitempty"` // of its private networks, while it runs
	Ports      []spec.Published `json:"ports,omitempty"`      // published on the host, while it runs; before its first run, those that will be

	Metadata string `json:"metadata,omitempty"` // HOST:PORT of its metadata service, while it runs

	Insecure []string `json:"insecure,omitempty"` // what its start was not strict about, as it was allowed: "image", "tls"
}

// AppStatus is one app of a pod, in the pod's order.
type AppStatus struct {
	Name    string    `json:"name"`
	Image   string    `json:"image"`   // the image's name and version, or its reference
	ImageID string    `json:"imageID"` // sha512-…
	PID     int       `json:"pid,omitempty"`
	Started time.Time `json:"started,omitzero"`
	Ended   time.Time `json:"ended,omitzero"`
	Exit    *int      `json:"exit,omitempty"` // 0…255, 128+N for signal N
	Cause   string    `json:"cause,omitempty"`

	Restarts int       `json:"restarts,omitempty"` // how often its policy has started it again
	Next     time.Time `json:"next,omitzero"`      // it has ended, and is started again then

	// Who it runs as, found in its root before it could change anything there.
	UID    int   `json:"uid"`
	GID    int   `json:"gid"`
	Groups []int `json:"groups,omitempty"`

	Input    bool `json:"input,omitempty"`    // its standard input is open: attach can give it some
	Terminal bool `json:"terminal,omitempty"` // it has a terminal

	Unverified bool `json:"unverified,omitempty"` // nobody vouched for its image when it was started
}

// LogLine is one line of an app's output as it was logged.
type LogLine struct {
	Time    time.Time `json:"time"`
	App     string    `json:"app"`
	Stream  string    `json:"stream"` // "stdout", "stderr", or "lost" where older lines were rotated away
	Text    string    `json:"line"`   // bytes as they came, without the newline
	Partial bool      `json:"partial,omitempty"`
}

// LastChange is when the pod ended or, where nobody could write that down, when
// it was last known to go on.
func (s Status) LastChange() time.Time {
	for _, t := range []time.Time{s.Ended, s.Started} {
		if !t.IsZero() {
			return t
		}
	}
	return s.Created
}
