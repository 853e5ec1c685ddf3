package compose

import (
	"os"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/store"
	"github.com/podtui/podtui/ui/screen"
)

// known is what the form knows of an image reference.
type known struct {
	ref     imageref.Ref // once it was parsed
	image   store.Image
	found   bool
	reading bool  // it is being parsed, or its file read
	err     error // why it can't be had
}

// imageNamed is the answer that a reference names no file.
type imageNamed struct {
	text string
	ref  imageref.Ref
	err  error
}

// imageRead is the answer about a file.
type imageRead struct {
	text  string
	ref   imageref.Ref
	image store.Image
	err   error
}

// SetImages tells what the store has.
func (s *Screen) SetImages(all []store.Image) {
	s.store, s.stored = all, true
	for _, k := range s.images {
		s.match(k)
	}
	s.refresh()
}

// lookUp returns the work of finding the images that the draft names and that
// nobody has looked for yet. A file is read into the store, as running it
// would; what would have to be fetched waits for the run.
func (s *Screen) lookUp() tea.Cmd {
	var cmds []tea.Cmd
	for _, app := range s.draft.pod.Apps {
		if _, ok := s.images[app.Image]; ok || app.Image == "" {
			continue
		}
		s.images[app.Image] = &known{reading: true}
		cmds = append(cmds, s.find(app.Image))
	}
	return tea.Batch(cmds...)
}

func (s *Screen) find(text string) tea.Cmd {
	return func() tea.Msg {
		ref, err := imageref.Parse(text, func(path string) bool {
			_, err := os.Stat(path)
			return err == nil
		})
		if err != nil || ref.Kind != imageref.Path {
			return imageNamed{text, ref, err}
		}
		img, err := s.engine.Resolve(s.ctx, text, nil)
		return imageRead{text, ref, img, err}
	}
}

func (s *Screen) takeNamed(m imageNamed) screen.Out {
	k := &known{ref: m.ref, err: m.err}
	s.match(k)
	s.images[m.text] = k
	s.refresh()
	return screen.Out{}
}

func (s *Screen) takeRead(m imageRead) screen.Out {
	s.images[m.text] = &known{ref: m.ref, image: m.image, found: m.err == nil, err: m.err}
	s.refresh()
	return screen.Out{}
}

// match looks for an image by its name or hash in what the store has. Of
// several versions it does not choose: the engine will.
func (s *Screen) match(k *known) {
	if k.ref.Kind != imageref.Hash && k.ref.Kind != imageref.Name {
		return
	}
	n := 0
	for _, img := range s.store {
		if means(k.ref, img) {
			k.image = img
			n++
		}
	}
	k.found = n == 1
}

func means(ref imageref.Ref, img store.Image) bool {
	if ref.Kind == imageref.Hash {
		return strings.HasPrefix(img.ID, "sha512-"+ref.Hash)
	}
	if ref.Name.Name != img.Name() {
		return false
	}
	for _, l := range ref.Name.Labels {
		if img.Label(l.Name) != l.Value {
			return false
		}
	}
	return true
}

// of is what is known of the image of app i.
func (s *Screen) of(i int) known {
	if k := s.images[s.draft.pod.Apps[i].Image]; k != nil {
		return *k
	}
	return known{reading: true}
}

// manifest is the image of app i as package spec wants it.
func (s *Screen) manifest(i int) spec.Image {
	if k := s.of(i); k.found {
		return spec.Image{Manifest: k.image.Manifest}
	}
	return spec.Image{}
}

// reference names an image so that the store finds exactly it: by its name and
// version if no other has them, else by its ID.
func (s *Screen) reference(img store.Image) string {
	name := img.Name()
	if v := img.Version(); v != "" {
		name += ":" + v
	}
	if parsed, err := imageref.Parse(name, nil); err == nil && parsed.Kind == imageref.Name {
		k := &known{ref: parsed}
		if s.match(k); k.found && k.image.ID == img.ID {
			return name
		}
	}
	return img.ID[:min(len(img.ID), len("sha512-")+32)]
}

// remember keeps an image that was chosen on the screen of images, so that it
// need not be looked for.
func (s *Screen) remember(text string, img store.Image) {
	ref, err := imageref.Parse(text, nil)
	s.images[text] = &known{ref: ref, image: img, found: err == nil, err: err}
}
