package compose

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/dialog"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/stages"
)

// doubtful is an image of the draft that nobody vouches for.
type doubtful struct {
	key       string // its ID and the kind of doubt, or its reference if those are not known yet
	id        string
	reference string
	name      string
	pin       string        // what approves exactly its content; "": that is not known yet, or would not do
	why       *stages.Doubt // nil: it carries no signature
	lax       bool          // no signature was asked for when it came
}

// doubtful tells whether nobody vouches for the image of app i. Of one that is to
// be fetched only that is known that a registry has no signatures: whether another
// is verified comes out on its way.
func (s *Screen) doubtful(i int) (doubtful, bool) {
	reference := s.draft.pod.Apps[i].Image
	switch k := s.of(i); {
	case k.found && k.image.Verified == nil:
		d := doubtful{key: k.image.ID + " " + k.doubt.Mark(), id: k.image.ID, reference: reference, name: title(k.image), why: k.doubt,
			lax: slices.Contains(k.image.Insecure, "image")}
		if k.doubt.Approvable() {
			d.pin = d.id
		}
		return d, true
	case k.elsewhere() && k.ref.Kind == imageref.Registry && !k.pinned:
		d := doubtful{key: reference, reference: reference, name: reference}
		if k.ref.Registry.Digest != "" {
			d.pin = repository(k.ref) + "@" + k.ref.Registry.Digest
		}
		return d, true
	case k.elsewhere() && s.consent[reference]: // as it was seen on the way
		return doubtful{key: reference, reference: reference, name: reference}, true
	}
	return doubtful{}, false
}

// repository is what the approvals of a registry's image begin with.
func repository(ref imageref.Ref) string {
	return "docker://" + ref.Registry.Host + "/" + ref.Registry.Repo
}

// allowed reports whether the user let an image run: this one, and not another that
// has come by the same name since.
func (s *Screen) allowed(d doubtful) bool { return s.consent[d.key] }

// unasked are the images that nobody vouches for and that the user was not asked
// about.
func (s *Screen) unasked() []doubtful {
	if s.options.AllowUnverified {
		return nil
	}
	return slices.DeleteFunc(s.doubts(), s.allowed)
}

// consented are the images that run though nobody vouches for them, those that apps'
// images depend on included: their references and, of those that are here, the IDs
// that they must have.
func (s *Screen) consented() map[string]string {
	all := make(map[string]string)
	for reference := range s.beyond {
		all[reference] = ""
	}
	for i := range s.draft.pod.Apps {
		if d, ok := s.doubtful(i); ok && s.allowed(d) {
			all[d.reference] = d.id
			if d.why != nil && !d.why.Own {
				all[d.why.Of] = ""
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// doubts are the images of the draft that nobody vouches for.
func (s *Screen) doubts() []doubtful {
	var all []doubtful
	for i := range s.draft.pod.Apps {
		d, ok := s.doubtful(i)
		if ok && !slices.ContainsFunc(all, func(o doubtful) bool { return o.key == d.key }) {
			all = append(all, d)
		}
	}
	return all
}

// Allow says that an image may run though nobody vouches for it: one of an app, or one
// that such an image depends on.
func (s *Screen) Allow(reference string) {
	s.consent[reference] = true
	if !slices.ContainsFunc(s.draft.pod.Apps, func(a spec.App) bool { return a.Image == reference }) {
		s.beyond[reference] = true
	}
	s.refresh()
}

// consentAnswer is the user's yes to running images that nobody vouches for, this
// once or because of what exactly they are.
type consentAnswer struct {
	images  []doubtful
	approve bool
}

func (s *Screen) askConsent(all []doubtful) screen.Out {
	names, pinned := make([]string, len(all)), true
	for i, d := range all {
		names[i] = d.name
		pinned = pinned && d.pin != ""
	}
	var body []string
	if len(names) > 3 {
		body = append(body, "They are "+strings.Join(names, ", ")+".")
		names = []string{fmt.Sprintf("%d images", len(names))}
	}
	d := dialog.NewConfirm(s.env.Now(), "Run "+strings.Join(names, " and ")+" without verification?", "run anyway", consentAnswer{images: all}, append(body, reasons(all)...)...)
	d.Body = append(d.Body, "You are asked once for each image. The command line has "+stages.SkipsImages+", for every image in it.")
	if pinned {
		d.Also, d.Else = dialog.ApproveContent, consentAnswer{all, true}
		d.Body = append(d.Body, dialog.ApprovedContent)
	}
	return screen.Say(screen.Ask{Dialog: d})
}

// reasons tell why nobody vouches for images. What is known to speak against one
// comes first, and is said of each.
func reasons(all []doubtful) []string {
	var known []string
	for _, d := range all {
		switch {
		case d.why.Plain():
		case len(all) == 1:
			known = append(known, d.why.Text+".")
		default:
			known = append(known, d.name+": "+d.why.Text+".")
		}
	}
	switch {
	case len(known) == len(all):
		return known
	case len(all) == 1 && all[0].lax:
		return []string{"No signature was asked for when it came: nothing says who made it, nor that it is unchanged."}
	case len(all) == 1:
		return []string{"No signature says who made it, nor that it is unchanged."}
	case len(known) == 0:
		return []string{"No signature says who made them, nor that they are unchanged."}
	}
	return append(known, "No signature says who made the others, nor that they are unchanged.")
}

func (s *Screen) runWithConsent(a consentAnswer) screen.Out {
	if !a.approve {
		for _, d := range a.images {
			s.consent[d.key] = true
		}
		return s.start()
	}
	s.waiting = true
	for _, k := range s.ofDoubtful(a.images) {
		k.reading = true
	}
	s.refresh()
	return screen.Do(func() tea.Msg {
		for _, d := range a.images {
			if _, err := s.engine.Approve(d.pin, d.name); err != nil {
				return approved{a.images, err}
			}
		}
		return approved{a.images, nil}
	})
}

// ofDoubtful is what is known of images, by the references that mean them.
func (s *Screen) ofDoubtful(images []doubtful) map[string]*known {
	all := map[string]*known{}
	for text, k := range s.images {
		if slices.ContainsFunc(images, func(d doubtful) bool { return k.found && k.image.ID == d.id || text == d.reference }) {
			all[text] = k
		}
	}
	return all
}

// approved is how approving the content of images went.
type approved struct {
	images []doubtful
	err    error
}

// takeApproved looks at the images again, and then the pod runs, if nobody has done
// something else meanwhile: that they are vouched for now is only known from there.
func (s *Screen) takeApproved(m approved) screen.Out {
	var work tea.Cmd
	for text, k := range s.ofDoubtful(m.images) {
		switch {
		case m.err == nil && k.found:
			work = tea.Batch(work, s.read(question{text, k.signature}, k.entry, k.image.ID))
		default:
			k.reading, k.pinned = false, m.err == nil
		}
	}
	s.refresh()
	if m.err != nil {
		s.waiting = false
		return screen.Say(screen.Notice{Text: m.err.Error(), Wrong: true})
	}
	out := s.goOn(work)
	if out.Wish == nil {
		out.Wish = screen.Believed{}
	}
	return out
}
