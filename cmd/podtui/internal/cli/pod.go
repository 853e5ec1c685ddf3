package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/poddir"
	"github.com/podtui/podtui/ui/text"
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

// called is how a message calls a pod: by its name, if it has one.
func called(pod poddir.Status) string { return cmp.Or(pod.Name, pod.UUID) }

// short is called in a command that a message tells people to write.
func short(pod poddir.Status) string {
	return cmp.Or(pod.Name, pod.UUID[:min(len(pod.UUID), 8)])
}

// completePods completes UUIDs and names.
func (p *program) completePods(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	return p.completePodsIn(1)(c, args, word)
}

// completePodsIn completes up to most pods (-1: any number) that are in one of
// the states; without states, in any.
func (p *program) completePodsIn(most int, states ...poddir.State) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if most >= 0 && len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		pods, _ := p.pods()
		var words []string
		for _, pod := range pods {
			if len(states) > 0 && !slices.Contains(states, pod.State) || slices.Contains(args, pod.UUID) ||
				pod.Name != "" && slices.Contains(args, pod.Name) {
				continue
			}
			about := text.Escape(strings.Join(append([]string{string(pod.State)}, appNames(pod)...), " "))
			if pod.Name != "" {
				words = append(words, cobra.CompletionWithDesc(text.Escape(pod.Name), about))
			}
			words = append(words, cobra.CompletionWithDesc(pod.UUID, about))
		}
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}
