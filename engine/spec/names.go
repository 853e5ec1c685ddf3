package spec

import (
	"fmt"
	"strings"

	"github.com/appc/spec/schema/types"
)

// maxName bounds the names of apps and volumes: they become names of files,
// with something added.
const maxName = 128

// DefaultName is the name of an app that has none: the last element of its
// image's name, with what a name can't hold as dashes, as in rkt.
func DefaultName(imageName string) string {
	last := imageName[strings.LastIndexByte(imageName, '/')+1:]
	if len(last) > maxName {
		last = last[:maxName]
	}
	name, err := types.SanitizeACName(last)
	if err != nil {
		return "app"
	}
	return name
}

// WithNames returns the pod with a name for every app, given the names of the
// images in the order of the apps. Two apps that end up with one name are a
// problem that only shows here.
func (p Pod) WithNames(imageNames []string) (Pod, []Problem) {
	apps := make([]App, len(p.Apps))
	for i, app := range p.Apps {
		if app.Name == "" && i < len(imageNames) {
			app.Name = DefaultName(imageNames[i])
		}
		apps[i] = app
	}
	p.Apps = apps
	return p, checkNamesDiffer(apps, p.ManifestFile != "")
}

// checkNamesDiffer tells each app that has the name of one before it.
func checkNamesDiffer(apps []App, manifest bool) []Problem {
	advice := "; give one of them another name with --name"
	if manifest {
		advice = ""
	}
	var problems []Problem
	seen := make(map[string]int)
	for i, app := range apps {
		if first, twice := seen[app.Name]; twice && app.Name != "" {
			problems = append(problems, Problem{
				Path:    fmt.Sprintf("apps[%d].name", i),
				Message: fmt.Sprintf("apps %d and %d are both called %s%s", first+1, i+1, show(app.Name), advice),
			})
			continue
		}
		seen[app.Name] = i
	}
	return problems
}

// shownOfUUID is how many digits of a pod's UUID people are shown, and type.
const shownOfUUID = 8

// beginsUUID reports whether a name could be taken for a pod's UUID as lists show
// it, or more of one.
func beginsUUID(name string) bool {
	for i := range len(name) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (name[i] == '-') || !dash && !strings.ContainsRune("0123456789abcdef", rune(name[i])) {
			return false
		}
	}
	return len(name) >= shownOfUUID
}
