package cli

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine/poddir"
)

func (p *program) listCommand() *cobra.Command {
	var l listing
	c := &cobra.Command{
		Use: "list", Short: "list pods", Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return p.list(&l) },
	}
	l.addTo(p, c)
	return c
}

func (p *program) list(l *listing) error {
	pods, err := p.pods()
	if err != nil {
		return err
	}
	if l.json() {
		list := make([]podJSON, len(pods))
		for i, pod := range pods {
			list[i] = newPodJSON(pod)
		}
		return l.printJSON(list)
	}
	columns := l.columns(pods)
	var rows [][]string
	for _, pod := range pods {
		rows = append(rows, l.podRows(columns, pod)...)
	}
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = c.title
	}
	return l.printTable(titles, rows)
}

// podColumn is a column of "list": one that tells of the pod, or one that tells
// of each of its apps.
type podColumn struct {
	title string
	pod   func(poddir.Status) string
	app   func(poddir.AppStatus) string
}

// columns are rkt's, and the names of pods if any has one. With --full also ports.
func (l *listing) columns(pods []poddir.Status) []podColumn {
	columns := []podColumn{
		{title: "UUID", pod: func(s poddir.Status) string { return l.uuid(s.UUID) }},
		{title: "APP", app: func(a poddir.AppStatus) string { return a.Name }},
		{title: "IMAGE NAME", app: func(a poddir.AppStatus) string { return a.Image }},
		{title: "STATE", pod: state},
		{title: "CREATED", pod: func(s poddir.Status) string { return l.ago(s.Created) }},
		{title: "STARTED", pod: func(s poddir.Status) string { return l.ago(s.Started) }},
		{title: "NETWORKS", pod: func(s poddir.Status) string { return strings.Join(s.Networks, ",") }},
	}
	if l.full {
		columns = slices.Insert(columns, 3, podColumn{title: "IMAGE ID", app: func(a poddir.AppStatus) string { return a.ImageID }})
	}
	if l.full && slices.ContainsFunc(pods, func(s poddir.Status) bool { return len(s.Ports) > 0 }) {
		columns = append(columns, podColumn{title: "PORTS", pod: ports})
	}
	if slices.ContainsFunc(pods, func(s poddir.Status) bool { return s.Name != "" }) {
		columns = append(columns, podColumn{title: "POD NAME", pod: func(s poddir.Status) string { return s.Name }})
	}
	return columns
}

// podRows is a pod as in rkt: a line for each app, and what is the pod's only in
// the first.
func (l *listing) podRows(columns []podColumn, pod poddir.Status) [][]string {
	rows := make([][]string, max(1, len(pod.Apps)))
	for i := range rows {
		rows[i] = make([]string, len(columns))
		for j, c := range columns {
			switch {
			case c.pod != nil && i == 0:
				rows[i][j] = cmp.Or(c.pod(pod), "-")
			case c.app != nil && len(pod.Apps) == 0:
				rows[i][j] = "-"
			case c.app != nil:
				rows[i][j] = c.app(pod.Apps[i])
			}
		}
	}
	return rows
}

// state is where a pod is, with its exit status once it has one.
func state(pod poddir.Status) string {
	if pod.State == poddir.Exited && pod.Exit != nil {
		return "exited " + strconv.Itoa(*pod.Exit)
	}
	return string(pod.State)
}

// runs reports whether an app has a process: not before its pod is started, and
// not while it waits for being started again.
func runs(pod poddir.Status, app poddir.AppStatus) bool {
	return pod.State == poddir.Running && app.Exit == nil && app.Next.IsZero() && app.PID > 0
}

// podJSON is a pod of "list --format=json" and of "status --format=json".
type podJSON struct {
	UUID       string        `json:"uuid"`
	Name       *string       `json:"name"`
	State      string        `json:"state"`
	Created    time.Time     `json:"created"`
	Started    *time.Time    `json:"started"`
	Ended      *time.Time    `json:"ended"`
	ExitStatus *int          `json:"exitStatus"`
	Cause      string        `json:"cause"`
	Runs       int           `json:"runs"`
	Networks   []networkJSON `json:"networks"`
	Ports      []portJSON    `json:"ports"`
	Insecure   []string      `json:"insecure"`
	Apps       []appJSON     `json:"apps"`
}

type appJSON struct {
	Name       string     `json:"name"`
	Image      string     `json:"image"`
	ImageID    string     `json:"imageID"`
	PID        *int       `json:"pid"`
	Started    *time.Time `json:"started"`
	Ended      *time.Time `json:"ended"`
	ExitStatus *int       `json:"exitStatus"`
	Cause      string     `json:"cause"`
	Restarts   int        `json:"restarts"`
	NextStart  *time.Time `json:"nextStart"`
	Input      bool       `json:"input"`
	Terminal   bool       `json:"terminal"`
	Unverified bool       `json:"unverified"`
}

func newPodJSON(s poddir.Status) podJSON {
	j := podJSON{
		UUID: s.UUID, State: string(s.State), Created: s.Created,
		Started: when(s.Started), Ended: when(s.Ended),
		ExitStatus: s.Exit, Cause: s.Cause, Runs: s.Runs,
		Networks: newNetworksJSON(s), Ports: newPortsJSON(s.Ports), Insecure: append([]string{}, s.Insecure...),
		Apps: make([]appJSON, len(s.Apps)),
	}
	if s.Name != "" {
		j.Name = &s.Name
	}
	for i, app := range s.Apps {
		j.Apps[i] = appJSON{
			Name: app.Name, Image: app.Image, ImageID: app.ImageID,
			Started: when(app.Started), Ended: when(app.Ended),
			ExitStatus: app.Exit, Cause: app.Cause,
			Restarts: app.Restarts, NextStart: when(app.Next),
			Input: app.Input, Terminal: app.Terminal, Unverified: app.Unverified,
		}
		if runs(s, app) {
			j.Apps[i].PID = &app.PID
		}
	}
	return j
}
