package oci

// Go's and appc's words for the same architecture differ (types.ValidOSArch of
// the appc schema has the latter; its own table the other way round gives "386"
// where it means "i386" and is not used).
var architectures = []struct {
	appc        string
	arch, other string // Go's, and the variant
}{
	{"amd64", "amd64", ""},
	{"i386", "386", ""},
	{"aarch64", "arm64", ""},
	{"armv7l", "arm", "v7"},
	{"armv6l", "arm", "v6"},
	{"ppc64", "ppc64", ""},
	{"ppc64le", "ppc64le", ""},
	{"s390x", "s390x", ""},
}

// AppcPlatform is the platform as the labels os and arch of an appc image.
// Not ok means that appc has no word for it: such an image has neither label.
func AppcPlatform(p Platform) (os, arch string, ok bool) {
	p = p.normal()
	for _, a := range architectures {
		if p.OS == "linux" && a.arch == p.Architecture && (a.other == p.Variant || a.arch != "arm") {
			return p.OS, a.appc, true
		}
	}
	return "", "", false
}

// FromAppc is the platform that the labels os and arch of an appc image stand
// for.
func FromAppc(os, arch string) (Platform, bool) {
	for _, a := range architectures {
		if os == "linux" && a.appc == arch {
			return Platform{OS: os, Architecture: a.arch, Variant: a.other}, true
		}
	}
	return Platform{}, false
}
