package oci

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/appc/spec/schema"
	"github.com/appc/spec/schema/types"
)

var update = flag.Bool("update", false, "write the golden files anew")

// people are users as the files of an image have them.
type people map[string][]int // name → uid, gid, groups

var some = people{"root": {0, 0, 4, 1, 0, 4}, "app": {1000, 1001, 2000}, "4711": {5, 6}}

func (p people) User(name string) (int, int, []int, bool, error) {
	u, ok := p[name]
	if !ok {
		return 0, 0, nil, false, nil
	}
	return u[0], u[1], u[2:], true, nil
}

func (p people) UserByID(uid int) (int, int, []int, bool, error) {
	for name, u := range p {
		if u[0] == uid {
			return p.User(name)
		}
	}
	return 0, 0, nil, false, nil
}

// converted is the manifest of a config's "config", as appc reads it.
func converted(t testing.TB, run string, n Names) *schema.ImageManifest {
	t.Helper()
	img := imageOf(t, `{'os':'linux','architecture':'amd64','config':`+run+`}`)
	raw, err := img.Convert(n, some)
	if err != nil {
		t.Fatalf("%s: %v", run, err)
	}
	var m schema.ImageManifest
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatalf("%s: %v\n%s", run, err, raw)
	}
	return &m
}

func imageOf(t testing.TB, config string) *Image {
	t.Helper()
	c, err := ParseConfig([]byte(strings.ReplaceAll(config, "'", `"`)))
	if err != nil {
		t.Fatal(err)
	}
	return &Image{Parsed: c, Platform: c.normal()}
}

var plain = Names{Name: "example.com/app", Version: "v1"}

// Everything that a config can say, in one golden file.
func TestAConfigBecomesAnImageManifest(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/config.json")
	if err != nil {
		t.Fatal(err)
	}
	img := imageOf(t, string(raw))
	names := Names{Name: "registry.example.com-5000/team/web", Version: "1.2", Reference: "docker://registry.example.com:5000/team/web:1.2@" + string(diff1)}
	manifest, err := img.Convert(names, some)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	json.Indent(&got, manifest, "", "  ")
	got.WriteByte('\n')
	golden := filepath.Join("testdata", "manifest.json")
	if *update {
		os.WriteFile(golden, got.Bytes(), 0o644)
	}
	want, err := os.ReadFile(golden)
	if err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("another manifest (go test -update writes it): %v\n%s", err, got.Bytes())
	}
	for range 20 {
		again, err := imageOf(t, string(raw)).Convert(names, some)
		if err != nil || !bytes.Equal(again, manifest) {
			t.Fatalf("another time it is another one: %v\n%s", err, again)
		}
	}
}

func TestUsersAreThoseOfTheImage(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]struct {
		user, group string
		groups      []int
	}{
		"":             {"0", "0", []int{1, 4}},
		"root":         {"root", "0", []int{1, 4}},
		"0":            {"0", "0", []int{1, 4}},
		"app":          {"app", "1001", []int{2000}},
		"1000":         {"1000", "1001", []int{2000}},
		"1000:":        {"1000", "1001", []int{2000}},
		"999":          {"999", "0", nil},
		"nobody-known": {"nobody-known", "0", nil},
		"app:extra":    {"app", "extra", nil},
		"app:2000":     {"app", "2000", nil},
		"1000:extra":   {"1000", "extra", nil},
		"999:999":      {"999", "999", nil},
		":extra":       {"0", "extra", nil},
		"app:unknown":  {"app", "unknown", nil},
		"a:b:c":        {"a", "b:c", nil},
		"-1":           {"-1", "0", nil},
		"4294967296":   {"4294967296", "0", nil},
		"4711":         {"4711", "6", []int{}}, // a name of digits
	} {
		app := converted(t, text(t, map[string]any{"User": given}), plain).App
		if app.User != want.user || app.Group != want.group || fmt.Sprint(app.SupplementaryGIDs) != fmt.Sprint(want.groups) {
			t.Errorf("%q: %q %q %v", given, app.User, app.Group, app.SupplementaryGIDs)
		}
	}
}

// An image whose files say nothing, or can't be read.
func TestUsersWithoutFiles(t *testing.T) {
	t.Parallel()
	img := imageOf(t, `{'config':{'User':'1000'}}`)
	if _, err := img.Convert(plain, nil); err != nil {
		t.Error(err)
	}
	broken := errors.New("/etc/passwd of the image can't be read")
	if _, err := img.Convert(plain, unreadable{err: broken}); !errors.Is(err, broken) {
		t.Error(err)
	}
}

