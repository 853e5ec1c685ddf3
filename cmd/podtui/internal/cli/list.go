package cli

import (
	"strconv"
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
	var rows [][]string
	for _, pod := range pods {
		rows = append(rows, l.podRows(pod)...)
	}
	return l.printTable([]string{"UUID", "APP", "IMAGE NAME", "STATE", "CREATED", "STARTED"}, rows)
}

// podRows is a pod as in rkt: a line for each app, and what is the pod's only in
// the first.
func (l *listing) podRows(pod poddir.Status) [][]string {
	row := []string{l.uuid(pod.UUID), "-", "-", state(pod), l.ago(pod.Created), l.ago(pod.Started)}
	rows := [][]string{row}
	for i, app := range pod.Apps {
		if i > 0 {
			rows = append(rows, make([]string, len(row)))
		}
		rows[i][1], rows[i][2] = app.Name, app.Image
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

// podJSON is a pod of "list --format=json" and of "status --format=json".
type podJSON struct {
	UUID       string     `json:"uuid"`
	State      string     `json:"state"`
	Created    time.Time  `json:"created"`
	Started    *time.Time `json:"started"`
	Ended      *time.Time `json:"ended"`
	ExitStatus *int       `json:"exitStatus"`
	Cause      string     `json:"cause"`
	Insecure   []string   `json:"insecure"`
	Apps       []appJSON  `json:"apps"`
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
	Unverified bool       `json:"unverified"`
}

func newPodJSON(s poddir.Status) podJSON {
	j := podJSON{
		UUID: s.UUID, State: string(s.State), Created: s.Created,
		Started: when(s.Started), Ended: when(s.Ended),
		ExitStatus: s.Exit, Cause: s.Cause, Insecure: append([]string{}, s.Insecure...), Apps: make([]appJSON, len(s.Apps)),
	}
	for i, app := range s.Apps {
		j.Apps[i] = appJSON{
			Name: app.Name, Image: app.Image, ImageID: app.ImageID,
			Started: when(app.Started), Ended: when(app.Ended),
			ExitStatus: app.Exit, Cause: app.Cause, Unverified: app.Unverified,
		}
		if s.State == poddir.Running && app.Exit == nil {
			j.Apps[i].PID = &app.PID
		}
	}
	return j
}
