package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine"
)

// heldHere is whom this host believes, for completion: what can't be read is
// nothing.
func (p *program) heldHere() engine.Trusted {
	trusted, _ := p.trusted()
	return trusted
}

// completeKeys completes fingerprints of trusted keys.
func (p *program) completeKeys(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var words []string
	for _, key := range p.heldHere().Keys {
		words = append(words, cobra.CompletionWithDesc(key.Fingerprint, forImages(key.Scope)+" "+batch.UserID(key.UserID())))
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}

// completePrefixes completes what keys are trusted for.
func (p *program) completePrefixes(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var words []string
	for _, key := range p.heldHere().Keys {
		if key.Scope != "" && !slices.Contains(words, key.Scope) {
			words = append(words, key.Scope)
		}
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}

// completePins completes approved digests.
func (p *program) completePins(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var words []string
	for _, pin := range p.heldHere().Pins {
		words = append(words, pin.Pin)
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}

// completeNames completes what a key can be trusted for: names of stored images,
// and what they begin with.
func (p *program) completeNames(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	e, _ := p.look(nil)
	if e == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer e.Close()
	entries, _ := e.Images()
	var words []string
	for _, entry := range entries {
		for name := entry.Name; name != ""; name = name[:max(strings.LastIndexByte(name, '/'), 0)] {
			words = append(words, name)
		}
	}
	slices.Sort(words)
	return slices.Compact(words), cobra.ShellCompDirectiveNoFileComp
}
