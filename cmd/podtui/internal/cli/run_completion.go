package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/spec"
)

// completeRun completes flags and their values, and otherwise images: stored ones,
// and files.
func (p *program) completeRun(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if flag, _, given := strings.Cut(word, "="); given && strings.HasPrefix(flag, "--") {
		return p.completeFlag(c.Context(), args, flag, flag+"=", word[len(flag)+1:])
	}
	if len(args) > 0 {
		last := len(args) - 1
		if words, directive := p.completeFlag(c.Context(), args[:last], args[last], "", word); words != nil {
			return words, directive
		}
	}
	if !strings.HasPrefix(word, "-") {
		words, _ := p.completeImages(c, args, word)
		return words, cobra.ShellCompDirectiveDefault
	}
	var words []string
	for _, f := range spec.RunFlags() {
		flag := "--" + f.Name
		if f.Value != "" {
			flag += "="
		}
		words = append(words, cobra.CompletionWithDesc(flag, f.Help))
	}
	return words, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// completeFlag completes what was typed of a flag's value; all words begin with what
// stands before that. Other flags take files, as far as anybody can tell.
func (p *program) completeFlag(ctx context.Context, args []string, flag, before, typed string) ([]string, cobra.ShellCompDirective) {
	switch flag {
	case "--net", "--private-net":
		before += typed[:strings.LastIndexByte(typed, ',')+1] // a list: its last name is completed
		return withPrefix(before, p.networkNames(flag)), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	case "--port":
		return withPrefix(before, p.portNames(ctx, args)), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	words := valuesOf(flag)
	if words == nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return withPrefix(before, words), cobra.ShellCompDirectiveNoFileComp
}

func withPrefix(before string, words []string) []string {
	for i := range words {
		words[i] = before + words[i]
	}
	return words
}

// valuesOf are the words that a flag takes, if they are always the same; else nil.
func valuesOf(flag string) []string {
	switch flag {
	case "--pull-policy":
		return []string{string(spec.PullNew), string(spec.PullUpdate), string(spec.PullNever)}
	case "--on-failure":
		return []string{string(spec.StopOthers), string(spec.ContinueOthers)}
	case "--restart":
		return []string{string(spec.RestartNever), string(spec.RestartOnFailure), string(spec.RestartAlways)}
	case "--stop-signal":
		return []string{"SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGKILL"}
	case "--dns":
		return []string{"none"}
	}
	return nil
}

// networkNames are the networks that a pod can have here, as --net takes them; what
// --private-net is for has a network.
func (p *program) networkNames(flag string) []string {
	words := []string{}
	if flag == "--net" {
		words = append(words, "host", "none")
	}
	e, _ := p.look(nil)
	if e == nil {
		return append(words, "default")
	}
	defer e.Close()
	networks, _ := e.Networks()
	for _, network := range networks {
		words = append(words, network.Name)
	}
	return words
}

// mostCompleted bounds the words of a command line that are looked up as images.
const mostCompleted = 20

// portNames are the ports of the images that were named so far, as far as the store
// has them.
func (p *program) portNames(ctx context.Context, args []string) []string {
	words := []string{}
	e, _ := p.look(nil)
	if e == nil {
		return words
	}
	defer e.Close()
	for _, word := range args[:min(len(args), mostCompleted)] {
		if word == "--" || strings.HasPrefix(word, "-") {
			continue
		}
		image, err := e.Fetch(ctx, word, engine.FetchOptions{SkipVerify: true, Pull: spec.PullNever, Stored: true}, nil)
		if err != nil || image.Manifest.App == nil {
			continue // perhaps a flag's value
		}
		for _, port := range image.Manifest.App.Ports {
			words = append(words, cobra.CompletionWithDesc(port.Name.String()+":", fmt.Sprintf("%s %d of %s", port.Protocol, port.Port, image.Manifest.Name)))
		}
	}
	return words
}
