package spec

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/appc/spec/schema"
	"github.com/appc/spec/schema/types"
)

// Origin says where an effective value comes from.
type Origin string

// The origins, in the order in which a later one wins over an earlier.
const (
	FromDefault Origin = "default" // nobody said anything
	FromParent  Origin = "parent"  // the environment of podtui's caller
	FromImage   Origin = "image"
	FromFile    Origin = "file"   // of --set-env-file
	FromPod     Origin = "pod"    // a flag of the pod, such as --set-env
	FromApp     Origin = "app"    // a flag of the app
	FromPodtui  Origin = "podtui" // not to be changed, such as AC_APP_NAME
)

// Image is an image that an app's reference was resolved to.
type Image struct {
	ID       types.Hash
	Manifest *schema.ImageManifest // nil: not known yet
}

// name is the image's name, or "".
func (i Image) name() string {
	if i.Manifest == nil {
		return ""
	}
	return i.Manifest.Name.String()
}

// VolumesAnnotation is the annotation of an image manifest that was made of a
// registry image's config: the paths of its VOLUMEs, as a JSON array.
const VolumesAnnotation = "podtui.io/volumes"

// isVolume reports whether a mount point is a VOLUME of a registry image.
func (i Image) isVolume(point types.MountPoint) bool {
	if i.Manifest == nil {
		return false
	}
	list, ok := i.Manifest.Annotations.Get(VolumesAnnotation)
	var paths []string
	if !ok || json.Unmarshal([]byte(list), &paths) != nil {
		return false
	}
	return slices.ContainsFunc(paths, func(path string) bool { return samePath(path, point.Path) })
}

// app is what the image says about running it; an image need not say anything.
func (i Image) app() types.App {
	if i.Manifest == nil || i.Manifest.App == nil {
		return types.App{}
	}
	return *i.Manifest.App
}

// Setting is one effective value beside what the image alone would have given.
type Setting struct {
	Value string `json:"value"`
	From  Origin `json:"from"`
	Image string `json:"image,omitempty"`
}

// Effective is an app as it will run: the pod's wishes over what the image
// says. It is what the engine executes, and all that it executes.
type Effective struct {
	Name       Setting   `json:"name"`
	Exec       []string  `json:"exec"`      // argv; empty: there is nothing to execute
	ImageExec  []string  `json:"imageExec"` // argv if the pod had said nothing
	ExecFrom   Origin    `json:"execFrom"`  // of the executable
	OwnArgs    int       `json:"ownArgs"`   // how many at the end of Exec are the app's own Args
	User       Setting   `json:"user"`
	Group      Setting   `json:"group"`
	Groups     []int     `json:"groups,omitempty"` // supplementary, of the image
	WorkingDir Setting   `json:"workingDir"`
	Env        []EnvVar  `json:"env"`
	Bindings   []Binding `json:"bindings,omitempty"`
	Limits     Limits    `json:"limits,omitzero"`
	Life       Life      `json:"life"`

	Isolation Isolation  `json:"isolation"`
	Isolators []Isolator `json:"isolators,omitempty"` // Limits and Isolation for people
	Handlers  Handlers   `json:"handlers,omitzero"`
	Ignored   []string   `json:"ignored,omitempty"` // isolators that podtui doesn't know (ace.md: the user is told)
}

// Resolved is a whole pod as it will run.
type Resolved struct {
	Apps    []Effective `json:"apps"`
	Volumes []Volume    `json:"volumes,omitempty"` // the pod's, and those made for mount points without one
	Network Network     `json:"network,omitzero"`

	OnFailure   OnFailure `json:"onFailure"`
	Interactive bool      `json:"interactive,omitempty"`

	Limits       Limits            `json:"limits,omitzero"` // of all apps together (ace.md: pod isolators bound those of apps)
	Sysctls      map[string]string `json:"sysctls,omitempty"`
	Hostname     string            `json:"hostname,omitempty"`
	DNS          DNS               `json:"dns,omitzero"`
	HostsEntries []HostsEntry      `json:"hostsEntries,omitempty"`
	PrivateUsers bool              `json:"privateUsers,omitempty"`
	NoOverlay    bool              `json:"noOverlay,omitempty"`
	Metadata     bool              `json:"metadata,omitempty"` // the metadata service serves it
}

