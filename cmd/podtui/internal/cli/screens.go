package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui"
	"github.com/podtui/podtui/ui/drafts"
	"github.com/podtui/podtui/ui/secrets"
)

// screens is "podtui" alone: the TUI, on its Images screen.
func (p *program) screens(ctx context.Context) error {
	if p.globals.batch {
		return usage(`--batch needs a command; "podtui help" lists them`)
	}
	if err := p.globals.check(); err != nil {
		return err
	}
	return p.show(ctx, ui.Options{Start: ui.StartImages})
}

// compose shows the TUI with a pod composed, one key from running.
func (p *program) compose(ctx context.Context, pod spec.Pod) error {
	return p.show(ctx, ui.Options{Start: ui.StartCompose, Pod: pod})
}

func (p *program) show(ctx context.Context, o ui.Options) error {
	if err := p.onTerminal(); err != nil {
		return err
	}
	o.Linear = p.globals.linear
	o.Command = p.globals.command()
	e, err := p.openScreen()
	if err != nil {
		return err
	}
	defer e.Close()
	o.AllowUnverified = p.globals.skipVerify()
	o.Relax = p.globals.insecure.relax
	o.ConfigDir = p.globals.configDir
	kept := p.keptIn()
	o.Version, o.Reports = p.version, filepath.Join(kept, "reports")
	p.greet(&o, e)
	if o.Drafts, err = drafts.Open(filepath.Join(kept, "drafts")); err != nil {
		why := "what is composed is not kept: " + err.Error()
		if o.Trouble != "" {
			why = o.Trouble + "; " + why
		}
		o.Trouble = why
	} else {
		defer o.Drafts.Close()
	}
	if o.Secrets, err = secrets.In(filepath.Join(kept, "secrets")); err != nil {
		return err
	}
	return ui.Run(ctx, e, o)
}

// onTerminal tells, before anything is done, why there can be no screen. Lines, where
// somebody asks for them, go through pipes as well.
func (p *program) onTerminal() error {
	switch info, err := os.Stdout.Stat(); {
	case p.globals.linear && err == nil && !info.Mode().IsRegular():
		return nil
	case !batch.IsTerminal(os.Stdout):
		return usage("standard output is not a terminal; use --batch")
	case !batch.IsTerminal(os.Stdin):
		return usage("standard input is not a terminal; use --batch")
	}
	return nil
}

// command is how podtui was called, as the line of a pod begins.
func (g *globals) command() []string {
	words := []string{"podtui"}
	plain := defaults()
	if g.dir != plain.dir {
		words = append(words, "--dir="+g.dir)
	}
	if g.configDir != plain.configDir {
		words = append(words, "--config-dir="+g.configDir)
	}
	var lax []string // whether images are verified is the form's to say
	for _, laxity := range []struct {
		on   bool
		word string
	}{
		{g.insecure.tls, "tls"}, {g.insecure.http, "http"}, {g.insecure.keys, "pubkey"},
		{g.insecure.relax.Capabilities, "capabilities"}, {g.insecure.relax.Seccomp, "seccomp"}, {g.insecure.relax.Paths, "paths"},
	} {
		if laxity.on {
			lax = append(lax, laxity.word)
		}
	}
	if len(lax) > 0 {
		words = append(words, "--insecure-options="+strings.Join(lax, ","))
	}
	if g.trustKeys {
		words = append(words, "--trust-keys-from-https")
	}
	return words
}
