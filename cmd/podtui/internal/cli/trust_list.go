package cli

import (
	"cmp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/cmd/podtui/internal/batch"
	"github.com/podtui/podtui/engine"
)

func (p *program) trustListCommand() *cobra.Command {
	var l listing
	c := &cobra.Command{
		Use: "list", Short: "list trusted keys and approved digests", Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return p.trustList(&l) },
	}
	l.addTo(p, c)
	return c
}

func (p *program) trustList(l *listing) error {
	trusted, err := p.trusted()
	if err != nil {
		return err
	}
	for _, warning := range trusted.Warnings {
		p.output().Say("warning: " + warning)
	}
	if l.json() {
		return l.printJSON(newTrustedJSON(trusted))
	}
	var rows [][]string
	for _, key := range trusted.Keys {
		rows = append(rows, l.keyRow(key))
	}
	for _, pin := range trusted.Pins {
		rows = append(rows, l.pinRow(pin))
	}
	return l.printTable([]string{"TRUSTED FOR", "KEY OR DIGEST", "WHO OR WHAT", "ALGORITHM", "EXPIRES", "SOURCE"}, rows)
}

// trusted is whom this host believes.
func (p *program) trusted() (engine.Trusted, error) {
	if err := p.checkConfig(); err != nil {
		return engine.Trusted{}, err
	}
	k := engine.OpenKeyring(p.options())
	defer k.Close()
	return k.Trusted()
}

func (l *listing) keyRow(key engine.TrustedKey) []string {
	id, expires, source := key.KeyID, orNever(key.Expires), "config"
	if key.Problem != "" { // its kind: JSON has it all
		expires, _, _ = strings.Cut(key.Problem, " ")
		expires = strings.TrimSuffix(expires, ":")
	}
	if l.full {
		id = key.Fingerprint
	}
	if key.System {
		source = "system"
	}
	return []string{
		forImages(key.Scope), id, cmp.Or(batch.UserID(key.UserID()), "-"), key.Algorithm, expires, source,
	}
}

// pinRow is content that was approved: where it is, and which it is.
func (l *listing) pinRow(pin engine.TrustedPin) []string {
	where, digest := "this image", pin.Pin
	if at := strings.LastIndexByte(pin.Pin, '@'); at >= 0 {
		where, digest = pin.Pin[:at], pin.Pin[at+1:]
	}
	if algorithm, hex, ok := strings.Cut(digest, ":"); ok && !l.full {
		digest = algorithm + ":" + hex[:min(len(hex), 12)]
	}
	return []string{where, l.id(digest), cmp.Or(batch.UserID(pin.Note), "-"), "-", "-", "config"}
}

// trustedJSON is a key or a digest of "trust list --format=json".
type trustedJSON struct {
	Kind   string  `json:"kind"`   // "root", "prefix" or "digest"
	Prefix *string `json:"prefix"` // of kind "prefix"
	Source string  `json:"source"` // "config" or "system"

	Fingerprint *string    `json:"fingerprint"`
	UserIDs     []string   `json:"userIDs"`
	Algorithm   *string    `json:"algorithm"`
	Created     *time.Time `json:"created"`
	Expires     *time.Time `json:"expires"`
	Problem     *string    `json:"problem"`

	Digest   *string    `json:"digest"`
	Note     *string    `json:"note"`
	Approved *time.Time `json:"approved"`
}

func newTrustedJSON(trusted engine.Trusted) []trustedJSON {
	list := make([]trustedJSON, 0, len(trusted.Keys)+len(trusted.Pins))
	for _, key := range trusted.Keys {
		j := trustedJSON{
			Kind: "root", Prefix: known(key.Scope), Source: "config",
			Fingerprint: known(key.Fingerprint), UserIDs: append([]string{}, key.UserIDs...), Algorithm: known(key.Algorithm),
			Created: when(key.Created), Expires: when(key.Expires), Problem: known(key.Problem),
		}
		if key.Scope != "" {
			j.Kind = "prefix"
		}
		if key.System {
			j.Source = "system"
		}
		list = append(list, j)
	}
	for _, pin := range trusted.Pins {
		list = append(list, trustedJSON{
			Kind: "digest", Source: "config", UserIDs: []string{},
			Digest: known(pin.Pin), Note: known(pin.Note), Approved: when(pin.At),
		})
	}
	return list
}
