package enginetest

import (
	"context"
	"fmt"
	"strings"

	"github.com/podtui/podtui/engine"
)

// Repositories lists what a scripted registry has.
func (s *Scripted) Repositories(ctx context.Context, host, after string) (engine.Page, error) {
	s.note(strings.TrimSpace("repositories " + host + " " + after))
	r, err := s.registry(ctx, host)
	if err != nil {
		return engine.Page{}, err
	}
	return page(r.Repositories, after, r.PageSize), nil
}

// Tags lists the tags of a repository of a scripted registry.
func (s *Scripted) Tags(ctx context.Context, reference, after string) (engine.Page, error) {
	s.note(strings.TrimSpace("tags " + reference + " " + after))
	host, repository, _ := strings.Cut(strings.TrimPrefix(reference, "docker://"), "/")
	r, err := s.registry(ctx, host)
	if err != nil {
		return engine.Page{}, err
	}
	tags, ok := r.Tags[repository]
	if !ok {
		return engine.Page{}, fmt.Errorf("%s has no repository %s", host, repository)
	}
	return page(tags, after, r.PageSize), nil
}

// Discover tells where a name leads to.
func (s *Scripted) Discover(ctx context.Context, name string) (engine.Discovered, error) {
	s.note("discover " + name)
	found, ok := s.Names[name]
	if !ok {
		return engine.Discovered{}, fmt.Errorf("%s: no page says where it is", name)
	}
	return found, ctx.Err()
}

// ImageFiles tells of the files below a folder.
func (s *Scripted) ImageFiles(ctx context.Context, folder string, found func(engine.ImageFile) bool) error {
	s.note("files " + folder)
	files, ok := s.Folders[folder]
	if !ok {
		return fmt.Errorf("%s: no such file or directory", folder)
	}
	for _, f := range files {
		if ctx.Err() != nil || !found(f) {
			break
		}
	}
	return ctx.Err()
}
