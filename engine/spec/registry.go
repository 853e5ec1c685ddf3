package spec

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
