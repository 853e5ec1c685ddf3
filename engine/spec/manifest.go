package spec

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"

	"github.com/appc/spec/schema"
	"github.com/appc/spec/schema/types"
)

// Annotations of a pod manifest for what its schema has no field for. Absent:
// nobody said anything.
const (
	annotationNetworks     = "podtui.networks"      // a JSON list of names
	annotationRegisterMDS  = "podtui.register-mds"  // true or false
	annotationName         = "podtui.name"          // of --pod-name
	annotationOnFailure    = "podtui.on-failure"    // stop or continue
	annotationInteractive  = "podtui.interactive"   // true
	annotationHostname     = "podtui.hostname"      // of --hostname
	annotationDNS          = "podtui.dns"           // a JSON object: servers, search, options
	annotationHosts        = "podtui.hosts"         // a JSON list of objects: ip, name
	annotationPrivateUsers = "podtui.private-users" // true
	annotationNoOverlay    = "podtui.no-overlay"    // true
	annotationVolumes      = "podtui.volumes"       // a JSON object of volumeNote, by volume

	// Of an app.
	annotationReference   = "podtui.reference"    // its image as it was asked for
	annotationRestart     = "podtui.restart"      // as --restart takes it
	annotationStopSignal  = "podtui.stop-signal"  // likewise
	annotationStopTimeout = "podtui.stop-timeout" // likewise
)

// volumeNote is what the schema has no field for in a volume.
type volumeNote struct {
	Medium   string `json:"medium,omitempty"`
	Size     string `json:"size,omitempty"`
	Implicit bool   `json:"implicit,omitempty"` // made for a mount point that has none (Binding.Implicit)
}

// Manifest is the pod as an appc pod manifest (pods.md), for "cat-manifest" and for
// other executors. Every app needs its image, with ID and manifest.
//
// It is a picture and not what is executed: JSON has no way to hold an argument
// that isn't UTF-8, and the schema no variable whose name isn't an appc one, so
// such inherited variables are left out; so are an app's isolators that the schema
// has no type for. Neither does it hold what an executor sets on its own: defaults,
// AC_APP_NAME, container.
func (p Pod) Manifest(images []Image, around Surroundings) (*schema.PodManifest, error) {
	m, resolved, err := p.manifest(images, around)
	if err != nil {
		return nil, err
	}
	for i, app := range p.Apps {
		app.annotate(&m.Apps[i])
	}
	return m, p.annotate(m, resolved)
}

// ToldManifest is the Manifest that the metadata service tells apps: without
// podtui's own annotations, which say where on the host an image came from, and
// would leave no app without annotations.
func (p Pod) ToldManifest(images []Image, around Surroundings) (*schema.PodManifest, error) {
	m, _, err := p.manifest(images, around)
	return m, err
}

func (p Pod) manifest(images []Image, around Surroundings) (*schema.PodManifest, Resolved, error) {
	resolved, problems := p.Resolve(images, around)
	if len(problems) > 0 {
		return nil, Resolved{}, problems[0]
	}
	var err error
	m := schema.BlankPodManifest()
	for i, e := range resolved.Apps {
		app, err := e.manifest(p.Apps[i], imageAt(images, i))
		if err != nil {
			return nil, Resolved{}, fmt.Errorf("app %s: %w", show(e.Name.Value), err)
		}
		m.Apps = append(m.Apps, app)
	}
	for _, v := range resolved.Volumes {
		m.Volumes = append(m.Volumes, v.manifest())
	}
	for _, port := range p.Ports {
		m.Ports = append(m.Ports, port.manifest())
	}
	if m.Isolators, err = p.manifestIsolators(); err != nil {
		return nil, Resolved{}, err
	}
	m.Annotations, m.UserAnnotations, m.UserLabels = annotations(p.Annotations), object(p.UserAnnotations), object(p.UserLabels)
	return m, resolved, nil
}