type unreadable struct {
	people
	err error
}

func (u unreadable) User(string) (int, int, []int, bool, error) { return 0, 0, nil, false, u.err }

func TestWhatIsExecuted(t *testing.T) {
	t.Parallel()
	for run, want := range map[string][]string{
		`{'Entrypoint':['/bin/e','a'],'Cmd':['b','c']}`: {"/bin/e", "a", "b", "c"},
		`{'Cmd':['sh']}`:                {"sh"},
		`{'Entrypoint':['./run']}`:      {"./run"},
		`{'Entrypoint':null,'Cmd':[]}`:  {},
		`{}`:                            {},
		`{'Cmd':['a\nb','','\u00e4😀']}`: {"a\nb", "", "ä😀"},
	} {
		if got := converted(t, run, plain).App.Exec; !reflect.DeepEqual([]string(got), want) {
			t.Errorf("%s: %q", run, got)
		}
	}
}

func TestEnvironmentKeepsWhatAppcCanHave(t *testing.T) {
	t.Parallel()
	m := converted(t, `{'Env':['A=1','B=x=y','A=2','C=','1X=no','NOTHING','=x','d.e-f=ok','Ä=no','SP ACE=no']}`, plain)
	want := types.Environment{{Name: "B", Value: "x=y"}, {Name: "A", Value: "2"}, {Name: "C"}, {Name: "d.e-f", Value: "ok"}}
	if !reflect.DeepEqual(m.App.Environment, want) {
		t.Errorf("%v", m.App.Environment)
	}
	if left, _ := m.GetAnnotation(annotationLeftOut); left != `["1X=no","NOTHING","=x","Ä=no","SP ACE=no"]` {
		t.Errorf("left out: %s", left)
	}
}

func TestWorkingFoldersAreAbsolute(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{"": "", "/": "/", "/a/../b/": "/b", "srv": "/srv", "../../x": "/x", ".": "/"} {
		if got := converted(t, text(t, map[string]any{"WorkingDir": given}), plain).App.WorkingDirectory; got != want {
			t.Errorf("%q: %q", given, got)
		}
	}
}

func TestExposedPorts(t *testing.T) {
	t.Parallel()
	m := converted(t, `{'ExposedPorts':{'8080/tcp':{},'8080':{},'53/udp':{},'8000-8010/TCP':{},'0/tcp':{},'65535':{},
		'65536':{},'9-8':{},'80/http':{},'x':{},'':{},'-1':{},'1-65535':{},'99/sctp':{}}}`, plain)
	want := []types.Port{
		{Name: "1-65535-tcp", Protocol: "tcp", Port: 1, Count: 65535},
		{Name: "53-udp", Protocol: "udp", Port: 53, Count: 1},
		{Name: "99-sctp", Protocol: "sctp", Port: 99, Count: 1},
		{Name: "8000-8010-tcp", Protocol: "tcp", Port: 8000, Count: 11},
		{Name: "8080-tcp", Protocol: "tcp", Port: 8080, Count: 1},
		{Name: "65535-tcp", Protocol: "tcp", Port: 65535, Count: 1},
	}
	if !reflect.DeepEqual(m.App.Ports, want) {
		t.Errorf("%+v", m.App.Ports)
	}
}

func TestVolumesBecomeMountPoints(t *testing.T) {
	t.Parallel()
	long := "/" + strings.Repeat("x", 200)
	m := converted(t, text(t, map[string]any{"Volumes": map[string]any{
		"/var/lib/mysql": nil, "/data/": nil, "/data": nil, "rel": nil, "/": nil, "": nil, "/a/../../b": nil,
		"/a_b": nil, "/a-b": nil, "/a/b": nil, "/Ä": nil, "/__": nil, long: nil, long + "y": nil,
	}}), plain)
	names := map[string]string{}
	seen := map[types.ACName]bool{}
	for _, p := range m.App.MountPoints {
		if !types.ValidACName.MatchString(string(p.Name)) || seen[p.Name] || len(p.Name) > 128 {
			t.Errorf("the name %q", p.Name)
		}
		seen[p.Name] = true
		names[p.Path] = string(p.Name)
	}
	for path, want := range map[string]string{
		"/var/lib/mysql": "volume-var-lib-mysql", "/data": "volume-data", "/rel": "volume-rel", "/b": "volume-b",
		"/a-b": "volume-a-b", "/a/b": "volume-a-b-2", "/a_b": "volume-a-b-3", "/__": "volume", "/Ä": "volume-2",
	} {
		if names[path] != want {
			t.Errorf("%s: %s", path, names[path])
		}
	}
	if len(names) != 11 {
		t.Errorf("%v", names)
	}
	var marked []string
	list, _ := m.GetAnnotation(annotationVolumes)
	if json.Unmarshal([]byte(list), &marked) != nil || len(marked) != len(names) {
		t.Errorf("marked as VOLUMEs: %s", list)
	}
	for _, path := range marked {
		if names[path] == "" {
			t.Errorf("%s is marked and no mount point", path)
		}
	}
}

