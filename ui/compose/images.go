package compose

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
)

// known is what the form knows of an image reference.
type known struct {
	ref     imageref.Ref // once it was parsed
	entry   engine.Entry // what the store lists it as, if it is there
	image   engine.Image
	found   bool  // image was read
	reading bool  // it is being parsed, or looked at, or its file read
	pinned  bool  // content of its repository was approved: the engine says whether it is this
	err     error // why it can't be had

	signature string                  // the file that the signature was looked for in
	doubt     *stages.Doubt           // why nobody vouches for it, if it was found
	refused   *engine.UnverifiedError // why its file is not believed: it is read again when it runs
}

// name is the image's own name, or "".
func (k *known) name() string {
	if k.entry.Name == "" && k.found {
		return k.image.Name()
	}
	return k.entry.Name
}

// elsewhere reports whether the image would be fetched when the pod runs: it is
// not here, and the reference names where it could be.
func (k *known) elsewhere() bool {
	if k.refused != nil {
		return true
	}
	if k.found || k.reading || k.err != nil {
		return false
	}
	switch k.ref.Kind {
	case imageref.URL, imageref.Registry:
		return true
	case imageref.Name: // its first element names a host
		host, _, _ := strings.Cut(k.ref.Name.Name, "/")
		return strings.Contains(host, ".")
	}
	return false
}

// imageName is what the image of a reference is likely to be called.
func imageName(ref imageref.Ref, text string) string {
	switch ref.Kind {
	case imageref.Registry:
		return ref.Registry.ImageName()
	case imageref.Name:
		return ref.Name.Name
	}
	return text
}

// imageNamed is the answer that a reference names no file.
type imageNamed struct {
	question
	ref    imageref.Ref
	pinned bool
	err    error
}

// question is what was asked for: the image of a reference, with the signature of a
// file, "" for that at its source.
type question struct{ text, signature string }

// imageRead is the answer about a file.
type imageRead struct {
	question
	ref   imageref.Ref
	image engine.Image
	err   error
}

// imageLooked is the answer about an image that the store lists.
type imageLooked struct {
	question
	entry engine.Entry
	image engine.Image
	doubt *stages.Doubt
	err   error
}

// SetImages tells what the store has. It returns the work of looking at those
// that the draft names.
func (s *Screen) SetImages(all []engine.Entry) tea.Cmd {
	s.store, s.storeTold = all, true
	var cmds []tea.Cmd
	for text, k := range s.images {
		if k.refused != nil {
			// Who is believed may have changed. While the screen is hidden a pod may be
			// reading the same file, which comes first.
			if !s.hidden {
				k.reading = true
				cmds = append(cmds, s.find(question{text, k.signature}))
			}
			continue
		}
		cmds = append(cmds, s.match(text, k))
	}
	s.refresh()
	return tea.Batch(append(cmds, s.resume())...)
}

// lookUp returns the work of finding the images that the draft names and that
// nobody has looked for yet. A file is read into the store, as running it
// would; what would have to be fetched waits for the run.
func (s *Screen) lookUp() tea.Cmd {
	var cmds []tea.Cmd
	for _, app := range s.draft.pod.Apps {
		q := question{app.Image, s.signature(app.Image)}
		if k := s.images[app.Image]; k != nil && k.signature == q.signature || app.Image == "" {
			continue
		}
		s.images[app.Image] = &known{reading: true, signature: q.signature}
		cmds = append(cmds, s.find(q))
	}
	return tea.Batch(cmds...)
}

// signature is the file with the signature of an image, "" if the pod names none.
func (s *Screen) signature(reference string) string {
	for _, app := range s.draft.pod.Apps {
		if app.Image == reference && app.Signature != "" {
			return app.Signature
		}
	}
	return ""
}

func (s *Screen) find(q question) tea.Cmd {
	return func() tea.Msg {
		ref, err := imageref.Parse(q.text, func(path string) bool {
			_, err := os.Stat(path)
			return err == nil
		})
		if err != nil || ref.Kind != imageref.Path {
			return imageNamed{q, ref, err == nil && s.isPinned(ref), err}
		}
		img, err := s.engine.Fetch(s.ctx, q.text, engine.FetchOptions{AllowUnsigned: true, Signature: q.signature}, nil)
		return imageRead{q, ref, img, err}
	}
}

