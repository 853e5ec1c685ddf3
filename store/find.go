package store

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/appc/spec/schema"
	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/store/imagemanifest"
)

// Get returns the image with this whole ID, or a *NotFoundError.
func (s *Store) Get(id string) (Image, error) {
	if !validID(id) {
		return Image{}, &NotFoundError{Image: id}
	}
	r, manifest, used, err := s.load(id)
	if err != nil {
		return Image{}, err
	}
	m, err := parsed(id, manifest)
	if err != nil {
		return Image{}, err
	}
	return r.image(m, used), nil
}

// parsed takes the manifest of a stored image apart.
func parsed(id string, manifest []byte) (*schema.ImageManifest, error) {
	m, err := imagemanifest.Decode(manifest)
	if err != nil {
		return nil, &DamagedError{ID: id, What: "its manifest can't be read"}
	}
	return m, nil
}

// ManifestJSON returns the image's manifest byte for byte as it was in the
// archive.
func (s *Store) ManifestJSON(id string) ([]byte, error) {
	if !validID(id) {
		return nil, &NotFoundError{Image: id}
	}
	_, manifest, _, err := s.load(id)
	return manifest, err
}

// Find returns the image whose ID begins with prefix: "sha512-" and at least
// two digits. If several do, it is an *AmbiguousError.
func (s *Store) Find(prefix string) (Image, error) {
	prefix = strings.ToLower(prefix)
	if validID(prefix) {
		return s.Get(prefix)
	}
	if !validPrefix(prefix) {
		return Image{}, &NotFoundError{Image: prefix}
	}
	fits := func(e Entry) bool { return strings.HasPrefix(e.ID, prefix) }
	return s.search("\t"+prefix, fits, func(entries []Entry) (Image, error) {
		found := make(map[string]Image)
		for _, e := range entries {
			img, err := s.Get(e.ID)
			switch {
			case err == nil:
				found[e.ID] = img
			case !errors.Is(err, ErrNotFound):
				return Image{}, err
			}
		}
		return single(prefix, found)
	})
}

// search has choose decide among the entries that fit and whose lines hold text.
// It reads those lines alone. If they are not what was written, or nothing is
// found, it goes through all images: a line that is damaged hides none.
func (s *Store) search(text string, fits func(Entry) bool, choose func([]Entry) (Image, error)) (Image, error) {
	entries, bad, err := s.readLines(text)
	if err != nil {
		return Image{}, err
	}
	misfit := func(e Entry) bool { return !fits(e) }
	if bad == 0 {
		img, err := choose(slices.DeleteFunc(entries, misfit))
		if !errors.Is(err, ErrNotFound) {
			return img, err
		}
	}
	if entries, err = s.List(); err != nil {
		return Image{}, err
	}
	return choose(slices.DeleteFunc(entries, misfit))
}

func single(prefix string, found map[string]Image) (Image, error) {
	candidates := slices.Sorted(maps.Keys(found))
	switch len(candidates) {
	case 0:
		return Image{}, &NotFoundError{Image: prefix}
	case 1:
		return found[candidates[0]], nil
	}
	return Image{}, &AmbiguousError{Prefix: prefix, Candidates: candidates}
}

// FindName returns the image of this name that carries all labels that are
// asked for. An image without an os or arch label fits any os or arch. If
// several fit, the one that was imported last wins.
func (s *Store) FindName(name string, labels map[string]string) (Image, error) {
	fit := func(e Entry) bool { return e.Name == name && fits(e, labels) }
	return s.search("\t"+name, fit, func(entries []Entry) (Image, error) {
		slices.SortFunc(entries, func(a, b Entry) int { return b.Imported.Compare(a.Imported) })
		for _, e := range entries {
			img, err := s.Get(e.ID)
			if !errors.Is(err, ErrNotFound) {
				return img, err
			}
		}
		return Image{}, &NotFoundError{Image: name}
	})
}

func fits(e Entry, asked map[string]string) bool {
	for label, value := range asked {
		got, ok := e.label(label)
		if !ok && (label == "os" || label == "arch") {
			continue
		}
		if !ok || got != value {
			return false
		}
	}
	return true
}

// Layers returns the folders that make the image's root filesystem, uppermost
// first, ready as overlayfs lowerdirs. Lease the image before, or they may go, and
// it may be stacked on others; if it has been since it was found, which a lease
// holds off, it is a *StaleError.
func (s *Store) Layers(img Image) ([]string, error) {
	if len(img.Dependencies) > 0 {
		now, _, _, err := s.load(img.ID)
		if err == nil && !img.stackedAs(now) {
			err = &StaleError{ID: img.ID}
		}
		if err != nil {
			return nil, err
		}
	}
	return s.layersOf(img)
}

// layersOf are the layers that an image had when it was found.
func (s *Store) layersOf(img Image) ([]string, error) {
	if len(img.layers) == 0 {
		return nil, &NotFoundError{Image: img.ID}
	}
	dirs := make([]string, len(img.layers))
	for i, id := range img.layers {
		dirs[i] = s.path(layersDir, id, rootfsDir)
		_, err := os.Lstat(dirs[i])
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
			err = &DamagedError{ID: img.ID, What: missingLayer(id).Error()}
		}
		if err != nil {
			return nil, err
		}
	}
	return dirs, nil
}

// ids lists what is in images, in no order. The look at each name is a short
// one: nothing else is ever put there, but other people's tools may.
func (s *Store) ids() ([]string, error) {
	names, err := readNames(s.path(imagesDir))
	return slices.DeleteFunc(names, func(n string) bool {
		return len(n) != idLength || !strings.HasPrefix(n, idPrefix)
	}), err
}

func readNames(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}
