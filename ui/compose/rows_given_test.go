package compose

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/appc/spec/schema/types"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
)

// confinedImage says how its app is to be kept apart.
func confinedImage(t *testing.T) engine.Image {
	t.Helper()
	var app types.App
	err := json.Unmarshal([]byte(`{"exec": ["/x"], "user": "0", "group": "0", "supplementaryGIDs": [50],
		"eventHandlers": [{"name": "pre-start", "exec": ["/prepare", "all of it"]}],
		"isolators": [{"name": "resource/memory", "value": {"limit": "64Mi"}}, {"name": "resource/network-bandwidth", "value": {"default": true, "limit": "1G"}},
			{"name": "os/linux/capabilities-retain-set", "value": {"set": ["CAP_KILL"]}}]}`), &app)
	if err != nil {
		t.Fatal(err)
	}
	image := enginetest.ScriptedImage("example.com/img", "1.0", "9f", &app)
	image.Manifest.Annotations = types.Annotations{{Name: "owner", Value: "the image"}}
	return image
}

func imaged(t *testing.T, pod spec.Pod, o Options) *Screen {
	t.Helper()
	s := filled(t, pod)
	s.options.Relax = o.Relax
	s.images["img"] = &known{found: true, image: confinedImage(t)}
	s.refresh()
	s.open(section{app: 0}, true)
	return s
}

func rowOf(s *Screen, key string) row {
	i := slices.IndexFunc(s.rows, func(r row) bool { return r.key == key })
	if i < 0 {
		return row{}
	}
	return s.rows[i]
}

// What an image says stands in the form unasked, with where it comes from; what is
// one's own stands before it, with what the image says beside it.
func TestWhatTheImageSaysIsInSight(t *testing.T) {
	t.Parallel()
	app := spec.App{Image: "img"}
	own := spec.App{Image: "img", Memory: "32Mi", CapsRemove: []string{"CAP_CHOWN"}, SupplementaryGIDs: []int{7},
		Annotations: []spec.Var{{Name: "owner", Value: "me"}, {Name: "other", Value: "x"}}}
	for name, c := range map[string]struct {
		app              spec.App
		key, value, note string
		alert            string
		relax            engine.Relax
	}{
		"memory":            {app, "apps[0].memory", "64Mi", "image, 67.1 MB", "", engine.Relax{}},
		"my memory":         {own, "apps[0].memory", "32Mi", "yours, 33.6 MB, image 64Mi", "", engine.Relax{}},
		"capabilities":      {app, "apps[0].capsRetain", "kill", "image", "", engine.Relax{}},
		"my capabilities":   {own, "apps[0].capsRemove", "CAP_CHOWN", "yours, image kill", "", engine.Relax{}},
		"all capabilities":  {app, "apps[0].capsRetain", "kill", "image", "! off: --insecure-options", engine.Relax{Capabilities: true}},
		"any call":          {app, "apps[0].seccomp", "default", "default: docker's profile", "! off: --insecure-options", engine.Relax{Seccomp: true}},
		"groups":            {app, "apps[0].supplementaryGIDs", "50", "image", "", engine.Relax{}},
		"my groups":         {own, "apps[0].supplementaryGIDs", "7", "yours, image 50", "", engine.Relax{}},
		"an annotation":     {own, "apps[0].annotations[0]", "owner=me", `yours, image "the image"`, "", engine.Relax{}},
		"one more":          {own, "apps[0].annotations[1]", "other=x", "yours", "", engine.Relax{}},
		"an event's":        {app, "pre-start", "/prepare 'all of it'", "image", "", engine.Relax{}},
		"what is ignored":   {app, "ignored resource/network-bandwidth", "resource/network-bandwidth", "", "! not enforced", engine.Relax{}},
		"what nobody wants": {app, "apps[0].pids", "", "", "", engine.Relax{}},
	} {
		s := imaged(t, spec.Pod{Apps: []spec.App{c.app}}, Options{Relax: c.relax})
		if r := rowOf(s, c.key); r.value != c.value || r.note != c.note || r.alert != c.alert {
			t.Errorf("%s: %q, %q, %q", name, r.value, r.note, r.alert)
		}
	}
}

