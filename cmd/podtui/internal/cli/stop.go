package cli

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
)

// stopping is the flags of what stops pods.
type stopping struct {
	force   bool
	timeout *time.Duration
}

func (s *stopping) addTo(c *cobra.Command) {
	c.Flags().BoolVar(&s.force, "force", false, "kill them at once")
	c.Flags().Var(flagValue{globalFlag{value: "DURATION", set: s.setTimeout}}, "timeout",
		"how long each app may take to end before it is killed (its --stop-timeout)")
}

func (s *stopping) setTimeout(value string) error {
	s.timeout = new(time.Duration)
	return duration(s.timeout)(value)
}

func (s *stopping) options() (engine.StopOptions, error) {
	if s.force && s.timeout != nil {
		return engine.StopOptions{}, usage("--force kills at once; leave --timeout out")
	}
	return engine.StopOptions{Force: s.force, Timeout: s.timeout}, nil
}

func (p *program) stopCommand() *cobra.Command {
	var s stopping
	var file uuidFile
	c := &cobra.Command{
		Use: "stop POD…", Short: "stop pods, and wait until they have ended",
		Long: "Stop pods, and wait until they have ended. Each app gets its stop signal (SIGTERM, or\n" +
			"--stop-signal of run); what has not ended after 10 s (or --stop-timeout of run) gets SIGKILL.\n" +
			"Asked a second time, or with --force, all are killed at once.",
		ValidArgsFunction: p.completePodsIn(-1, poddir.Running),
		RunE:              func(c *cobra.Command, args []string) error { return p.stop(c.Context(), args, &s) },
	}
	s.addTo(c)
	file.addTo(c, 1, -1)
	return c
}

func (p *program) stop(ctx context.Context, words []string, s *stopping) error {
	o, err := s.options()
	if err != nil {
		return err
	}
	e, err := p.open()
	if err != nil {
		return err
	}
	defer e.Close()
	return atOnce(words, func(word string) error {
		pod, err := e.Pod(word)
		if err != nil {
			return err
		}
		if err := e.StopPod(ctx, pod.UUID, o); err != nil {
			return err
		}
		return p.println(pod.UUID)
	})
}

// atOnce does something with each of several pods: each may take as long as its
// apps do.
func atOnce(words []string, do func(string) error) error {
	errs := make([]error, len(words))
	var doing sync.WaitGroup
	for i, word := range words {
		doing.Go(func() { errs[i] = do(word) })
	}
	doing.Wait()
	return failures(slices.DeleteFunc(errs, func(err error) bool { return err == nil })).orNil()
}
