package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/text"
)

func (p *program) statusCommand() *cobra.Command {
	var l listing
	c := &cobra.Command{
		Use: "status POD", Short: "tell how a pod is", Args: oneArg,
		ValidArgsFunction: p.completePods,
		RunE: func(_ *cobra.Command, args []string) error {
			e, err := p.lookAt(args[0])
			if err != nil {
				return err
			}
			defer e.Close()
			pod, err := e.Pod(args[0])
			if err != nil {
				return err
			}
			if l.json() {
				return l.printJSON(newPodJSON(pod))
			}
			return p.println(statusText(pod))
		},
	}
	l.addFormat(p, c)
	return c
}

// statusText is what rkt printed: a line for each thing, NAME=VALUE, and
// app-NAME for the exit status of each app that has one.
func statusText(pod poddir.Status) string {
	lines := []string{"uuid=" + pod.UUID, "state=" + string(pod.State), "created=" + pod.Created.Format(time.RFC3339Nano)}
	for _, t := range []struct {
		name string
		at   time.Time
	}{{"started", pod.Started}, {"ended", pod.Ended}} {
		if !t.at.IsZero() {
			lines = append(lines, t.name+"="+t.at.Format(time.RFC3339Nano))
		}
	}
	if pod.Exit != nil {
		lines = append(lines, fmt.Sprintf("exit=%d", *pod.Exit))
	}
	if pod.Cause != "" {
		lines = append(lines, "cause="+text.Escape(pod.Cause))
	}
	if len(pod.Insecure) > 0 {
		lines = append(lines, "insecure="+strings.Join(pod.Insecure, ","))
	}
	if unverified := unverifiedApps(pod); len(unverified) > 0 {
		lines = append(lines, "unverified="+strings.Join(unverified, ","))
	}
	for _, app := range pod.Apps {
		switch {
		case app.Exit != nil:
			lines = append(lines, fmt.Sprintf("app-%s=%d", app.Name, *app.Exit))
		case pod.State == poddir.Running:
			lines = append(lines, fmt.Sprintf("pid-%s=%d", app.Name, app.PID))
		}
	}
	return strings.Join(lines, "\n")
}

// unverifiedApps are those whose image nobody vouched for when they were started.
func unverifiedApps(pod poddir.Status) []string {
	var names []string
	for _, app := range pod.Apps {
		if app.Unverified {
			names = append(names, app.Name)
		}
	}
	return names
}
