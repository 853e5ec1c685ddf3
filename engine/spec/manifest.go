package spec

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/appc/spec/schema"
	"github.com/appc/spec/schema/types"
)

// Annotations of a pod manifest for what its schema has no field for. Absent:
// the default.
const (
	annotationNetworks    = "podtui.networks"     // a JSON list of names
	annotationRegisterMDS = "podtui.register-mds" // true or false
	annotationName        = "podtui.name"         // of --pod-name
	annotationOnFailure   = "podtui.on-failure"   // stop or continue
	annotationInteractive = "podtui.interactive"  // true

	// Of an app.
	annotationReference   = "podtui.reference"    // its image as it was asked for
	annotationRestart     = "podtui.restart"      // as --restart takes it
	annotationStopSignal  = "podtui.stop-signal"  // likewise
	annotationStopTimeout = "podtui.stop-timeout" // likewise
)

// Manifest is the pod as an appc pod manifest (pods.md), for the metadata
// service, for "cat-manifest" and for other executors. Every app needs its
// image, with ID and manifest.
//
// It is a picture and not what is executed: JSON has no way to hold an argument
// that isn't UTF-8, and the schema no variable whose name isn't an appc one, so
// such inherited variables are left out. Neither does it hold what an executor
// sets on its own: defaults, AC_APP_NAME, container.
func (p Pod) Manifest(images []Image, around Surroundings) (*schema.PodManifest, error) {
	resolved, problems := p.Resolve(images, around)
	if len(problems) > 0 {
		return nil, problems[0]
	}
	m := schema.BlankPodManifest()
	for i, e := range resolved.Apps {
		app, err := e.manifest(imageAt(images, i))
		if err != nil {
			return nil, fmt.Errorf("app %s: %w", show(e.Name.Value), err)
		}
		p.Apps[i].annotate(&app)
		m.Apps = append(m.Apps, app)
	}
	for _, v := range resolved.Volumes {
		m.Volumes = append(m.Volumes, v.manifest())
	}
	return m, p.annotate(m)
}

func (p Pod) annotate(m *schema.PodManifest) error {
	if len(p.Network.Names) > 0 {
		names, err := json.Marshal(p.Network.Names)
		if err != nil {
			return fmt.Errorf("networks: %w", err)
		}
		m.Annotations.Set(annotationNetworks, string(names))
	}
	if p.RegisterMDS != nil {
		m.Annotations.Set(annotationRegisterMDS, fmt.Sprint(*p.RegisterMDS))
	}
	if p.Interactive {
		m.Annotations.Set(annotationInteractive, "true")
	}
	annotate(&m.Annotations, map[types.ACIdentifier]string{annotationName: p.Name, annotationOnFailure: string(p.OnFailure)})
	return nil
}

func (a App) annotate(m *schema.RuntimeApp) {
	annotate(&m.Annotations, map[types.ACIdentifier]string{
		annotationReference: a.Image, annotationRestart: a.Restart,
		annotationStopSignal: a.StopSignal, annotationStopTimeout: a.StopTimeout,
	})
}

// annotate leaves out what nobody said.
func annotate(to *types.Annotations, values map[types.ACIdentifier]string) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if values[name] != "" {
			to.Set(name, values[name])
		}
	}
}

// manifest is the app's entry. What the image says and nobody can override yet
// (event handlers, ports, isolators) is kept.
func (e Effective) manifest(image Image) (schema.RuntimeApp, error) {
	if image.Manifest == nil || image.ID.Empty() {
		return schema.RuntimeApp{}, fmt.Errorf("its image has no ID yet")
	}
	app := image.app()
	app.Exec = e.Exec
	app.User, app.Group = e.User.Value, e.Group.Value
	app.WorkingDirectory = e.WorkingDir.Value
	app.Environment = e.manifestEnv()
	isolators, err := e.Limits.isolators(app.Isolators)
	if err != nil {
		return schema.RuntimeApp{}, err
	}
	app.Isolators = isolators
	name := image.Manifest.Name
	runtime := schema.RuntimeApp{
		Name:  types.ACName(e.Name.Value),
		Image: schema.RuntimeImage{Name: &name, ID: image.ID, Labels: image.Manifest.Labels},
		App:   &app,
	}
	for _, b := range e.Bindings {
		runtime.Mounts = append(runtime.Mounts, schema.Mount{Volume: types.ACName(b.Volume), Path: b.Path})
	}
	return runtime, nil
}

func (e Effective) manifestEnv() types.Environment {
	env := types.Environment{}
	for _, v := range e.Env {
		if v.From != FromDefault && v.From != FromPodtui && validVarName(v.Name) {
			env = append(env, types.EnvironmentVariable{Name: v.Name, Value: v.Value})
		}
	}
	return env
}

// manifest fills in what the schema wants of an empty volume: rkt's defaults.
func (v Volume) manifest() types.Volume {
	m := types.Volume{
		Name: types.ACName(v.Name), Kind: v.Kind, Source: v.Source,
		ReadOnly: v.ReadOnly, Recursive: v.Recursive,
	}
	if v.Kind == EmptyVolume {
		mode, owner, group := "0755", 0, 0
		m.Mode, m.UID, m.GID = &mode, &owner, &group
	}
	return m
}
