package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

const cgroupRoot = "/sys/fs/cgroup"

// hierarchy is a mounted tree of cgroups: one of v1's, or v2's.
type hierarchy struct {
	path        string
	unified     bool     // v2
	controllers []string // of v1; v2's are asked for (has)
}

// hierarchies are what this host has: v1's, v2's alone, or, where they are mixed,
// both, with v2's last. None is no error.
func hierarchies() ([]hierarchy, error) {
	if isFileSystem(cgroupRoot, unix.CGROUP2_SUPER_MAGIC) {
		return []hierarchy{{path: cgroupRoot, unified: true}}, nil
	}
	entries, err := os.ReadDir(cgroupRoot)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cgroups: %w", err)
	}
	var v1, v2 []hierarchy
	for _, entry := range entries {
		path := filepath.Join(cgroupRoot, entry.Name())
		switch {
		case !entry.IsDir(): // "cpu" is a link to "cpu,cpuacct"
		case isFileSystem(path, unix.CGROUP_SUPER_MAGIC):
			v1 = append(v1, hierarchy{path: path, controllers: strings.Split(entry.Name(), ",")})
		case isFileSystem(path, unix.CGROUP2_SUPER_MAGIC):
			v2 = append(v2, hierarchy{path: path, unified: true})
		}
	}
	return append(v1, v2...), nil
}

func isFileSystem(path string, magic int64) bool {
	var stat unix.Statfs_t
	return unix.Statfs(path, &stat) == nil && stat.Type == magic
}

// has tells whether the hierarchy's cgroups have a controller. v2 hands one down
// only where it was asked to, which is done here as every start does it.
func (h hierarchy) has(controller string) bool {
	if !h.unified {
		return slices.Contains(h.controllers, controller)
	}
	control := filepath.Join(h.path, "cgroup.subtree_control")
	if hasWord(control, controller) {
		return true
	}
	_ = os.WriteFile(control, []byte("+"+controller), 0)
	return hasWord(control, controller)
}

// nameOf is what the hierarchy calls a controller, by v1's name for it.
func (h hierarchy) nameOf(controller string) string {
	if h.unified && controller == "blkio" {
		return "io"
	}
	return controller
}

// open makes a cgroup in which a controller's limits can be set. v2 wants the
// cgroup above it to hand the controller down; that of all is asked by has.
func (h hierarchy) open(cgroup, controller string) error {
	if err := os.MkdirAll(h.folder(cgroup), 0o755); err != nil || !h.unified {
		return err
	}
	above := filepath.Dir(cgroup)
	if above == "/" || above == "." {
		return nil
	}
	return os.WriteFile(filepath.Join(h.folder(above), "cgroup.subtree_control"), []byte("+"+h.nameOf(controller)), 0)
}

func hasWord(file, word string) bool {
	text, err := os.ReadFile(file)
	return err == nil && slices.Contains(strings.Fields(string(text)), word)
}

// folder is a cgroup in a hierarchy.
func (h hierarchy) folder(cgroup string) string { return filepath.Join(h.path, cgroup) }

// folderOf finds where a controller counts what a cgroup uses; v1's come first,
// as libcontainer takes them. "" is nowhere.
func folderOf(hierarchies []hierarchy, cgroup, controller string) (folder string, unified bool) {
	for _, h := range hierarchies {
		if h.unified || h.has(controller) {
			return h.folder(cgroup), h.unified
		}
	}
	return "", false
}
