package spec

import (
	"encoding/json"
	"path"
)

// VolumesAnnotation is the annotation of an image manifest that was made of a
// registry image's config: the paths of its VOLUMEs, as a JSON array.
const VolumesAnnotation = "podtui.io/volumes"

// volumes are the paths of a registry image's VOLUMEs.
func (i Image) volumes() map[string]bool {
	if i.Manifest == nil {
		return nil
	}
	list, ok := i.Manifest.Annotations.Get(VolumesAnnotation)
	var paths []string
	if !ok || json.Unmarshal([]byte(list), &paths) != nil {
		return nil
	}
	set := make(map[string]bool, len(paths))
	for _, at := range paths {
		set[path.Clean(at)] = true
	}
	return set
}

// PlatformAnnotation is the annotation that every image manifest has which was made
// of a registry image's config: what it runs on, as OS/ARCH.
const PlatformAnnotation = "podtui.io/platform"

// ofRegistry reports whether an image comes from a registry. Those expect that
// their working folder is made for them.
func (i Image) ofRegistry() bool {
	if i.Manifest == nil {
		return false
	}
	_, is := i.Manifest.Annotations.Get(PlatformAnnotation)
	return is
}
