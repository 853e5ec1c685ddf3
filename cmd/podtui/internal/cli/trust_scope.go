package cli

import (
	"fmt"
	"os"
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
		if isFile(value) {
			return errIsFile(value)
		}
		return err
	}
	s.prefix = value
	return nil
}

// errIsFile says that a key's file stands where a prefix should.
func errIsFile(path string) error {
	return fmt.Errorf("%s is a file; for a key in it write podtui trust --prefix=NAME %[1]s, with the name of the images", path)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func (s *trustScope) addDigest(value string) error {
	err := checkShortPin(value)
	if err == nil && !isShortPin(value) {
		value, err = engine.CheckPin(value)
	}
	s.digests = append(s.digests, value)
	return err
}

// checkPins refuses digests that don't say where the content is: no approval can
// be made of them, though they name one that is there.
func (s *trustScope) checkPins() error {
	for _, pin := range s.digests {
		if strings.HasPrefix(pin, digestPrefix) {
			return usage("--digest: %s is of which repository? write --digest=docker://REGISTRY/REPOSITORY@%[1]s", pin)
		}
	}
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

const (
	imagePrefix  = "sha512-"
	digestPrefix = "sha256:"
	dockerPrefix = "docker://"
)

func isImageID(pin string) bool { return strings.HasPrefix(pin, imagePrefix) }

// isShortPin tells what may be the beginning of a digest.
func isShortPin(pin string) bool { return isImageID(pin) || strings.HasPrefix(pin, digestPrefix) }

// isPin tells content from keys, by its form alone.
func isPin(word string) bool { return isShortPin(word) || strings.HasPrefix(word, dockerPrefix) }

// checkShortPin says why a text is not even the beginning of a digest.
func checkShortPin(pin string) error {
	digits := strings.TrimPrefix(strings.TrimPrefix(pin, imagePrefix), digestPrefix)
	switch {
	case strings.HasPrefix(pin, dockerPrefix+digestPrefix):
		return fmt.Errorf("%s names no repository; write docker://REGISTRY/REPOSITORY@%s", pin, strings.TrimPrefix(pin, dockerPrefix))
	case isShortPin(pin) && (len(digits) < 2 || !isHex(digits)):
		return fmt.Errorf("digest %q: write at least 2 hex digits of it", pin)
	}
	return nil
}
