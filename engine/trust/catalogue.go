package trust

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

const (
	keysFolder   = "trustedkeys"
	rootFolder   = "root.d"
	prefixFolder = "prefix.d"
)

// catalogue is the names of all key files, as they were when it was made. No file has
// been opened: by its name alone a file says whose key it has and for which images, and
// few of them matter to one question.
type catalogue struct {
	folders  Folders
	places   map[string]map[Scope]*place // by fingerprint
	warnings []error
	known    map[string]*known // those that were asked for

	incomplete error // why not all of CONFIG was read
}

// place is where a key counts from, if what is there is that key.
type place struct {
	scope          Scope
	config, system []string // files below each of the folders; more than one if they differ in case
}

// catalogue reads the names. The error says that CONFIG can't be read at all.
func (s *Store) catalogue() (*catalogue, error) {
	c := &catalogue{folders: s.folders, places: map[string]map[Scope]*place{}, known: map[string]*known{}}
	if err := c.list(s.folders.Config, false); err != nil {
		return nil, err
	}
	switch {
	case s.folders.System == "":
	case c.incomplete != nil: // what would mask the system's keys is not known
		c.warn(s.folders.System, keysFolder, "not read, since "+s.folders.Config+" can't be read as a whole")
	default:
		if err := c.list(s.folders.System, true); err != nil {
			c.warn(s.folders.System, "", reason(err))
		}
	}
	return c, nil
}

func (c *catalogue) warn(folder, name, why string) {
	c.warnings = append(c.warnings, &FileError{Path: filepath.Join(folder, name), Why: why})
}

// list adds the names of one of the two folders.
func (c *catalogue) list(folder string, system bool) error {
	root, err := os.OpenRoot(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	l := &lister{catalogue: c, folder: folder, system: system}
	t := tree{root: root, left: maxFiles, failed: l.failed}
	t.folder, t.file = l.rootFolder, l.rootFile
	t.walk(path.Join(keysFolder, rootFolder))
	t.folder, t.file = l.prefixFolder, l.prefixFile
	t.walk(prefixes)
	return nil
}

const prefixes = keysFolder + "/" + prefixFolder

// lister takes down the names of one folder.
type lister struct {
	*catalogue
	folder string
	system bool
}

func (l *lister) warn(name, why string) { l.catalogue.warn(l.folder, name, why) }

func (l *lister) failed(name, why string) {
	l.warn(name, why)
	if !l.system && l.incomplete == nil {
		l.incomplete = l.warnings[len(l.warnings)-1]
	}
}

func (l *lister) rootFolder(name string, _ fs.DirEntry) bool {
	l.warn(name, "a folder; keys that count for all images lie in none")
	return false
}

func (l *lister) rootFile(name string, entry fs.DirEntry) {
	l.add(Root, name, whyNotKeyFile(entry))
}

func (l *lister) prefixFolder(name string, _ fs.DirEntry) bool {
	why := whyNotScope(scopeText(name))
	if why != "" {
		l.warn(name, "no prefix of images' names: "+why)
	}
	return why == ""
}

func (l *lister) prefixFile(name string, entry fs.DirEntry) {
	why := whyNotKeyFile(entry)
	if dir := path.Dir(name); why == "" && dir == prefixes {
		why = "in the folder of no prefix; it belongs in " + rootFolder + ", or in a folder as example.com/app"
	}
	l.add(Scope(scopeText(path.Dir(name))), name, why)
}

// add adds a file, unless it can be none.
func (l *lister) add(scope Scope, name, whyNot string) {
	if whyNot != "" {
		l.warn(name, whyNot)
		return
	}
	p := l.place(strings.ToLower(path.Base(name)), scope)
	if l.system {
		p.system = append(p.system, name)
	} else {
		p.config = append(p.config, name)
	}
}

// scopeText is what a folder below prefix.d says.
func scopeText(dir string) string { return strings.TrimPrefix(dir, prefixes+"/") }

func whyNotKeyFile(entry fs.DirEntry) string {
	switch {
	case isFingerprint(entry.Name()):
		return ""
	case entry.Type()&fs.ModeSymlink != 0:
		return "a link that is not named by a key's fingerprint; links to folders are not followed"
	}
	return "not named by a key's fingerprint, which has 40 or 64 hex digits"
}

// place finds a place, or makes it.
func (c *catalogue) place(fingerprint string, scope Scope) *place {
	scopes := c.places[fingerprint]
	if scopes == nil {
		scopes = map[Scope]*place{}
		c.places[fingerprint] = scopes
	}
	if scopes[scope] == nil {
		scopes[scope] = &place{scope: scope}
	}
	return scopes[scope]
}

// keyFile is the file that podtui writes for a key.
func keyFile(scope Scope, fingerprint string) string {
	if scope == Root {
		return path.Join(keysFolder, rootFolder, fingerprint)
	}
	return path.Join(prefixes, string(scope), fingerprint)
}
