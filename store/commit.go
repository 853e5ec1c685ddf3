package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/appc/spec/schema"
	"golang.org/x/sys/unix"
)

// CommitOptions say what a draft becomes: the ACI that was read into it, or,
// where ID is set, the image of a registry whose layers were.
type CommitOptions struct {
	// Of an ACI: the IDs of the images it depends on, in the manifest's order.
	// They must be in the store. An image that is here already keeps those that
	// it was committed with first: pods may run on their layers.
	Dependencies []string

	// Of a registry image: its ID and its manifest, by oci's rule, and the diff
	// IDs of its layers, lowest first.
	ID       string
	Manifest []byte
	DiffIDs  []string

	Origin   string        // where it came from, for people; never with a password
	Verified *Verification // nil: nobody vouches for it
}

// candidate is an image that is ready but for its place.
type candidate struct {
	record   record
	manifest []byte
	parsed   *schema.ImageManifest
}

func (c *candidate) image() Image { return c.record.image(c.parsed, c.record.Imported) }

// Commit makes the draft an image. Fresh is false if the image was here already;
// then a verification is added if the image had none. The order in which things
// become visible and durable is the package comment's.
func (d *Draft) Commit(ctx context.Context, o CommitOptions) (img Image, fresh bool, err error) {
	c, err := d.candidate(o)
	if err != nil {
		return Image{}, false, err
	}
	if img, err := d.s.arrived(c.record.ID, o.Verified); !absent(err) {
		return img, false, err
	}
	if c.record.Layers, err = d.stack(c); err != nil {
		return Image{}, false, err
	}
	file, err := encodeRecord(c.record, c.manifest)
	if err != nil {
		return Image{}, false, err
	}
	if err := os.WriteFile(d.st.record(), file, 0o600); err != nil {
		return Image{}, false, err
	}
	at(beforeSync)
	if err := d.st.sync(); err != nil {
		return Image{}, false, err
	}
	if err := ctx.Err(); err != nil {
		return Image{}, false, err
	}
	return d.s.commit(d.st, c)
}

// candidate is the image without its layers.
func (d *Draft) candidate(o CommitOptions) (*candidate, error) {
	r := record{Kind: KindRegistry, ID: o.ID, DiffIDs: o.DiffIDs, Origin: o.Origin, Imported: time.Now(), Verified: o.Verified}
	if o.ID != "" {
		return registryCandidate(r, o.Manifest)
	}
	if d.aci == nil {
		return nil, errors.New("nothing was read that could become an image")
	}
	if want := len(d.aci.parsed.Dependencies); len(o.Dependencies) != want {
		return nil, fmt.Errorf("image %s depends on %d images, and %d are given", d.aci.parsed.Name, want, len(o.Dependencies))
	}
	r.Kind, r.ID, r.Size, r.Dependencies = KindACI, d.aci.id, d.aci.size, o.Dependencies
	return &candidate{record: r, manifest: d.aci.manifest, parsed: d.aci.parsed}, nil
}

func registryCandidate(r record, manifest []byte) (*candidate, error) {
	if !validID(r.ID) {
		return nil, fmt.Errorf("image ID %.160q: not sha512- and 128 hex digits", r.ID)
	}
	parsed, err := parseManifest(manifest)
	if err != nil {
		return nil, err
	}
	return &candidate{record: r, manifest: manifest, parsed: parsed}, nil
}

// stack holds all layers of the image, and has those made that none of its
// archives brings. Of a registry image it adds up the size as well.
func (d *Draft) stack(c *candidate) ([]string, error) {
	var stack []string
	var err error
	var whitelist []string
	if c.record.Kind == KindRegistry {
		stack, err = d.registryStack(c.record.DiffIDs)
		if err == nil {
			c.record.Size, err = d.size(c.record.DiffIDs)
		}
	} else {
		stack, err = d.aciStack(c.record)
		whitelist = c.parsed.PathWhitelist
	}
	if err != nil {
		return nil, err
	}
	return d.s.derived(d.st, stack, whitelist)
}

// aciStack is the image's own layer, then the stack of each dependency, the last
// one uppermost.
func (d *Draft) aciStack(r record) ([]string, error) {
	stack := []string{r.ID}
	for _, id := range slices.Backward(r.Dependencies) {
		if !validID(id) {
			return nil, &NotFoundError{Image: id}
		}
		dependency, _, _, err := d.s.load(id)
		if err != nil {
			return nil, err
		}
		if err := d.keepAll(dependency.Layers); err != nil {
			return nil, &DamagedError{ID: id, What: err.Error()}
		}
		stack = append(stack, dependency.Layers...)
	}
	return once(stack), nil
}

// registryStack is the layers of these diff IDs, lowest first, as a stack. It
// ends where a layer hides all that is below it.
func (d *Draft) registryStack(diffIDs []string) ([]string, error) {
	var stack []string
	for _, diffID := range slices.Backward(diffIDs) {
		id, err := layerID(diffID)
		if err != nil {
			return nil, err
		}
		if err := d.keepAll([]string{id}); err != nil {
			return nil, err
		}
		stack = append(stack, id)
		a, err := readAbout(d.s.layer(d.st, id))
		if err != nil {
			return nil, err
		}
		if a.Opaque {
			break
		}
	}
	if len(stack) == 0 {
		return nil, errors.New("the image has no layers")
	}
	return once(stack), nil
}

