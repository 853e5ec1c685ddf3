package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/ui/text"
)

// keyring is whom this host believes, with the images that this matters to. Keys
// need no images, and whoever may read keys perhaps may not read those.
type keyring struct {
	*engine.Keyring
	images *engine.Engine // nil: there are none, or
	hidden error          // why they can't be read
}

// openKeyring makes no data folder.
func (p *program) openKeyring() (*keyring, error) {
	if err := p.checkConfig(); err != nil {
		return nil, err
	}
	e, err := p.look(nil)
	if e == nil {
		return &keyring{Keyring: engine.OpenKeyring(p.options()), hidden: err}, nil
	}
	return &keyring{Keyring: e.Keyring, images: e}, nil
}

func (k *keyring) close() {
	if k.images != nil {
		_ = k.images.Close()
		return
	}
	_ = k.Close()
}

// checkConfig says once what every file that is looked for below it would say
// again.
func (p *program) checkConfig() error {
	folder, err := os.OpenFile(p.globals.configDir, unix.O_DIRECTORY, 0)
	if err == nil {
		return folder.Close()
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("configuration folder %s: %w", p.globals.configDir, errors.Unwrap(err))
}

// held is where a key is trusted, revoked as it may be.
func (k *keyring) held(fingerprint string) []engine.TrustedKey {
	trusted, _ := k.Trusted()
	return slices.DeleteFunc(trusted.Keys, func(key engine.TrustedKey) bool { return key.Fingerprint != fingerprint })
}

func isRevoked(key engine.KeyInfo) bool {
	return strings.HasPrefix(key.Problem, refusal.Revoked.String())
}

// scopes are what keys are trusted for, in words.
func scopes(held []engine.TrustedKey) []string {
	var words []string
	for _, key := range held {
		if of := forImages(key.Scope); !slices.Contains(words, of) {
			words = append(words, of)
		}
	}
	return words
}

// covers reports whether a key that is trusted for a prefix is for another as well.
func covers(prefix, other string) bool {
	return prefix == "" || prefix == other || strings.HasPrefix(other, prefix+"/")
}

// vouchedFor are the stored images that run without a flag, by a key if one is
// named: their names, by ID.
func (k *keyring) vouchedFor(fingerprint string) (map[string]string, error) {
	images := make(map[string]string)
	if k.images == nil {
		return images, k.hidden
	}
	entries, err := k.images.Images()
	for i := range entries {
		if by := &entries[i]; by.VerifiedBy != "" && (fingerprint == "" || by.VerifiedKey == fingerprint) {
			images[by.ID] = nameAndVersion(by)
		}
	}
	return images, err
}

// stopping does something, and tells which images it keeps from running. That this
// can't be found out is no reason to go on trusting somebody.
func (p *program) stopping(k *keyring, do func() error) error {
	before, hidden := k.vouchedFor("")
	if err := do(); err != nil {
		return err
	}
	after, err := k.vouchedFor("")
	if hidden = errors.Join(hidden, err); hidden != nil {
		p.output().Say("warning: which stored images no longer run can't be told: " + firstLine(hidden))
		return nil
	}
	for id := range after {
		delete(before, id)
	}
	if len(before) > 0 {
		p.output().Say(stopped(before))
	}
	return nil
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// stopped tells of images, by ID, that no longer run, the first few by their names.
func stopped(images map[string]string) string {
	verb := " no longer run"
	if len(images) == 1 {
		verb += "s"
	}
	return text.Count(len(images), "stored image") + verb + " without --insecure-skip-verify: " + fewNames(images)
}

func fewNames(images map[string]string) string {
	const most = 5
	names := make([]string, 0, len(images))
	for _, name := range images {
		names = append(names, name)
	}
	slices.Sort(names)
	line := strings.Join(names[:min(most, len(names))], ", ")
	if more := len(names) - most; more > 0 {
		line += " and " + text.Number(more) + " more"
	}
	return line
}
