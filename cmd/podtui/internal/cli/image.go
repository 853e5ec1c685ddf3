package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/imageref"
)

func (p *program) imageCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "image", Short: "list, show, check, write out and remove stored images",
		Args: unknownCommand, RunE: func(*cobra.Command, []string) error { return nil },
	}
	c.AddCommand(
		p.imageListCommand(), p.imageCatManifestCommand(), p.imageVerifyCommand(), p.imageExportCommand(),
		p.imageExtractCommand(), p.imageRenderCommand(), p.imageRmCommand(), p.imageGCCommand(),
	)
	return c
}

// findImage finds a stored image by its ID or name, or by the reference that it
// was fetched by. Nothing is fetched.
func findImage(e *engine.Engine, reference string) (id string, err error) {
	ref, err := imageref.Parse(reference, nil)
	if err != nil {
		return "", usage("%v", err)
	}
	switch {
	case ref.Kind == imageref.Hash:
		image, err := e.Image(reference)
		return image.ID, err
	case ref.Kind == imageref.Name:
		return findName(e, reference, ref.Name)
	case ref.Kind == imageref.Path || ref.URL.File != "":
		return "", usage("image %s: a stored image is called by its ID or its name", reference)
	}
	image, err := e.Stored(context.Background(), reference)
	if errors.Is(err, engine.ErrNoImage) {
		return "", &engine.NoImageError{Image: reference}
	}
	return image.ID, err
}

func findName(e *engine.Engine, reference string, name imageref.AppName) (string, error) {
	entries, err := e.Images()
	if err != nil {
		return "", err
	}
	var found []string
	for _, entry := range entries {
		if entry.Name == name.Name && carries(entry, name.Labels) {
			found = append(found, entry.ID)
		}
	}
	switch len(found) {
	case 0:
		return "", &engine.NoImageError{Image: reference}
	case 1:
		return found[0], nil
	}
	for i, id := range found {
		found[i] = shorten(id, 12, false)
	}
	return "", fmt.Errorf("image %s: ambiguous, it may be %s", reference, strings.Join(found, " or "))
}

func carries(entry engine.Entry, labels []imageref.Label) bool {
	for _, label := range labels {
		if entry.Label(label.Name) != label.Value {
			return false
		}
	}
	return true
}

// completeImages completes IDs of stored images.
func (p *program) completeImages(_ *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	e, _ := p.look(nil)
	if e == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer e.Close()
	entries, _ := e.Images()
	var words []string
	for _, entry := range entries {
		words = append(words, cobra.CompletionWithDesc(shorten(entry.ID, 12, false), entry.Name+":"+entry.Version()))
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}

// each does something with each of several things that were named, and goes on
// after a failure.
func each(names []string, do func(string) error) error {
	var failed failures
	for _, name := range names {
		if err := do(name); err != nil {
			failed = append(failed, err)
		}
	}
	return failed.orNil()
}
