package oci

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	// maxManifests is how many manifests an index may name. A layout's index
	// names every image of a folder.
	maxManifests = 10_000
	// maxNested is how many indexes deep a manifest may lie: an index of indexes
	// is what builders make, and deeper than that nobody goes.
	maxNested = 2
	// maxWays is how many inner indexes are looked into, in all.
	maxWays = 16
)

// Manifests are the entries of an index, each with a digest and a size that can
// be, whatever they are.
func Manifests(doc Document) ([]Descriptor, error) {
	b, k, err := doc.parse()
	if err != nil {
		return nil, err
	}
	if k != index {
		return nil, doc.refuse("index", errors.New("is a manifest"))
	}
	if n := len(b.Manifests); n > maxManifests {
		return nil, doc.refuse("index", fmt.Errorf("names %d manifests; at most %d are taken", n, maxManifests))
	}
	for _, d := range b.Manifests {
		if err := d.check(MaxDocument); err != nil {
			return nil, doc.refuse("index", fmt.Errorf("a manifest %w", err))
		}
	}
	return b.Manifests, nil
}

// IsImage tells whether an entry of an index may be an image, or an index with
// some. Attestations are manifests too, in the index of what they attest.
func (d Descriptor) IsImage() bool {
	if d.ArtifactType != "" || strings.HasPrefix(d.Annotations["vnd.docker.reference.type"], "attestation") {
		return false
	}
	if p := d.Platform; p != nil && p.OS == "unknown" && p.Architecture == "unknown" {
		return false
	}
	return kindOf(d.MediaType) != unknown
}

// chooser looks for the manifest of one platform.
type chooser struct {
	source Source
	want   Platform
	have   []Platform // what was seen of others
	ways   int        // how many inner indexes were looked into
}

// choose returns the manifest in the index that fits best, and whether its
// platform was given: an entry without one is taken if it is the only one.
// Nothing that fits is no error but false.
func (c *chooser) choose(ctx context.Context, doc Document, depth int) (d Descriptor, found bool, err error) {
	all, err := Manifests(doc)
	if err != nil {
		return Descriptor{}, false, err
	}
	all = slices.DeleteFunc(all, func(d Descriptor) bool { return !d.IsImage() })
	direct := slices.DeleteFunc(slices.Clone(all), func(d Descriptor) bool { return kindOf(d.MediaType) != manifest })
	if d, ok := c.best(direct); ok {
		return d, true, nil
	}
	for _, d := range all {
		if kindOf(d.MediaType) != index || d.Platform != nil && c.want.rank(*d.Platform) < 0 {
			continue
		}
		if d, found, err = c.enter(ctx, d, depth); err != nil || found {
			return d, found, err
		}
	}
	return only(direct)
}

// best is the entry whose platform fits best, the first of those that do.
func (c *chooser) best(list []Descriptor) (best Descriptor, ok bool) {
	least := -1
	for _, d := range list {
		if d.Platform == nil {
			continue
		}
		rank := c.want.rank(*d.Platform)
		if rank < 0 {
			c.have = append(c.have, *d.Platform)
			continue
		}
		if least < 0 || rank < least {
			best, least = d, rank
		}
	}
	return best, least >= 0
}

// enter looks into an index that an index names.
func (c *chooser) enter(ctx context.Context, d Descriptor, depth int) (Descriptor, bool, error) {
	c.ways++
	if depth+1 > maxNested || c.ways > maxWays {
		return Descriptor{}, false, &InvalidError{
			What: "index " + string(d.Digest), Reason: fmt.Sprintf("lies more than %d indexes deep, or behind more than %d others", maxNested, maxWays),
		}
	}
	doc, err := read(ctx, c.source, d)
	if err != nil {
		return Descriptor{}, false, err
	}
	return c.choose(ctx, doc, depth+1)
}

// only is the one entry without a platform, if it is alone: its config will
// tell what it is for.
func only(list []Descriptor) (Descriptor, bool, error) {
	list = slices.DeleteFunc(list, func(d Descriptor) bool { return d.Platform != nil })
	if len(list) != 1 {
		return Descriptor{}, false, nil
	}
	return list[0], true, nil
}

// none is the error that nothing fits.
func (c *chooser) none() error {
	e := &PlatformError{Want: c.want}
	for _, p := range c.have {
		if !slices.Contains(e.Have, p) {
			e.Have = append(e.Have, p)
		}
	}
	slices.SortFunc(e.Have, func(a, b Platform) int { return strings.Compare(a.String(), b.String()) })
	return e
}
