package store

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/podtui/podtui/store/seal"
)

// Kinds of layers.
const (
	layerOfACI   = "aci"     // the tree of an image archive; its ID is the image's
	layerOfOCI   = "oci"     // a layer of a registry image; its ID is "sha256-" and its diff ID
	layerFlat    = "flat"    // a whole root, rendered by a pathWhitelist
	layerParents = "parents" // folders whose attributes an upper layer would lose
)

// about is what the store keeps of a layer beside its tree and its archive. Its
// file is like an image's: a head with a digest of the rest, one line of JSON,
// and then the implicit folders, each with a NUL behind it, since paths are any
// bytes; and three such texts for each of what was moved.
type about struct {
	Kind string `json:"kind"`
	Size int64  `json:"size,omitempty"` // bytes of the tar it was unpacked from

	// Whiteouts says that the layer hides something of those below it, and
	// Opaque that it hides them all, which overlayfs does not heed at a root.
	Whiteouts bool `json:"whiteouts,omitempty"`
	Opaque    bool `json:"opaque,omitempty"`

	// Implicit are the folders that the archive has something in but no entry
	// for, "" the root. What the layers below say of them counts.
	Implicit []string `json:"-"`

	// moved is what entries of the layer replaced: Verify can't tell where the
	// tar's entries went without it.
	moved []moved
	Moved int `json:"moved,omitempty"`
}

const aboutHead = "podtui layer 1 sha256-"

// writeAbout writes the file into a layer's folder. Its paths may be megabytes: it
// is gone through twice instead of being put together in memory.
func writeAbout(layer string, a about) (err error) {
	sum := sha256.New()
	if err := a.encode(sum); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(layer, aboutFile), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = also(err, f.Close()) }()
	if _, err := fmt.Fprintf(f, "%s%x\n", aboutHead, sum.Sum(nil)); err != nil {
		return err
	}
	return a.encode(f)
}

// encode writes what is sealed.
func (a about) encode(to io.Writer) error {
	a.Moved = len(a.moved)
	line, err := json.Marshal(a)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(to, 32<<10)
	write := func(text []byte) { _, _ = w.Write(text) } // it keeps its error to the end
	write(append(line, '\n'))
	for _, path := range a.Implicit {
		write(append([]byte(path), 0))
	}
	for _, m := range a.moved {
		write(fmt.Appendf(nil, "%s\x00%s\x00%d\x00", m.path, m.target, m.entry))
	}
	return w.Flush()
}

// readAbout reads the file of a layer's folder. A layer of format 1 has none:
// its archive tells the same.
func readAbout(layer string) (a about, err error) {
	file, err := os.ReadFile(filepath.Join(layer, aboutFile))
	if errors.Is(err, os.ErrNotExist) {
		return aboutArchive(layer)
	}
	if err == nil {
		a, err = decodeAbout(file)
	}
	if err != nil {
		return a, fmt.Errorf("layer %s: %w", short(filepath.Base(layer)), err)
	}
	return a, nil
}

func decodeAbout(file []byte) (a about, err error) {
	body, err := seal.Open(aboutHead, file)
	if err != nil {
		return a, err
	}
	line, paths, ok := bytes.Cut(body, []byte("\n"))
	if !ok || json.Unmarshal(line, &a) != nil {
		return a, errors.New("its record can't be read")
	}
	if text, ended := strings.CutSuffix(string(paths), "\x00"); ended {
		a.Implicit = strings.Split(text, "\x00")
	}
	if a.Moved < 0 || a.Moved > len(a.Implicit)/3 {
		return a, errors.New("its record lacks what was moved")
	}
	first := len(a.Implicit) - 3*a.Moved
	for m := range slices.Chunk(a.Implicit[first:], 3) {
		entry, err := strconv.Atoi(m[2])
		if err != nil {
			return a, fmt.Errorf("its record has no number of an entry: %.20q", m[2])
		}
		a.moved = append(a.moved, moved{path: m[0], target: m[1], entry: entry})
	}
	a.Implicit = slices.Clip(a.Implicit[:first])
	return a, nil
}
