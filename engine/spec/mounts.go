package spec

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/appc/spec/schema/types"
)

// Binding is a volume at a path of an app.
type Binding struct {
	Volume     string `json:"volume"`
	Path       string `json:"path"`
	ReadOnly   bool   `json:"readOnly,omitempty"`
	MountPoint string `json:"mountPoint,omitempty"` // of the image; "" if it declares none there
	From       Origin `json:"from"`                 // FromImage: by the mount point's name; else who mounts it

	// Implicit is set where a mount point has no volume of its name: Volume is
	// then an empty one made for it, and Warnings tells so. Fill is set as well
	// where the mount point is a VOLUME of a registry image: then nobody is
	// warned, and it starts with the image's content.
	Implicit bool `json:"implicit,omitempty"`
	Fill     bool `json:"fill,omitempty"`
}

// bindings decides what is mounted where: the app's own mounts, then the pod's,
// then the image's mount points, and of several at one path the first, so that
// who is nearer to the app wins. They come in the order in which they are
// declared: the image's mount points first, as in ace.md, "Volume Setup".
func (p Pod) bindings(app App, name string, points []types.MountPoint, image Image) []Binding {
	b := binder{chosen: chosen(app, p), taken: make(map[string]bool), volumes: p.byName()}
	filled := image.volumes()
	for _, point := range points {
		bind, asked := b.chosen[path.Clean(point.Path)]
		if !asked {
			bind = Binding{Volume: point.Name.String(), Path: point.Path, From: FromImage}
		}
		bind.MountPoint = point.Name.String()
		if _, exists := b.volumes[bind.Volume]; !exists && bind.From == FromImage {
			bind.Implicit, bind.Volume = true, implicitName(name, bind.MountPoint)
			bind.Fill = filled[path.Clean(point.Path)]
		}
		b.add(bind, point.ReadOnly)
	}
	for _, m := range p.Mounts {
		if bind := b.chosen[path.Clean(m.Path)]; bind.From == FromPod {
			b.add(bind, false)
		}
	}
	for _, m := range app.Mounts {
		b.add(Binding{Volume: m.Volume, Path: m.Path, From: FromApp}, false)
	}
	return b.list
}

// chosen are the mounts that somebody asked for, by path: the app's before the
// pod's.
func chosen(app App, p Pod) map[string]Binding {
	all := make(map[string]Binding)
	for _, of := range []struct {
		mounts []Mount
		from   Origin
	}{{app.Mounts, FromApp}, {p.Mounts, FromPod}} {
		for _, m := range of.mounts {
			if at := path.Clean(m.Path); all[at] == (Binding{}) {
				all[at] = Binding{Volume: m.Volume, Path: m.Path, From: of.from}
			}
		}
	}
	return all
}

// binder puts an app's bindings together. Manifests can be long and by strangers, so
// it looks nothing up by going through a list.
type binder struct {
	chosen  map[string]Binding
	volumes map[string]Volume
	taken   map[string]bool // paths
	list    []Binding
}

// add adds what isn't there yet, and decides whether it is read-only: if the volume
// says so, or the mount point does and the volume doesn't deny it (contract, section
// 3).
func (b *binder) add(bind Binding, pointReadOnly bool) {
	at := path.Clean(bind.Path)
	if b.taken[at] {
		return
	}
	b.taken[at] = true
	bind.ReadOnly = pointReadOnly
	if v, ok := b.volumes[bind.Volume]; ok && v.ReadOnly != nil {
		bind.ReadOnly = *v.ReadOnly
	}
	b.list = append(b.list, bind)
}

func (p Pod) byName() map[string]Volume {
	volumes := make(map[string]Volume, len(p.Volumes))
	for _, v := range p.Volumes {
		volumes[v.Name] = v
	}
	return volumes
}

func (p Pod) volume(name string) (Volume, bool) {
	for _, v := range p.Volumes {
		if v.Name == name {
			return v, true
		}
	}
	return Volume{}, false
}

// implicitName names the volume of a mount point that has none, as in rkt:
// APP-MOUNTPOINT, so that two apps don't share one by accident.
func implicitName(app, point string) string {
	name := strings.Trim(app+"-"+point, "-")
	if len(name) > maxName {
		name = strings.Trim(name[:maxName], "-")
	}
	return name
}

// adopt makes the volumes of the app's mount points that have none. Each gets a
// name that no other volume has: "a-b" with "c" and "a" with "b-c" are two.
func (r *Resolved) adopt(e *Effective, taken volumeNames) {
	names := make(map[string]string) // of the volume, by mount point
	for i := range e.Bindings {
		b := &e.Bindings[i]
		if !b.Implicit {
			continue
		}
		name, made := names[b.MountPoint]
		if !made {
			name = taken.free(b.Volume)
			names[b.MountPoint] = name
			r.Volumes = append(r.Volumes, Volume{Name: name, Kind: EmptyVolume})
		}
		b.Volume = name
	}
}

// volumeNames are those that are taken, with the last number that was tried behind
// each.
type volumeNames map[string]int

func (t volumeNames) take(name string) { t[name] = max(t[name], 1) }

// free takes the name, or the name with the first number behind it that makes it a
// free one.
func (t volumeNames) free(name string) string {
	free := name
	for t[free] > 0 {
		t[name]++
		free = name + "-" + strconv.Itoa(t[name])
	}
	t.take(free)
	return free
}

// Warnings tells of each isolator that is not enforced, of each variable that somebody
// has set and that is podtui's own, and of each mount point that got an empty volume
// because it has none, and which flag gives it one.
func (e Effective) Warnings() []string {
	var list []string
	for _, name := range e.Ignored {
		list = append(list, fmt.Sprintf("app %q: isolator %s is not enforced", e.Name.Value, show(name)))
	}
	list = append(list, e.unheard()...)
	for _, b := range e.Bindings {
		if b.Implicit && !b.Fill {
			list = append(list, fmt.Sprintf(
				"app %q: mount point %q (%s) has no volume and starts empty; add --volume=%s,kind=host,source=PATH or kind=empty",
				e.Name.Value, b.MountPoint, b.Path, b.MountPoint))
		}
	}
	return list
}

// Warnings tells of each isolator of the pod as a whole that is not enforced, and of what
// its network lets in or out.
func (r Resolved) Warnings() []string {
	var list []string
	for _, name := range r.Ignored {
		list = append(list, fmt.Sprintf("pod manifest: isolator %s is not enforced for a pod", show(name)))
	}
	return append(list, r.networkWarnings()...)
}

// Unused tells of each volume that no app mounts: a mistyped name, most likely.
func (r Resolved) Unused() []string {
	var list []string
	for _, v := range r.Volumes {
		if !r.uses(v.Name) {
			list = append(list, fmt.Sprintf("volume %q is used by no app%s", v.Name, r.perhaps(v.Name)))
		}
	}
	return list
}

func (r Resolved) uses(volume string) bool {
	return slices.ContainsFunc(r.Apps, func(e Effective) bool {
		return slices.ContainsFunc(e.Bindings, func(b Binding) bool { return b.Volume == volume })
	})
}

// perhaps names the mount point without a volume whose name is like the one
// that was given.
func (r Resolved) perhaps(volume string) string {
	var waiting []string
	for _, e := range r.Apps {
		for _, b := range e.Bindings {
			if b.Implicit {
				waiting = append(waiting, b.MountPoint)
			}
		}
	}
	if guess := Nearest(volume, waiting); guess != "" {
		return fmt.Sprintf("; perhaps %q is meant", guess)
	}
	return ""
}
