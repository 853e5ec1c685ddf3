package store

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/appc/spec/schema"
)

// Image is what the store knows of one image.
type Image struct {
	ID       string                // "sha512-" and 128 hex digits: the SHA-512 of the uncompressed archive, or what oci's rule gives
	Manifest *schema.ImageManifest // never nil in what the store returns
	Size     int64                 // bytes of the uncompressed archive, or of all layers
	Imported time.Time
	Used     time.Time       // when it was last leased; its import counts as a use
	Verified *Verification   // nil: nobody vouched for it
	Evidence json.RawMessage // what a verification can be made of, now or later; nil: nothing was kept
	Insecure []string        // what its fetch did without, in words: "image", "tls", "http"

	Kind         string   // KindACI or KindRegistry
	Origin       string   // where it came from, for people; "" if that was not told
	Dependencies []string // IDs of the images below it, in the manifest's order
	DiffIDs      []string // of a registry image: its layers, lowest first

	layers []string // IDs, uppermost first
}

// Kinds of images, by what they came as.
const (
	KindACI      = "aci"
	KindRegistry = "registry" // a Docker or OCI image, wherever it came from
)

// Name is the image's name as its manifest says.
func (i Image) Name() string { return string(i.Manifest.Name) }

// Version is the image's version label, or "".
func (i Image) Version() string { return i.Label("version") }

// Label returns the value of a label, or "".
func (i Image) Label(name string) string {
	for _, l := range i.Manifest.Labels {
		if string(l.Name) == name {
			return l.Value
		}
	}
	return ""
}

// Verification says who vouched for an image, and when podtui was convinced.
// The store only keeps it: whether it still holds is asked of whoever keeps keys.
type Verification struct {
	By        string    `json:"by"`                  // in words: the key's user ID, "digest approved", "this podtui"; long ones are cut
	Key       string    `json:"key,omitempty"`       // the fingerprint of the key that is trusted, if one vouches
	Pin       string    `json:"pin,omitempty"`       // what was approved, if an approval does
	Signature []byte    `json:"signature,omitempty"` // packets of OpenPGP
	At        time.Time `json:"at"`
}

const (
	idPrefix = "sha512-"
	idLength = len(idPrefix) + 128
)

// validID reports whether id is a whole image ID. Only what passes here is
// ever made part of a path.
func validID(id string) bool {
	return len(id) == idLength && validPrefix(id)
}

// validPrefix reports whether p begins an image ID, and says enough to look
// for one.
func validPrefix(p string) bool {
	digits, ok := strings.CutPrefix(p, idPrefix)
	for _, d := range []byte(digits) {
		if !('0' <= d && d <= '9' || 'a' <= d && d <= 'f') {
			return false
		}
	}
	return ok && len(digits) >= 2 && len(p) <= idLength
}

// short is the ID as errors show it: listings have 12 digits.
func short(id string) string {
	return id[:min(len(id), len(idPrefix)+12)]
}
