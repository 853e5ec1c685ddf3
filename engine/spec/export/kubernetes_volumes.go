package export

import (
	"strings"

	"github.com/podtui/podtui/engine/spec"
)

// declare are the pod's volumes. One that the runtime makes on its own, because the image
// has a VOLUME there, is none of them.
func (k *kube) declare() (list []mapping) {
	names := labels{}
	for _, v := range k.resolved.Volumes {
		if k.runtimes(v.Name) {
			continue
		}
		k.volumes[v.Name] = names.give(v.Name, maxLabel)
		m := mapping{{key: "name", value: k.volumes[v.Name]}}
		if v.Kind == spec.HostVolume {
			m.put("hostPath", mapping{{key: "path", value: k.text(v.Source, "the source of volume %s", v.Name)}})
			if v.Recursive != nil && !*v.Recursive {
				k.add("volume %s without what is mounted below it", v.Name)
			}
		} else {
			m.put("emptyDir", k.emptyDir(v))
		}
		list = append(list, m)
	}
	return list
}

func (k *kube) runtimes(volume string) bool {
	for _, e := range k.resolved.Apps {
		for _, b := range e.Bindings {
			if b.Volume == volume {
				return b.Fill
			}
		}
	}
	return false
}

func (k *kube) emptyDir(v spec.Volume) mapping {
	var m mapping
	if v.Medium == spec.MemoryMedium {
		m.put("medium", "Memory")
	}
	if size, err := spec.ParseSize(v.Size); err == nil && size > 0 {
		m.put("sizeLimit", quantity(size))
	}
	if v.Mode != "" || v.UID != nil || v.GID != nil {
		k.add("mode and owner of the empty volume %s", v.Name)
	}
	return m
}

func (k *kube) mounts(i int) (list []mapping) {
	for _, b := range k.resolved.Apps[i].Bindings {
		switch name, declared := k.volumes[b.Volume]; {
		case !declared:
		case strings.Contains(b.Path, ":"):
			k.add("%sa mount at %s: a path can't have a colon", k.of(i), show(b.Path))
		default:
			m := mapping{{key: "name", value: name}, {key: "mountPath", value: k.text(b.Path, "a mount point of %s", k.app(i))}}
			if b.ReadOnly {
				m.put("readOnly", true)
			}
			list = append(list, m)
		}
	}
	return list
}
