package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/store"
)

// Images lists what the store has, sorted by name and version. It opens no
// image: ten thousand take milliseconds.
func (e *Engine) Images() ([]Entry, error) {
	list, err := e.store.List()
	for i := range list {
		if list[i].VerifiedBy == "" {
			list[i].VerifiedBy = e.options.Pinned[list[i].ID]
		}
	}
	return list, err
}

// LastUsed returns when each of the listed images was last used.
func (e *Engine) LastUsed(list []Entry) ([]time.Time, error) { return e.store.LastUsed(list) }

// Image finds a stored image by its ID or an unambiguous prefix of it.
func (e *Engine) Image(id string) (Image, error) {
	image, err := e.store.Find(id)
	return e.vouched(image), err
}

// ManifestJSON is an image's manifest, byte for byte.
func (e *Engine) ManifestJSON(id string) ([]byte, error) { return e.store.ManifestJSON(id) }

// RemoveImage removes an image by its ID or an unambiguous prefix of it. By its
// whole ID it removes one that is damaged as well.
func (e *Engine) RemoveImage(id string) error {
	image, err := e.store.Find(id)
	var damaged *DamagedImageError
	if errors.As(err, &damaged) && strings.EqualFold(damaged.ID, id) {
		return e.store.Remove(damaged.ID)
	}
	if err != nil {
		return err
	}
	return e.store.Remove(image.ID)
}

// Resolve finds the image that a reference means, importing the file it names
// if it must, and reports each step. It does not ask whether the image may run.
func (e *Engine) Resolve(ctx context.Context, reference string, sink event.Sink) (Image, error) {
	source, err := e.locate(reference, sink)
	if err != nil {
		return Image{}, err
	}
	return e.bring(ctx, source, sink)
}

// FetchOptions say how an image is fetched.
type FetchOptions struct {
	SkipVerify bool            // nobody needs to vouch for it
	Pull       spec.PullPolicy // when its source is asked
}

// Fetch brings an image that is to run, as Run does it: of a file that may not,
// nothing is read, and the error is an *UnverifiedError.
func (e *Engine) Fetch(ctx context.Context, reference string, o FetchOptions, sink event.Sink) (Image, error) {
	source, err := e.locate(reference, sink)
	if err != nil {
		return Image{}, err
	}
	if source.stored != nil {
		return *source.stored, e.verifyStored(reference, *source.stored, o.SkipVerify, sink)
	}
	if err := e.verifyFile(reference, o.SkipVerify, sink); err != nil {
		return Image{}, err
	}
	return e.bring(ctx, source, sink)
}

// source is where the image of a reference is: in the store, or in a file.
type source struct {
	reference string
	stored    *Image
	file      string
}

// locate finds out where an image is. Nothing is read but the store's index.
func (e *Engine) locate(reference string, sink event.Sink) (source, error) {
	s := source{reference: reference}
	sink.Emit(event.Event{Type: event.ImageSearch, State: event.Started, Image: reference})
	err := e.fill(&s)
	if err != nil {
		sink.Emit(event.Event{Type: event.ImageSearch, State: event.Failed, Image: reference, Message: reason(err)})
		return s, &ImageError{Image: reference, Err: err}
	}
	found := event.Event{Type: event.ImageSearch, State: event.Done, Image: reference, Message: s.file}
	if s.stored != nil {
		found.ID, found.Message = s.stored.ID, "in the store"
	}
	sink.Emit(found)
	return s, nil
}

func (e *Engine) fill(s *source) error {
	ref, err := imageref.Parse(s.reference, fileExists)
	if err != nil {
		return err
	}
	switch ref.Kind {
	case imageref.Hash:
		return s.inStore(e.Image("sha512-" + ref.Hash))
	case imageref.Name:
		image, err := e.store.FindName(ref.Name.Name, hostLabels(ref.Name))
		err = s.inStore(e.vouched(image), err)
		if errors.Is(err, store.ErrNotFound) {
			return notFetched(ref)
		}
		return err
	case imageref.Path:
		s.file = ref.Path
		return readable(s.file)
	case imageref.URL:
		if ref.URL.File != "" {
			s.file = ref.URL.File
			return readable(s.file)
		}
	}
	return fmt.Errorf("fetching by %v is not supported yet", ref.Kind)
}

func (s *source) inStore(image Image, err error) error {
	if err == nil {
		s.stored = &image
	}
	return err
}

func notFetched(ref imageref.Ref) error {
	err := fmt.Errorf("not in the store, and fetching by %v is not supported yet", ref.Kind)
	if hint := ref.Hint(fileExists); hint != "" {
		return fmt.Errorf("%w; %s", err, hint)
	}
	return err
}

// hostLabels are the labels that were asked for, with the host's os and arch
// where none is. An image without them fits any host.
func hostLabels(name imageref.AppName) map[string]string {
	labels := map[string]string{"os": runtime.GOOS, "arch": runtime.GOARCH}
	for _, label := range name.Labels {
		labels[label.Name] = label.Value
	}
	return labels
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// readable finds out now, and in its own words, what would fail later.
func readable(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return errors.Unwrap(err)
	}
	if info.IsDir() {
		return errors.New("a folder; OCI layouts are not supported yet")
	}
	if !info.Mode().IsRegular() {
		return errors.New("not a file")
	}
	return nil
}

// bring brings an image into the store, if it is not there.
func (e *Engine) bring(ctx context.Context, s source, sink event.Sink) (Image, error) {
	if s.stored != nil {
		return *s.stored, nil
	}
	file, err := os.Open(s.file)
	if err != nil {
		return Image{}, &ImageError{Image: s.reference, Err: errors.Unwrap(err)}
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return Image{}, &ImageError{Image: s.reference, Err: err}
	}
	return e.Import(ctx, s.reference, file, info.Size(), sink)
}

// Import reads an ACI into the store, in one pass: the stages overlap, and each
// is done when it is done. Reference is what the events call it.
func (e *Engine) Import(ctx context.Context, reference string, r io.Reader, size int64, sink event.Sink) (Image, error) {
	step := func(t event.Type, state event.State, bytes, total int64) event.Event {
		return event.Event{Type: t, State: state, Image: reference, Bytes: bytes, Total: total}
	}
	sink.Emit(step(event.ImageFetch, event.Started, 0, size))
	sink.Emit(step(event.ImageUnpack, event.Started, 0, size))
	image, fresh, err := e.store.Import(ctx, r, store.ImportOptions{Size: size, Progress: func(read, total int64) {
		sink.Emit(step(event.ImageFetch, event.Started, read, total))
		sink.Emit(step(event.ImageUnpack, event.Started, read, total))
	}})
	if err != nil {
		failed := step(event.ImageUnpack, event.Failed, 0, 0)
		failed.Message = reason(err)
		sink.Emit(failed)
		return Image{}, &ImageError{Image: reference, Err: err}
	}
	sink.Emit(step(event.ImageFetch, event.Done, size, size))
	unpacked := step(event.ImageUnpack, event.Done, image.Size, image.Size)
	unpacked.ID = image.ID
	if !fresh {
		unpacked.State, unpacked.Message = event.Skipped, "in the store already"
	}
	sink.Emit(unpacked)
	return e.vouched(image), nil
}
