package field

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/keymap"
)

// Path is a line that holds a path of this host and completes it. Folders are
// read beside the loop, one at a time; an answer about a folder that is no
// longer typed is dropped. What is typed ahead of an answer, and needs it, waits.
type Path struct {
	Line
	Want     func(name string, dir bool) bool // what is offered; nil: everything
	Absolute bool                             // what is completed becomes absolute, but for a leading ~

	dir     string // the folder that names come from
	full    string // the same, absolute
	names   []string
	err     error
	reading bool      // an answer is to come
	held    []tea.Msg // typed ahead of it
}

// Listing is a folder that was read.
type Listing struct {
	Dir   string
	Full  string   // Dir, absolute
	Names []string // folders first, whose names end in a slash
	Err   error
}

// most is how many names of a folder are looked at.
const most = 5000

// mostHeld is how many keys are held, far more than anybody types without seeing it.
const mostHeld = 256

// Refresh returns the work that brings the names up to what is typed, nil if
// they are.
func (p *Path) Refresh() tea.Cmd {
	dir, _ := filepath.Split(p.value)
	if dir == p.dir && (p.reading || p.names != nil || p.err != nil) {
		return nil
	}
	p.dir, p.names, p.err, p.reading = dir, nil, nil, true
	return func() tea.Msg { return list(dir) }
}

// Forget makes the next Refresh read again, for a folder may have changed, and
// drops what is held.
func (p *Path) Forget() {
	p.dir, p.names, p.err, p.reading, p.held = "", nil, nil, false, nil
}

// Hold takes a key or a paste, and reports whether it waits for the folder: it
// does if what it means needs the names, or if it was typed after one that waits.
func (p *Path) Hold(typed tea.Msg, needs bool) bool {
	if !p.reading || !needs && len(p.held) == 0 {
		return false
	}
	if len(p.held) < mostHeld {
		p.held = append(p.held, typed)
	}
	return true
}

func list(dir string) Listing {
	f, err := os.Open(expand(dir))
	if err != nil {
		return Listing{Dir: dir, Err: err}
	}
	defer f.Close()
	entries, err := f.ReadDir(most)
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		name := e.Name()
		if isFolder(dir, e) {
			name += "/"
		}
		names = append(names, name)
	}
	if len(names) > 0 || err != nil && err.Error() == "EOF" {
		err = nil
	}
	slices.SortFunc(names, foldersFirst)
	return Listing{Dir: dir, Full: absolute(dir), Names: names, Err: err}
}

func foldersFirst(a, b string) int {
	if dir := strings.HasSuffix(a, "/"); dir != strings.HasSuffix(b, "/") {
		if dir {
			return -1
		}
		return 1
	}
	return strings.Compare(a, b)
}

// absolute is a folder by its whole path, with a slash at its end.
func absolute(dir string) string {
	if strings.HasPrefix(dir, "~/") {
		return dir
	}
	full, err := filepath.Abs(expand(dir))
	if err != nil {
		return dir
	}
	return strings.TrimSuffix(full, "/") + "/"
}

func isFolder(dir string, e os.DirEntry) bool {
	if e.Type()&os.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := os.Stat(filepath.Join(expand(dir), e.Name()))
	return err == nil && info.IsDir()
}

// expand reads "" as the current folder and ~ as the user's.
func expand(dir string) string {
	if dir == "" {
		return "."
	}
	return Home(dir)
}

// Home replaces a leading ~/ by the user's folder.
func Home(path string) string {
	rest, ok := strings.CutPrefix(path, "~/")
	if !ok {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return filepath.Join(home, rest)
}

// Take takes a folder that was read, and returns what was held for it, which is
// to be taken as if it were typed now.
func (p *Path) Take(l Listing) (held []tea.Msg) {
	if l.Dir != p.dir {
		return nil
	}
	p.names, p.full, p.err, p.reading = l.Names, l.Full, l.Err, false
	if p.names == nil {
		p.names = []string{}
	}
	held, p.held = p.held, nil
	return held
}

// Candidates are the names that what is typed could become.
func (p *Path) Candidates() []string {
	_, prefix := filepath.Split(p.value)
	var fit []string
	for _, name := range p.names {
		if !strings.HasPrefix(name, prefix) || prefix == "" && name[0] == '.' {
			continue
		}
		if p.Want == nil || p.Want(name, name[len(name)-1] == '/') {
			fit = append(fit, name)
		}
	}
	return fit
}

// Err is why the folder could not be read.
func (p *Path) Err() error { return p.err }

// Complete adds what all candidates have in common, and reports whether that
// was anything.
func (p *Path) Complete() bool {
	fit := p.Candidates()
	if len(fit) == 0 {
		return false
	}
	common := fit[0]
	for _, name := range fit[1:] {
		n := 0
		for n < len(common) && n < len(name) && common[n] == name[n] {
			n++
		}
		common = common[:n]
	}
	dir := p.dir
	if p.Absolute && !strings.HasPrefix(dir, "/") {
		dir = p.full
	}
	if dir+common == p.value {
		return false
	}
	p.Set(dir + common)
	return true
}

// Key takes a keystroke: tab completes, the rest is the line's.
func (p *Path) Key(k tea.KeyPressMsg, keys *keymap.Map) bool {
	if keys.Action(k, keymap.Edit) == keymap.EditNext {
		return p.Complete()
	}
	return p.Line.Key(k, keys)
}
