package store

import (
	"os"
	"slices"
	"sort"
	"strings"

	"golang.org/x/sys/unix"
)

// moved is what an entry of a layer found in its place and took out of the tree.
type moved struct {
	path   string // it had, without symlinks
	target string // if it was a symlink
	entry  int    // which of the tar took its place, from 1
}

// past finds where the entries of a layer are, each as the tree was when it came:
// since then other symlinks may lead there, or what it was in may be gone.
type past struct {
	root    *os.File
	moved   map[string][]moved // in the order it happened, as is
	entries []int              // those that took a place

	dir   string // what was asked for last
	epoch int    // and when
	found folderThen
}

// folderThen is where a folder is that an entry is in.
type folderThen struct {
	path  string // without symlinks, if anything was moved since
	fate  fate
	error error
}

type fate int

const (
	stayed   fate = iota
	replaced      // something else may be there
	lost          // with a folder that it was in
)

func newPast(root *os.File, all []moved) *past {
	p := &past{root: root, moved: make(map[string][]moved), epoch: -1}
	for _, m := range all {
		p.moved[m.path] = append(p.moved[m.path], m)
		p.entries = append(p.entries, m.entry)
	}
	return p
}

// entry tells the path of what the n-th entry made; ok is false if it was moved.
func (p *past) entry(path string, n int) (real string, ok bool) {
	dir, name := split(path)
	if path == "" || p.settled(n) {
		return path, true
	}
	in := p.folder(dir, n)
	if in.error != nil {
		return path, true // opening it says what is wrong
	}
	real = join(in.path, name)
	_, later := p.after(real, n)
	return real, in.fate == stayed && !later
}

// settled reports whether the tree's folders have been as they are since an entry.
func (p *past) settled(n int) bool {
	return len(p.entries) == 0 || p.entries[len(p.entries)-1] <= n
}

func (p *past) folder(dir string, n int) folderThen {
	if p.settled(n) {
		return folderThen{path: dir}
	}
	epoch := sort.SearchInts(p.entries, n+1)
	if p.dir != dir || p.epoch != epoch {
		p.dir, p.epoch, p.found = strings.Clone(dir), epoch, p.resolve(dir, n)
	}
	return p.found
}

// maxSteps bounds the names that are looked up for one path, as maxSymlinks does
// the symlinks: what unpacking could follow is less.
const (
	maxSteps    = 4096
	maxSymlinks = 40
)

// resolve goes through a path as it was after the n-th entry.
func (p *past) resolve(dir string, n int) folderThen {
	real, todo := "", namesOf(dir)
	for links, steps := 0, 0; len(todo) > 0; steps++ {
		name := todo[0]
		todo = todo[1:]
		if name == ".." {
			real, _ = split(real)
			continue
		}
		here := join(real, name)
		target, moved := p.at(here, n)
		switch {
		case steps >= maxSteps || links >= maxSymlinks:
			return folderThen{error: unix.ELOOP}
		case target != "":
			if links++; target[0] == '/' {
				real = ""
			}
			todo = append(namesOf(target), todo...)
		case moved && len(todo) > 0:
			return folderThen{here, lost, nil}
		case moved:
			return folderThen{here, replaced, nil}
		default:
			real = here
		}
	}
	return folderThen{path: real}
}

func namesOf(path string) []string {
	return slices.DeleteFunc(strings.Split(path, "/"), func(name string) bool { return name == "" || name == "." })
}

// at tells what was at a path without symlinks: where to it linked, if it did,
// and whether it was moved since.
func (p *past) at(path string, n int) (target string, gone bool) {
	if m, ok := p.after(path, n); ok {
		return m.target, true
	}
	fd, err := unix.Openat2(int(p.root.Fd()), path, &unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_NOFOLLOW | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS,
	})
	if err != nil {
		return "", false // opening what is in it says why
	}
	defer unix.Close(fd)
	buf := make([]byte, unix.PathMax)
	size, err := unix.Readlinkat(fd, "", buf)
	if err != nil {
		return "", false // no symlink
	}
	return string(buf[:size]), false
}

// after is the first move of a path after an entry.
func (p *past) after(path string, n int) (moved, bool) {
	list := p.moved[path]
	i := sort.Search(len(list), func(i int) bool { return list[i].entry > n })
	if i == len(list) {
		return moved{}, false
	}
	return list[i], true
}
