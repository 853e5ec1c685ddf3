// Package compose is the screen where a pod is put together: its apps at the
// left, the fields of one of them at the right, each with what the image says
// beside what is yours, and below them the command line that runs the same pod.
//
// The screen edits a spec.Pod and nothing else. What is wrong with one and what
// its apps will effectively run with is decided by package spec, here as in
// batch.
package compose

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/keymap"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/field"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/secrets"
)

// Engine is what the screen needs of it.
type Engine interface {
	Image(id string) (engine.Image, error)
	Fetch(ctx context.Context, reference string, o engine.FetchOptions, sink event.Sink) (engine.Image, error)
	Trusted() (engine.Trusted, error)
	Approve(pin, note string) (engine.TrustChange, error)
	People(id string) (engine.People, error)
	HasFolder(id, path string) (bool, error)
	Foresee(ctx context.Context, pod spec.Pod) engine.Foreseen
	MakeFolder(path string) error
	NetworkChoices() engine.NetworkChoices
	ForeseePorts(pod spec.Pod, images []spec.Image) []spec.Problem
	FreePorts(wanted []spec.Published) []int
}

// Options are facts that the screen can't find out.
type Options struct {
	Command         []string        // how podtui was called: "podtui", "--dir=…"
	AllowUnverified bool            // --insecure-skip-verify was given
	Environ         []string        // of podtui's caller, which InheritEnv hands on
	Relax           engine.Relax    // --insecure-options: what apps are left without, whatever the form says
	Secrets         *secrets.Folder // where values are kept that no command line should show; nil: nowhere
}

// Wishes of the screen.
type (
	// Run is the wish to run a pod.
	Run struct {
		Pod        spec.Pod
		Apps       []string          // what its apps are called
		Images     map[string]string // what to call the images, by reference
		Unverified map[string]string // images that may run though nobody vouches for them, by reference, with their IDs if they are here
		SkipVerify bool              // all may
	}
	// AddApp is the wish to choose an image.
	AddApp struct{}
)

// Screen is the Compose screen.
type Screen struct {
	env     *screen.Env
	engine  Engine
	ctx     context.Context
	options Options

	draft   draft
	changes int           // counts what may have changed the draft
	half    *drafts.Typed // a field that is opened again, with what was typed into it, once it is there
	started spec.Pod      // as it was run last, or came in: nothing is lost if it is left
	came    []spec.Pod    // as they came in, the latest last: the apps of a pod manifest stay so

	store     []engine.Entry    // all that the store has
	storeTold bool              // and that it was told
	images    map[string]*known // by reference

	at       section
	right    bool // the fields have the focus, not the list of apps
	cursor   int  // in rows
	rows     []row
	offset   int // rows of the screen scrolled away
	stood    int // offset, as nothing was being edited
	opened   int // how many fields, the one under the cursor first, were unfolded with the last key
	width    int // of the screen, as it was drawn last
	drawn    drawn
	problems []problem
	counted  map[section]int        // fields that say something else than their image, as far as somebody asked
	shown    map[string]bool        // fields that are in sight though they could be folded away, by key
	earlier  map[string]spec.Volume // what volumes were before they became of another kind, by name and kind
	host     host                   // what a look at it said
	people   map[string]*people     // whom an image knows, by its ID
	places   map[place]bool         // whether an image has a folder there
	editing  *editing
	written  *written   // the pod in other words, if those are looked at
	path     field.Path // reads folders for fields that hold a path

	filing filing      // which variables have their values in a file of their own
	files  secretFiles // such files
	bare   bool        // secrets are shown

	stored found // images that a reference which is typed could mean

	connected connected // what the pod had of networks before it was given the host's
	seeking   bool      // a problem with the network, which led here, as soon as it is seen

	hidden  bool            // another screen is looked at
	waiting bool            // to run, for an image that is still being read
	consent map[string]bool // unverified images that the user let run, by ID or, before it is known, by reference
	beyond  map[string]bool // what those of apps depend on and may run so, by reference
}

// New returns the screen with a pod in it.
func New(ctx context.Context, env *screen.Env, engine Engine, pod spec.Pod, o Options) *Screen {
	s := &Screen{
		env: env, engine: engine, ctx: ctx, options: o,
		draft: draft{moment: moment{pod: clone(pod)}}, started: clone(pod), came: []spec.Pod{clone(pod)},
		images: map[string]*known{}, people: map[string]*people{}, places: map[place]bool{}, earlier: map[string]spec.Volume{}, shown: map[string]bool{},
		consent: map[string]bool{}, beyond: map[string]bool{},
	}
	s.path.Absolute = true // a volume's source has to be
	s.refresh()
	s.stay("exec")
	return s
}

