package spec

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/appc/spec/schema"
	"github.com/appc/spec/schema/types"
)

// MaxManifest is how many bytes a pod manifest may have.
const MaxManifest = 1 << 20

// FromManifest is the pod that an appc pod manifest describes (pods.md), the
// inverse of Pod.Manifest as far as a manifest goes: what it runs is the same, but
// what was a flag is the manifest's own word then. Each app has its image by ID.
//
// It is strict: a field that pods.md doesn't know is an error, and so is everything
// that Check finds. The error is one line, a *UsageError.
func FromManifest(data []byte) (Pod, error) { return Pod{}.fromManifest(data) }

// fromManifest is FromManifest beside a command line that may say which networks there
// are, without which no port can be published.
func (p Pod) fromManifest(data []byte) (Pod, error) {
	m, err := readManifest(data)
	if err != nil {
		return Pod{}, err
	}
	r := manifestReader{names: make(volumeNames), notes: make(map[string]volumeNote)}
	pod, err := r.pod(m)
	if err != nil {
		return Pod{}, err
	}
	problems := pod.check(true)
	if len(p.Network.Names) > 0 {
		problems = slices.DeleteFunc(problems, func(p Problem) bool { return p.Path == portsPath })
	}
	if len(problems) > 0 {
		return Pod{}, usage("pod manifest: %s%s", pod.partOf(problems[0].Path), problems[0].Message)
	}
	return pod, nil
}

// partOf is where in a manifest a problem is, if its message doesn't say so.
func (p Pod) partOf(path string) string {
	if path == "isolators" {
		return "isolators: "
	}
	for i, app := range p.Apps {
		if at := indexed("apps", i) + "."; path != at+"name" && strings.HasPrefix(path, at) {
			return fmt.Sprintf("app %s: ", show(app.Name))
		}
	}
	return ""
}

// WithManifest is the pod of a command line with --pod-manifest, of which data is the
// file. A flag counts over what the manifest says, a volume or a port over one of its
// name; other volumes, ports and lines of /etc/hosts stand beside the manifest's.
func (p Pod) WithManifest(data []byte) (Pod, error) {
	m, err := p.fromManifest(data)
	if err != nil {
		return Pod{}, err
	}
	p.Apps, p.Isolators = m.Apps, m.Isolators
	p.Annotations, p.UserAnnotations, p.UserLabels = m.Annotations, m.UserAnnotations, m.UserLabels
	for _, v := range m.Volumes {
		if _, own := p.volume(v.Name); !own {
			p.Volumes = append(p.Volumes, v)
		}
	}
	p.Name, p.Hostname = cmp.Or(p.Name, m.Name), cmp.Or(p.Hostname, m.Hostname)
	p.OnFailure = cmp.Or(p.OnFailure, m.OnFailure)
	if len(p.Network.Names) == 0 {
		p.Network = m.Network
	}
	p.Ports = portsOver(p.Ports, m.Ports)
	if p.RegisterMDS == nil {
		p.RegisterMDS = m.RegisterMDS
	}
	if len(p.DNS.Servers)+len(p.DNS.Search)+len(p.DNS.Options) == 0 {
		p.DNS = m.DNS
	}
	for _, entry := range m.HostsEntries {
		if !slices.Contains(p.HostsEntries, entry) {
			p.HostsEntries = append(p.HostsEntries, entry)
		}
	}
	p.Interactive, p.PrivateUsers, p.NoOverlay = p.Interactive || m.Interactive, p.PrivateUsers || m.PrivateUsers, p.NoOverlay || m.NoOverlay
	return p, nil
}

// podManifest is pods.md, word for word: the schema's own types drop what they don't
// know.
type podManifest struct {
	ACVersion       string            `json:"acVersion"`
	ACKind          string            `json:"acKind"`
	Apps            []runtimeApp      `json:"apps"`
	Volumes         []manifestVolume  `json:"volumes"`
	Isolators       json.RawMessage   `json:"isolators"`
	Annotations     []Var             `json:"annotations"`
	Ports           []hostPort        `json:"ports"`
	UserAnnotations map[string]string `json:"userAnnotations"`
	UserLabels      map[string]string `json:"userLabels"`
}

type runtimeApp struct {
	Name           string          `json:"name"`
	Image          runtimeImage    `json:"image"`
	App            json.RawMessage `json:"app"`
	ReadOnlyRootFS bool            `json:"readOnlyRootFS"`
	Mounts         []manifestMount `json:"mounts"`
	Annotations    []Var           `json:"annotations"`
}

type runtimeImage struct {
	Name   string `json:"name"`
	ID     string `json:"id"`
	Labels []Var  `json:"labels"`
}

type manifestMount struct {
	Volume    string          `json:"volume"`
	Path      string          `json:"path"`
	AppVolume *manifestVolume `json:"appVolume"`
}

type manifestVolume struct {
	Name      string  `json:"name"`
	Kind      string  `json:"kind"`
	Source    string  `json:"source"`
	ReadOnly  *bool   `json:"readOnly"`
	Recursive *bool   `json:"recursive"`
	Mode      *string `json:"mode"`
	UID       *int    `json:"uid"`
	GID       *int    `json:"gid"`
}

type hostPort struct {
	Name     string   `json:"name"`
	HostPort int      `json:"hostPort"`
	HostIP   string   `json:"hostIP"`
	PodPort  *PodPort `json:"podPort"`
}

