package engine

import (
	"context"
	"errors"
)

// Page is a part of a long list of names, in the order of its source.
type Page struct {
	Names []string
	Next  string // what to ask for the following part with; "": there is none
}

// Discovered is where an image's name leads to.
type Discovered struct {
	Reference string   // as it was asked for
	URLs      []string // of the image, in the order in which they would be tried
	Prefix    string   // of the name, whose page told
	Signed    bool     // the page names keys
}

// ImageFile is a file or folder that can be an image, by its first bytes.
type ImageFile struct {
	Path string
	Size int64  // bytes; 0 for a folder
	Kind string // "aci", "oci archive", "docker archive", "oci layout"
}

// Tags lists the tags of docker://HOST/REPO after one of them, "" for the first.
func (e *Engine) Tags(ctx context.Context, reference, after string) (Page, error) {
	return Page{}, errors.New("registries are not supported yet")
}

// Repositories lists the repositories of a registry, if it tells them.
func (e *Engine) Repositories(ctx context.Context, host, after string) (Page, error) {
	return Page{}, errors.New("registries are not supported yet")
}

// Discover tells where a name leads to, without fetching.
func (e *Engine) Discover(ctx context.Context, name string) (Discovered, error) {
	return Discovered{}, errors.New("discovery is not supported yet")
}

// ImageFiles goes through the files below a folder, and tells of each that can
// be an image until found says that it is enough.
func (e *Engine) ImageFiles(ctx context.Context, folder string, found func(ImageFile) bool) error {
	return errors.New("searching files is not supported yet")
}
