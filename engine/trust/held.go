package trust

import "github.com/podtui/podtui/engine/trust/openpgp"

// Held is a key that counts, at one place. A key that counts for two prefixes is
// held twice.
type Held struct {
	Key    *openpgp.Key
	Scope  Scope
	System bool   // it came with the distribution
	Path   string // of its file
}

// Pin is the exact content of one image: "docker://HOST/REPO@sha256:…", or a whole
// image ID.
type Pin string
