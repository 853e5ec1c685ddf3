package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/spec"
)

// fetch is the flags of "podtui fetch".
type fetch struct {
	full      bool
	pull      spec.PullPolicy
	signature string
}

func (p *program) fetchCommand() *cobra.Command {
	var f fetch
	c := &cobra.Command{
		Use: "fetch IMAGE…", Short: "bring images into the store, and print their IDs", Args: oneOrMore,
		Long: `Bring images into the store, and print their IDs. An IMAGE is

  example.com/app:1.0,os=linux   a name, which its site leads on from
  https://example.com/app.aci    a URL
  docker://quay.io/team/app:1.0  of a registry; docker://busybox is of Docker Hub
  ./app.aci ./saved.tar ./folder a file: an ACI, of docker save, an OCI archive or layout;
                                 ./saved.tar:NAME for one image of several
  sha512-0123abcd                the ID, or how it begins, of one that is here

Nothing is kept of an image that nobody vouches for. The exit status is 0 if all of them
are here now, 1 if one is not, whatever the reason, and 2 for a wrong command line.`,
		RunE: func(c *cobra.Command, args []string) error { return p.fetch(c.Context(), args, f) },
	}
	hasJSON(c)
	f.addTo(c)
	return c
}

// addTo adds the flags. Those about the source are "podtui run"'s, in its words;
// of several the last counts, as there.
func (f *fetch) addTo(c *cobra.Command) {
	c.Flags().BoolVar(&f.full, "full", false, "print whole IDs")
	words := []string{string(spec.PullNew), string(spec.PullUpdate), string(spec.PullNever)}
	for _, flag := range []globalFlag{
		{name: "pull-policy", set: oneOf((*string)(&f.pull), words...)},
		{name: "store-only", set: f.pulls(spec.PullNever)},
		{name: "no-store", set: f.pulls(spec.PullUpdate)},
		{name: "signature", set: filled("--signature", &f.signature)},
	} {
		for _, run := range spec.RunFlags() {
			if run.Name == flag.name {
				flag.value, flag.help = run.Value, run.Help
			}
		}
		added := c.Flags().VarPF(flagValue{flag}, flag.name, "", flag.help)
		if flag.value == "" {
			added.NoOptDefVal = "true"
		}
	}
	completeWords(c, "pull-policy", words...)
}

func (f *fetch) pulls(policy spec.PullPolicy) func(string) error {
	return func(s string) error {
		var on bool
		if err := boolean(&on)(s); err != nil {
			return err
		}
		if on {
			f.pull = policy
		}
		return nil
	}
}

func (p *program) fetch(ctx context.Context, references []string, f fetch) error {
	if f.signature != "" && len(references) > 1 {
		return usage("--signature is of one image, and there are %d", len(references))
	}
	e, err := p.open()
	if err != nil {
		return err
	}
	defer e.Close()
	return batch.Interruptible(ctx, func(ctx context.Context) error {
		return each(references, func(reference string) error { return p.fetchOne(ctx, e, reference, f) })
	})
}

func (p *program) fetchOne(ctx context.Context, e *engine.Engine, reference string, f fetch) error {
	options := engine.FetchOptions{SkipVerify: p.globals.skipVerify(), Pull: f.pull, Signature: f.signature}
	image, err := e.Fetch(ctx, reference, options, p.output().Event)
	var unverified *engine.UnverifiedError
	if errors.As(err, &unverified) {
		return fmt.Errorf("%v%s", err, p.mend(unverified, "fetches")) // for run, advise has it
	}
	var malformed *imageref.Error
	if errors.As(err, &malformed) {
		return usage("%v", malformed)
	}
	if err != nil {
		return err
	}
	p.output().Due()
	if p.globals.json() { // the events have it
		return nil
	}
	return p.println(shorten(image.ID, 32, f.full))
}