// isPinned reports whether content was approved that a reference can mean: of a tag
// only the registry knows which that is.
func (s *Screen) isPinned(ref imageref.Ref) bool {
	if ref.Kind != imageref.Registry {
		return false
	}
	prefix := repository(ref) + "@" + ref.Registry.Digest
	t, err := s.engine.Trusted()
	return err == nil && slices.ContainsFunc(t.Pins, func(p engine.TrustedPin) bool { return strings.HasPrefix(p.Pin, prefix) })
}

func (s *Screen) takeNamed(m imageNamed) screen.Out {
	if !s.asks(m.question) {
		return screen.Out{}
	}
	k := &known{ref: m.ref, pinned: m.pinned, err: m.err, signature: m.signature}
	s.images[m.text] = k
	look := s.match(m.text, k)
	s.refresh()
	return s.goOn(look)
}

func (s *Screen) takeRead(m imageRead) screen.Out {
	if !s.asks(m.question) {
		return screen.Out{}
	}
	k := &known{ref: m.ref, image: m.image, found: m.err == nil, err: m.err, signature: m.signature}
	if errors.As(m.err, &k.refused) {
		k.err = nil
	}
	s.images[m.text] = k
	s.refresh()
	return s.goOn(tea.Batch(s.seePeople(), s.seePlaces(), s.foresee()))
}

// asks reports whether an answer is still waited for: another signature makes it
// another question.
func (s *Screen) asks(q question) bool {
	k := s.images[q.text]
	return k == nil || k.signature == q.signature
}

// match looks for an image by its name or hash in what the store has, and
// returns the work of looking at it.
func (s *Screen) match(text string, k *known) tea.Cmd {
	if k.ref.Kind != imageref.Hash && k.ref.Kind != imageref.Name && k.ref.Kind != imageref.Registry {
		return nil
	}
	fit := s.listed(k.ref)
	switch {
	case len(fit) == 1:
		return s.look(text, k, fit[0])
	case len(fit) > 1 || k.ref.Kind == imageref.Registry && k.ref.Registry.Digest != "" && len(s.store) > 0:
		k.reading = k.reading || !k.found
		return s.choose(question{text, k.signature})
	}
	k.entry, k.found, k.reading = engine.Entry{}, false, false
	return nil
}

// listed finds the images of the store that a reference means, as far as that can be
// told from their names.
func (s *Screen) listed(ref imageref.Ref) []engine.Entry {
	var fit []engine.Entry
	for i := range s.store {
		if means(ref, &s.store[i]) {
			fit = append(fit, s.store[i])
		}
	}
	return fit
}

// imageChosen is the answer which of the store's images a run would take.
type imageChosen struct {
	question
	id string // "": none of them
}

// choose returns the work of asking which image of the store a run would take: of
// several versions one is the latest, and by which digest one came is not in its name.
func (s *Screen) choose(q question) tea.Cmd {
	return func() tea.Msg {
		img, _ := s.engine.Fetch(s.ctx, q.text, engine.FetchOptions{SkipVerify: true, Stored: true, Pull: spec.PullNever}, nil)
		return imageChosen{q, img.ID}
	}
}

// takeChosen goes on with the image that was chosen, if the form was told of it.
func (s *Screen) takeChosen(m imageChosen) screen.Out {
	k := s.images[m.text]
	if k == nil || k.signature != m.signature {
		return screen.Out{}
	}
	i := slices.IndexFunc(s.store, func(e engine.Entry) bool { return e.ID == m.id })
	if i < 0 {
		k.entry, k.found, k.reading = engine.Entry{}, false, false
		s.refresh()
		return s.goOn(nil)
	}
	look := s.look(m.text, k, s.store[i])
	s.refresh()
	return s.goOn(look)
}

