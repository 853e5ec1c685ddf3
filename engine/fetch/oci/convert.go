package oci

import (
	"cmp"
	"encoding/json"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/appc/spec/schema"
	"github.com/appc/spec/schema/types"
)

// Names is what an image is called, which it doesn't know itself.
type Names struct {
	Name      string // an appc identifier
	Version   string // the tag, or ""
	Reference string // as it was asked for, or ""; a digest at its end is left out
}

// Convert makes the image's appc manifest, by the rule in docs/images.md. The
// same config, names and users make the same bytes.
func (img *Image) Convert(n Names, u Users) ([]byte, error) {
	name, err := types.NewACIdentifier(n.Name)
	if err != nil {
		return nil, &InvalidError{What: "image name " + show(n.Name), Reason: "is not an appc one: lower-case letters, digits and -._~/"}
	}
	m := schema.BlankImageManifest()
	m.Name = *name
	m.Labels = img.labels(n.Version)
	app, leftOut, err := img.app(u)
	if err != nil {
		return nil, err
	}
	m.App = app
	m.Annotations = img.annotations(n.Reference, leftOut)
	manifest, err := json.Marshal(m)
	if err != nil {
		return nil, img.Config.refuse("config", err)
	}
	return manifest, nil
}

// app is how the image is run, and the variables of the environment that appc
// can't have.
func (img *Image) app(u Users) (*types.App, []string, error) {
	run := img.Parsed.Run
	who, err := account(run.User, u)
	if err != nil {
		return nil, nil, err
	}
	env, leftOut := environment(run.Env)
	return &types.App{
		Exec:              append(append(types.Exec{}, run.Entrypoint...), run.Cmd...), // never null
		User:              who.user,
		Group:             who.group,
		SupplementaryGIDs: who.groups,
		WorkingDirectory:  workingDir(run.WorkingDir),
		Environment:       env,
		MountPoints:       mountPoints(run.Volumes),
		Ports:             ports(run.ExposedPorts),
	}, leftOut, nil
}

// workingDir is absolute; docker takes a relative one from the root.
func workingDir(dir string) string {
	if dir == "" {
		return ""
	}
	return path.Join("/", dir)
}

// environment keeps the order of the image, and of a name that is there twice
// the last, where it stands last. What isn't NAME=VALUE with a name that appc
// takes is left out, and told.
func environment(list []string) (env types.Environment, leftOut []string) {
	last := make(map[string]int)
	for i, entry := range list {
		name, _, _ := strings.Cut(entry, "=")
		last[name] = i
	}
	for i, entry := range list {
		name, value, ok := strings.Cut(entry, "=")
		switch {
		case !ok || !variableName(name):
			leftOut = append(leftOut, entry)
		case last[name] == i:
			env = append(env, types.EnvironmentVariable{Name: name, Value: value})
		}
	}
	return env, leftOut
}

// variableName is the rule of the appc schema for names of variables.
func variableName(s string) bool {
	for i, c := range s {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '.' && c != '-') {
			return false
		}
	}
	return s != ""
}

// Annotations of a converted image: what the config says and appc has no field
// for, or says otherwise. Those of lists and maps are JSON.
const (
	annotationEntrypoint   = "appc.io/docker/entrypoint" // as docker2aci calls it
	annotationCmd          = "appc.io/docker/cmd"        // likewise
	annotationReference    = "podtui.io/reference"
	annotationLabels       = "podtui.io/labels"
	annotationMaintainer   = "podtui.io/maintainer"
	annotationUser         = "podtui.io/user"
	annotationExposedPorts = "podtui.io/exposed-ports"
	annotationVolumes      = "podtui.io/volumes" // spec.VolumesAnnotation
	annotationLeftOut      = "podtui.io/environment-left-out"
	annotationStopSignal   = "podtui.io/stop-signal"
	annotationHealthcheck  = "podtui.io/healthcheck"
	annotationShell        = "podtui.io/shell"
	annotationPlatform     = "podtui.io/platform"
)

// annotations are sorted by their names; what the config leaves out has none.
func (img *Image) annotations(reference string, leftOut []string) types.Annotations {
	c, run := img.Parsed, img.Parsed.Run
	values := map[string]string{
		"created":              created(c.Created),
		"authors":              cmp.Or(c.Author, run.Labels["org.opencontainers.image.authors"]),
		annotationReference:    withoutDigest(reference),
		annotationMaintainer:   cmp.Or(run.Labels["maintainer"], run.Labels["MAINTAINER"]),
		annotationUser:         run.User,
		annotationStopSignal:   run.StopSignal,
		annotationPlatform:     img.Platform.String(),
		annotationEntrypoint:   listed(run.Entrypoint),
		annotationCmd:          listed(run.Cmd),
		annotationShell:        listed(run.Shell),
		annotationLeftOut:      listed(leftOut),
		annotationExposedPorts: listed(sortedKeys(run.ExposedPorts)),
		annotationVolumes:      listed(volumePaths(run.Volumes)),
	}
	if len(run.Labels) > 0 {
		values[annotationLabels] = asJSON(run.Labels)
	}
	if run.Healthcheck != nil {
		values[annotationHealthcheck] = asJSON(run.Healthcheck)
	}
	var list types.Annotations
	for _, name := range sortedKeys(values) {
		if value := values[name]; value != "" {
			list = append(list, types.Annotation{Name: types.ACIdentifier(name), Value: value})
		}
	}
	return list
}

// created is one form of a time, since tools write the same one in several; ""
// if it is none.
func created(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// withoutDigest takes a digest off a reference: the manifest's differs with
// every compression of the same image.
func withoutDigest(reference string) string {
	before, digest, ok := strings.Cut(reference, "@")
	if ok && Digest(digest).Valid() {
		return before
	}
	return reference
}

func listed(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return asJSON(list)
}

// asJSON is for values that JSON can hold: strings, and lists and maps of them.
// Keys of maps come sorted.
func asJSON(v any) string {
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false) // people read it
	if err := e.Encode(v); err != nil {
		panic(err) // a value of another kind: a mistake in this package
	}
	return strings.TrimSuffix(text.String(), "\n")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
