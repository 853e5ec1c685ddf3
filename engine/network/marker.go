package network

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/podtui/podtui/engine/poddir"
)

// markerFile is in a pod's folder from before anything of its network is made until
// everything is gone: who finds it takes down what it names.
const markerFile = "network"

// marker is what there may be of a pod's network on the host.
type marker struct {
	Networks []poddir.Network `json:"networks"`
	Ports    bool             `json:"ports,omitempty"` // some may be published
}

func (m marker) write(dir *poddir.Dir) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	path := filepath.Join(dir.Path, markerFile)
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// readMarker finds what a pod's network may have left; there is none where nothing
// was begun, or all is gone.
func readMarker(dir *poddir.Dir) (m marker, there bool, err error) {
	path := filepath.Join(dir.Path, markerFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, false, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err != nil {
		// The power went before it was on the disk: what the kernel had is gone with it.
		record, unreadable := dir.ReadRecord()
		if unreadable != nil {
			return m, true, fmt.Errorf("pod %s: which networks it had is not to be read: %w", dir.UUID, errors.Join(err, unreadable))
		}
		m = marker{Networks: record.Networks}
	}
	return m, true, nil
}

func removeMarker(dir *poddir.Dir) error { return os.Remove(filepath.Join(dir.Path, markerFile)) }
