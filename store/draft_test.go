package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// fetched commits a registry image of these layers, lowest first.
func fetched(t testing.TB, s *Store, layers ...[]byte) (img Image, fresh bool) {
	t.Helper()
	d := newDraft(t, s)
	var ids []string
	for _, layer := range layers {
		ids = append(ids, diffID(layer))
		here, err := d.Keep(diffID(layer))
		if err != nil {
			t.Fatal(err)
		}
		if !here {
			read(t, d, layer)
		}
	}
	img, fresh, err := d.Commit(context.Background(), registryImage(ids))
	if err := also(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	return img, fresh
}

func TestRegistryImageIsCommitted(t *testing.T) {
	t.Parallel()
	s := open(t)
	low, high := build(t, "dir a\nfile a/f x\n"), build(t, "dir a\nfile a/g y\n")
	img, fresh := fetched(t, s, low, high)
	o := registryImage([]string{diffID(low), diffID(high)})
	if !fresh || img.ID != o.ID || img.Kind != KindRegistry || img.Size != int64(len(low)+len(high)) ||
		img.Name() != "example.com/registry/app" || img.Origin != o.Origin || !slices.Equal(img.DiffIDs, o.DiffIDs) {
		t.Errorf("fresh %v, %+v", fresh, img)
	}
	want := []string{filepath.Join(layerDir(t, s, high), rootfsDir), filepath.Join(layerDir(t, s, low), rootfsDir)}
	if dirs, err := s.Layers(img); err != nil || !slices.Equal(dirs, want) {
		t.Errorf("layers are %q, %v", dirs, err)
	}
	wantSettled(t, s, img)
	got, err := s.Get(img.ID)
	if err != nil || got.Origin != o.Origin || !slices.Equal(got.DiffIDs, o.DiffIDs) || got.Kind != KindRegistry {
		t.Errorf("%+v, %v", got, err)
	}
	if manifest, err := s.ManifestJSON(img.ID); err != nil || !bytes.Equal(manifest, o.Manifest) {
		t.Errorf("%s, %v", manifest, err)
	}
	if found, err := s.FindName("example.com/registry/app", map[string]string{"version": "1"}); err != nil || found.ID != img.ID {
		t.Errorf("found %+v, %v", found, err)
	}
	if _, fresh := fetched(t, s, low, high); fresh {
		t.Error("it came twice")
	}
	if err := s.Remove(img.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := readNames(layerDir(t, s, low)); err == nil {
		t.Error("a layer that nobody has was left")
	}
}

// A second image that shares layers brings only its own; they go with the last
// one that has them.
func TestSharedLayersAreReadOnceAndGoWithTheLast(t *testing.T) {
	t.Parallel()
	s := open(t)
	base, a, b := build(t, "file base x\n"), build(t, "file a x\n"), build(t, "file b x\n")
	first, _ := fetched(t, s, base, a)
	d := newDraft(t, s)
	if here, err := d.Keep(diffID(base)); err != nil || !here {
		t.Errorf("the base is not here, %v", err)
	}
	if here, err := d.Keep(diffID(b)); err != nil || here {
		t.Errorf("what never came is here, %v", err)
	}
	d.Close()
	second, _ := fetched(t, s, base, b)
	for _, id := range []string{first.ID, second.ID} {
		if !exists(layerDir(t, s, base)) {
			t.Fatal("the base went before its last image")
		}
		if err := s.Remove(id); err != nil {
			t.Fatal(err)
		}
	}
	if exists(layerDir(t, s, base)) {
		t.Error("the base is left")
	}
}

func TestLayersOfADraftAreSpared(t *testing.T) {
	t.Parallel()
	s := open(t)
	layer := build(t, "file f x\n")
	img, _ := fetched(t, s, layer)
	d := newDraft(t, s)
	if here, err := d.Keep(diffID(layer)); err != nil || !here {
		t.Fatal(err)
	}
	if err := s.Remove(img.ID); err != nil {
		t.Fatal(err)
	}
	collect(t, s)
	if !exists(layerDir(t, s, layer)) {
		t.Fatal("a layer was taken from a draft")
	}
	if _, _, err := d.Commit(context.Background(), registryImage([]string{diffID(layer)})); err != nil {
		t.Error(err)
	}
	d.Close()
	collect(t, s)
	if _, err := s.whole(img.ID); err != nil {
		t.Error(err)
	}
}

// Without its draft a layer has a grace, which begins when it was last wanted.
func TestLayersOfNobodyHaveAGrace(t *testing.T) {
	t.Parallel()
	s := open(t)
	layer := build(t, "file f x\n")
	d := newDraft(t, s)
	dir := read(t, d, layer)
	d.Close()
	old := time.Now().Add(-2 * time.Hour)
	age := func() {
		if err := os.Chtimes(dir, old, old); err != nil {
			t.Fatal(err)
		}
	}
	gc := func() int {
		c, err := s.GC(context.Background(), GCOptions{Grace: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		return len(c.Layers)
	}
	if gc() != 0 {
		t.Error("it went at once")
	}
	// Another image's removal is not about it.
	other := add(t, s, named(t, "example.com/other"))
	if err := s.Remove(other.ID); err != nil || !exists(dir) {
		t.Errorf("it went with another image, %v", err)
	}
	age()
	d = newDraft(t, s)
	if here, err := d.Keep(diffID(layer)); err != nil || !here {
		t.Fatal(err)
	}
	d.Close()
	if gc() != 0 {
		t.Error("it went though it was just wanted")
	}
	age()
	if gc() != 1 || exists(dir) {
		t.Error("it stays for ever")
	}
}

// A layer that was not durable when the machine went down may be torn: it is not
// there, unless an image has it.
func TestFreshLayersOfAnotherBootAreNotThere(t *testing.T) {
	t.Parallel()
	s := open(t)
	layer := build(t, "file f x\n")
	d := newDraft(t, s)
	dir := read(t, d, layer)
	d.Close()
	reboot := func(boot string) {
		if err := os.WriteFile(filepath.Join(dir, freshFile), []byte(boot), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, rootfsDir, "f"), nil, 0o600); err != nil { // what was not written
			t.Fatal(err)
		}
	}
	for _, boot := range []string{"another boot", ""} {
		reboot(boot)
		d := newDraft(t, s)
		if here, err := d.Keep(diffID(layer)); err != nil || here {
			t.Errorf("a layer of boot %q is here, %v", boot, err)
		}
		read(t, d, layer)
		if got, err := os.ReadFile(filepath.Join(dir, rootfsDir, "f")); err != nil || string(got) != "x" {
			t.Errorf("it is torn still: %q, %v", got, err)
		}
		d.Close()
	}
	img, _ := fetched(t, s, layer)
	reboot("another boot")
	d = newDraft(t, s)
	if here, err := d.Keep(diffID(layer)); err != nil || !here {
		t.Errorf("a layer of %s is not here, %v", img.ID, err)
	}
}

func TestStackIsMadeByTheRule(t *testing.T) {
	t.Parallel()
	needRoot(t)
	s := open(t)
	a, b, hidden := build(t, "dir .\nfile a x\n"), build(t, "dir .\nfile b x\n"), build(t, "dir .\nfile .wh..wh..opq\nfile c x\n")
	for _, test := range []struct {
		name   string
		layers [][]byte
		want   [][]byte // uppermost first
	}{
		{"one", [][]byte{a}, [][]byte{a}},
		{"two", [][]byte{a, b}, [][]byte{b, a}},
		{"one of them twice", [][]byte{a, b, a}, [][]byte{a, b}},
		{"hidden below an opaque root", [][]byte{a, hidden, b}, [][]byte{b, hidden}},
		{"an opaque root alone", [][]byte{a, b, hidden}, [][]byte{hidden}},
	} {
		t.Run(test.name, func(t *testing.T) {
			img, _ := fetched(t, s, test.layers...)
			var want []string
			for _, layer := range test.want {
				want = append(want, filepath.Base(layerDir(t, s, layer)))
			}
			if !slices.Equal(img.layers, want) {
				t.Errorf("the stack is %q, want %q", img.layers, want)
			}
		})
	}
}

func withDependencies(t *testing.T, name string, n int) []byte {
	t.Helper()
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"imageName":"example.com/dependency-%d"}`, i))
	}
	manifest := strings.Replace(manifestOf(name), "{", `{"dependencies":[`+strings.Join(list, ",")+`],`, 1)
	return build(t, "manifest $M\ndir rootfs\nfile rootfs/"+filepath.Base(name)+" x\n", "M", manifest)
}

// withImages imports an archive with its dependencies.
func withImages(t *testing.T, s *Store, archive []byte, dependencies ...string) Image {
	t.Helper()
	d := newDraft(t, s)
	if _, err := d.ReadACI(context.Background(), bytes.NewReader(archive), ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	img, _, err := d.Commit(context.Background(), CommitOptions{Dependencies: dependencies, Origin: "https://example.com/app.aci"})
	if err := also(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	return img
}

// A diamond: the app has left and right, and both have the base.
func TestDependenciesAreStackedByTheRule(t *testing.T) {
	t.Parallel()
	s := open(t)
	base := add(t, s, named(t, "example.com/base")).ID
	left := withImages(t, s, withDependencies(t, "example.com/left", 1), base).ID
	right := withImages(t, s, withDependencies(t, "example.com/right", 1), base).ID
	app := withImages(t, s, withDependencies(t, "example.com/app", 2), left, right)
	if want := []string{app.ID, right, base, left}; !slices.Equal(app.layers, want) {
		t.Errorf("the stack is %q, want %q", app.layers, want)
	}
	got, err := s.Get(app.ID)
	if err != nil || !slices.Equal(got.Dependencies, []string{left, right}) || got.Origin != "https://example.com/app.aci" {
		t.Errorf("%+v, %v", got, err)
	}
	// The layers outlive the images that brought them.
	for _, id := range []string{base, left, right} {
		if err := s.Remove(id); err != nil {
			t.Fatal(err)
		}
	}
	collect(t, s)
	if _, err := s.whole(app.ID); err != nil {
		t.Error(err)
	}
	if err := s.Remove(app.ID); err != nil {
		t.Fatal(err)
	}
	if left, err := readNames(s.path(layersDir)); err != nil || len(left) != 0 {
		t.Errorf("left are %q, %v", left, err)
	}
}

func TestCommitRefuses(t *testing.T) {
	t.Parallel()
	s := open(t)
	layer := build(t, "file f x\n")
	here := registryImage([]string{diffID(layer)})
	missing := registryImage([]string{diffID(build(t, "file never-came x\n"))})
	for name, test := range map[string]struct {
		o    func(CommitOptions) CommitOptions
		want string
	}{
		"an ID that is none":     {func(o CommitOptions) CommitOptions { o.ID = "sha512-../.."; return o }, `image ID "sha512-../..": not sha512- and 128 hex digits`},
		"no manifest":            {func(o CommitOptions) CommitOptions { o.Manifest = nil; return o }, `entry "manifest" is not an image manifest: line 1, column 0: unexpected end of JSON input`},
		"no layers":              {func(o CommitOptions) CommitOptions { o.DiffIDs = nil; return o }, "the image has no layers"},
		"a layer not here":       {func(CommitOptions) CommitOptions { return missing }, "layer sha256-" + missing.DiffIDs[0][7:19] + " is missing"},
		"a diff ID that is none": {func(o CommitOptions) CommitOptions { o.DiffIDs = []string{"x"}; return o }, `diff ID "x": not sha256: and 64 hex digits`},
		"nothing":                {func(CommitOptions) CommitOptions { return CommitOptions{} }, "nothing was read that could become an image"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDraft(t, s)
			read(t, d, layer)
			_, _, err := d.Commit(context.Background(), test.o(here))
			if err == nil || err.Error() != test.want {
				t.Errorf("\n got %v\nwant %s", err, test.want)
			}
		})
	}
	d := newDraft(t, s)
	archive := withDependencies(t, "example.com/app", 1)
	if _, err := d.ReadACI(context.Background(), bytes.NewReader(archive), ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	gone := idPrefix + strings.Repeat("0", 128)
	if _, _, err := d.Commit(context.Background(), CommitOptions{Dependencies: []string{gone}}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a dependency that is gone: %v", err)
	}
	if _, err := d.ReadACI(context.Background(), bytes.NewReader(archive), ImportOptions{}); err == nil {
		t.Error("a draft took two archives")
	}
	// It can't note what it keeps: that is no damage of what it depends on.
	sound := add(t, s, named(t, "example.com/sound")).ID
	keeps := filepath.Join(d.st.dir, keepsDir)
	if err := errors.Join(os.RemoveAll(keeps), os.WriteFile(keeps, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	var damaged *DamagedError
	if _, _, err := d.Commit(context.Background(), CommitOptions{Dependencies: []string{sound}}); err == nil || errors.As(err, &damaged) {
		t.Errorf("trouble of the host: %v", err)
	}
	if err := s.Remove(sound); err != nil {
		t.Fatal(err)
	}
	d.Close()
	if list := mustList(t, s); len(list) != 0 {
		t.Errorf("%d images", len(list))
	}
}

// Processes and goroutines that bring the same layers and image make each once.
func TestConcurrentFetchesOfOneImageMakeOne(t *testing.T) {
	t.Parallel()
	s := open(t)
	var files []string
	var layers [][]byte
	for i := range 3 {
		layer := build(t, fmt.Sprintf("dir d%d\nrepeat 50\nfile d%d/f%%d x\n", i, i))
		path := filepath.Join(t.TempDir(), "layer")
		if err := os.WriteFile(path, layer, 0o600); err != nil {
			t.Fatal(err)
		}
		files, layers = append(files, path), append(layers, layer)
	}
	var group sync.WaitGroup
	var lock sync.Mutex
	made := 0
	report := func(fresh bool) {
		lock.Lock()
		defer lock.Unlock()
		if fresh {
			made++
		}
	}
	for range 4 {
		group.Go(func() {
			out, err := spawn(s, "fetch", strings.Join(files, ":"), "").CombinedOutput()
			if err != nil {
				t.Errorf("child: %v\n%s", err, out)
			}
			report(strings.Contains(string(out), "fresh true"))
		})
		group.Go(func() {
			d, err := s.Draft()
			if err != nil {
				t.Error(err)
				return
			}
			defer d.Close()
			var side sync.WaitGroup
			var ids []string
			for _, layer := range layers {
				ids = append(ids, diffID(layer))
				side.Go(func() {
					if err := d.ReadLayer(context.Background(), bytes.NewReader(layer), LayerOptions{DiffID: diffID(layer)}); err != nil {
						t.Error(err)
					}
				})
			}
			side.Wait()
			_, fresh, err := d.Commit(context.Background(), registryImage(ids))
			if err != nil {
				t.Error(err)
			}
			report(fresh)
		})
	}
	group.Wait()
	if made != 1 {
		t.Errorf("%d were fresh", made)
	}
	if c := collect(t, s); c.Staged != 0 || len(c.Layers) != 0 {
		t.Errorf("left: %+v", c)
	}
}

func TestLookShowsTheMergedRoot(t *testing.T) {
	t.Parallel()
	needRoot(t)
	s := open(t)
	low := build(t, "dir etc\nfile etc/passwd root:x:0:0\nfile etc/group old\n")
	high := build(t, "dir etc\nfile etc/.wh.group\nfile etc/shadow x\n")
	d := newDraft(t, s)
	read(t, d, low)
	read(t, d, high)
	v, err := d.Look([]string{diffID(low), diffID(high)})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for path, want := range map[string]bool{"etc/passwd": true, "etc/shadow": true, "etc/group": false} {
		if _, err := v.Lookup(path); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// What format 1 has not written of a layer its archive tells.
func TestStoreOfFormat1IsUpgraded(t *testing.T) {
	t.Parallel()
	s := open(t)
	img := add(t, s, build(t, "manifest\nfile rootfs/a/b/f x\ndir rootfs/a/c\n"))
	dir := s.path(layersDir, img.ID)
	want, err := readAbout(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(filepath.Join(dir, aboutFile)), os.WriteFile(s.path(versionFile), []byte("1\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	again, err := Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	if version, err := again.format(); err != nil || version != Format {
		t.Errorf("version %d, %v", version, err)
	}
	got, err := readAbout(dir)
	slices.Sort(want.Implicit)
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) || !slices.Equal(got.Implicit, []string{"", "a", "a/b"}) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	if img, err := again.Get(img.ID); err != nil || img.Kind != KindACI {
		t.Errorf("%+v, %v", img, err)
	}
}
