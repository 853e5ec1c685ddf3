package unpack

import "strings"

// What Linux can look up at all. Longer ones would fail one by one, after work
// was done.
const (
	maxPath = 4095
	maxName = 255

	// maxDepth bounds how many descriptors the way to an entry takes, and how
	// long a hostile archive can keep us walking. Real trees have a tenth.
	maxDepth = 256
)

// Clean makes an entry's name into a path from the archive's root: no leading
// "./" or trailing slash, no empty names, "" for the root itself. It refuses
// what could lead anywhere else.
func Clean(name string) (string, error) {
	if strings.HasPrefix(name, "/") {
		return "", refuse(name, "is an absolute path")
	}
	if len(name) > maxPath {
		return "", refuse(name, "has a path longer than %d bytes", maxPath)
	}
	if plain(name) {
		return name, nil
	}
	var kept []string
	for part := range strings.SplitSeq(name, "/") {
		switch {
		case part == "" || part == ".":
		case part == "..":
			return "", refuse(name, "leaves the root filesystem")
		case len(part) > maxName:
			return "", refuse(name, "has a name longer than %d bytes", maxName)
		default:
			kept = append(kept, part)
		}
	}
	if len(kept) > maxDepth {
		return "", refuse(name, "is more than %d folders deep", maxDepth)
	}
	return strings.Join(kept, "/"), nil
}

// plain reports whether a name is clean as it is, as nearly all are.
func plain(name string) bool {
	return len(name) <= maxName && name != "" && name[0] != '.' && // so no deeper than half of maxName
		!strings.HasSuffix(name, "/") && !strings.Contains(name, "//") && !strings.Contains(name, "/.")
}

// split cuts the last name off a clean path.
func split(path string) (parent, name string) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", path
	}
	return path[:i], path[i+1:]
}

// join puts a name below a clean path.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}
