package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/fetch"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/supervisor"
)

// Plan is a pod as it would run, with where each value comes from. Its JSON is
// part of --output=json (docs/json.md).
type Plan struct {
	Name        string           `json:"name,omitempty"`
	Hostname    spec.Setting     `json:"hostname"` // "": made of the pod's UUID
	Networks    []string         `json:"networks"`
	Ports       []spec.Published `json:"ports,omitempty"`
	OnFailure   spec.OnFailure   `json:"onFailure"`
	Interactive bool             `json:"interactive,omitempty"`

	PrivateUsers bool `json:"privateUsers,omitempty"`
	NoOverlay    bool `json:"noOverlay,omitempty"`
	Metadata     bool `json:"metadata,omitempty"` // the metadata service serves it

	Limits  spec.Limits       `json:"limits,omitzero"` // of all apps together
	Sysctls map[string]string `json:"sysctls,omitempty"`

	Apps    []PlannedApp  `json:"apps"`
	Volumes []spec.Volume `json:"volumes,omitempty"`

	Insecure []string `json:"insecure,omitempty"` // what it would not be strict about
}

// PlannedApp is an app of a Plan.
type PlannedApp struct {
	Image      string `json:"image"` // as it was asked for
	ImageName  string `json:"imageName"`
	ImageID    string `json:"imageID"`
	Unverified bool   `json:"unverified,omitempty"` // nobody vouches for it
	spec.Effective
	Files []PlannedFile `json:"files,omitempty"`
}

// PlannedFile is a file of an app that the pod makes.
type PlannedFile struct {
	Path  string      `json:"path"`
	From  spec.Origin `json:"from"`
	Value string      `json:"value"` // what it would hold, in words
}

// NotFetchedError says that a dry run needs an image that the store hasn't.
type NotFetchedError struct{ Image string }

func (e *NotFetchedError) Error() string {
	return fmt.Sprintf("image %s: not in the store, and a dry run fetches nothing", e.Image)
}

// Plan checks what Run checks before the start of a pod, and makes nothing. Images
// are the store's: what isn't there is a NotFetchedError. The plan is also told as
// an event.
func (e *Engine) Plan(ctx context.Context, pod spec.Pod, o RunOptions, sink event.Sink) (Plan, error) {
	run := e.newRun("", o, sink)
	plan, err := run.plan(ctx, pod)
	return plan, run.failed(err)
}

func (r *run) plan(ctx context.Context, pod spec.Pod) (Plan, error) {
	if err := r.check(ctx, pod); err != nil {
		return Plan{}, err
	}
	if err := r.checkName(pod.Name); err != nil {
		return Plan{}, err
	}
	r.stored = true
	images, err := r.images(ctx, pod)
	if err != nil {
		return Plan{}, notFetched(err)
	}
	record, err := r.decide(pod, images)
	if err != nil {
		return Plan{}, err
	}
	if err := r.rehearse(record); err != nil {
		return Plan{}, err
	}
	plan := r.planned(record)
	told, err := json.Marshal(plan)
	if err != nil {
		return Plan{}, err
	}
	r.emit(event.Event{Type: event.PodPrepare, State: event.Skipped, Message: "a dry run makes nothing", Plan: told})
	return plan, nil
}

// PlanOfNothing is what Plan says where there is no data folder, and so no image.
func PlanOfNothing(pod spec.Pod, sink event.Sink) error {
	run := new(Engine).newRun("", RunOptions{}, sink)
	image := &ImageError{Image: pod.Apps[0].Image, Err: ErrNoImage}
	if _, err := imageref.Parse(image.Image, fetch.FileExists); err != nil {
		image = &ImageError{Image: imageref.Masked(image.Image), Err: err}
	}
	return run.failed(notFetched(image))
}