func (p Pod) annotate(m *schema.PodManifest, resolved Resolved) error {
	notes := map[types.ACIdentifier]string{
		annotationName: p.Name, annotationOnFailure: string(p.OnFailure), annotationHostname: p.Hostname,
		annotationRegisterMDS: showOptional(p.RegisterMDS), annotationInteractive: ifTrue(p.Interactive),
		annotationPrivateUsers: ifTrue(p.PrivateUsers), annotationNoOverlay: ifTrue(p.NoOverlay),
	}
	for name, value := range map[types.ACIdentifier]any{
		annotationNetworks: p.Network.Names, annotationDNS: p.DNS, annotationHosts: p.HostsEntries,
		annotationVolumes: p.volumeNotes(resolved),
	} {
		text, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if !slices.Contains([]string{"null", "{}"}, string(text)) {
			notes[name] = string(text)
		}
	}
	annotate(&m.Annotations, notes)
	return nil
}

func ifTrue(on bool) string {
	if on {
		return "true"
	}
	return ""
}

// volumeNotes are of the volumes about which there is more to say than the schema
// can.
func (p Pod) volumeNotes(resolved Resolved) map[string]volumeNote {
	notes := make(map[string]volumeNote)
	for _, v := range resolved.Volumes {
		_, asked := p.volume(v.Name)
		if note := (volumeNote{Medium: v.Medium, Size: v.Size, Implicit: !asked}); note != (volumeNote{}) {
			notes[v.Name] = note
		}
	}
	return notes
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

// manifest is the app's entry. What the image says and podtui doesn't use (isolators
// that it doesn't enforce) is kept.
func (e Effective) manifest(a App, image Image) (schema.RuntimeApp, error) {
	if image.Manifest == nil || image.ID.Empty() {
		return schema.RuntimeApp{}, errors.New("its image has no ID yet")
	}
	app := a.instead(image).App
	app.Exec = e.Exec
	app.User, app.Group = e.User.Value, e.Group.Value
	app.SupplementaryGIDs = e.Groups
	app.WorkingDirectory = e.WorkingDir.Value
	app.Environment = e.manifestEnv()
	if len(a.Labels) > 0 {
		app.UserLabels = types.UserLabels(over(app.UserLabels, a.Labels))
	}
	var err error
	if app.Isolators, err = a.manifestIsolators(app.Isolators); err != nil {
		return schema.RuntimeApp{}, err
	}
	name := image.Manifest.Name
	runtime := schema.RuntimeApp{
		Name:  types.ACName(e.Name.Value),
		Image: schema.RuntimeImage{Name: &name, ID: image.ID, Labels: image.Manifest.Labels},
		App:   &app, ReadOnlyRootFS: e.Isolation.ReadOnlyRoot,
		Annotations: annotations(a.Annotations),
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
		mode, owner, group := cmp.Or(v.Mode, defaultMode), 0, 0
		m.Mode, m.UID, m.GID = &mode, &owner, &group
		if v.UID != nil {
			m.UID = v.UID
		}
		if v.GID != nil {
			m.GID = v.GID
		}
	}
	return m
}

func (p Port) manifest() types.ExposedPort {
	m := types.ExposedPort{Name: types.ACName(p.Name), HostPort: uint(p.HostPort), HostIP: net.ParseIP(p.HostIP)}
	if own := p.PodPort; own != nil {
		m.PodPort = &types.Port{Name: types.ACName(own.Name), Protocol: own.Protocol, Port: own.Port, Count: own.count(), SocketActivated: own.SocketActivated}
	}
	return m
}

// defaultMode is DefaultMode as pods.md writes it.
const defaultMode = "0755"

// annotations keep the difference between none and an empty list.
func annotations(list []Var) types.Annotations {
	if list == nil {
		return nil
	}
	all := make(types.Annotations, len(list))
	for i, v := range list {
		all[i] = types.Annotation{Name: types.ACIdentifier(v.Name), Value: v.Value}
	}
	return all
}

func object(list []Var) map[string]string {
	if len(list) == 0 {
		return nil
	}
	return over(nil, list)
}

// over is a copy of an object with others over its own.
func over(base map[string]string, list []Var) map[string]string {
	all := make(map[string]string, len(base)+len(list))
	maps.Copy(all, base)
	for _, v := range list {
		all[v.Name] = v.Value
	}
	return all
}