// An image that gives its app more than the default is not let pass as any other.
func TestWhatTheImageWidensStandsOut(t *testing.T) {
	t.Parallel()
	s := filled(t, spec.Pod{Apps: []spec.App{{Image: "img"}}})
	image := confinedImage(t)
	if err := json.Unmarshal([]byte(`{"exec": ["/x"], "user": "0", "group": "0", "isolators": [{"name": "os/linux/oom-score-adj", "value": -500},
		{"name": "os/linux/capabilities-retain-set", "value": {"set": ["CAP_KILL", "CAP_SYS_ADMIN"]}},
		{"name": "os/linux/seccomp-retain-set", "value": {"set": ["@appc.io/all"]}}]}`), image.Manifest.App); err != nil {
		t.Fatal(err)
	}
	s.images["img"] = &known{found: true, image: image}
	s.refresh()
	s.open(section{app: 0}, true)
	for key, want := range map[string]string{
		"apps[0].capsRetain":  "! image, more than the default: sys_admin",
		"apps[0].seccomp":     "! image, more than the default: every system call",
		"apps[0].oomScoreAdj": "! image, more than the default: oom score -500",
	} {
		if r := rowOf(s, key); r.alert != want || r.own {
			t.Errorf("%s: %q, want %q", key, r.alert, want)
		}
	}
}

func TestFilesOfVariablesAreReadForTheForm(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "vars")
	if err := os.WriteFile(file, []byte("FROM=file\nBOTH=file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	pod := spec.Pod{EnvFiles: []string{file}, Apps: []spec.App{{Image: "img", Env: []spec.Var{{Name: "BOTH", Value: "mine"}}}}}
	s := imaged(t, pod, Options{})
	s.Update(s.foresee()())
	if r := rowOf(s, "env:BOTH"); r.note != `yours, file "file"` {
		t.Errorf("a variable over the file's: %+v", r)
	}
	if r := rowOf(s, "env file"); r.value != "and 1 of files" || r.note != "file" {
		t.Errorf("what the file alone says: %+v", r)
	}
	s.stay("env file")
	press(s, "enter")
	if r := s.current(); r.value != "FROM=file" || r.note != "file" {
		t.Errorf("opened: %+v", r)
	}

	s.draft.change(func(p *spec.Pod) { p.EnvFiles = []string{file + "-none"} })
	s.refresh()
	if r := rowOf(s, "env:FROM"); r.value != "" {
		t.Errorf("another file says %q", r.value)
	}
	s.Update(s.foresee()())
	if !strings.Contains(s.Problem(), file+"-none") {
		t.Errorf("a file that is not there: %q", s.Problem())
	}
}

// Of a pod that came from a manifest its line can say only what flags can; the rest
// is shown as it is.
func TestAppsOfAPodManifestAreShownAndNotChanged(t *testing.T) {
	t.Parallel()
	s := imaged(t, spec.Pod{ManifestFile: "/pod.json", Apps: []spec.App{{Image: "img", Memory: "32Mi"}}}, Options{})
	line := s.Line()
	for i, r := range s.rows {
		if r.edit != nil || r.toggle != nil || r.reset != nil || r.remove != nil {
			t.Errorf("%s can be changed", r.label)
		}
		s.cursor = i
		press(s, "enter", "space", "backspace", "x")
	}
	if s.Line() != line || s.Unsaved() || len(s.problems) > 0 {
		t.Errorf("changed: %s %v", s.Line(), s.problems)
	}
	find(s, "hostname")
	press(s, typed("web")...)
	if !strings.HasSuffix(s.Line(), "--pod-manifest=/pod.json --hostname=web") || len(s.problems) > 0 {
		t.Errorf("named: %s %v", s.Line(), s.problems)
	}
	s.AddReference("other")
	if !strings.Contains(s.Problem(), "/pod.json says which apps run") {
		t.Errorf("with one app more: %q", s.Problem())
	}
}
