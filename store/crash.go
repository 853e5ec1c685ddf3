package store

// crashPoint names a moment at which a process may die with something half
// done. They are all there are; a test kills a process at each.
type crashPoint string

const (
	staged       crashPoint = "staged"         // a private folder is there, not yet locked
	unpacking    crashPoint = "unpacking"      // some files are in the private folder
	beforeSync   crashPoint = "before sync"    // all are, with the record
	layerRenamed crashPoint = "layer renamed"  // a layer without an image
	indexed      crashPoint = "indexed"        // a line of the index without an image
	committed    crashPoint = "committed"      // the image is there, its private folder too
	vouched      crashPoint = "vouched"        // the record says who verified the image, the index does not
	unlinked     crashPoint = "image unlinked" // a removal took the image away, its layer is there
	swept        crashPoint = "layers swept"   // a removal took both away, into its private folder
)

// at is where tests step in.
var at = func(crashPoint) {}
