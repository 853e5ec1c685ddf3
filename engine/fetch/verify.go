package fetch

import (
	"slices"
	"strings"

	"github.com/podtui/podtui/engine/trust/openpgp"
)

// Verify says what has to be vouched for.
type Verify struct {
	Skip          bool   // nothing, and no signature is asked for
	AllowUnsigned bool   // what carries a signature; what carries none comes unverified
	Signature     string // a file with the image's signature, in place of the one at its source

	// Believe are keys that are believed for one image alone, by what an
	// UnverifiedError calls it. Its ID is approved then.
	Believe map[string][]*openpgp.Key

	// Allow are images that may come though nobody vouches for them, by what an
	// UnverifiedError calls them, each with the ID that it has to have; "": any.
	Allow map[string]string
}

// skips reports whether this image, whatever is below it, may come though nobody
// vouches for it.
func (j *job) skips() bool {
	_, allowed := j.Verify.Allow[j.Ref.String()]
	return j.Verify.Skip || allowed
}

// allows reports whether an image may be taken though nobody vouches for it.
func (j *job) allows(reference, id string) bool {
	want, allowed := j.Verify.Allow[reference]
	return j.Verify.Skip || allowed && (want == "" || want == id)
}

// ofDependency is the same for an image that another one depends on.
func (v Verify) ofDependency() Verify {
	v.Signature = ""
	return v
}

// insecure is what the fetch of an image from somewhere did without, in the words
// of --insecure-options. A file of this host needs no server.
func (j *job) insecure(origin string) (words []string) {
	scheme, _, _ := strings.Cut(origin, "://")
	remote := scheme == "http" || scheme == "https" || scheme == "docker"
	for word, on := range map[string]bool{
		"image": j.skips(),
		"tls":   remote && j.options.HTTP.SkipTLS,
		"http":  remote && j.options.HTTP.AllowHTTP,
	} {
		if on {
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return words
}
