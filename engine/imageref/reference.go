// Package imageref tells by its form alone how an image is addressed: by name,
// hash, path, URL or registry (contract, section 2). A reference is parsed
// once, at the edge, and passed on as a Ref; nobody looks at its text again.
//
// The package asks one thing of the world, and only through a function that
// its caller hands in: whether a file exists. It resolves nothing.
package imageref

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
