// Package trust knows whom this host believes: OpenPGP keys, each for all images
// or for those below a name, and digests that somebody approved. It judges by them
// whether anybody vouches for an image.
//
// # On disk
//
// Keys lie where rkt had them, so that a folder of rkt's can be taken over as it
// is; docs/trust.md tells users. CONFIG goes before SYSTEM, place by place:
//
//	CONFIG/trustedkeys/root.d/FINGERPRINT             counts for every image
//	CONFIG/trustedkeys/prefix.d/example.com/app/FINGERPRINT
//	                                                  counts for example.com/app and what is below it
//	CONFIG/trusteddigests/docker.io/library/busybox/sha256:HEX
//	CONFIG/trusteddigests/sha512-HEX                  an image of the store, by its ID
//	SYSTEM/trustedkeys/…                              the same, from the distribution; never written
//
// There is nothing else: no index, no cache, no daemon. Every question reads the
// folders as they are, so that a key that was taken away by hand is gone at once.
// Files are written beside their place and renamed; whoever dies in between leaves
// a hidden file that the next write replaces.
//
// # What is left to others
//
// What a signature is and whether one is good is for package openpgp; where keys
// and signatures come from, for package fetch; the words of a refusal, for package
// refusal. Nobody is asked anything here: a front end asks, and then calls Add.
package trust

// Folders are where keys and digests lie.
type Folders struct {
	Config string // podtui's configuration folder: read and written
	System string // rkt's /usr/lib/rkt: only read; "": there is none
}

// Store is whom this host believes. It keeps nothing in memory, and may be used by
// any number of goroutines and processes at once.
type Store struct{ folders Folders }

// Open makes a Store. It touches nothing: the folders need not be there.
func Open(f Folders) *Store { return &Store{folders: f} }

// Change is what became of something that was to be trusted.
type Change int

// What a change can be.
const (
	New     Change = iota + 1 // it was not trusted there
	Updated                   // it was; more is known of it now: an extension, a subkey, a revocation
	Same                      // nothing was written
)

// String is the change in words.
func (c Change) String() string {
	switch c {
	case New:
		return "new"
	case Updated:
		return "updated"
	case Same:
		return "there already"
	}
	return "no change"
}
