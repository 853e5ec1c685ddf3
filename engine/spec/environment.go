package spec

import (
	"fmt"
	"slices"
	"strings"
)

// EnvVar is one variable of an app's environment, and where it comes from.
type EnvVar struct {
	Name  string     `json:"name"`
	Value string     `json:"value"`
	From  Origin     `json:"from"`
	Over  []EnvValue `json:"over,omitempty"` // what it won over, the latest first
}

// EnvValue is a value that another one won over.
type EnvValue struct {
	Value string `json:"value"`
	From  Origin `json:"from"`
}

// MetadataURL is the variable that tells an app where its metadata service is
// (ace.md). podtui sets it, over everybody; Effective.Env has it without a value, which
// is known only once the pod starts.
const MetadataURL = "AC_METADATA_URL"

// Environ is the environment as exec(3) takes it, but for podtui's MetadataURL, which
// whoever knows its value adds.
func (e Effective) Environ() []string {
	environ := make([]string, 0, len(e.Env)+1)
	for _, v := range e.Env {
		if v.Name != MetadataURL || v.From != FromPodtui {
			environ = append(environ, v.Name+"="+v.Value)
		}
	}
	return environ
}

// environment puts an app's environment together (contract, section 3): parent,
// image, --set-env-file, --set-env, --environment, a later one wins; then defaults
// for what is still unset; then what podtui itself says, which nobody changes. A
// variable stands where its winner was given, so an app that prints them shows them
// as rkt's manual does.
func (p Pod) environment(app App, name string, says said, around Surroundings) []EnvVar {
	e := environment{at: make(map[string]int)}
	if p.InheritEnv {
		e.inherit(around.Environ)
	}
	for _, v := range says.Environment {
		e.set(v.Name, v.Value, says.from)
	}
	for _, v := range around.EnvFile {
		e.set(v.Name, v.Value, FromFile)
	}
	for _, v := range p.Env {
		e.set(v.Name, v.Value, FromPod)
	}
	for _, v := range app.Env {
		e.set(v.Name, v.Value, FromApp)
	}
	e.defaults()
	e.set("AC_APP_NAME", name, FromPodtui)
	if p.metadata() {
		e.set(MetadataURL, "", FromPodtui)
	}
	e.set("container", "podtui", FromPodtui)
	return slices.DeleteFunc(e.vars, func(v EnvVar) bool { return v.From == "" })
}

// unheard tells of what somebody has given to variables that are podtui's own. What an
// image, or the environment of podtui's caller, says of them nobody has meant for this
// app.
func (e Effective) unheard() (list []string) {
	said := map[Origin]string{FromFile: "--set-env-file", FromPod: "--set-env", FromApp: "--environment", FromPodManifest: "pod manifest"}
	for _, v := range e.Env {
		for _, over := range v.Over {
			if by, known := said[over.From]; known && v.From == FromPodtui {
				list = append(list, fmt.Sprintf("app %q: %s: %s=%s counts for nothing, since podtui sets it", e.Name.Value, by, v.Name, show(over.Value)))
			}
		}
	}
	return list
}

// environment is one that is being put together. What was won over stays in its
// place without an origin until the end: an image's environment can be long.
type environment struct {
	vars []EnvVar
	at   map[string]int // index by name
}

// inherit takes the parent's environment but for what speaks of the pod that
// podtui itself may run in. What isn't NAME=VALUE is no variable.
func (e *environment) inherit(parent []string) {
	for _, s := range parent {
		name, value, ok := strings.Cut(s, "=")
		if ok && name != "" && !slices.Contains([]string{"AC_APP_NAME", MetadataURL, "container"}, name) {
			e.set(name, value, FromParent)
		}
	}
}

// set puts a variable at the end, and what it wins over behind it. A parent's
// environment that has a name twice counts with the latter, and once.
func (e *environment) set(name, value string, from Origin) {
	v := EnvVar{Name: name, Value: value, From: from}
	if i, is := e.at[name]; is {
		old := e.vars[i]
		if v.Over = old.Over; old.From != from {
			v.Over = append([]EnvValue{{old.Value, old.From}}, old.Over...)
		}
		e.vars[i] = EnvVar{}
	}
	e.at[name] = len(e.vars)
	e.vars = append(e.vars, v)
}

// defaults are for what is unset; what is set to nothing is set.
func (e *environment) defaults() {
	for _, v := range []Var{
		{"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
		{"SHELL", "/bin/sh"}, {"USER", "root"}, {"LOGNAME", "root"}, {"HOME", "/root"},
	} {
		if _, is := e.at[v.Name]; !is {
			e.set(v.Name, v.Value, FromDefault)
		}
	}
}
