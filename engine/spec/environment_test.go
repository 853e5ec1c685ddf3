package spec

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// The example of rkt-run.md, to the letter: what an env printer prints, and where
// each of its lines comes from.
func TestEnvironmentOfRktRunToTheLetter(t *testing.T) {
	t.Parallel()
	pod, err := Parse(strings.Fields("--inherit-env --set-env=FOO=bar --set-env=EXAMPLE_OVERRIDE=over example.com/env-printer"))
	if err != nil {
		t.Fatal(err)
	}
	e := pod.ResolveApp(0, image(t, "example.com/env-printer", plainApp), Surroundings{Environ: []string{"EXAMPLE_ENV=hello", "EXAMPLE_OVERRIDE=under"}})
	got := strings.Join(e.Environ()[:3], "\n")
	if want := "EXAMPLE_ENV=hello\nFOO=bar\nEXAMPLE_OVERRIDE=over"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	want := []EnvVar{
		{"EXAMPLE_ENV", "hello", FromParent, nil}, {"FOO", "bar", FromPod, nil},
		{"EXAMPLE_OVERRIDE", "over", FromPod, []EnvValue{{"under", FromParent}}},
	}
	if !reflect.DeepEqual(e.Env[:3], want) {
		t.Errorf("got %+v", e.Env[:3])
	}
}

// sources are those of an app's environment, a later one over an earlier, with how
// each is given NAME=VALUE (contract, section 3).
var sources = []struct {
	from Origin
	give func(g *given, name, value string)
}{
	{FromParent, func(g *given, name, value string) {
		g.pod.InheritEnv = true
		g.around.Environ = append(g.around.Environ, name+"="+value)
	}},
	{FromImage, func(g *given, name, value string) {
		g.app = fmt.Sprintf(`{"exec":["/x"],"user":"0","group":"0","environment":[{"name":%q,"value":%q}]}`, name, value)
	}},
	{FromFile, func(g *given, name, value string) {
		vars, err := ParseEnvFile("f", []byte("# a file\n"+name+"="+value+"\n"), g.around.EnvFile)
		if err != nil {
			panic(err)
		}
		g.around.EnvFile = append(g.around.EnvFile, vars...)
	}},
	{FromPod, func(g *given, name, value string) { g.pod.Env = append(g.pod.Env, Var{name, value}) }},
	{FromApp, func(g *given, name, value string) { g.pod.Apps[0].Env = append(g.pod.Apps[0].Env, Var{name, value}) }},
}

type given struct {
	pod    Pod
	app    string // of the image, in JSON
	around Surroundings
}

func newGiven() *given { return &given{pod: Pod{Apps: []App{{Name: "a"}}}, app: plainApp} }

// find is the variable as the app gets it.
func (g *given) find(t *testing.T, name string) (EnvVar, bool) {
	t.Helper()
	e := g.pod.ResolveApp(0, image(t, "a.b/c", g.app), g.around)
	for _, v := range e.Env {
		if v.Name == name {
			return v, slices.Contains(e.Environ(), name+"="+v.Value)
		}
	}
	return EnvVar{}, false
}

func TestOfEveryTwoSourcesOfTheEnvironmentTheLaterWins(t *testing.T) {
	t.Parallel()
	for i, early := range sources {
		for _, late := range sources[i+1:] {
			t.Run(string(early.from)+" and "+string(late.from), func(t *testing.T) {
				t.Parallel()
				g := newGiven()
				late.give(g, "X", "late")
				early.give(g, "X", "early")
				want := EnvVar{"X", "late", late.from, []EnvValue{{"early", early.from}}}
				if got, is := g.find(t, "X"); !is || !reflect.DeepEqual(got, want) {
					t.Errorf("got %+v, %v", got, is)
				}
			})
		}
		t.Run("default and "+string(early.from), func(t *testing.T) {
			t.Parallel()
			for _, value := range []string{"/home", ""} { // what is set to nothing is set
				g := newGiven()
				early.give(g, "HOME", value)
				if got, is := g.find(t, "HOME"); !is || !reflect.DeepEqual(got, EnvVar{"HOME", value, early.from, nil}) {
					t.Errorf("HOME=%s is %+v", value, got)
				}
			}
		})
		t.Run(string(early.from)+" and podtui", func(t *testing.T) {
			t.Parallel()
			for name, want := range map[string]string{"AC_APP_NAME": "a", "container": "podtui"} {
				g := newGiven()
				early.give(g, name, "mine")
				over := []EnvValue{{"mine", early.from}}
				if early.from == FromParent { // that speaks of a pod around podtui
					over = nil
				}
				if got, is := g.find(t, name); !is || !reflect.DeepEqual(got, EnvVar{name, want, FromPodtui, over}) {
					t.Errorf("got %+v", got)
				}
			}
		})
	}
}

