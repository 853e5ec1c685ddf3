package spec

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// ManifestUnsaid tells what Manifest has no words for, one line each: who runs a pod of
// that manifest has to say it again.
func (p Pod) ManifestUnsaid(images []Image, around Surroundings) []string {
	var list []string
	add := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if p.Pull != "" {
		add("--pull-policy=%s: it has images by their IDs", p.Pull)
	}
	if p.VerifyImage {
		add("--verify-image")
	}
	if p.InheritEnv {
		add("--inherit-env: variables are as they were here and now")
	}
	for _, file := range p.EnvFiles {
		add("--set-env-file=%s: its variables stand in the manifest itself", show(file))
	}
	for i := range p.Apps {
		e := p.ResolveApp(i, imageAt(images, i), around)
		for _, what := range p.Apps[i].manifestUnsaid(imageAt(images, i), e) {
			add("app %s: %s", show(e.Name.Value), what)
		}
	}
	return list
}

func (a App) manifestUnsaid(image Image, e Effective) []string {
	var list []string
	add := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if a.Signature != "" {
		add("--signature=%s", show(a.Signature))
	}
	for _, i := range a.instead(image).Isolators {
		if i.Value() == nil {
			add("isolator %s, which the schema doesn't know", show(i.Name.String()))
		}
	}
	const asText = "it is not UTF-8, which JSON is"
	if !utf8.ValidString(e.WorkingDir.Value) {
		add("working folder %s: %s", show(e.WorkingDir.Value), asText)
	}
	for _, word := range e.Exec {
		if !utf8.ValidString(word) {
			add("argument %s: %s", show(word), asText)
		}
	}
	for _, b := range e.Bindings {
		if !utf8.ValidString(b.Path) {
			add("mount at %s: %s", show(b.Path), asText)
		}
	}
	for _, v := range e.Env {
		switch {
		case slices.Contains([]Origin{FromDefault, FromPodtui}, v.From):
		case !validVarName(v.Name):
			add("variable %s: it is no name to appc", show(v.Name))
		case !utf8.ValidString(v.Value):
			add("variable %s: %s", v.Name, asText)
		}
	}
	return list
}
