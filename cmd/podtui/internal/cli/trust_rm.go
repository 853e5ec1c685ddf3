package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/ui/text"
)

func (p *program) trustRmCommand() *cobra.Command {
	var s trustScope
	c := &cobra.Command{
		Use: "rm [--root|--prefix=NAME] FINGERPRINT…|--digest=PIN", Short: "no longer trust keys, or approved digests",
		DisableFlagsInUseLine: true,
		Long: `No longer trust keys: for NAME, with --root as keys for all images, or without either
wherever they are trusted. The end of a FINGERPRINT is enough, from 8 digits on, if only
one key has it. With --digest an approval is taken back. What this keeps from running of
the images that are here is told.`,
		ValidArgsFunction: p.completeKeys,
		RunE:              func(_ *cobra.Command, args []string) error { return p.trustRm(args, &s) },
	}
	s.addTo(c)
	_ = c.RegisterFlagCompletionFunc("prefix", p.completePrefixes)
	_ = c.RegisterFlagCompletionFunc("digest", p.completePins)
	return c
}

func (p *program) trustRm(fingerprints []string, s *trustScope) error {
	if err := s.check("trust rm", fingerprints); err != nil {
		return err
	}
	if len(fingerprints)+len(s.digests) == 0 {
		return usage("trust rm: an argument is missing; write podtui trust rm [--root|--prefix=NAME] FINGERPRINT…, or podtui trust rm --digest=PIN")
	}
	e, err := p.open()
	if err != nil {
		return err
	}
	defer e.Close()
	err = each(fingerprints, func(fingerprint string) error {
		return p.stopping(e, func() error { return p.distrust(e, fingerprint, s) })
	})
	if err != nil {
		return err
	}
	return each(s.digests, func(pin string) error {
		return p.stopping(e, func() error { return p.withdraw(e, pin) })
	})
}

func (p *program) distrust(e *engine.Engine, fingerprint string, s *trustScope) error {
	var scope *string // anywhere
	if s.root || s.prefix != "" {
		scope = &s.prefix
	}
	keys, err := e.Distrust(fingerprint, scope)
	for _, key := range keys {
		line := "key " + keyAndOwner(key.KeyInfo) + " is no longer trusted for " + forImages(key.Scope)
		if key.System {
			line += "; it is the system's, and masked"
		}
		p.output().Say(line)
	}
	return err
}

func (p *program) withdraw(e *engine.Engine, pin string) error {
	pin, _, err := wholePin(e, pin)
	if err == nil {
		err = e.Withdraw(pin)
	}
	if err == nil {
		p.output().Say(pin + " is no longer approved")
	}
	return err
}

// stopping does something, and tells which images it keeps from running.
func (p *program) stopping(e *engine.Engine, do func() error) error {
	before, err := vouchedFor(e)
	if err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	after, err := vouchedFor(e)
	if err != nil {
		return err
	}
	var names []string
	for id, name := range before {
		if _, still := after[id]; !still {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		p.output().Say(stopped(names))
	}
	return nil
}

// vouchedFor are the stored images that run without a flag: their names, by ID.
func vouchedFor(e *engine.Engine) (map[string]string, error) {
	entries, err := e.Images()
	images := make(map[string]string)
	for i := range entries {
		if entries[i].VerifiedBy != "" {
			images[entries[i].ID] = nameAndVersion(&entries[i])
		}
	}
	return images, err
}

// stopped tells of images that no longer run, the first few by their names.
func stopped(names []string) string {
	const most = 5
	slices.Sort(names)
	verb := " no longer run"
	if len(names) == 1 {
		verb += "s"
	}
	line := text.Count(len(names), "stored image") + verb + " without --insecure-skip-verify: " + strings.Join(names[:min(most, len(names))], ", ")
	if more := len(names) - most; more > 0 {
		line += " and " + text.Number(more) + " more"
	}
	return line
}
