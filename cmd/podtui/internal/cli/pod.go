package cli

import (
	"github.com/spf13/cobra"
)

// completePods completes UUIDs.
func (p *program) completePods(_ *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	e, err := p.open()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer e.Close()
	pods, _ := e.Pods()
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
