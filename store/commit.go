package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/appc/spec/schema"
)

// CommitOptions say what a draft becomes: the ACI that was read into it, or,
// where ID is set, the image of a registry whose layers were.
type CommitOptions struct {
	// Of an ACI: the IDs of the images it depends on, in the manifest's order.
	// They must be in the store. An image that is here already on others, or on
	// what these were before, is stacked anew, unless somebody leases it.
	Dependencies []string

	// Of a registry image: its ID and its manifest, by oci's rule, and the diff
	// IDs of its layers, lowest first.
	ID       string
	Manifest []byte
	DiffIDs  []string

	Origin string // where it came from, for people; never with a password

	// Of an image that is here already, on the same layers: a verification takes
	// the place of the one it has, together with the evidence and what the fetch
	// did without. Without one, a verified image stays as it is, and of any other
	// the newer is kept. An image that is stacked anew has nothing but these.
	Verified *Verification   // nil: nobody vouches for it
	Evidence json.RawMessage // what it may be verified by later; at most 16 KiB
	Insecure []string        // what the fetch did without, in words
}

// candidate is an image that is ready but for its place.
type candidate struct {
	record   record
	manifest []byte
	parsed   *schema.ImageManifest
}

func (c *candidate) image() Image { return c.record.image(c.parsed, c.record.Imported) }

func (c *candidate) dependent() bool { return len(c.record.Dependencies) > 0 }

// Commit makes the draft an image. Fresh is false if the image was here already;
// then what is new of why it is believed is added, or it is stacked anew. If that
// is not possible because pods run on it, the error is a *StackInUseError. The
// order in which things become visible and durable is the package comment's.
func (d *Draft) Commit(ctx context.Context, o CommitOptions) (img Image, fresh bool, err error) {
	c, err := d.candidate(o)
	if err != nil {
		return Image{}, false, err
	}
	if c.dependent() { // an image that isn't has the layers that its ID says
		if c.record.Layers, err = d.stack(ctx, c); err != nil {
			return Image{}, false, err
		}
	}
	if img, err := d.s.arrived(c.record); !hasRoom(err) {
		return img, false, err
	}
	if !c.dependent() {
		if c.record.Layers, err = d.stack(ctx, c); err != nil {
			return Image{}, false, err
		}
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
	why, err := standing{o.Verified, o.Evidence, o.Insecure}.fit()
	if err != nil {
		return nil, err
	}
	r := record{Kind: KindRegistry, ID: o.ID, DiffIDs: o.DiffIDs, Origin: o.Origin, Imported: time.Now(), standing: why}
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