// look returns the work of reading an image of the store, if it is another than
// before, or verified now. Why one is not verified may have changed as well.
func (s *Screen) look(text string, k *known, entry engine.Entry) tea.Cmd {
	switch {
	case k.entry != entry:
		*k = known{ref: k.ref, pinned: k.pinned, signature: k.signature, entry: entry, reading: true}
	case !k.found || k.image.Verified != nil:
		return nil
	}
	return s.read(question{text, k.signature}, entry, entry.ID)
}

// read returns the work of reading an image of the store.
func (s *Screen) read(q question, entry engine.Entry, id string) tea.Cmd {
	return func() tea.Msg {
		m := imageLooked{question: q, entry: entry}
		if m.image, m.err = s.engine.Image(id); m.err == nil && m.image.Verified == nil {
			m.judge(s.ctx, s.engine)
		}
		return m
	}
}

// judge asks why nobody vouches for the image, or whether somebody does by the
// signature that was given. That one can't be read is a problem of the form's.
func (m *imageLooked) judge(ctx context.Context, e Engine) {
	image, err := stages.Doubts(ctx, e, m.image.ID, m.signature)
	m.doubt = stages.DoubtOf(err, m.image.ID)
	switch {
	case err == nil:
		m.image = image
	case m.doubt == nil && m.signature != "":
		m.err = err
	}
}

// takeLooked takes the answer about an image, if it is still the one that is
// meant.
func (s *Screen) takeLooked(m imageLooked) screen.Out {
	if k := s.images[m.text]; k != nil && k.signature == m.signature && k.entry == m.entry {
		k.image, k.doubt, k.err, k.found, k.reading = m.image, m.doubt, m.err, m.err == nil, false
		s.refresh()
	}
	return s.goOn(tea.Batch(s.seePeople(), s.seePlaces(), s.foresee()))
}

// means reports whether an image is what a reference means. Of a registry's
// repository that is what was fetched from it under that tag.
func means(ref imageref.Ref, img *engine.Entry) bool {
	switch ref.Kind {
	case imageref.Hash:
		return strings.HasPrefix(img.ID, "sha512-"+ref.Hash)
	case imageref.Registry:
		r := ref.Registry
		return r.Digest == "" && img.Name == r.ImageName() && img.Version() == r.Tag
	}
	if ref.Name.Name != img.Name {
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
func (s *Screen) of(i int) known { return s.known(s.draft.pod.Apps[i].Image) }

func (s *Screen) known(reference string) known {
	if k := s.images[reference]; k != nil {
		return *k
	}
	return known{reading: true}
}

// manifest is the image of app i as package spec wants it.
func (s *Screen) manifest(i int) spec.Image { return s.of(i).manifest() }

func (k known) manifest() spec.Image {
	if k.found {
		return spec.Image{Manifest: k.image.Manifest}
	}
	return spec.Image{}
}

// manifests are those of all apps' images.
func (s *Screen) manifests() []spec.Image {
	images := make([]spec.Image, len(s.draft.pod.Apps))
	for i := range images {
		images[i] = s.manifest(i)
	}
	return images
}

// reference names an image so that the store finds exactly it: by its name and
// version if no other has them, else by its ID. One that has just come may not be
// among those that the form has been told of.
func (s *Screen) reference(img engine.Entry) string {
	name := img.Name
	if v := img.Version(); v != "" {
		name += ":" + v
	}
	if parsed, err := imageref.Parse(name, nil); err == nil && parsed.Kind == imageref.Name && means(parsed, &img) {
		another := func(e engine.Entry) bool { return e.ID != img.ID && means(parsed, &e) }
		if !slices.ContainsFunc(s.store, another) {
			return name
		}
	}
	return img.ID[:min(len(img.ID), len("sha512-")+32)]
}

// remember keeps an image that was chosen on the screen of images, so that it
// need not be looked for, and returns the work of reading it.
func (s *Screen) remember(text string, img engine.Entry) tea.Cmd {
	k := s.images[text]
	if k == nil {
		k = &known{}
		s.images[text] = k
	}
	if k.ref, k.err = imageref.Parse(text, nil); k.err != nil {
		return nil
	}
	return s.look(text, k, img)
}
