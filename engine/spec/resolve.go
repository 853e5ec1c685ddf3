package spec

import (
	"cmp"
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

	// FromPodManifest stands in place of FromImage where a pod manifest has an app
	// object of its own for the image (App.Says).
	FromPodManifest Origin = "manifest"
)

// Image is an image that an app's reference was resolved to.
type Image struct {
	ID types.Hash

	// Manifest is nil if it isn't known yet. An isolator in it without a Value is one
	// that the schema has no type for.
	Manifest *schema.ImageManifest
}

// name is the image's name, or "".
func (i Image) name() string {
	if i.Manifest == nil {
		return ""
	}
	return i.Manifest.Name.String()
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
	Groups     []int     `json:"groups,omitempty"` // supplementary
	WorkingDir Setting   `json:"workingDir"`
	MakesDir   bool      `json:"makesDir,omitempty"` // the working folder is made if it is missing
	Env        []EnvVar  `json:"env"`
	Bindings   []Binding `json:"bindings,omitempty"`
	Limits     Limits    `json:"limits,omitzero"`
	Life       Life      `json:"life"`

	Isolation Isolation  `json:"isolation"`
	Isolators []Isolator `json:"isolators,omitempty"` // Limits and Isolation for people
	Handlers  Handlers   `json:"handlers,omitzero"`
	Ignored   []string   `json:"ignored,omitempty"` // isolators that podtui doesn't enforce, by name (ace.md: the user is told)
}

// Resolved is a whole pod as it will run.
type Resolved struct {
	Apps    []Effective `json:"apps"`
	Volumes []Volume    `json:"volumes,omitempty"` // the pod's, and those made for mount points without one
	Network Network     `json:"network,omitzero"`
	Ports   []Published `json:"ports,omitempty"`

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
	Ignored      []string          `json:"ignored,omitempty"`  // isolators of the pod that podtui doesn't enforce, by name
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
		PrivateUsers: p.PrivateUsers, NoOverlay: p.NoOverlay, Metadata: p.metadata(),
	}
	says, _ := p.isolators()
	all := bound(says)
	r.Limits, r.Sysctls, r.Ignored = all.Limits, all.sysctls, says.ignored
	taken := make(volumeNames)
	for _, v := range p.Volumes {
		taken.take(v.Name)
	}
	names := make([]App, len(p.Apps))
	var problems []Problem
	for i := range p.Apps {
		e, wrong := p.resolveApp(i, imageAt(images, i), around)
		if len(e.Exec) == 0 {
			problems = append(problems, p.noExec(i))
		}
		problems = append(problems, wrong...)
		problems = append(problems, p.Apps[i].misnames(i, imageAt(images, i))...)
		names[i].Name = e.Name.Value
		r.adopt(&e, taken)
		r.Apps = append(r.Apps, e)
	}
	problems = append(problems, checkNamesDiffer(names, p.ManifestFile != "")...)
	ports, wrong := p.publish(images)
	r.Ports = ports
	return r, append(problems, wrong...)
}

// metadata reports whether the pod has the metadata service: it has, unless
// somebody doesn't want it.
func (p Pod) metadata() bool { return p.RegisterMDS == nil || *p.RegisterMDS }

// ResolveApp decides how one app runs. An image that isn't known yet says
// nothing.
func (p Pod) ResolveApp(i int, image Image, around Surroundings) Effective {
	e, _ := p.resolveApp(i, image, around)
	return e
}

