package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/spec"
)

// trustFlags are the flags of "podtui trust".
type trustFlags struct {
	trustScope
	skipReview bool
}

const standardInput = "-"

func (p *program) trustCommand() *cobra.Command {
	var t trustFlags
	c := &cobra.Command{
		Use: "trust --root|--prefix=NAME|--digest=PIN [KEY…]", Short: "say whose images run: trust keys, list them, remove them",
		DisableFlagsInUseLine: true,
		Long: `Trust a key, for images whose name is NAME or begins with NAME/, or for all. A KEY is a
file, an https:// URL, or - for standard input; without one, --prefix asks the site of
NAME for its signers' keys. Each key that comes is shown, and trusted if the answer is
"yes". It is read from standard input, and from the terminal if that brings the key.

A PIN is content that is approved as it is: docker://HOST/REPO@sha256:… of a registry,
or the ID of a stored image.`,
		RunE: func(c *cobra.Command, args []string) error { return p.trust(c.Context(), args, &t) },
	}
	t.addTo(c)
	c.Flags().BoolVar(&t.skipReview, "skip-fingerprint-review", false, "trust the keys without asking")
	_ = c.RegisterFlagCompletionFunc("prefix", p.completeNames)
	_ = c.RegisterFlagCompletionFunc("digest", p.completeImages)
	c.AddCommand(p.trustListCommand(), p.trustRmCommand())
	return c
}

func (t *trustFlags) check(keys []string) error {
	if err := t.trustScope.check("trust", keys); err != nil {
		return err
	}
	switch {
	case t.root && len(keys) == 0:
		return usage("trust: --root without a key; write podtui trust --root KEY…")
	case t.root || t.prefix != "" || len(t.digests) > 0:
		return nil
	case len(keys) == 1:
		if guess := spec.Nearest(keys[0], []string{"list", "rm"}); guess != "" {
			return usage(`unknown command %q; perhaps "trust %s" is meant`, keys[0], guess)
		}
	}
	return usage("trust: for which images? write --prefix=NAME for some, --root for all, or --digest=PIN for one content")
}

func (p *program) trust(ctx context.Context, keys []string, t *trustFlags) error {
	if err := t.check(keys); err != nil {
		return err
	}
	e, err := p.open()
	if err != nil {
		return err
	}
	defer e.Close()
	if len(t.digests) > 0 {
		return each(t.digests, func(pin string) error { return p.approve(e, pin) })
	}
	return p.trustKeys(ctx, e, keys, t)
}

// trustKeys takes each key of each source, and goes on after a failure.
func (p *program) trustKeys(ctx context.Context, e *engine.Engine, sources []string, t *trustFlags) error {
	review := newReview(t.prefix, t.skipReview)
	defer review.close()
	if len(sources) == 0 {
		sources = []string{""} // the site of the prefix
	}
	return each(sources, func(source string) error {
		if source == standardInput {
			if err := review.useTerminal(); err != nil {
				return err
			}
		}
		offers, err := p.keysAt(ctx, e, source, t.prefix)
		if err != nil {
			return err
		}
		var failed failures
		for _, offer := range offers {
			if err := p.trustKey(e, offer, review); err != nil {
				failed = append(failed, err)
			}
		}
		return failed.orNil()
	})
}

// keysAt reads the keys of a source; "" is what the site of the prefix names.
func (p *program) keysAt(ctx context.Context, e *engine.Engine, source, prefix string) (offers []engine.Offer, err error) {
	if source == standardInput {
		return e.ParseKeys(os.Stdin, "standard input")
	}
	if p.globals.insecure.keys && (source == "" || isURL(source)) {
		p.output().Say("warning: " + warnKeys)
	}
	err = batch.Interruptible(ctx, func(ctx context.Context) (err error) {
		if source != "" {
			offers, err = e.ReadKeys(ctx, source)
		} else if offers, err = e.DiscoverKeys(ctx, prefix); err != nil {
			err = fmt.Errorf("%w; podtui trust --prefix=%s KEY takes one from a file or a URL", err, prefix)
		}
		return err
	})
	return offers, p.mendSource(err, source)
}

// mendSource says what lets keys come that didn't: the words for images don't.
func (p *program) mendSource(err error, source string) error {
	plain := strings.HasPrefix(source, "http://") && !p.globals.insecure.keys
	switch cure := engine.CureOf(err); {
	case err != nil && plain, cure == engine.AllowHTTP:
		return fmt.Errorf("%v; --insecure-options=pubkey allows plain HTTP for keys", err)
	case cure == engine.TrustServer:
		return fmt.Errorf("%v; --insecure-options=pubkey takes keys from any server", err)
	}
	return err
}

func isURL(source string) bool { return strings.Contains(source, "://") }

// trustKey asks about a key, and trusts it if the answer is yes.
func (p *program) trustKey(e *engine.Engine, offer engine.Offer, review *review) error {
	key := offer.Key
	if key.Problem != "" && !isHeld(e, key.Fingerprint) {
		return fmt.Errorf("key %s: %s; nothing that it signs would be believed", key.Fingerprint, key.Problem)
	}
	if !review.approves(offer) {
		return fmt.Errorf("key %s: not trusted, since nobody said yes", keyAndOwner(key))
	}
	change, err := e.Trust(review.scope, key)
	if err != nil {
		return fmt.Errorf("key %s: %w", keyAndOwner(key), err)
	}
	switch change {
	case engine.TrustNew:
		p.output().Say("trusted key " + keyAndOwner(key) + " for " + forImages(review.scope))
	case engine.TrustUpdated:
		p.output().Say("updated key " + keyAndOwner(key) + ", which was trusted already")
	case engine.TrustSame:
		p.output().Say("key " + keyAndOwner(key) + " was trusted already for " + forImages(review.scope))
	}
	return nil
}

// isHeld reports whether a key is trusted for anything. What is wrong with it now
// is news then.
func isHeld(e *engine.Engine, fingerprint string) bool {
	trusted, _ := e.Trusted()
	for _, key := range trusted.Keys {
		if key.Fingerprint == fingerprint {
			return true
		}
	}
	return false
}

// keyAndOwner is a key in a line: its fingerprint and who it says it is.
func keyAndOwner(key engine.KeyInfo) string {
	if key.UserID() == "" {
		return key.Fingerprint
	}
	return key.Fingerprint + " (" + quoted(key.UserID()) + ")"
}

func forImages(prefix string) string {
	if prefix == "" {
		return "all images"
	}
	return prefix
}
