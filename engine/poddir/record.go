package poddir

import "github.com/podtui/podtui/engine/spec"

// recordVersion is the form of Record that this code writes and reads.
const recordVersion = 1

// Record is what is executed: everything that was decided about a pod before
// its start. The appc pod manifest, which tells others the same, is made of it
// when somebody asks: it can't hold all of this, and a start needs no second
// picture of itself.
type Record struct {
	Version  int           `json:"version"`
	Pod      spec.Pod      `json:"pod"`                // as it was asked for
	Resolved spec.Resolved `json:"resolved"`           // as it runs
	Images   []Image       `json:"images"`             // one for each app, in their order
	Parent   []string      `json:"parent,omitempty"`   // the environment that the pod inherits, if it does
	EnvFile  []spec.Var    `json:"envFile,omitempty"`  // what its --set-env-file held
	Networks []Network     `json:"networks,omitempty"` // its private networks, in the order in which they are set up
}

// Image is what an app's root is made of.
type Image struct {
	ID     string   `json:"id"`     // sha512-…
	Name   string   `json:"name"`   // name and version, for people
	Layers []string `json:"layers"` // folders of the store, uppermost first

	Unverified bool `json:"unverified,omitempty"` // nobody vouched for it when the pod was made
}

// NewRecord returns a record of the version that this code writes.
func NewRecord(pod spec.Pod, resolved spec.Resolved, images []Image, around spec.Surroundings) Record {
	r := Record{Version: recordVersion, Pod: pod, Resolved: resolved, Images: images, EnvFile: around.EnvFile}
	if pod.InheritEnv {
		r.Parent = around.Environ
	}
	return r
}

// Around is what the pod found as it was made.
func (r Record) Around() spec.Surroundings {
	return spec.Surroundings{Environ: r.Parent, EnvFile: r.EnvFile}
}

// NetworkNames are the pod's networks as its status tells of them before they are there.
func (r Record) NetworkNames() []string {
	switch {
	case !r.Resolved.Network.Private():
		return []string{"host"}
	case len(r.Networks) == 0:
		return []string{"none"}
	}
	names := make([]string, len(r.Networks))
	for i, n := range r.Networks {
		names[i] = n.Name
	}
	return names
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