func (p Pod) resolveApp(i int, image Image, around Surroundings) (Effective, []Problem) {
	app, says := p.Apps[i], p.Apps[i].instead(image)
	e := Effective{
		User:       says.setting(app.User, says.User, says.image.User, "0"),
		Group:      says.setting(app.Group, says.Group, says.image.Group, "0"),
		WorkingDir: says.setting(app.WorkingDir, says.WorkingDirectory, says.image.WorkingDirectory, "/"),
		Name:       says.setting(app.Name, "", "", ""),
		Groups:     slices.Clone(says.SupplementaryGIDs),
		Life:       app.life(),
		Handlers:   handlers(says.EventHandlers),
		MakesDir:   image.ofRegistry(),
	}
	if app.SupplementaryGIDs != nil {
		e.Groups = slices.Clone(app.SupplementaryGIDs)
	}
	if name := image.name(); name != "" {
		e.Name = says.setting(app.Name, DefaultName(name), DefaultName(name), "")
	}
	e.setExec(app, says)
	e.Env = p.environment(app, e.Name.Value, says, around)
	e.Bindings = p.bindings(app, e.Name.Value, says.MountPoints, image)
	return e, e.isolate(i, app, says)
}

// isolate decides what keeps the app apart, and tells what is wrong with those of
// its image's isolators that count. What is wrong with a pod's own words Check has
// told.
func (e *Effective) isolate(i int, app App, says said) []Problem {
	own, theirs := app.isolators(), isolatorsSay(says.Isolators, kinds())
	image := theirs
	if says.from != FromImage {
		image = isolatorsSay(says.image.Isolators, kinds())
	}
	c, list, wrong := merged(own, theirs, image, says.from)
	e.Limits, e.Isolation, e.Isolators = c.Limits, c.Isolation, list
	e.Ignored = theirs.ignored
	if says.from != FromImage {
		return nil
	}
	var problems []Problem
	for _, kind := range kinds() {
		if err := wrong[kind]; err != nil && !own.says(kind) {
			problems = append(problems, Problem{
				Path:    fmt.Sprintf("apps[%d].%s", i, fieldOf(kind)),
				Message: fmt.Sprintf("image %s: %v", show(app.Image), err),
			})
		}
	}
	return problems
}

func handlers(list []types.EventHandler) Handlers {
	var h Handlers
	for _, handler := range list {
		switch handler.Name {
		case "pre-start":
			h.PreStart = slices.Clone(handler.Exec)
		case "post-stop":
			h.PostStop = slices.Clone(handler.Exec)
		}
	}
	return h
}

// setExec is the rule of the contract: Args come after the image's exec, and
// Exec stands for that and its arguments.
func (e *Effective) setExec(app App, says said) {
	image := []string(says.Exec)
	e.ImageExec = slices.Clone(image)
	e.OwnArgs = len(app.Args)
	e.ExecFrom = says.from
	if app.Exec != "" {
		e.ExecFrom = FromApp
		image = []string{app.Exec}
	}
	if len(image) > 0 {
		e.Exec = slices.Concat(image, app.Args)
	}
}

func (s said) setting(own, says, image, otherwise string) Setting {
	switch {
	case own != "":
		return Setting{Value: own, From: FromApp, Image: image}
	case says != "":
		return Setting{Value: says, From: s.from, Image: image}
	}
	return Setting{Value: otherwise, From: FromDefault}
}

func imageAt(images []Image, i int) Image {
	if i < len(images) {
		return images[i]
	}
	return Image{}
}

func (p Pod) noExec(i int) Problem {
	advice := "name it with --exec"
	if p.ManifestFile != "" {
		advice = "give the app an app object in the pod manifest"
	}
	return Problem{
		Path:    fmt.Sprintf("apps[%d].exec", i),
		Message: fmt.Sprintf("image %s doesn't say what to execute; %s", show(p.Apps[i].Image), advice),
	}
}

// misnames finds an image that a pod manifest has by its ID, and calls otherwise than
// it is called: one of the two is not what somebody meant.
func (a App) misnames(i int, image Image) []Problem {
	name := image.name()
	if name == "" || a.ImageName == "" || a.ImageName == name {
		return nil
	}
	return []Problem{{
		Path:    fmt.Sprintf("apps[%d].image", i),
		Message: fmt.Sprintf("app %s: the pod manifest calls its image %s, and the image of this ID is %s", show(a.Name), show(a.ImageName), show(name)),
	}}
}
