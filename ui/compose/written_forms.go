package compose

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/appc/spec/schema"
	"github.com/appc/spec/schema/types"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/spec/export"
	"github.com/podtui/podtui/ui/stages"
)

// forms are all words in which the pod can be written. But for the command line they
// need a pod without problems: of another nobody knows what it is.
func (s *Screen) forms() []form {
	pod, images := s.outward(), s.resolvable()
	words, seen := s.words(pod), s.words(s.covered(pod))
	line := form{name: "command line", what: "the command line", use: "the same pod, without a screen", suffix: ".sh", words: words, seen: seen, body: spec.Quote(words), notes: s.lineNotes(), secret: hasValues(pod)}
	line.cover(spec.Quote(seen))
	manifest := form{name: "pod manifest", what: "the pod manifest", use: "appc's pod, which podtui run --pod-manifest=FILE takes", suffix: ".json"}
	kubernetes := form{name: "Kubernetes", what: "the Pod for Kubernetes", use: "a v1 Pod, which kubectl apply -f FILE takes", suffix: ".yaml"}
	unit := form{name: "systemd", what: "the unit", use: "a service that runs the pod with podtui", suffix: ".service"}
	if why := s.unwritable(); why != "" {
		manifest.notes, kubernetes.notes, unit.notes = []string{why}, []string{why}, []string{why}
		return []form{line, manifest, kubernetes, unit}
	}
	around := s.around()
	around.EnvFile = slices.Concat(around.EnvFile, s.filing.vars)
	resolved, _ := pod.Resolve(images, around)
	s.write(&manifest, pod, images, around)
	yaml, _, err := export.Kubernetes(pod, resolved, images)
	kubernetes.take(yaml, err)
	if yaml, _, err = export.Kubernetes(s.covered(pod), s.coveredApps(resolved), images); err == nil {
		kubernetes.cover(string(yaml))
	}
	text, _ := export.SystemdUnit(pod, words)
	unit.take(text, nil)
	text, _ = export.SystemdUnit(s.covered(pod), seen)
	unit.cover(string(text))
	manifest.secret, kubernetes.secret = givesValues(resolved, true), givesValues(resolved, false)
	unit.secret = line.secret
	return []form{line, manifest, kubernetes, unit}
}

// coveredApps are apps as their variables are shown.
func (s *Screen) coveredApps(r spec.Resolved) spec.Resolved {
	r.Apps = slices.Clone(r.Apps)
	for i := range r.Apps {
		env := slices.Clone(r.Apps[i].Env)
		for j, v := range env {
			if s.covers(v.Name, v.Value) {
				env[j].Value = dots
			}
		}
		r.Apps[i].Env = env
	}
	return r
}

// unwritable says why nothing but a command line can be written yet, or "".
func (s *Screen) unwritable() string {
	pod := &s.draft.pod
	switch {
	case len(pod.Apps) == 0:
		return "the pod has no app yet"
	case len(pod.Check()) > 0:
		return "first mend what is wrong: " + pod.Check()[0].Message
	case len(s.resolveProblems()) > 0:
		return "first mend what is wrong: " + s.resolveProblems()[0].Message
	case !slices.Equal(s.host.of.EnvFiles, pod.EnvFiles):
		return "the files of variables have yet to be read"
	}
	return ""
}

// take takes what was written.
func (f *form) take(body []byte, err error) {
	if err != nil {
		f.notes = []string{err.Error()}
		return
	}
	f.body = string(body)
}

// write writes the pod manifest, which JSON has no comments for: what it doesn't say
// stands above it.
func (s *Screen) write(f *form, pod spec.Pod, images []spec.Image, around spec.Surroundings) {
	for i, image := range images {
		if image.Manifest == nil {
			f.notes = []string{"a pod manifest has images by their IDs, and " + pod.Apps[i].Image + " is not here: fetch it first"}
			return
		}
	}
	m, err := pod.Manifest(images, around)
	if err != nil {
		f.take(nil, err)
		return
	}
	body, err := indented(m)
	if f.take(body, err); err != nil {
		return
	}
	if unsaid := pod.ManifestUnsaid(images, around); len(unsaid) > 0 {
		f.notes = append([]string{"A pod manifest has no words for:"}, unsaid...)
	}
	for _, app := range m.Apps {
		for i, v := range app.App.Environment {
			if s.covers(v.Name, v.Value) {
				app.App.Environment[i].Value = dots
			}
		}
	}
	if shown, err := indented(m); err == nil {
		f.cover(string(shown))
	}
}

// indented is a manifest as people read it.
func indented(m *schema.PodManifest) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(m)
	return b.Bytes(), err
}

// resolvable are the images with their IDs, as manifests have them.
func (s *Screen) resolvable() []spec.Image {
	images := make([]spec.Image, len(s.draft.pod.Apps))
	for i := range images {
		k := s.of(i)
		if !k.found {
			continue
		}
		if id, err := types.NewHash(k.image.ID); err == nil {
			images[i] = spec.Image{ID: *id, Manifest: k.image.Manifest}
		}
	}
	return images
}

// lineNotes tell of a flag in the line what it means, and what does without.
func (s *Screen) lineNotes() []string {
	var notes []string
	if s.lax() {
		notes = append(notes, stages.SkipsImages+" lets every image of the line run, even one with a bad signature.")
		notes = append(notes, s.without()...)
	}
	if s.draft.pod.ManifestFile == "-" {
		notes = append(notes, "The pod manifest goes to the standard input of this line.")
	}
	return notes
}

// hasValues reports whether values of variables stand in the pod's line.
func hasValues(pod spec.Pod) bool {
	return len(pod.Env) > 0 || slices.ContainsFunc(pod.Apps, func(a spec.App) bool { return len(a.Env) > 0 })
}

// givesValues reports whether a resolved pod has values of variables that are no image's:
// those of files too, or without them.
func givesValues(r spec.Resolved, files bool) bool {
	return slices.ContainsFunc(r.Apps, func(e spec.Effective) bool {
		return slices.ContainsFunc(e.Env, func(v spec.EnvVar) bool {
			return slices.Contains([]spec.Origin{spec.FromParent, spec.FromPod, spec.FromApp, spec.FromPodManifest}, v.From) || files && v.From == spec.FromFile
		})
	})
}
