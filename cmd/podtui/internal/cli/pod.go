package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
)

// pods lists all pods, newest first.
func (p *program) pods() ([]poddir.Status, error) {
	e, err := p.look(nil)
	if e == nil {
		return nil, err
	}
	defer e.Close()
	return e.Pods()
}

// lookAt opens the engine to read about a pod.
func (p *program) lookAt(pod string) (*engine.Engine, error) {
	return p.look(fmt.Errorf("pod %q: %w", pod, poddir.ErrNotFound))
}

// completePods completes UUIDs.
func (p *program) completePods(_ *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	pods, _ := p.pods()
	var words []string
	for _, pod := range pods {
		about := string(pod.State)
		for _, app := range pod.Apps {
			about += " " + app.Name
		}
		words = append(words, cobra.CompletionWithDesc(pod.UUID, about))
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}
