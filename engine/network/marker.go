package network

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
)

// markerFile is in a pod's folder from before anything of its network is made until
// everything is gone: who finds it takes down what it names.
const markerFile = "network"

// marker is what there may be of a pod's network on the host.
type marker struct {
	Networks []poddir.Network `json:"networks"`
	Ports    []spec.Published `json:"ports,omitempty"` // some may be published

	unknown bool // which ports there are
}

func (m marker) write(dir *poddir.Dir) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir.Path, markerFile), data, 0o600)
}

// readMarker finds what a pod's network may have left; there is none where nothing
// was begun, or all is gone.
func readMarker(dir *poddir.Dir) (m marker, there bool, err error) {
	path := filepath.Join(dir.Path, markerFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, false, nil
	}
	if err != nil {
		return m, false, err
	}
	if json.Unmarshal(data, &m) == nil {
		return m, true, nil
	}
	// It was not wholly written: the process was killed, or the power went before it was
	// on the disk. The record says the same. Without one there was no start, or nobody
	// can tell: then leases and links go with the pod's folder and its namespace.
	m = marker{unknown: true}
	if record, err := dir.ReadRecord(); err == nil {
		m = marker{Networks: record.Networks, Ports: record.Resolved.Ports}
	}
	return m, true, nil
}

func removeMarker(dir *poddir.Dir) error { return os.Remove(filepath.Join(dir.Path, markerFile)) }
