package poddir

import "github.com/podtui/podtui/engine/spec"

// recordVersion is the form of Record that this code writes and reads.
const recordVersion = 1

// Record is what is executed: everything that was decided about a pod before
// its start. The appc manifest beside it tells others the same; this is what
// the supervisor reads, because JSON text can't carry every byte of an argument
// and the appc schema has no place for some of it.
type Record struct {
	Version  int           `json:"version"`
	Pod      spec.Pod      `json:"pod"`      // as it was asked for
	Resolved spec.Resolved `json:"resolved"` // as it runs
	Images   []Image       `json:"images"`   // one for each app, in their order
}

// Image is what an app's root is made of.
type Image struct {
	ID     string   `json:"id"`     // sha512-…
	Name   string   `json:"name"`   // name and version, for people
	Layers []string `json:"layers"` // folders of the store, uppermost first
}

// NewRecord returns a record of the version that this code writes.
func NewRecord(pod spec.Pod, resolved spec.Resolved, images []Image) Record {
	return Record{Version: recordVersion, Pod: pod, Resolved: resolved, Images: images}
}

// Volume returns the resolved volume of a name.
func (r Record) Volume(name string) (spec.Volume, bool) {
	for _, v := range r.Resolved.Volumes {
		if v.Name == name {
			return v, true
		}
	}
	return spec.Volume{}, false
}
