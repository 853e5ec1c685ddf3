package compose

import (
	"encoding/json"
	"maps"
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
	if r := rowOf(s, "env file"); r.value != "and 1 of files" || r.note != "file vars" {
		t.Errorf("what the file alone says: %+v", r)
	}
	s.stay("env file")
	press(s, "enter")
	if r := s.current(); r.value != "FROM=file" || r.note != "file vars" {
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
	for _, keys := range [][]string{{"a"}, {"x"}, {"J"}, {"K"}} {
		s.open(section{app: 0}, false)
		line = s.Line()
		if press(s, keys...); s.Line() != line || len(s.problems) > 0 {
			t.Errorf("%q: %s %v", keys, s.Line(), s.problems)
		}
	}
	s.AddReference("other")
	if !strings.Contains(s.Problem(), "/pod.json says which apps run") {
		t.Errorf("with one app more: %q", s.Problem())
	}
	if press(s, "!"); s.current().key != "manifestFile" {
		t.Errorf("! leads to %+v", s.current())
	}
}

// Volumes of a pod manifest can be changed by a flag of their name, and by no other.
func TestVolumesOfAPodManifestKeepTheirNames(t *testing.T) {
	t.Parallel()
	s := imaged(t, spec.Pod{ManifestFile: "/pod.json", Apps: []spec.App{{Image: "img"}},
		Volumes: []spec.Volume{{Name: "theirs", Kind: spec.HostVolume, Source: "/usr"}}}, Options{})
	find(s, "volumes[0].name")
	before := s.Line()
	press(s, "x", "enter", "s", "enter", "esc")
	if s.editing != nil || s.Line() != before {
		t.Errorf("changed: %s", s.Line())
	}
	find(s, "volumes[0].source")
	press(s, "enter")
	s.path.Set("")
	press(s, "/", "e", "t", "c", "enter")
	s.draft.change(func(p *spec.Pod) {
		p.Volumes = append(p.Volumes, spec.Volume{Name: "mine", Kind: spec.EmptyVolume})
	})
	s.refresh()
	if !strings.HasSuffix(s.Line(), "--volume=theirs,kind=host,source=/etc --volume=mine,kind=empty") {
		t.Errorf("with one of mine: %s", s.Line())
	}
	find(s, "volumes[1].name")
	if press(s, "x"); strings.Contains(s.Line(), "mine") {
		t.Errorf("still there: %s", s.Line())
	}
}

// What a pod manifest says of an app is told to be its word, with the image's beside it.
func TestWhatAPodManifestSaysIsSaidToBeItsOwn(t *testing.T) {
	t.Parallel()
	says := `{"exec": ["/y"], "user": "7", "group": "0", "supplementaryGIDs": [9], "workingDirectory": "/w",
		"eventHandlers": [{"name": "post-stop", "exec": ["/tidy"]}],
		"isolators": [{"name": "resource/memory", "value": {"limit": "32Mi"}}, {"name": "os/linux/capabilities-retain-set", "value": {"set": ["CAP_CHOWN"]}}]}`
	on := true
	s := imaged(t, spec.Pod{ManifestFile: "/pod.json", Apps: []spec.App{{Image: "img", Name: "one", Says: []byte(says), ReadOnlyRoot: &on, Restart: "always",
		Annotations: []spec.Var{{Name: "owner", Value: "me"}}}}}, Options{})
	for key, want := range map[string]string{
		"apps[0].name":              "manifest, image img",
		"exec":                      "manifest, image /x",
		"apps[0].user":              "manifest, image 0",
		"apps[0].workingDir":        "manifest",
		"apps[0].supplementaryGIDs": "manifest, image 50",
		"apps[0].memory":            "manifest, 33.6 MB, image 64Mi",
		"apps[0].capsRetain":        "manifest, image kill",
		"apps[0].readOnlyRoot":      "manifest, it writes to volumes only",
		"apps[0].restart":           "manifest, however it ends",
		"apps[0].annotations[0]":    `manifest, image "the image"`,
		"post-stop":                 "manifest",
	} {
		if r := rowOf(s, key); r.note != want {
			t.Errorf("%s: %q, %q", key, r.value, r.note)
		}
	}
}

// What a pod manifest says of all apps together, and what no flag has, is in sight.
func TestLimitsThatNoFlagHasAreInSight(t *testing.T) {
	t.Parallel()
	s := imaged(t, spec.Pod{ManifestFile: "/pod.json", Apps: []spec.App{{Image: "img", Says: []byte(`{"exec": ["/y"], "user": "0", "group": "0",
		"isolators": [{"name": "resource/block-bandwidth", "value": {"default": true, "limit": "2M"}}]}`)}},
		Isolators: []byte(`[{"name": "resource/memory", "value": {"limit": "64Mi"}}, {"name": "resource/cpu", "value": {"limit": "500m"}},
			{"name": "os/unix/sysctl", "value": {"kernel.msgmax": "99"}}, {"name": "os/linux/oom-score-adj", "value": 5}]`)}, Options{})
	if len(s.problems) > 0 {
		t.Fatalf("%v", s.problems)
	}
	if r := rowOf(s, "blockBandwidth"); r.value != "2M" || r.note != "manifest, bytes a second of each device" {
		t.Errorf("disk: %q, %q", r.value, r.note)
	}
	s.open(section{kind: podSection}, true)
	for key, want := range map[string]string{"all memory": "67.1 MB", "all cpu": "half a core", "all sysctl": "kernel.msgmax=99", "ignored os/linux/oom-score-adj": "os/linux/oom-score-adj"} {
		if r := rowOf(s, key); r.value != want || r.note+r.alert == "" {
			t.Errorf("%s: %q, %q", key, r.value, r.note)
		}
	}
	s.draft.pod.Isolators = []byte(`[{"name": "os/unix/sysctl", "value": {"vm.swappiness": "1"}}]`)
	s.refresh()
	if press(s, "!"); len(s.problems) == 0 || s.current().key != "manifestFile" || s.problemOf(s.current()) == nil {
		t.Errorf("a sysctl of the host's: %v, at %+v", s.problems, s.current())
	}
}

// What is mounted at a path stands there once, whoever asked for it.
func TestEachPathOfAnAppHasOneRow(t *testing.T) {
	t.Parallel()
	s := filled(t, spec.Pod{Mounts: []spec.Mount{{Volume: "v", Path: "/all"}, {Volume: "v", Path: "/point2"}},
		Apps:    []spec.App{{Image: "img", Mounts: []spec.Mount{{Volume: "v", Path: "/point/"}, {Volume: "v", Path: "/own"}}}},
		Volumes: []spec.Volume{{Name: "v", Kind: spec.EmptyVolume}, {Name: "three", Kind: spec.HostVolume, Source: "/usr"}}})
	image := confinedImage(t)
	if err := json.Unmarshal([]byte(`{"exec": ["/x"], "user": "0", "group": "0", "mountPoints": [{"name": "one", "path": "/point", "readOnly": true},
		{"name": "two", "path": "/point2"}, {"name": "three", "path": "/point3"}, {"name": "four", "path": "/point4"}]}`), image.Manifest.App); err != nil {
		t.Fatal(err)
	}
	s.images["img"] = &known{found: true, image: image}
	s.refresh()
	s.open(section{app: 0}, true)
	got := make(map[string]string)
	for _, r := range s.rows {
		_, path, ok := strings.Cut(r.value, " → ")
		switch _, twice := got[path]; {
		case !ok:
		case twice:
			t.Errorf("%s is there twice", path)
		default:
			got[path] = r.note + r.alert
		}
	}
	want := map[string]string{"/point/": "yours, read-only · empty volume", "/own": "yours, empty volume", "/all": "pod, empty volume",
		"/point2": "pod, empty volume", "/point3": "/usr", "/point4": "! starts empty"}
	if !maps.Equal(got, want) {
		t.Errorf("mounted:\n%q, want\n%q", got, want)
	}
	s.stay("mount:0")
	if press(s, "space"); s.current().note != "yours, empty volume" {
		t.Errorf("switched: %q", s.current().note)
	}
}
