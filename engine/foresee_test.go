package engine_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/enginetest"
	"github.com/podtui/podtui/engine/spec"
)

// What a form is told of a pod is what its run would say, and nothing is made.
func TestForeseenIsWhatARunWouldFind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if os.Symlink("/usr", at("link")) != nil || os.WriteFile(at("vars"), []byte("A=1\n# no\nB=2\n"), 0o600) != nil ||
		os.WriteFile(at("wrong"), []byte("A=1\n=2\n"), 0o600) != nil {
		t.Fatal("no folder to look at")
	}
	for name, c := range map[string]struct {
		volume   spec.Volume
		files    []string
		vars     int
		problem  string // its path, and what it says
		says     string
		creating bool
	}{
		"nothing":        {},
		"a folder":       {volume: spec.Volume{Kind: spec.HostVolume, Source: dir}},
		"a file":         {volume: spec.Volume{Kind: spec.HostVolume, Source: at("vars")}},
		"missing":        {volume: spec.Volume{Kind: spec.HostVolume, Source: at("no/such")}, problem: "volumes[0].source", says: "does not exist on the host", creating: true},
		"a link":         {volume: spec.Volume{Kind: spec.HostVolume, Source: at("link")}, problem: "volumes[0].source", says: "link"},
		"behind a link":  {volume: spec.Volume{Kind: spec.HostVolume, Source: at("link/none")}, problem: "volumes[0].source", says: "link"},
		"below a file":   {volume: spec.Volume{Kind: spec.HostVolume, Source: at("vars/none")}, problem: "volumes[0].source"},
		"half typed":     {volume: spec.Volume{Kind: spec.HostVolume, Source: "opt"}},
		"no source":      {volume: spec.Volume{Kind: spec.HostVolume}},
		"a NUL byte":     {volume: spec.Volume{Kind: spec.HostVolume, Source: "/a\x00b"}},
		"empty":          {volume: spec.Volume{Kind: spec.EmptyVolume}},
		"variables":      {files: []string{at("vars")}, vars: 2},
		"no such file":   {files: []string{at("vars"), at("none")}, vars: 2, problem: "envFiles[1]", says: at("none")},
		"no variables":   {files: []string{at("wrong")}, problem: "envFiles[0]", says: at("wrong")},
		"a folder of it": {files: []string{dir}},
		"no end":         {files: []string{"/dev/zero"}},
	} {
		pod := spec.Pod{EnvFiles: c.files}
		if c.volume.Kind != "" {
			c.volume.Name = "work"
			pod.Volumes = []spec.Volume{c.volume}
		}
		got := new(engine.Engine).Foresee(t.Context(), pod)
		if got.Memory < spec.LeastMemory || got.CPUs < 1 {
			t.Errorf("%s: a host of %d bytes and %d processors", name, got.Memory, got.CPUs)
		}
		if len(got.EnvFile) != c.vars || slices.Equal(got.Missing, []string{c.volume.Source}) != c.creating || !c.creating && got.Missing != nil {
			t.Errorf("%s: %d variables, missing %q", name, len(got.EnvFile), got.Missing)
		}
		switch {
		case c.problem == "" && len(got.Problems) == 0:
		case len(got.Problems) != 1 || got.Problems[0].Path != c.problem || !strings.Contains(got.Problems[0].Message, c.says):
			t.Errorf("%s: %+v", name, got.Problems)
		}
	}
	if _, err := os.Lstat(at("no")); err == nil {
		t.Error("looking made a folder")
	}
}

func TestAFolderIsMadeWhereItWasAskedForAndNowhereElse(t *testing.T) {
	t.Parallel()
	dir, other := t.TempDir(), t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if os.Symlink(other, at("link")) != nil || os.WriteFile(at("file"), nil, 0o600) != nil {
		t.Fatal("no folder to make one in")
	}
	for name, c := range map[string]struct {
		path string
		made bool
	}{
		"one":           {at("one"), true},
		"several":       {at("a/b/c"), true},
		"there already": {dir, true},
		"not clean":     {at("x") + "//../y/", true},
		"the root":      {"/", true},
		"through links": {at("link/new"), false},
		"a link":        {at("link"), false},
		"below a file":  {at("file/new"), false},
		"a file":        {at("file"), false},
		"relative":      {"new", false},
		"empty":         {"", false},
	} {
		err := new(engine.Engine).MakeFolder(c.path)
		if (err == nil) != c.made {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && c.path != "" && !strings.Contains(err.Error(), c.path) {
			t.Errorf("%s: %v does not say which", name, err)
		}
	}
	for _, name := range []string{"one", "a/b/c", "y"} {
		if info, err := os.Lstat(at(name)); err != nil || !info.IsDir() || info.Mode().Perm() != 0o755 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if left, _ := os.ReadDir(other); len(left) > 0 {
		t.Errorf("made %v behind a link", left)
	}
}

func TestPeopleOfAnImageAreThoseOfItsFiles(t *testing.T) {
	t.Parallel()
	h := enginetest.NewHost(t)
	image := h.Fetched(enginetest.BuildImage(t, "busybox"))
	people, err := h.People(image.ID)
	users := []engine.Person{{Name: "root"}, {Name: "daemon", ID: 1}, {Name: "worker", ID: 1000}, {Name: "nobody", ID: 65534}}
	groups := []engine.Person{{Name: "root"}, {Name: "daemon", ID: 1}, {Name: "staff", ID: 50}, {Name: "worker", ID: 1000}, {Name: "nogroup", ID: 65534}}
	if err != nil || !slices.Equal(people.Users, users) || !slices.Equal(people.Groups, groups) {
		t.Errorf("%+v, %v", people, err)
	}
	if _, err := h.People("sha512-" + strings.Repeat("0", 128)); err == nil {
		t.Error("an image that is not here has people")
	}
}
