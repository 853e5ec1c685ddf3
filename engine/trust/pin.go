package trust

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/podtui/podtui/engine/imageref"
)

// Pin is the exact content of one image: "docker://HOST/REPO@sha256:…", whole and as
// docker would complete it, or a whole image ID.
type Pin string

const (
	pinsFolder = "trusteddigests"
	docker     = "docker://"
	idPrefix   = "sha512-"
	idDigits   = 128
)

// PinError says why a text is no pin.
type PinError struct {
	Text string
	Why  string // what is wrong, and what would be right
}

func (e *PinError) Error() string {
	return fmt.Sprintf("digest %s: %s", strconv.QuoteToASCII(cut(e.Text, 200)), e.Why)
}

// ParsePin reads what --digest= takes. A tag beside the digest is dropped: it says
// where the content was found, and not what it is.
func ParsePin(s string) (Pin, error) {
	if digits, ok := strings.CutPrefix(s, idPrefix); ok {
		if len(digits) != idDigits || strings.Trim(digits, "0123456789abcdef") != "" {
			return "", &PinError{s, fmt.Sprintf("an image's ID has %d digits here, 0 to 9 and a to f", idDigits)}
		}
		return Pin(s), nil
	}
	if !strings.HasPrefix(s, docker) {
		return "", &PinError{s, "write docker://REGISTRY/REPOSITORY@sha256:…, or the whole ID of an image"}
	}
	ref, err := imageref.Parse(s, nil)
	if err != nil {
		return "", err
	}
	r := ref.Registry
	if r.Digest == "" {
		return "", &PinError{s, "names no exact content; write " + docker + r.Host + "/" + r.Repo + "@sha256: and 64 hex digits"}
	}
	if len(r.Host) > maxElement {
		return "", &PinError{s, "no host has so long a name"}
	}
	return Pin(docker + r.Host + "/" + r.Repo + "@" + r.Digest), nil
}

// file is where a pin lies below CONFIG. A digest has a colon and 64 digits: no
// repository can be called so, and an image's ID like no registry.
func (p Pin) file() string {
	repository, digest, ok := strings.Cut(strings.TrimPrefix(string(p), docker), "@")
	if !ok {
		return path.Join(pinsFolder, string(p))
	}
	return path.Join(pinsFolder, repository, digest)
}

// pinOf is the pin that a file is there for.
func pinOf(file string) (Pin, bool) {
	below := strings.TrimPrefix(file, pinsFolder+"/")
	repository, digest := path.Split(below)
	text := digest
	if repository != "" {
		text = docker + strings.TrimSuffix(repository, "/") + "@" + digest
	}
	p, err := ParsePin(text)
	return p, err == nil && string(p) == text
}