// checkName finds out whether a pod may have a name, without taking it.
func (r *run) checkName(name string) error {
	if name == "" {
		return nil
	}
	holder, err := r.engine.Pod(name)
	if err != nil || holder.Name != name { // nobody is called so
		return nil //nolint:nilerr // what is wrong otherwise, who makes the pod finds out
	}
	return &poddir.NameTakenError{Name: name, UUID: holder.UUID}
}

// notFetched tells of an image that is not here in a dry run's words. One that was
// asked for by its ID can't be had from anywhere.
func notFetched(err error) error {
	var image *ImageError
	if !errors.As(err, &image) || !errors.Is(err, ErrNoImage) {
		return err
	}
	if ref, parseErr := imageref.Parse(image.Image, nil); parseErr == nil && ref.Kind == imageref.Hash {
		return err
	}
	return &NotFetchedError{image.Image}
}

// rehearse finds what a start would find.
func (r *run) rehearse(record poddir.Record) error {
	err := supervisor.Rehearse(r.engine.options.Dir, record, r.emit)
	if wrong := (*supervisor.CheckError)(nil); errors.As(err, &wrong) {
		return &StartError{Message: wrong.Error(), Status: wrong.Status}
	}
	return err
}

func (r *run) planned(record poddir.Record) Plan {
	pod := record.Resolved
	plan := Plan{
		Name: record.Pod.Name, Hostname: spec.Setting{Value: pod.Hostname, From: spec.FromDefault},
		Networks: pod.Network.Names, Ports: pod.Ports, OnFailure: pod.OnFailure, Interactive: pod.Interactive,
		PrivateUsers: pod.PrivateUsers, NoOverlay: pod.NoOverlay, Metadata: pod.Metadata,
		Limits: pod.Limits, Sysctls: pod.Sysctls, Volumes: pod.Volumes, Insecure: r.laxness(),
	}
	if pod.Hostname != "" {
		plan.Hostname.From = spec.FromPod
	}
	if len(plan.Networks) == 0 {
		plan.Networks = []string{"host"}
	}
	for i, app := range pod.Apps {
		image := record.Images[i]
		plan.Apps = append(plan.Apps, PlannedApp{
			Image: record.Pod.Apps[i].Image, ImageName: image.Name, ImageID: image.ID, Unverified: image.Unverified,
			Effective: app, Files: plannedFiles(pod, app),
		})
	}
	return plan
}

func plannedFiles(pod spec.Resolved, app spec.Effective) []PlannedFile {
	var files []PlannedFile
	for _, path := range supervisor.PodFiles(pod, app) {
		file := PlannedFile{Path: path, From: spec.FromDefault}
		switch path {
		case supervisor.HostnameFile:
			file.Value = pod.Hostname
			if pod.Hostname == "" {
				file.Value = "made of the pod's UUID"
			} else {
				file.From = spec.FromPod
			}
		case supervisor.HostsFile:
			file.Value = "the image's, with localhost and the host name"
			for _, e := range pod.HostsEntries {
				file.Value += ", " + e.IP + " " + e.Name
				file.From = spec.FromPod
			}
		case supervisor.ResolvFile:
			file.Value, file.From = plannedDNS(pod)
		}
		files = append(files, file)
	}
	return files
}

func plannedDNS(pod spec.Resolved) (string, spec.Origin) {
	dns, others := pod.DNS, "the host's"
	if pod.Network.Private() {
		others += " without servers at its loopback"
	}
	if len(pod.Network.Named()) > 0 {
		others = "what its networks say, or else " + others
	}
	var says []string
	for _, server := range dns.Servers {
		says = append(says, "nameserver "+server)
	}
	if len(dns.Search) > 0 {
		says = append(says, "search "+strings.Join(dns.Search, " "))
	}
	if len(dns.Options) > 0 {
		says = append(says, "options "+strings.Join(dns.Options, " "))
	}
	switch {
	case len(says) == 0:
		return others, spec.FromDefault
	case len(dns.Servers) == 0:
		return others + ", with " + strings.Join(says, ", "), spec.FromPod
	}
	return strings.Join(says, ", "), spec.FromPod
}
