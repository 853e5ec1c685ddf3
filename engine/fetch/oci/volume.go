package oci

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/appc/spec/schema/types"
)

// maxMountPoint is how long the name of a mount point may be: it becomes a part
// of a volume's name.
const maxMountPoint = 100

// mountPoints makes a mount point of each VOLUME, in the order of their paths.
// The name is that of docker2aci, volume-var-lib-mysql for /var/lib/mysql; if
// another has it already, with a number.
func mountPoints[V any](volumes map[string]V) []types.MountPoint {
	var list []types.MountPoint
	taken := make(map[string]bool)
	for _, p := range volumePaths(volumes) {
		base := mountPointName(p)
		name := base
		for n := 2; taken[name]; n++ {
			name = base + "-" + strconv.Itoa(n)
		}
		taken[name] = true
		list = append(list, types.MountPoint{Name: types.ACName(name), Path: p})
	}
	return list
}

// volumePaths are the paths that get a mount point, absolute and sorted, one of
// those that mean the same. Over the root itself nothing is mounted.
func volumePaths[V any](volumes map[string]V) []string {
	var paths []string
	for p := range volumes {
		if p = path.Join("/", p); p != "/" {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

func mountPointName(p string) string {
	name := strings.Map(func(c rune) rune {
		if c < 0x80 && alphanumeric(byte(c)) {
			return c
		}
		return '-'
	}, strings.ToLower(p))
	for strings.Contains(name, "--") {
		name = strings.ReplaceAll(name, "--", "-")
	}
	name = "volume" + name
	if len(name) > maxMountPoint {
		name = name[:maxMountPoint]
	}
	return strings.TrimRight(name, "-")
}
