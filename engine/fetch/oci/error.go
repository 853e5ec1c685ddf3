package oci

import (
	"fmt"
	"strings"
)

// DigestError says that content is not what its digest names.
type DigestError struct{ Want, Got Digest }

func (e *DigestError) Error() string {
	return fmt.Sprintf("%s: the content is another, its digest is %s", e.Want, e.Got)
}

// SizeError says that content has not the size that its descriptor tells.
type SizeError struct {
	Digest    Digest
	Want, Got int64
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("%s: has %d bytes, its descriptor says %d", e.Digest, e.Got, e.Want)
}

// InvalidError says why a manifest, an index or a config is refused.
type InvalidError struct {
	What   string // "manifest sha256:…", "index …", "config …"
	Reason string
}

func (e *InvalidError) Error() string { return e.What + ": " + e.Reason }

// PlatformError says that there is no image for the platform that is wanted.
type PlatformError struct {
	Want Platform
	Have []Platform // sorted, each once
}

func (e *PlatformError) Error() string {
	const shown = 20
	var have []string
	for _, p := range e.Have[:min(shown, len(e.Have))] {
		have = append(have, p.String())
	}
	if more := len(e.Have) - shown; more > 0 {
		have = append(have, fmt.Sprintf("and %d more", more))
	}
	if len(have) == 0 {
		return fmt.Sprintf("no image for %s, and none for any other platform", e.Want)
	}
	return fmt.Sprintf("no image for %s, only for %s", e.Want, strings.Join(have, ", "))
}

// show quotes what a stranger wrote, for a message of one line.
func show(s string) string {
	const most = 100
	if len(s) > most {
		return fmt.Sprintf("%q…", s[:most])
	}
	return fmt.Sprintf("%q", s)
}
