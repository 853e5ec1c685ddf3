// Package imageref tells by its form alone how an image is addressed: by name,
// hash, path, URL or registry (contract, section 2). A reference is parsed
// once, at the edge, and passed on as a Ref; nobody looks at its text again.
//
// The package asks one thing of the world, and only through a function that
// its caller hands in: whether a file exists. It resolves nothing.
package imageref

import "strings"

// MaxLength is how long a reference may be, in bytes: the longest path that
// Linux takes. Nothing else that a reference can be comes near it.
const MaxLength = 4096

// Kind is how an image is addressed.
type Kind int

// The kinds, in the order in which a reference is tried.
const (
	Hash     Kind = iota + 1 // sha512- and at least 2 hex digits
	URL                      // file://, http://, https://
	Registry                 // docker://REGISTRY/REPO[:TAG][@DIGEST]
	Path                     // a file or folder of this host
	Name                     // an appc name with labels
)

// String is the kind in the words of messages.
func (k Kind) String() string {
	switch k {
	case Hash:
		return "image hash"
	case URL:
		return "URL"
	case Registry:
		return "registry reference"
	case Path:
		return "file path"
	case Name:
		return "image name"
	}
	return "unknown kind of reference"
}

// Ref is a parsed reference. Beside Kind only the field of that kind is set.
type Ref struct {
	Kind Kind

	Hash     string     // Hash: 2 to 128 lower-case hex digits, without "sha512-"
	URL      Location   // URL
	Registry Repository // Registry
	Path     string     // Path: as typed, relative to the caller's folder if it is not absolute
	Name     AppName    // Name

	text string
}

// String is the reference exactly as it was typed.
func (r Ref) String() string { return r.text }

// Parse tells what kind of reference s is, in the order of the contract, and
// takes it apart. The function exists reports whether a path, relative to the
// caller's folder, is there; nil means that nothing is. Every error is an
// *Error: wrong by form alone.
func Parse(s string, exists func(path string) bool) (Ref, error) {
	if exists == nil {
		exists = func(string) bool { return false }
	}
	r := Ref{text: s}
	if err := checkText(s); err != nil {
		return Ref{}, err
	}
	var err error
	switch scheme, rest, isURL := cutScheme(s); {
	case looksLikeHash(s):
		r.Kind = Hash
		r.Hash, err = parseHash(s)
	case isURL && scheme == "docker":
		r.Kind = Registry
		r.Registry, err = parseRepository(s, rest)
	case isURL:
		r.Kind = URL
		r.URL, err = parseURL(s, scheme)
	case isPath(s, exists):
		r.Kind, r.Path = Path, s
	default:
		r.Kind = Name
		r.Name, err = parseName(s, exists)
	}
	if err != nil {
		return Ref{}, err
	}
	return r, nil
}

// checkText refuses what no kind can hold.
func checkText(s string) error {
	switch {
	case s == "":
		return fail(s, "empty; %s", kinds)
	case len(s) > MaxLength:
		return fail(s, "%d bytes long; at most %d are taken", len(s), MaxLength)
	case strings.HasPrefix(s, "-"):
		return fail(s, "starts with a dash; for a file of that name write ./%s", s)
	case strings.ContainsRune(s, 0):
		return fail(s, "holds a NUL byte")
	}
	return nil
}

// kinds tells what may be written.
const kinds = "a name (example.com/app:1.0), a hash (sha512-…), a file (./app.aci), " +
	"or a URL (https://…, file://…, docker://…)"

// isPath is the contract's rule: a path says that it is one, or it ends like an
// image file and is there.
func isPath(s string, exists func(string) bool) bool {
	for _, start := range []string{"/", "./", "../"} {
		if strings.HasPrefix(s, start) {
			return true
		}
	}
	return hasImageSuffix(s) && exists(s)
}

func hasImageSuffix(s string) bool {
	for _, end := range []string{".aci", ".tar", ".oci"} {
		if strings.HasSuffix(s, end) {
			return true
		}
	}
	return false
}

// Hint tells what else a name could have meant, for the message that no such
// image was found, or "". A file that happens to be called like a name is not
// taken for it, or a download would depend on the folder one stands in.
func (r Ref) Hint(exists func(path string) bool) string {
	switch {
	case r.Kind != Name:
		return ""
	case exists != nil && exists(r.text):
		return "there is a file of that name here: ./" + r.text + " takes it"
	case hasImageSuffix(r.text):
		return "taken for an image name, since there is no such file here"
	}
	return ""
}
