package store

// crashPoint names a moment at which a process may die with something half
// done. They are all there are; a test kills a process at each.
type crashPoint string

const (
	staged       crashPoint = "staged"         // a private folder is there, not yet locked
	kept         crashPoint = "kept"           // a draft wants a layer
	unpacking    crashPoint = "unpacking"      // some files are in the private folder
	layerRead    crashPoint = "layer read"     // a registry image's layer, whole, in the private folder
	layerPut     crashPoint = "layer put"      // and among the layers, without its image
	beforeSync   crashPoint = "before sync"    // all are, with the record
	layerRenamed crashPoint = "layer renamed"  // a layer without an image
	indexed      crashPoint = "indexed"        // a line of the index without an image
	committed    crashPoint = "committed"      // the image is there, its private folder too
	withdrawn    crashPoint = "withdrawn"      // the index says that nobody verified the image, the record says who did
	vouched      crashPoint = "vouched"        // the record says who verified the image, the index does not
	unlinked     crashPoint = "image unlinked" // a removal took the image away, its layer is there
	turnTaken    crashPoint = "turn taken"     // the folder of a turn, with what another one told
	turnTold     crashPoint = "turn told"      // and a note in it
	partialHeld  crashPoint = "partial held"   // the folder of a download, with or without anything in it
	remembering  crashPoint = "remembering"    // what a reference leads to, in a private folder
	swept        crashPoint = "layers swept"   // a removal took both away, into its private folder
)

// at is where tests step in.
var at = func(crashPoint) {}
