package recipe

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// add adds what one line of a layout says, and takes the content that it needs
// out of contents.
func (r *Recipe) add(line string, contents map[string][]byte) error {
	line, _, _ = strings.Cut(line, "#")
	words := strings.Fields(line)
	if len(words) == 0 {
		return nil
	}
	if len(words) == 1 {
		return fmt.Errorf("%s of what?", words[0])
	}
	switch verb, name := words[0], words[1]; verb {
	case "compress":
		r.Compression = name
		return nil
	case "include":
		other, err := Read(filepath.Join(r.Dir, name+".txtar"))
		r.Files = append(r.Files, other.Files...)
		return err
	default:
		f, err := parseFile(Kind(verb), words[1:])
		if err != nil {
			return err
		}
		if content, ok := contents[f.Path]; ok && f.Kind == Regular && f.Source == "" {
			f.Content = content
			delete(contents, f.Path)
		}
		r.Files = append(r.Files, f)
		return nil
	}
}

func parseFile(kind Kind, words []string) (File, error) {
	f := File{Kind: kind, Path: words[0], Mode: 0o755}
	words = words[1:]
	if !path.IsAbs(f.Path) || path.Clean(f.Path) != f.Path {
		return File{}, fmt.Errorf("%s is not an absolute, clean path", f.Path)
	}
	switch kind {
	case Symlink, Hardlink:
		if len(words) != 1 {
			return File{}, fmt.Errorf("%s %s wants one target", kind, f.Path)
		}
		f.Target, f.Mode = words[0], 0o777
		return f, nil
	case Regular:
		f.Mode = 0o644
	case Directory, Program, Applets:
	default:
		return File{}, fmt.Errorf("%q is no kind of file", kind)
	}
	for _, word := range words {
		if err := f.set(word); err != nil {
			return File{}, fmt.Errorf("%s %s: %w", kind, f.Path, err)
		}
	}
	if kind == Program && f.Source == "" {
		return File{}, fmt.Errorf("program %s wants from=SOURCE", f.Path)
	}
	return f, nil
}

// set takes one of the words MODE, UID:GID and from=SOURCE.
func (f *File) set(word string) error {
	if source, ok := strings.CutPrefix(word, "from="); ok {
		f.Source = source
		return nil
	}
	if uid, gid, ok := strings.Cut(word, ":"); ok {
		var err1, err2 error
		f.UID, err1 = strconv.Atoi(uid)
		f.GID, err2 = strconv.Atoi(gid)
		return errors.Join(err1, err2)
	}
	mode, err := strconv.ParseInt(word, 8, 64)
	if err != nil || mode > 0o7777 {
		return fmt.Errorf("%q is neither a mode nor UID:GID nor from=SOURCE", word)
	}
	f.Mode = mode
	return nil
}
