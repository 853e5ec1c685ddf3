package oci

import (
	"crypto/sha512"
	"encoding/hex"
	"fmt"
)

// idVersion is the number of the rule, which changes whenever the text does, or
// the manifest that Convert makes of the same config.
const idVersion = 1

// ImageID is the ID of an image that was no ACI, of its derived manifest and its
// layers, lowest first: the SHA-512 of the text that docs/images.md shows. How
// layers were compressed, and which kind of manifest named them, is not in it.
func ImageID(manifest []byte, diffIDs []Digest) string {
	h := sha512.New()
	fmt.Fprintf(h, "podtui image %d\n", idVersion)
	for _, d := range diffIDs {
		fmt.Fprintf(h, "layer %s\n", d)
	}
	fmt.Fprintf(h, "manifest %d\n", len(manifest))
	h.Write(manifest)
	return "sha512-" + hex.EncodeToString(h.Sum(nil))
}
