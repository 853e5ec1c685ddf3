package poddir

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// WriteStatus replaces what the folder says of the pod. Only its owner may.
// It is not synced: after a power cut no pod runs, whatever the file says.
func (d *Dir) WriteStatus(s Status) error {
	s.UUID = d.UUID
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	temporary := d.file(stateFile + ".new")
	if err := os.WriteFile(temporary, data, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, d.file(stateFile))
}

// Status tells the pod's state as it is now. A pod that says it is alive and
// has no owner is not: its owner was killed, and with it everything in the pod.
func (d *Dir) Status() (Status, error) {
	owned, err := d.owned()
	if err != nil {
		return Status{}, err
	}
	// The lock is asked for first: an owner writes its last word before it lets
	// go, so what is read now can't be older than that.
	s, err := d.readStatus()
	if err != nil {
		return Status{}, err
	}
	if !owned {
		s = orphaned(s)
	}
	return s, nil
}

// OwnStatus is the status of a pod whose lock we have taken: whoever owned it
// before is gone.
func (d *Dir) OwnStatus() (Status, error) {
	s, err := d.readStatus()
	return orphaned(s), err
}

func (d *Dir) readStatus() (Status, error) {
	data, err := os.ReadFile(d.file(stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return d.unwritten()
	}
	if err != nil {
		return Status{}, err
	}
	var s Status
	if json.Unmarshal(data, &s) != nil {
		return d.damaged()
	}
	s.UUID = d.UUID
	return s, nil
}

// damaged is a pod whose state can't be read, as after a power cut. It is shown
// and removed like any other that has failed.
func (d *Dir) damaged() (Status, error) {
	s, err := d.unwritten()
	s.State, s.Cause, s.Ended = Failed, "its state file is damaged", s.Created
	return s, err
}

// unwritten is a pod whose preparation has only begun.
func (d *Dir) unwritten() (Status, error) {
	info, err := os.Stat(d.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return Status{}, fmt.Errorf("pod %s: %w", d.UUID, ErrNotFound)
	}
	if err != nil {
		return Status{}, err
	}
	return Status{UUID: d.UUID, State: Preparing, Created: info.ModTime()}, nil
}

// orphaned is what a state means when nobody owns the pod.
func orphaned(s Status) Status {
	switch s.State {
	case Preparing:
		if s.Before != "" { // it was there before, and has lost nothing
			s.State, s.Before = s.Before, ""
			break
		}
		s.State = Failed
		s.Cause = "podtui was killed while it prepared the pod"
	case Running:
		s.State = Exited
		s.Cause = "its supervisor was killed"
		killed := 128 + 9
		s.Exit = &killed
		s.Apps = append([]AppStatus(nil), s.Apps...)
		for i := range s.Apps {
			if s.Apps[i].Exit == nil {
				s.Apps[i].Exit, s.Apps[i].Cause = &killed, s.Cause
			}
		}
	}
	return s
}

// WriteRecord writes what is executed. It is read by nobody before the pod's
// owner says so, and a crash before that makes the whole folder garbage: there
// is no half record to protect.
func (d *Dir) WriteRecord(r Record) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return os.WriteFile(d.file(recordFile), data, 0o600)
}

// ReadRecord reads what is executed.
func (d *Dir) ReadRecord() (Record, error) {
	var r Record
	data, err := os.ReadFile(d.file(recordFile))
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf("pod %s: its record is damaged: %w", d.UUID, err)
	}
	if r.Version != recordVersion {
		return r, fmt.Errorf("pod %s: its record has version %d, this podtui knows %d", d.UUID, r.Version, recordVersion)
	}
	return r, nil
}