func readManifest(data []byte) (m podManifest, err error) {
	switch {
	case len(data) > MaxManifest:
		return m, usage("pod manifest: %d bytes; at most %d are taken", len(data), MaxManifest)
	case !utf8.Valid(data):
		return m, usage("pod manifest: not UTF-8, and so not JSON")
	}
	if err := Decode(data, &m); err != nil {
		return m, usage("pod manifest: %v", err)
	}
	if m.ACKind != string(schema.PodManifestKind) {
		return m, usage("pod manifest: acKind %s; a pod manifest has %s", show(m.ACKind), schema.PodManifestKind)
	}
	if _, err := types.NewSemVer(m.ACVersion); err != nil {
		return m, usage("pod manifest: acVersion %s: %v; podtui knows %s", show(m.ACVersion), oneLine(err), schema.AppContainerVersion)
	}
	return m, nil
}

// manifestReader makes a pod out of a manifest.
type manifestReader struct {
	names volumeNames
	notes map[string]volumeNote
}

func (r *manifestReader) pod(m podManifest) (Pod, error) {
	p := Pod{
		UserAnnotations: sortedVars(m.UserAnnotations), UserLabels: sortedVars(m.UserLabels),
	}
	var err error
	if p.Isolators, err = canonical(m.Isolators); err != nil {
		return Pod{}, err
	}
	if p.Annotations, err = r.podAnnotations(&p, m.Annotations); err != nil {
		return Pod{}, err
	}
	for _, v := range m.Volumes {
		r.names.take(v.Name)
		if !r.notes[v.Name].Implicit {
			p.Volumes = append(p.Volumes, r.volume(v))
		}
	}
	for _, a := range m.Apps {
		app, err := r.app(&p, a)
		if err != nil {
			return Pod{}, err
		}
		p.Apps = append(p.Apps, app)
	}
	for _, port := range m.Ports {
		p.Ports = append(p.Ports, Port{Name: port.Name, HostIP: port.HostIP, HostPort: port.HostPort, PodPort: port.PodPort})
	}
	return p, nil
}

func (r *manifestReader) volume(m manifestVolume) Volume {
	note := r.notes[m.Name]
	v := Volume{
		Name: m.Name, Kind: m.Kind, Source: m.Source, ReadOnly: m.ReadOnly, Recursive: m.Recursive,
		UID: notZero(m.UID), GID: notZero(m.GID), Medium: note.Medium, Size: note.Size,
	}
	if m.Mode != nil && *m.Mode != defaultMode {
		v.Mode = *m.Mode
	}
	return v
}

// notZero has one value for what pods.md has by default.
func notZero(id *int) *int {
	if id != nil && *id == 0 {
		return nil
	}
	return id
}

func (r *manifestReader) app(p *Pod, m runtimeApp) (App, error) {
	what := "pod manifest: app " + show(m.Name)
	if m.Name == "" {
		return App{}, usage("pod manifest: app %d has no name", len(p.Apps)+1)
	}
	if m.Image.ID == "" {
		return App{}, usage("%s: its image has no id; a manifest that is to be run says which image exactly", what)
	}
	if !isImageID(m.Image.ID) {
		return App{}, usage("%s: image id %s: write sha512- and the digits of the image", what, show(m.Image.ID))
	}
	a := App{Name: m.Name, Image: m.Image.ID, ImageName: m.Image.Name}
	if m.ReadOnlyRootFS {
		a.ReadOnlyRoot = &m.ReadOnlyRootFS
	}
	var err error
	if a.Says, err = canonical(m.App); err != nil {
		return App{}, err
	}
	for _, mount := range m.Mounts {
		switch {
		case mount.AppVolume != nil:
			v := r.volume(*mount.AppVolume)
			v.Name = r.names.free(v.Name)
			p.Volumes = append(p.Volumes, v)
			mount.Volume = v.Name
		case r.notes[mount.Volume].Implicit:
			continue
		}
		a.Mounts = append(a.Mounts, Mount{Volume: mount.Volume, Path: mount.Path})
	}
	a.Annotations, err = appAnnotations(&a, what, m.Annotations)
	return a, err
}

// portsOver are those of a command line, and those of a manifest that it doesn't
// publish otherwise. Which ports of the pod they are the manifest goes on to say.
func portsOver(flags, manifest []Port) []Port {
	all, own := slices.Clone(flags), make(map[string][]int)
	for i, port := range all {
		own[port.Name] = append(own[port.Name], i)
	}
	for _, port := range manifest {
		places, named := own[port.Name]
		if !named {
			all = append(all, port)
		}
		for _, i := range places {
			all[i].PodPort = port.PodPort
		}
	}
	return all
}

// isImageID takes the whole of one, and nothing that an image's name could be.
func isImageID(id string) bool {
	hash, err := types.NewHash(id)
	if err != nil || len(hash.Val) < 2 || len(hash.Val) > 128 {
		return false
	}
	for _, c := range hash.Val {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// canonical is a part of the manifest as podtui's record gives it back, or nil.
func canonical(raw json.RawMessage) (json.RawMessage, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	text, err := json.Marshal(raw)
	if err != nil {
		return nil, usage("pod manifest: %v", oneLine(err))
	}
	return text, nil
}

func sortedVars(object map[string]string) []Var {
	var list []Var
	for _, name := range slices.Sorted(maps.Keys(object)) {
		list = append(list, Var{name, object[name]})
	}
	return list
}
