package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/text"
)

func (p *program) statusCommand() *cobra.Command {
	var l listing
	var file uuidFile
	var w waiting
	c := &cobra.Command{
		Use: "status [--wait[=DURATION]] POD", Short: "tell how a pod is",
		ValidArgsFunction: p.completePodsIn(1),
		RunE: func(c *cobra.Command, args []string) error {
			pod, err := p.status(c.Context(), args[0], w)
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
	w.addTo(c)
	file.addTo(c, 1, 1)
	return c
}

// waiting is the flag --wait: "", or with a bound.
type waiting struct {
	on      bool
	bounded bool
	most    time.Duration
}

func (w *waiting) addTo(c *cobra.Command) {
	flag := c.Flags().VarPF(flagValue{globalFlag{value: "DURATION", set: w.set}}, "wait", "",
		"wait until the pod has ended, and fail if it takes longer than DURATION")
	flag.NoOptDefVal = "true"
}

func (w *waiting) set(s string) error {
	w.bounded = false
	if on, err := strconv.ParseBool(s); err == nil && len(s) > 1 { // 1 is no truth here, but lacks a unit
		w.on = on
		return nil
	}
	w.on, w.bounded = true, true
	return duration(&w.most)(s)
}

func (p *program) status(ctx context.Context, word string, w waiting) (pod poddir.Status, err error) {
	e, err := p.lookAt(word)
	if err != nil {
		return pod, err
	}
	defer e.Close()
	pod, err = e.Pod(word)
	if err != nil || !w.on {
		return pod, err
	}
	err = batch.Interruptible(ctx, func(ctx context.Context) (err error) {
		pod, err = w.wait(ctx, e, pod)
		return err
	})
	return pod, err
}

func (w waiting) wait(ctx context.Context, e *engine.Engine, pod poddir.Status) (poddir.Status, error) {
	if w.bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, w.most)
		defer cancel()
	}
	ended, err := e.WaitPod(ctx, pod.UUID)
	if errors.Is(err, context.DeadlineExceeded) {
		return pod, fmt.Errorf("pod %s has not ended within %s", called(pod), w.most)
	}
	return ended, err
}

// statusText is what rkt printed: a line for each thing, NAME=VALUE, and
// app-NAME for the exit status of each app that has one.
func statusText(pod poddir.Status) string {
	var s statusLines
	s.add("uuid", pod.UUID)
	s.add("name", pod.Name)
	s.add("state", string(pod.State))
	s.at("created", pod.Created)
	s.at("started", pod.Started)
	s.at("ended", pod.Ended)
	s.network(pod)
	if pod.State == poddir.Running || pod.State == poddir.Exited {
		if pid := firstPID(pod); pid > 0 {
			s.add("pid", strconv.Itoa(pid))
		}
		s.add("exited", strconv.FormatBool(pod.State == poddir.Exited))
	}
	if pod.Exit != nil {
		s.add("exit", strconv.Itoa(*pod.Exit))
	}
	s.add("cause", pod.Cause)
	if pod.Runs > 1 {
		s.add("runs", strconv.Itoa(pod.Runs))
	}
	s.add("insecure", strings.Join(pod.Insecure, ","))
	s.add("unverified", strings.Join(unverifiedApps(pod), ","))
	for _, app := range pod.Apps {
		s.app(pod, app)
	}
	return strings.Join(s, "\n")
}

type statusLines []string

// add leaves out what has no value. Values and names of apps may come from
// strangers.
func (s *statusLines) add(name, value string) {
	if value != "" {
		*s = append(*s, text.Escape(name+"="+value))
	}
}

func (s *statusLines) at(name string, t time.Time) {
	if !t.IsZero() {
		s.add(name, t.Format(time.RFC3339Nano))
	}
}

func (s *statusLines) app(pod poddir.Status, app poddir.AppStatus) {
	switch {
	case app.Exit != nil:
		s.add("app-"+app.Name, strconv.Itoa(*app.Exit))
	case runs(pod, app):
		s.add("pid-"+app.Name, strconv.Itoa(app.PID))
	}
	s.add("cause-"+app.Name, app.Cause)
	if app.Restarts > 0 {
		s.add("restarts-"+app.Name, strconv.Itoa(app.Restarts))
	}
	if pod.State == poddir.Running {
		s.at("next-"+app.Name, app.Next)
	}
}

// firstPID is a process of the pod, which has all namespaces of the pod's own: that
// of its first app that runs. 0: none does.
func firstPID(pod poddir.Status) int {
	for _, app := range pod.Apps {
		if runs(pod, app) {
			return app.PID
		}
	}
	return 0
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
