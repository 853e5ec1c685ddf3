package engine

import (
	"context"

	"github.com/podtui/podtui/engine/fetch"
)

// What a search outside the store finds.
type (
	Page       = fetch.Page
	Discovered = fetch.Discovered
	ImageFile  = fetch.ImageFile
)

// Tags lists the tags of docker://HOST/REPO after one of them, "" for the first.
func (e *Engine) Tags(ctx context.Context, reference, after string) (Page, error) {
	return e.fetcher.Tags(ctx, reference, after)
}

// Repositories lists the repositories of a registry, if it tells them.
func (e *Engine) Repositories(ctx context.Context, host, after string) (Page, error) {
	return e.fetcher.Repositories(ctx, host, after)
}

// Discover tells where a name leads to, without fetching.
func (e *Engine) Discover(ctx context.Context, name string) (Discovered, error) {
	return e.fetcher.Discover(ctx, name)
}

// ImageFiles goes through the files below a folder, and tells of each that can
// be an image until found says that it is enough.
func (e *Engine) ImageFiles(ctx context.Context, folder string, found func(ImageFile) bool) error {
	return fetch.ImageFiles(ctx, folder, found)
}
