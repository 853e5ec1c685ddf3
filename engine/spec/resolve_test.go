package spec

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/appc/spec/schema"
	"github.com/appc/spec/schema/types"
)

// image makes an image whose manifest has been through JSON, as all have.
func image(t testing.TB, name, app string) Image {
	t.Helper()
	var m schema.ImageManifest
	text := `{"acKind":"ImageManifest","acVersion":"0.8.11","name":"` + name + `","labels":[{"name":"version","value":"1"}],"app":` + app + `}`
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	id, err := types.NewHash("sha512-" + strings.Repeat("ab", 64))
	if err != nil {
		t.Fatal(err)
	}
	return Image{ID: *id, Manifest: &m}
}

const plainApp = `{"exec":["/bin/worker","--once"],"user":"7","group":"8"}`

func TestArgumentsFollowTheImagesExecAndExecReplacesIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		app  App
		want []string
		from Origin
	}{
		"the image's":       {App{}, []string{"/bin/worker", "--once"}, FromImage},
		"arguments":         {App{Args: []string{"-v", ""}}, []string{"/bin/worker", "--once", "-v", ""}, FromImage},
		"exec":              {App{Exec: "/bin/ov"}, []string{"/bin/ov"}, FromApp},
		"exec and argument": {App{Exec: "/bin/ov", Args: []string{"-v"}}, []string{"/bin/ov", "-v"}, FromApp},
	} {
		e := Pod{Apps: []App{c.app}}.ResolveApp(0, image(t, "a.b/c", plainApp), Surroundings{})
		if !slices.Equal(e.Exec, c.want) || e.ExecFrom != c.from || e.OwnArgs != len(c.app.Args) ||
			!slices.Equal(e.ImageExec, []string{"/bin/worker", "--once"}) {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestSettingsKnowWhereTheyComeFrom(t *testing.T) {
	t.Parallel()
	own := Pod{Apps: []App{{Name: "n", User: "1", Group: "2", WorkingDir: "/w"}}}
	e := own.ResolveApp(0, image(t, "a.b/c", plainApp), Surroundings{})
	got := []Setting{e.Name, e.User, e.Group, e.WorkingDir}
	want := []Setting{{"n", FromApp, "c"}, {"1", FromApp, "7"}, {"2", FromApp, "8"}, {"/w", FromApp, ""}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("own: %+v", got)
	}
	e = Pod{Apps: []App{{}}}.ResolveApp(0, image(t, "a.b/c", plainApp), Surroundings{})
	got = []Setting{e.Name, e.User, e.Group, e.WorkingDir}
	want = []Setting{{"c", FromImage, "c"}, {"7", FromImage, "7"}, {"8", FromImage, "8"}, {"/", FromDefault, ""}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the image's: %+v", got)
	}
	e = Pod{Apps: []App{{}}}.ResolveApp(0, Image{}, Surroundings{})
	if e.User.Value != "0" || e.Name.Value != "" || len(e.Exec) != 0 {
		t.Errorf("without an image: %+v", e)
	}
}

const mountApp = `{"exec":["/x"],"user":"0","group":"0","mountPoints":[
	{"name":"work","path":"/w","readOnly":true},{"name":"cache","path":"/c"},{"name":"data","path":"/d","readOnly":true}]}`

func TestMountsAreBoundByNameAndByWhoIsNearer(t *testing.T) {
	t.Parallel()
	host := func(name string, ro *bool) Volume {
		return Volume{Name: name, Kind: HostVolume, Source: "/s/" + name, ReadOnly: ro}
	}
	for name, c := range map[string]struct {
		pod  Pod
		want string
	}{
		"by name": {Pod{Volumes: []Volume{host("work", nil), host("cache", nil), host("data", nil)}},
			"work→/w ro, cache→/c, data→/d ro"},
		"the volume decides": {Pod{Volumes: []Volume{host("work", ptr(false)), host("cache", ptr(true)), host("data", ptr(true))}},
			"work→/w, cache→/c ro, data→/d ro"},
		"without volumes": {Pod{Volumes: []Volume{host("work", nil)}},
			"work→/w ro, app-cache→/c implicit, app-data→/d ro implicit"},
		"pod's mount over a mount point": {Pod{Volumes: []Volume{host("work", nil), host("other", nil), host("data", nil)}, Mounts: []Mount{{"other", "/c/"}, {"other", "/e"}}},
			"work→/w ro, other→/c/, data→/d ro, other→/e"},
		"app's mount over both": {Pod{Volumes: []Volume{host("work", nil), host("cache", nil), host("data", nil)},
			Mounts: []Mount{{"work", "/c"}, {"work", "/e"}}, Apps: []App{{Mounts: []Mount{{"data", "/c"}, {"data", "/e"}}}}},
			"work→/w ro, data→/c, data→/d ro, data→/e"},
		"a mount at a read-only mount point": {Pod{Volumes: []Volume{host("a", nil), host("cache", nil), host("work", nil)}, Mounts: []Mount{{"a", "/d"}}},
			"work→/w ro, cache→/c, a→/d ro"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.pod.Apps == nil {
				c.pod.Apps = []App{{}}
			}
			c.pod.Apps[0].Name = "app"
			r, problems := c.pod.Resolve([]Image{image(t, "a.b/c", mountApp)}, Surroundings{})
			if got := drawBindings(r.Apps[0].Bindings); got != c.want || problems != nil {
				t.Errorf("got  %s, %v\nwant %s", got, problems, c.want)
			}
			for _, b := range r.Apps[0].Bindings {
				if !slices.ContainsFunc(r.Volumes, func(v Volume) bool { return v.Name == b.Volume }) {
					t.Errorf("there is no volume %s", b.Volume)
				}
			}
		})
	}
}

func drawBindings(bindings []Binding) string {
	var list []string
	for _, b := range bindings {
		s := b.Volume + "→" + b.Path
		if b.ReadOnly {
			s += " ro"
		}
		if b.Implicit {
			s += " implicit"
		}
		list = append(list, s)
	}
	return strings.Join(list, ", ")
}

func TestImplicitVolumesBelongToOneApp(t *testing.T) {
	t.Parallel()
	point := func(name string) Image {
		return image(t, "a.b/c", `{"exec":["/x"],"user":"0","group":"0","mountPoints":[{"name":"`+name+`","path":"/1"},{"name":"`+name+`","path":"/2"}]}`)
	}
	pod := Pod{Apps: []App{{Name: "a"}, {Name: "a-b"}}, Volumes: []Volume{{Name: "a-b-c-2", Kind: EmptyVolume}}}
	r, _ := pod.Resolve([]Image{point("b-c"), point("c")}, Surroundings{})
	first, second := drawBindings(r.Apps[0].Bindings), drawBindings(r.Apps[1].Bindings)
	if first != "a-b-c→/1 implicit, a-b-c→/2 implicit" || second != "a-b-c-3→/1 implicit, a-b-c-3→/2 implicit" {
		t.Errorf("got %s and %s", first, second)
	}
	want := []Volume{{Name: "a-b-c-2", Kind: EmptyVolume}, {Name: "a-b-c", Kind: EmptyVolume}, {Name: "a-b-c-3", Kind: EmptyVolume}}
	if !reflect.DeepEqual(r.Volumes, want) {
		t.Errorf("volumes %+v", r.Volumes)
	}
}

// Manifests are by strangers: as many mount points and variables as fit into one,
// with names that are the same as far as a volume's can be long.
func TestLongManifestsAreResolvedInTheTimeOfTheirLength(t *testing.T) {
	t.Parallel()
	const many = 1500
	var points []string
	var vars []string
	for i := range many {
		points = append(points, fmt.Sprintf(`{"name":"%s-%d","path":"/%d"}`, strings.Repeat("a", maxName), i, i))
		vars = append(vars, fmt.Sprintf(`{"name":"V%d","value":""}`, i))
	}
	img := image(t, "a.b/c", `{"exec":["/x"],"user":"0","group":"0","mountPoints":[`+strings.Join(points, ",")+`],"environment":[`+strings.Join(vars, ",")+`]}`)
	img.Manifest.Annotations.Set(VolumesAnnotation, `["/`+strings.Repeat(`x","/`, 100_000)+`1"]`)
	pod := Pod{Apps: []App{{Name: "a"}}, InheritEnv: true}
	var parent []string
	for i := range many {
		parent = append(parent, fmt.Sprintf("V%d=parent", many-i))
	}
	r, problems := pod.Resolve([]Image{img}, Surroundings{Environ: parent})
	names := make(map[string]bool)
	for _, v := range r.Volumes {
		names[v.Name] = true
	}
	if len(problems) > 0 || len(names) != many || len(r.Volumes) != many || !r.Apps[0].Bindings[1].Fill || r.Apps[0].Bindings[2].Fill {
		t.Errorf("%d volumes of %d names, %v", len(r.Volumes), len(names), problems)
	}
	if env := r.Apps[0].Env; env[1].Name != "V0" || env[many].Over[0].Value != "parent" {
		t.Errorf("%+v … %+v", env[1], env[many])
	}
}

func TestMountPointWithoutVolumeIsToldWithItsFlag(t *testing.T) {
	t.Parallel()
	pod := Pod{Apps: []App{{Name: "syncer"}}, Volumes: []Volume{{Name: "work", Kind: EmptyVolume}, {Name: "cache", Kind: EmptyVolume}}}
	got := pod.ResolveApp(0, image(t, "a.b/c", mountApp), Surroundings{}).Warnings()
	want := []string{`app "syncer": mount point "data" (/d) has no volume and starts empty; add --volume=data,kind=host,source=PATH or kind=empty`}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestProblemsThatOnlyImagesShow(t *testing.T) {
	t.Parallel()
	pod := Pod{Apps: []App{{Image: "x"}, {Image: "y"}, {Image: "z", Exec: "/z"}}}
	noApp := image(t, "a.b/c", "null")
	_, problems := pod.Resolve([]Image{image(t, "a.b/c", plainApp), noApp, noApp}, Surroundings{})
	var paths []string
	for _, p := range problems {
		paths = append(paths, p.Path)
	}
	if !slices.Equal(paths, []string{"apps[1].exec", "apps[1].name", "apps[2].name"}) {
		t.Errorf("got %+v", problems)
	}
}

func TestManifestIsAValidOneWithEffectiveValues(t *testing.T) {
	t.Parallel()
	pod, err := Parse(strings.Fields("--inherit-env --set-env=A=b --volume=work,kind=host,source=/s --net=host --register-mds=false --pod-name=job " +
		"example.com/a --memory=64Mi --cpu=0.5 --restart=always --name=one --exec=/y -- z --- example.com/b"))
	if err != nil {
		t.Fatal(err)
	}
	images := []Image{image(t, "example.com/a", plainApp), image(t, "example.com/b", mountApp)}
	m, err := pod.Manifest(images, Surroundings{Environ: []string{"P=q", "BASH_FUNC_x%%=() { :; }"}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	var back schema.PodManifest
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	one, two := back.Apps[0], back.Apps[1]
	if one.Name != "one" || !slices.Equal(one.App.Exec, []string{"/y", "z"}) || one.App.User != "7" || one.Image.ID.String() != images[0].ID.String() {
		t.Errorf("first app %+v %+v", one, one.App)
	}
	if got := one.App.Environment; !reflect.DeepEqual(got, types.Environment{{Name: "P", Value: "q"}, {Name: "A", Value: "b"}}) {
		t.Errorf("environment %+v", got)
	}
	wantMounts := []schema.Mount{{Volume: "work", Path: "/w"}, {Volume: "b-cache", Path: "/c"}, {Volume: "b-data", Path: "/d"}}
	if !reflect.DeepEqual(two.Mounts, wantMounts) || len(two.App.MountPoints) != 3 || len(back.Volumes) != 3 {
		t.Errorf("second app %+v, volumes %+v", two, back.Volumes)
	}
	for name, want := range map[string]string{annotationNetworks: `["host"]`, annotationRegisterMDS: "false", annotationName: "job"} {
		if got, _ := back.Annotations.Get(name); got != want {
			t.Errorf("annotation %s is %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{annotationReference: "example.com/a", annotationRestart: "always"} {
		if got, _ := one.Annotations.Get(name); got != want {
			t.Errorf("annotation %s is %q, want %q", name, got, want)
		}
	}
	if memory := one.App.Isolators.GetByName(types.ResourceMemoryName); memory == nil || memory.Value().(*types.ResourceMemory).Limit().Value() != 64<<20 {
		t.Errorf("isolators %v", one.App.Isolators)
	}
	if _, said := two.Annotations.Get(annotationRestart); said || len(two.App.Isolators) > 0 {
		t.Errorf("the second app has what nobody asked for: %+v", two)
	}
	if images[0].Manifest.App.Exec[0] != "/bin/worker" {
		t.Error("the image's own manifest was changed")
	}
}

func TestManifestNeedsImages(t *testing.T) {
	t.Parallel()
	if _, err := (Pod{Apps: []App{{Image: "a", Exec: "/x", Name: "a"}}}).Manifest(nil, Surroundings{}); err == nil {
		t.Error("no error")
	}
}
