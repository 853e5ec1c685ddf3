package fetch

import (
	"context"
	"fmt"

	"github.com/podtui/podtui/engine/imageref"
)

// Page is a part of a long list of names, in the order of its source.
type Page struct {
	Names []string
	Next  string // what to ask for the following part with; "": there is none
}

// pageSize is how many names one question brings: a few screens.
const pageSize = 100

// Tags lists the tags of docker://HOST/REPO that follow one, "" for the first.
func (f *Fetcher) Tags(ctx context.Context, reference, after string) (Page, error) {
	ref, err := imageref.Parse(reference, nil)
	if err != nil {
		return Page{}, err
	}
	if ref.Kind != imageref.Registry {
		return Page{}, fmt.Errorf("%s: only a registry has tags; write docker://HOST/REPO", reference)
	}
	tags, next, err := f.web().registry.Repository(ref.Registry).Tags(ctx, after, pageSize)
	return Page{tags, next}, f.anew(err)
}

// Repositories lists the repositories of a registry, if it tells them.
func (f *Fetcher) Repositories(ctx context.Context, host, after string) (Page, error) {
	names, next, err := f.web().registry.Repositories(ctx, host, after, pageSize)
	return Page{names, next}, f.anew(err)
}

// Discovered is where a name leads to.
type Discovered struct {
	Reference string   // as it was asked for
	URLs      []string // of the image, in the order in which they would be tried
	Prefix    string   // of the name, whose page told
	Signed    bool     // the page names keys
}

// Discover tells where a name leads to, without fetching.
func (f *Fetcher) Discover(ctx context.Context, reference string) (Discovered, error) {
	ref, err := imageref.Parse(reference, nil)
	if err != nil {
		return Discovered{}, err
	}
	if ref.Kind != imageref.Name {
		return Discovered{}, fmt.Errorf("%s: not a name", reference)
	}
	found, err := newNamePlace(f.newJob(Request{Ref: ref})).discover(ctx)
	if err != nil {
		return Discovered{}, f.anew(err)
	}
	d := Discovered{Reference: reference, Prefix: found.Prefix, Signed: len(found.PublicKeys) > 0}
	for _, endpoint := range found.Endpoints {
		d.URLs = append(d.URLs, endpoint.ACI)
	}
	return d, nil
}
