// Package recipe builds images (ACIs) from short descriptions, so that none has
// to be stored: the images of the tests, of the benchmarks, and podtui's demo.
// The same recipe and the same programs of the host give the same bytes, and so
// the same image ID.
//
// A recipe is a txtar file: a few words on what the image is for, its manifest,
// a layout with one line a file, and the content of those files that are
// written here. Read explains the layout; Recipe is the same thing as data, for
// those who make images up as they go.
//
// The package writes archives and nothing else. It does not check manifests: a
// test may want a wrong one. It is no part of podtui itself.
package recipe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// Recipe is what one image consists of.
type Recipe struct {
	Manifest    json.RawMessage
	Files       []File // of two with one path the later counts; missing parents are made, 0755 and root's
	Compression string // one of the Compressions; "" is gzip
	Dir         string // what a relative File.Source starts from
}

// Kind tells what a File is.
type Kind string

// The kinds of files that a recipe can make.
const (
	Directory Kind = "dir"
	Regular   Kind = "file"
	Program   Kind = "program" // a Regular file that must be a static executable: an image has no loader
	Symlink   Kind = "link"
	Hardlink  Kind = "hardlink"
	Applets   Kind = "applets" // stands for a Symlink to Path for each applet that the busybox at Path has
)

// File is one file of an image.
type File struct {
	Kind     Kind
	Path     string // absolute, in the image
	Mode     int64  // permissions, with 04000, 02000 and 01000
	UID, GID int
	Source   string // the file of the host that has the content
	Content  []byte // the content, if Source is empty
	Target   string // of a Symlink as it is, of a Hardlink absolute in the image
}

// Read reads a recipe from a txtar file. Its sections are "manifest", "layout"
// and one for each file whose content is written out, called by its path. The
// lines of the layout are
//
//	dir      PATH [MODE] [UID:GID]
//	file     PATH [MODE] [UID:GID] [from=SOURCE]
//	program  PATH [MODE] [UID:GID] from=SOURCE
//	link     PATH TARGET
//	hardlink PATH TARGET
//	applets  PATH
//	include  RECIPE            the files of another recipe of the same folder
//	compress METHOD
//
// SOURCE is a path of the host, relative to the recipe's folder unless it is
// absolute. Modes are octal; 755 is taken for folders and programs, 644 for
// files. A # begins a comment. $ARCH in the manifest is this host's, in appc's
// words, because the programs come from here.
func Read(path string) (Recipe, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Recipe{}, err
	}
	r, err := parse(txtar.Parse(data), filepath.Dir(path))
	if err != nil {
		return Recipe{}, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

func parse(archive *txtar.Archive, dir string) (Recipe, error) {
	r := Recipe{Dir: dir}
	var layout string
	contents := make(map[string][]byte)
	for _, section := range archive.Files {
		switch {
		case section.Name == "manifest":
			r.Manifest = bytes.ReplaceAll(section.Data, []byte("$ARCH"), []byte(arch()))
		case section.Name == "layout":
			layout = string(section.Data)
		case strings.HasPrefix(section.Name, "/"):
			contents[section.Name] = section.Data
		default:
			return Recipe{}, fmt.Errorf("section %q: neither manifest nor layout nor an absolute path", section.Name)
		}
	}
	for number, line := range strings.Split(layout, "\n") {
		if err := r.add(line, contents); err != nil {
			return Recipe{}, fmt.Errorf("layout, line %d: %w", number+1, err)
		}
	}
	for path := range contents {
		return Recipe{}, fmt.Errorf("section %q: no line of the layout asks for it", path)
	}
	return r, nil
}

// arch is the host's architecture as appc calls it (types.md, ACI values).
func arch() string {
	switch runtime.GOARCH {
	case "arm64":
		return "aarch64"
	case "386":
		return "i386"
	default:
		return runtime.GOARCH
	}
}