// Surroundings are what a pod finds where it is run.
type Surroundings struct {
	Environ []string // of podtui's caller, NAME=VALUE
	EnvFile []Var    // what Pod.EnvFiles hold (ParseEnvFile), all together
}

// Resolve decides how every app of a valid pod runs, given the image of each in
// the order of the apps, and what is there where it is run.
// The problems are those that only the images show (exit status 125).
func (p Pod) Resolve(images []Image, around Surroundings) (Resolved, []Problem) {
	r := Resolved{
		Volumes: slices.Clone(p.Volumes), Network: p.Network,
		OnFailure: cmp.Or(p.OnFailure, StopOthers), Interactive: p.Interactive,
		Hostname: p.Hostname, DNS: p.DNS, HostsEntries: slices.Clone(p.HostsEntries),
		PrivateUsers: p.PrivateUsers, NoOverlay: p.NoOverlay, Metadata: p.RegisterMDS == nil || *p.RegisterMDS,
	}
	names := make([]App, len(p.Apps))
	var problems []Problem
	for i := range p.Apps {
		e := p.ResolveApp(i, imageAt(images, i), around)
		if len(e.Exec) == 0 {
			problems = append(problems, noExec(i, p.Apps[i].Image))
		}
		names[i].Name = e.Name.Value
		r.adopt(&e)
		r.Apps = append(r.Apps, e)
	}
	return r, append(problems, checkNamesDiffer(names)...)
}

// ResolveApp decides how one app runs. An image that isn't known yet says
// nothing.
func (p Pod) ResolveApp(i int, image Image, around Surroundings) Effective {
	app, says := p.Apps[i], image.app()
	e := Effective{
		User:       setting(app.User, says.User, "0"),
		Group:      setting(app.Group, says.Group, "0"),
		WorkingDir: setting(app.WorkingDir, says.WorkingDirectory, "/"),
		Name:       setting(app.Name, "", ""),
		Groups:     slices.Clone(says.SupplementaryGIDs),
		Limits:     app.limits(),
		Life:       app.life(),
		Isolation:  app.isolation(),
	}
	if name := image.name(); name != "" {
		e.Name = setting(app.Name, DefaultName(name), "")
	}
	e.setExec(app, says.Exec)
	e.Env = p.environment(app, e.Name.Value, says.Environment, around)
	e.Bindings = p.bindings(app, e.Name.Value, image)
	return e
}

// setExec is the rule of the contract: Args come after the image's exec, and
// Exec stands for that and its arguments.
func (e *Effective) setExec(app App, image []string) {
	e.ImageExec = slices.Clone(image)
	e.OwnArgs = len(app.Args)
	e.ExecFrom = FromImage
	if app.Exec != "" {
		e.ExecFrom = FromApp
		image = []string{app.Exec}
	}
	if len(image) > 0 {
		e.Exec = slices.Concat(image, app.Args)
	}
}

func setting(own, image, otherwise string) Setting {
	switch {
	case own != "":
		return Setting{Value: own, From: FromApp, Image: image}
	case image != "":
		return Setting{Value: image, From: FromImage, Image: image}
	}
	return Setting{Value: otherwise, From: FromDefault}
}

func imageAt(images []Image, i int) Image {
	if i < len(images) {
		return images[i]
	}
	return Image{}
}

func noExec(i int, image string) Problem {
	return Problem{
		Path:    fmt.Sprintf("apps[%d].exec", i),
		Message: fmt.Sprintf("image %s doesn't say what to execute; name it with --exec", show(image)),
	}
}
