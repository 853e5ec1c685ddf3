package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/podtui/podtui/engine"
	"github.com/podtui/podtui/engine/imageref"
)

// trustScope is what a key is trusted for, or the digests that are trusted in its
// place.
type trustScope struct {
	root    bool
	prefix  string
	digests []string
}

func (s *trustScope) addTo(c *cobra.Command) {
	for _, flag := range []globalFlag{
		{"root", "", "for all images, whatever their names", boolean(&s.root)},
		{"prefix", "NAME", "for images whose name is NAME, or begins with NAME/", s.setPrefix},
		{"digest", "PIN", "exactly this content: docker://HOST/REPO@sha256:…, or an image's ID; may be repeated", s.addDigest},
	} {
		added := c.Flags().VarPF(flagValue{flag}, flag.name, "", flag.help)
		if flag.value == "" {
			added.NoOptDefVal = "true"
		}
	}
}

func (s *trustScope) setPrefix(value string) error {
	if s.prefix != "" {
		return fmt.Errorf("%q is given already; trust for each prefix on its own", s.prefix)
	}
	if err := engine.CheckPrefix(value); err != nil {
		return err
	}
	s.prefix = value
	return nil
}

func (s *trustScope) addDigest(value string) error {
	if !isImageID(value) { // which may be the beginning of one
		var err error
		if value, err = engine.CheckPin(value); err != nil {
			return err
		}
	}
	s.digests = append(s.digests, value)
	return nil
}

// check refuses more than one way at once.
func (s *trustScope) check(command string, words []string) error {
	switch {
	case s.root && s.prefix != "":
		return usage("%s: --root is for all images, and --prefix=%s for some; give one of them", command, s.prefix)
	case len(s.digests) > 0 && (s.root || s.prefix != ""):
		return usage("%s: --digest is of one content, whatever its name; leave --root and --prefix out", command)
	case len(s.digests) > 0 && len(words) > 0:
		return usage("%s: --digest goes without a key; what is %q?", command, imageref.Masked(words[0]))
	}
	return nil
}

func isImageID(pin string) bool { return strings.HasPrefix(pin, "sha512-") }