// Init returns the work of getting to know what the pod names.
func (s *Screen) Init() tea.Cmd { return s.follow() }

// Pod is the draft.
func (s *Screen) Pod() spec.Pod { return clone(s.draft.pod) }

// Typing reports whether letters go into a field.
func (s *Screen) Typing() bool { return s.editing != nil }

// Add adds an app for each image, and shows the first of them.
func (s *Screen) Add(images []engine.Entry) tea.Cmd {
	first := len(s.draft.pod.Apps)
	var looks []tea.Cmd
	s.draft.change(func(p *spec.Pod) {
		for _, img := range images {
			text := s.reference(img)
			looks = append(looks, s.remember(text, img))
			p.Apps = append(p.Apps, spec.App{Image: text, Name: s.freeName(p, img.Name)})
		}
	})
	s.open(section{app: first}, false)
	return tea.Batch(append(looks, s.follow())...)
}

// AddReference adds an app whose image may have to be fetched. What was chosen
// stays as it is: running fetches it.
func (s *Screen) AddReference(reference string) tea.Cmd {
	at := len(s.draft.pod.Apps)
	s.draft.change(func(p *spec.Pod) { s.addReference(p, reference) })
	s.open(section{app: at}, false)
	return s.follow()
}

func (s *Screen) addReference(p *spec.Pod, reference string) {
	ref, _ := imageref.Parse(reference, nil) // what is wrong with it is said at its field
	p.Apps = append(p.Apps, spec.App{Image: reference, Name: s.freeName(p, imageName(ref, reference))})
}

// Update takes a message.
func (s *Screen) Update(msg tea.Msg) screen.Out {
	if s.half != nil {
		return s.resuming(msg)
	}
	switch msg := msg.(type) {
	case field.Listing:
		return screen.Say(screen.Typed(s.path.Take(msg)))
	case imageNamed:
		return s.takeNamed(msg)
	case imageRead:
		return s.takeRead(msg)
	case imageChosen:
		return s.takeChosen(msg)
	case imageLooked:
		return s.takeLooked(msg)
	case foreseen:
		s.takeForeseen(msg)
	case paused:
		return screen.Do(s.lookAfter(msg))
	case peopleRead:
		s.takePeople(msg)
	case placeLooked:
		s.takePlace(msg)
	case makeAnswer:
		return screen.Do(s.makeFolder(msg))
	case folderMade:
		return s.takeMade(msg)
	case secretsWritten:
		return s.takeWritten(msg)
	case secretsRead:
		return s.takeSecrets(msg)
	case consentAnswer:
		return s.runWithConsent(msg)
	case approved:
		return s.takeApproved(msg)
	case pasted:
		return s.replacePasted(msg)
	case manifestRead:
		return s.takeManifestRead(msg)
	case saving:
		return s.save(msg)
	case formSaved:
		return s.takeSaved(msg)
	case tea.PasteMsg:
		return s.paste(msg.Content)
	case screen.Click:
		return s.click(msg)
	case screen.Wheel:
		return s.wheel(msg)
	case tea.KeyPressMsg:
		s.waiting, s.opened = false, 0
		if s.written != nil {
			return s.writtenKey(msg)
		}
		if s.editing != nil {
			return s.editKey(msg)
		}
		return s.act(s.env.Keys.Action(msg, keymap.Compose, keymap.List, keymap.Everywhere))
	}
	return screen.Out{}
}

// refresh works out everything that follows from the draft.
func (s *Screen) refresh() {
	s.changes++
	s.counted = nil
	s.at = s.at.within(&s.draft.pod)
	s.filing = s.filed()
	s.problems = s.check()
	s.order(s.problems)
	if s.written != nil {
		s.written.forms = s.forms()
	}
	if s.editing == nil {
		s.rows = s.build(s.at)
		s.moveTo(s.cursor)
	}
}

// follow does what has to follow a change of the draft: refresh, and the work
// of looking at what is new in it.
func (s *Screen) follow() tea.Cmd {
	look := tea.Batch(s.lookUp(), s.openSecrets())
	s.refresh()
	return tea.Batch(look, s.foresee(), s.seePeople(), s.seePlaces())
}
