package compose

import (
	"maps"
	"reflect"
	"slices"

	"github.com/podtui/podtui/engine/spec"
)

// draft is the pod that is being composed, with everything it ever was.
type draft struct {
	moment
	past   []moment // the latest last
	future []moment // what was undone, the latest last
}

// moment is what the form holds at a time. What it has is never changed, only replaced.
type moment struct {
	pod   spec.Pod
	marks map[string]bool // variables that somebody has said of whether they are secret
}

// most is how many changes can be undone.
const most = 500

// change makes a change that can be undone, and reports whether it was one.
func (d *draft) change(f func(*spec.Pod)) bool {
	after := clone(d.pod)
	f(&after)
	return d.replace(after)
}

// replace puts another pod in the place of this one.
func (d *draft) replace(after spec.Pod) bool { return d.put(moment{after, d.marks}) }

// mark says whether a variable is secret.
func (d *draft) mark(name string, secret bool) bool {
	marks := maps.Clone(d.marks)
	if marks == nil {
		marks = make(map[string]bool)
	}
	marks[name] = secret
	return d.put(moment{d.pod, marks})
}

func (d *draft) put(after moment) bool {
	if same(d.pod, after.pod) && maps.Equal(d.marks, after.marks) {
		return false
	}
	d.past = append(d.past, d.moment)
	if len(d.past) > most {
		d.past = slices.Delete(d.past, 0, len(d.past)-most)
	}
	d.future = nil
	d.moment = after
	return true
}

func (d *draft) undo() bool {
	if len(d.past) == 0 {
		return false
	}
	last := len(d.past) - 1
	d.future = append(d.future, d.moment)
	d.moment, d.past = d.past[last], d.past[:last]
	return true
}

func (d *draft) redo() bool {
	if len(d.future) == 0 {
		return false
	}
	last := len(d.future) - 1
	d.past = append(d.past, d.moment)
	d.moment, d.future = d.future[last], d.future[:last]
	return true
}

func same(a, b spec.Pod) bool { return reflect.DeepEqual(a, b) }

// clone copies a pod so that a change of the one does not show in the other.
// What a pointer points to is never changed, only replaced.
func clone(p spec.Pod) spec.Pod {
	p.Apps = slices.Clone(p.Apps)
	for i := range p.Apps {
		a := &p.Apps[i]
		a.Args = slices.Clone(a.Args)
		a.Env = slices.Clone(a.Env)
		a.Mounts = slices.Clone(a.Mounts)
		a.SupplementaryGIDs = slices.Clone(a.SupplementaryGIDs)
		a.Annotations = slices.Clone(a.Annotations)
		a.Labels = slices.Clone(a.Labels)
		a.CapsRetain = slices.Clone(a.CapsRetain)
		a.CapsRemove = slices.Clone(a.CapsRemove)
		a.Rlimits = slices.Clone(a.Rlimits)
	}
	p.Volumes = slices.Clone(p.Volumes)
	p.Mounts = slices.Clone(p.Mounts)
	p.Env = slices.Clone(p.Env)
	p.Network.Names = slices.Clone(p.Network.Names)
	p.Ports = slices.Clone(p.Ports)
	p.EnvFiles = slices.Clone(p.EnvFiles)
	p.DNS.Servers = slices.Clone(p.DNS.Servers)
	p.DNS.Search = slices.Clone(p.DNS.Search)
	p.DNS.Options = slices.Clone(p.DNS.Options)
	p.HostsEntries = slices.Clone(p.HostsEntries)
	return p
}
