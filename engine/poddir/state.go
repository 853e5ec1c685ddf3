package poddir

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/crash"
)

// maxRecordFile bounds what is read: a folder may come from a stranger. A record has a
// whole environment in it.
const maxRecordFile = 64 << 20

// WriteStatus replaces what the folder says of the pod, and tells who watches
// the pods. Only its owner may. It is not synced: after a power cut no pod runs,
// whatever the file says. An owner that says that the pod is alive is its life.
func (d *Dir) WriteStatus(s Status) error {
	s.UUID = d.UUID
	if s.alive() {
		s.Boot = BootID()
		if d.lock != nil {
			if err := d.live(); err != nil {
				return err
			}
		}
	}
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	temporary := d.file(stateFile + ".new")
	if err := os.WriteFile(temporary, data, 0o600); err != nil {
		return err
	}
	crash.Here("state written") // and not in place: what was said before holds
	if err := os.Rename(temporary, d.file(stateFile)); err != nil {
		return err
	}
	crash.Here("state in place") // nobody is told: who watches sees the lock go
	d.ring()
	return nil
}

// ring tells those who watch the folder of all pods that this one has changed. A
// bell that is not heard costs no more than a late look.
func (d *Dir) ring() { _ = unix.UtimesNanoAt(unix.AT_FDCWD, d.Path, nil, 0) }

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
	data, err := d.readBounded(recordFile, maxRecordFile)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf("pod %s: its record is damaged: %w", d.UUID, err)
	}
	if r.Version != recordVersion {
		return r, fmt.Errorf("pod %s: its record has version %d, this podtui knows %d", d.UUID, r.Version, recordVersion)
	}
	if len(r.Images) != len(r.Resolved.Apps) {
		return r, fmt.Errorf("pod %s: its record is damaged: it has %d images for %d apps", d.UUID, len(r.Images), len(r.Resolved.Apps))
	}
	return r, nil
}

// readBounded reads a file that is no larger than it may be.
func (d *Dir) readBounded(name string, most int64) ([]byte, error) {
	file, err := os.OpenFile(d.file(name), os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > most {
		return nil, fmt.Errorf("pod %s: its %s is damaged: it is no file of at most %d bytes", d.UUID, name, most)
	}
	data := make([]byte, info.Size())
	_, err = io.ReadFull(file, data)
	return data, err
}

// Sync brings what makes a pod to the disk itself, so that one that waits to be
// run survives a power cut.
func (d *Dir) Sync() error {
	for _, path := range []string{d.file(recordFile), d.file(stateFile), d.file(eventsFile), d.Path, filepath.Dir(d.Path)} {
		if err := syncFile(path); err != nil {
			return err
		}
	}
	return nil
}

func syncFile(path string) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	return file.Sync()
}