// Every set of sources at once: the last wins, and each that it won over is told.
func TestEverySetOfSourcesOfTheEnvironment(t *testing.T) {
	t.Parallel()
	for set := range 1 << len(sources) {
		g := newGiven()
		var want []EnvValue
		for i, source := range sources {
			if set&(1<<i) != 0 {
				source.give(g, "X", string(source.from))
				want = append([]EnvValue{{string(source.from), source.from}}, want...)
			}
		}
		got, is := g.find(t, "X")
		if is != (set != 0) {
			t.Errorf("%b: %v", set, is)
		}
		if !is {
			continue
		}
		if all := append([]EnvValue{{got.Value, got.From}}, got.Over...); !reflect.DeepEqual(all, want) {
			t.Errorf("%b: got %v, want %v", set, all, want)
		}
	}
}

func TestParentsVariablesCountOnceAndOnlyIfTheyAreVariables(t *testing.T) {
	t.Parallel()
	pod := Pod{InheritEnv: true, Apps: []App{{Name: "a"}}}
	e := pod.ResolveApp(0, image(t, "a.b/c", plainApp), Surroundings{Environ: []string{
		"X=first", "X=last", "container=lxc", "AC_METADATA_URL=http://outside", "AC_APP_NAME=outer", "=bad", "novalue", "B=\xff", "BASH_FUNC_x%%=() { :; }",
	}})
	want := []string{"X=last", "B=\xff", "BASH_FUNC_x%%=() { :; }"}
	if got := e.Environ()[:3]; !slices.Equal(got, want) || strings.Contains(strings.Join(e.Environ(), " "), "outside") {
		t.Errorf("got %q", e.Environ())
	}
	pod.InheritEnv = false
	if got := pod.ResolveApp(0, Image{}, Surroundings{Environ: []string{"X=1"}}).Environ(); slices.Contains(got, "X=1") {
		t.Errorf("inherited without --inherit-env: %q", got)
	}
}

func TestExecutorsVariables(t *testing.T) {
	t.Parallel()
	pod := Pod{InheritEnv: true, Env: []Var{{"container", "mine"}, {"HOME", ""}}, Apps: []App{{Name: "web"}}}
	parent := []string{"AC_METADATA_URL=http://outside", "container=lxc", "AC_APP_NAME=outer", "USER=me"}
	got := pod.ResolveApp(0, image(t, "a.b/c", plainApp), Surroundings{Environ: parent}).Environ()
	want := []string{"USER=me", "HOME=", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"SHELL=/bin/sh", "LOGNAME=root", "AC_APP_NAME=web", "container=podtui"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Its value is known only as the pod starts.
func TestMetadataURLIsPodtuisUnlessNobodyWantsTheService(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mds  *bool
		want []EnvVar
		env  []string
	}{
		"by default":        {nil, []EnvVar{{MetadataURL, "", FromPodtui, []EnvValue{{"http://mine", FromPod}}}}, nil},
		"asked for":         {ptr(true), []EnvVar{{MetadataURL, "", FromPodtui, []EnvValue{{"http://mine", FromPod}}}}, nil},
		"without a service": {ptr(false), []EnvVar{{MetadataURL, "http://mine", FromPod, nil}}, []string{"AC_METADATA_URL=http://mine"}},
	} {
		pod := Pod{RegisterMDS: c.mds, InheritEnv: true, Env: []Var{{MetadataURL, "http://mine"}}, Apps: []App{{Name: "web"}}}
		r, _ := pod.Resolve([]Image{image(t, "a.b/c", plainApp)}, Surroundings{Environ: []string{"AC_METADATA_URL=http://outside"}})
		is := func(s string) bool { return strings.HasPrefix(s, MetadataURL) }
		vars := slices.DeleteFunc(slices.Clone(r.Apps[0].Env), func(v EnvVar) bool { return !is(v.Name) })
		env := slices.DeleteFunc(r.Apps[0].Environ(), func(s string) bool { return !is(s) })
		if !reflect.DeepEqual(vars, c.want) || !slices.Equal(env, c.env) || r.Metadata != (c.mds == nil || *c.mds) {
			t.Errorf("%s: %+v, %q, %v", name, vars, env, r.Metadata)
		}
	}
}

// What somebody has set and podtui sets is warned of; what an image or the caller's own
// environment has of it is not.
func TestVariablesOfPodtuisOwnThatSomebodySets(t *testing.T) {
	t.Parallel()
	const app = `{"exec":["/x"],"user":"0","group":"0","environment":[{"name":"container","value":"image"}]}`
	pod := Pod{
		InheritEnv: true, Env: []Var{{"AC_APP_NAME", "pod"}, {"A", "b"}}, RegisterMDS: ptr(false),
		Apps: []App{{Name: "web", Env: []Var{{"AC_APP_NAME", "a pp"}, {"AC_METADATA_URL", "mine"}}}},
	}
	around := Surroundings{Environ: []string{"container=parent"}, EnvFile: []Var{{"container", "file"}}}
	got := pod.ResolveApp(0, image(t, "a.b/c", app), around).Warnings()
	want := []string{
		`app "web": --environment: AC_APP_NAME="a pp" counts for nothing, since podtui sets it`,
		`app "web": --set-env: AC_APP_NAME=pod counts for nothing, since podtui sets it`,
		`app "web": --set-env-file: container=file counts for nothing, since podtui sets it`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}