func TestLabelsAreEscapedOneToOne(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"maintainer": "maintainer", "org.opencontainers.image.title": "org.opencontainers.image.title", "a/b_c-d": "a/b_c-d",
		"Vendor": "image~label~56endor", "ioK8s": "io~4b8s", "a~b": "a~7eb", "a--b": "a~2d~2db", "-a": "image~label~2da",
		"a-": "a~2d", "": "image~label", "version": "image~label/version", "name": "image~label/name", "os": "image~label/os",
		"arch": "image~label/arch", "image~label/os": "image~7elabel/os", "a b": "a~20b", "ä": "image~label~c3~a4", "a.B": "a~2e~42",
	} {
		got := EscapeLabel(name)
		if got != want || !types.ValidACIdentifier.MatchString(got) {
			t.Errorf("%q: %q", name, got)
		}
	}
	m := converted(t, `{'Labels':{'version':'9','os':'windows','Vendor':'x','vendor':'y'}}`, plain)
	want := types.Labels{{Name: "arch", Value: "amd64"}, {Name: "image~label/os", Value: "windows"},
		{Name: "image~label/version", Value: "9"}, {Name: "image~label~56endor", Value: "x"},
		{Name: "os", Value: "linux"}, {Name: "vendor", Value: "y"}, {Name: "version", Value: "v1"}}
	if !reflect.DeepEqual(m.Labels, want) {
		t.Errorf("%v", m.Labels)
	}
	if kept, _ := m.GetAnnotation(annotationLabels); kept != `{"Vendor":"x","os":"windows","vendor":"y","version":"9"}` {
		t.Errorf("%s", kept)
	}
}

func TestCreatedIsATimeOrNothing(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"2020-01-02T03:04:05Z": "2020-01-02T03:04:05Z", "2020-01-02T05:04:05.120+02:00": "2020-01-02T03:04:05.12Z",
		"": "", "yesterday": "", "2020-01-02": "",
	} {
		img := imageOf(t, `{'created':'`+given+`'}`)
		raw, err := img.Convert(plain, nil)
		var m schema.ImageManifest
		if err != nil || json.Unmarshal(raw, &m) != nil {
			t.Fatal(err)
		}
		if got, _ := m.GetAnnotation("created"); got != want {
			t.Errorf("%q: %q", given, got)
		}
	}
}

func TestArchitecturesThatAppcHasNotGetNoLabel(t *testing.T) {
	t.Parallel()
	img := imageOf(t, `{'os':'linux','architecture':'riscv64'}`)
	raw, err := img.Convert(Names{Name: "a"}, nil)
	if err != nil || strings.Contains(string(raw), `"labels"`) || !strings.Contains(string(raw), `"linux/riscv64"`) {
		t.Errorf("%v %s", err, raw)
	}
}

func TestNamesMustBeAppcOnes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "Big", "a:5000/b", "/a", "a\x1b"} {
		if _, err := imageOf(t, `{}`).Convert(Names{Name: name}, nil); err == nil || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// The text is in docs/images.md: whoever changes it changes every image's ID.
func TestTheIDIsTheDocumentedOne(t *testing.T) {
	t.Parallel()
	manifest := []byte(`{"acKind":"ImageManifest"}`)
	got := ImageID(manifest, []Digest{diff1, diff2})
	text := "podtui image 1\nlayer " + string(diff1) + "\nlayer " + string(diff2) + "\nmanifest 26\n" + string(manifest)
	h := Digest("sha512:").Hash()
	h.Write([]byte(text))
	if want := strings.Replace(string(Digest("sha512:").Of(h)), ":", "-", 1); got != want {
		t.Errorf("%s, not %s", got, want)
	}
	if got == ImageID(manifest, []Digest{diff2, diff1}) || got == ImageID(manifest, []Digest{diff1}) {
		t.Error("other layers, same ID")
	}
}