// size is how many bytes the layers have, uncompressed.
func (d *Draft) size(diffIDs []string) (size int64, err error) {
	for _, diffID := range diffIDs {
		id, err := layerID(diffID)
		if err != nil {
			return 0, err
		}
		a, err := readAbout(d.s.layer(d.st, id))
		if errors.Is(err, fs.ErrNotExist) {
			continue // hidden by an opaque one, and not brought
		}
		if err != nil {
			return 0, err
		}
		size += a.Size
	}
	return size, nil
}

// keepAll keeps layers that must be here.
func (d *Draft) keepAll(layers []string) error {
	for _, layer := range layers {
		here, err := d.s.keep(d.st, layer)
		if err != nil {
			return err
		}
		if !here {
			return fmt.Errorf("layer %s is missing", short(layer))
		}
	}
	return nil
}

// once drops what occurs again further down: overlayfs refuses it, and what is
// uppermost hides it.
func once(stack []string) []string {
	seen := make(map[string]bool, len(stack))
	return slices.DeleteFunc(stack, func(layer string) bool {
		again := seen[layer]
		seen[layer] = true
		return again
	})
}

// commit publishes a durable candidate, or finds that another process was
// quicker.
func (s *Store) commit(st *staging, c *candidate) (img Image, fresh bool, err error) {
	for {
		fresh, err := s.publish(st, c)
		if err != nil {
			return Image{}, false, err
		}
		if fresh {
			return c.image(), true, nil
		}
		// Somebody else's is here, unless it has just been removed again.
		img, err := s.arrived(c.record.ID, c.record.Verified)
		if !absent(err) {
			return img, false, err
		}
	}
}

// absent tells of an image's error whether there is room for it: it is not
// here, or damaged, which the same archive mends.
func absent(err error) bool {
	var damaged *DamagedError
	return errors.Is(err, ErrNotFound) || errors.As(err, &damaged)
}

// whole returns an image that is here with its record and its layers.
func (s *Store) whole(id string) (Image, error) {
	img, err := s.Get(id)
	if err != nil {
		return img, err
	}
	if _, err := s.Layers(img); err != nil {
		return img, err
	}
	if img.Kind == KindACI && !exists(s.path(layersDir, id)) {
		return img, &DamagedError{ID: id, What: "its own layer is missing"}
	}
	return img, nil
}

// arrived returns an image that is here, having added the verification if it
// has none.
func (s *Store) arrived(id string, v *Verification) (Image, error) {
	img, err := s.whole(id)
	if err != nil || v == nil || img.Verified != nil {
		return img, err
	}
	unlock, err := s.lock(commitLock, unix.LOCK_EX)
	if err != nil {
		return Image{}, err
	}
	defer unlock()
	shared, err := s.lock(removalLock, unix.LOCK_SH)
	if err != nil {
		return Image{}, err
	}
	defer shared()
	if err := s.vouch(id, v); err != nil {
		return Image{}, err
	}
	return s.Get(id)
}

// publish renames layers and record to where they are seen. Two processes with
// the same image meet here: the second finds it and gives up its own. A damaged
// one is replaced, and those who lease it have the new one.
func (s *Store) publish(st *staging, c *candidate) (fresh bool, err error) {
	unlock, err := s.lock(commitLock, unix.LOCK_EX)
	if err != nil {
		return false, err
	}
	defer unlock()
	// Or a GC could take the layers for some that nobody has.
	shared, err := s.lock(removalLock, unix.LOCK_SH)
	if err != nil {
		return false, err
	}
	defer shared()
	id := c.record.ID
	if _, err := s.whole(id); !absent(err) {
		return false, err
	}
	for _, layer := range c.record.all() {
		if err := s.publishLayer(st, layer); err != nil {
			return false, err
		}
	}
	at(layerRenamed)
	if err := s.settle(c.record.Layers); err != nil {
		return false, err
	}
	if err := fsyncPath(s.path(layersDir)); err != nil {
		return false, err
	}
	if err := s.addToIndex(c.image().Entry()); err != nil {
		return false, err
	}
	at(indexed)
	if err := os.Rename(st.record(), s.path(imagesDir, id)); err != nil {
		return false, err
	}
	at(committed)
	return true, fsyncPath(s.path(imagesDir))
}

// publishLayer renames a layer that was made in a private folder; any other
// must be here. One that is there already is whole, as everything in layers is,
// and the same: what a crash left is used. But one that somebody emptied, or
// that a power cut may have torn, makes room. The commit lock must be held.
func (s *Store) publishLayer(st *staging, id string) error {
	return s.putLayer(st, id, st.layer(id))
}

// putLayer is publishLayer for a layer that is in any folder.
func (s *Store) putLayer(st *staging, id, from string) error {
	here, err := s.hasLayer(id)
	if err != nil || here {
		return err
	}
	path := s.path(layersDir, id)
	if err := os.Rename(path, filepath.Join(st.dir, "emptied-"+rand.Text())); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(from, path)
}
