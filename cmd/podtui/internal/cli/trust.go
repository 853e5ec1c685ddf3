package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/spec"
)

// trustFlags are the flags of "podtui trust".
type trustFlags struct {
	trustScope
	skipReview bool
	note       string
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

A key that was revoked since is asked about as well, and then counts nowhere.

A PIN is content that is approved as it is: docker://HOST/REPO@sha256:… of a registry,
or the ID of a stored image.

The exit status is 0 if everything that was named is trusted now, or revoked; 1 if
something is not, by your answer or since it can't be; 2 for a wrong command line.`,
		RunE: func(c *cobra.Command, args []string) error { return p.trust(c.Context(), args, &t) },
	}
	t.addTo(c)
	c.Flags().BoolVar(&t.skipReview, "skip-fingerprint-review", false, "trust the keys without asking")
	c.Flags().StringVar(&t.note, "note", "", "why a digest is approved, as `TEXT` that trust list shows")
	_ = c.RegisterFlagCompletionFunc("prefix", p.completeNames)
	_ = c.RegisterFlagCompletionFunc("digest", p.completeImages)
	c.AddCommand(p.trustListCommand(), p.trustRmCommand())
	return c
}

func (t *trustFlags) check(keys []string) error {
	if err := notForTrust(keys); err != nil {
		return err
	}
	if err := t.trustScope.check("trust", keys); err != nil {
		return err
	}
	switch {
	case t.note != "" && len(t.digests) == 0:
		return usage("trust: --note is of a --digest, and none is given")
	case t.root && len(keys) == 0:
		return usage("trust: --root without a key; write podtui trust --root KEY…")
	case t.prefix != "" && len(keys) == 0 && isFile(t.prefix):
		return usage("--prefix: %v", errIsFile(t.prefix))
	case t.root || t.prefix != "":
		return nil
	case len(t.digests) > 0:
		return t.checkPins()
	}
	return usage("trust: for which images? write --prefix=NAME for some, --root for all, or --digest=PIN for one content")
}

// notForTrust refuses words that are no keys: other commands, and digests.
func notForTrust(keys []string) error {
	for _, key := range keys {
		if isPin(key) {
			return usage("trust: %q is content, and no key; podtui trust --digest=PIN approves it", imageref.Masked(key))
		}
	}
	if len(keys) == 0 || isFile(keys[0]) {
		return nil
	}
	guess := trustWords[keys[0]]
	if guess == "" && len(keys) == 1 {
		guess = spec.Nearest(keys[0], []string{"list", "rm"})
	}
	if guess != "" {
		return usage(`unknown command %q; perhaps "podtui trust %s" is meant`, keys[0], guess)
	}
	return nil
}

// trustWords are what people write for commands that there are.
var trustWords = map[string]string{
	"ls": "list", "show": "list", "remove": "rm", "delete": "rm", "del": "rm", "revoke": "rm",
	"help": "--help", "add": "--prefix=NAME KEY",
}

func (p *program) trust(ctx context.Context, keys []string, t *trustFlags) error {
	if err := t.check(keys); err != nil {
		return err
	}
	k, err := p.openKeyring()
	if err != nil {
		return err
	}
	defer k.close()
	if len(t.digests) > 0 {
		return each(t.digests, func(pin string) error { return p.approve(k, pin, t.note) })
	}
	return p.trustKeys(ctx, k, keys, t)
}

// trustKeys takes each key of each source, and goes on after a failure.
func (p *program) trustKeys(ctx context.Context, k *keyring, sources []string, t *trustFlags) error {
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
		offers, err := p.keysAt(ctx, k, source, t.prefix)
		if err != nil {
			return err
		}
		var failed failures
		for _, offer := range offers {
			if err := p.trustKey(k, offer, review); err != nil {
				failed = append(failed, err)
			}
		}
		return failed.orNil()
	})
}

// keysAt reads the keys of a source; "" is what the site of the prefix names.
func (p *program) keysAt(ctx context.Context, k *keyring, source, prefix string) (offers []engine.Offer, err error) {
	if source == standardInput {
		return k.ParseKeys(os.Stdin, "standard input")
	}
	if p.globals.insecure.keys && (source == "" || isURL(source)) {
		p.output().Say("warning: " + warnKeys)
	}
	err = batch.Interruptible(ctx, func(ctx context.Context) (err error) {
		if source != "" {
			offers, err = k.ReadKeys(ctx, source)
		} else if offers, err = k.DiscoverKeys(ctx, prefix); err != nil {
			err = fmt.Errorf("%w; podtui trust --prefix=%s KEY takes one from a file or a URL", err, prefix)
		}
		return err
	})
	return offers, ofKeys(p.mendSource(err, source))
}

// ofKeys says that it is keys that could not be had: pages and files are asked for
// as those of images are.
func ofKeys(err error) error {
	if err == nil || errors.As(err, new(*batch.InterruptError)) {
		return err
	}
	said := err.Error()
	if name, ok := strings.CutPrefix(said, "image "); ok {
		return errors.New("keys of " + name)
	}
	if strings.HasPrefix(said, "https://") || strings.HasPrefix(said, "http://") {
		return errors.New("key " + said)
	}
	return err
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
