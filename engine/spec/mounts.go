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
	var list []Binding
	for _, point := range points {
		b, found := p.chosen(app, point.Path)
		if !found {
			b = Binding{Volume: point.Name.String(), Path: point.Path, From: FromImage}
		}
		b.MountPoint = point.Name.String()
		if _, exists := p.volume(b.Volume); !exists && b.From == FromImage {
			b.Implicit, b.Volume = true, implicitName(name, b.MountPoint)
			b.Fill = image.isVolume(point)
		}
		list = p.appendBinding(list, b, point.ReadOnly)
	}
	for _, m := range p.Mounts {
		if b, _ := p.chosen(app, m.Path); b.From == FromPod {
			list = p.appendBinding(list, b, false)
		}
	}
	for _, m := range app.Mounts {
		list = p.appendBinding(list, Binding{Volume: m.Volume, Path: m.Path, From: FromApp}, false)
	}
	return list
}

// chosen is the mount that somebody asked for at a path: the app's before the
// pod's.
func (p Pod) chosen(app App, at string) (Binding, bool) {
	for _, m := range app.Mounts {
		if samePath(m.Path, at) {
			return Binding{Volume: m.Volume, Path: m.Path, From: FromApp}, true
		}
	}
	for _, m := range p.Mounts {
		if samePath(m.Path, at) {
			return Binding{Volume: m.Volume, Path: m.Path, From: FromPod}, true
		}
	}
	return Binding{}, false
}

// appendBinding adds what isn't there yet, and decides whether it is read-only:
// if the volume says so, or the mount point does and the volume doesn't deny it
// (contract, section 3).
func (p Pod) appendBinding(list []Binding, b Binding, pointReadOnly bool) []Binding {
	if slices.ContainsFunc(list, func(o Binding) bool { return samePath(o.Path, b.Path) }) {
		return list
	}
	b.ReadOnly = pointReadOnly
	if v, ok := p.volume(b.Volume); ok && v.ReadOnly != nil {
		b.ReadOnly = *v.ReadOnly
	}
	return append(list, b)
}

func samePath(a, b string) bool { return path.Clean(a) == path.Clean(b) }

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
func (r *Resolved) adopt(e *Effective) {
	names := make(map[string]string) // of the volume, by mount point
	for i := range e.Bindings {
		b := &e.Bindings[i]
		if !b.Implicit {
			continue
		}
		name, made := names[b.MountPoint]
		if !made {
			name = r.freeVolumeName(b.Volume)
			names[b.MountPoint] = name
			r.Volumes = append(r.Volumes, Volume{Name: name, Kind: EmptyVolume})
		}
		b.Volume = name
	}
}

func (r *Resolved) freeVolumeName(base string) string {
	name := base
	for n := 2; slices.ContainsFunc(r.Volumes, func(v Volume) bool { return v.Name == name }); n++ {
		name = base + "-" + strconv.Itoa(n)
	}
	return name
}

// Warnings tells of each isolator that is not enforced, and of each mount point that
// got an empty volume because it has none, and which flag gives it one.
func (e Effective) Warnings() []string {
	var list []string
	for _, name := range e.Ignored {
		list = append(list, fmt.Sprintf("app %q: isolator %s is not enforced", e.Name.Value, show(name)))
	}
	for _, b := range e.Bindings {
		if b.Implicit && !b.Fill {
			list = append(list, fmt.Sprintf(
				"app %q: mount point %q (%s) has no volume and starts empty; add --volume=%s,kind=host,source=PATH or kind=empty",
				e.Name.Value, b.MountPoint, b.Path, b.MountPoint))
		}
	}
	return list
}

// Warnings tells of each isolator of the pod as a whole that is not enforced.
func (r Resolved) Warnings() []string {
	var list []string
	for _, name := range r.Ignored {
		list = append(list, fmt.Sprintf("pod manifest: isolator %s is not enforced for a pod", show(name)))
	}
	return list
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
