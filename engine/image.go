package engine

import "github.com/podtui/podtui/store"

// What the engine says of images is what the store says of them.
type (
	// Image is all that is known of an image.
	Image = store.Image
	// Entry is an image as listings have it.
	Entry = store.Entry
	// Verification says who vouched for an image.
	Verification = store.Verification
	// NoImageError says that an image is not in the store.
	NoImageError = store.NotFoundError
	// DamagedImageError says that an image in the store is not what was imported.
	DamagedImageError = store.DamagedError
	// StaleImageError says that what an image depends on has changed since.
	StaleImageError = store.StaleError
	// ImageInUseError says that pods keep an image from being removed.
	ImageInUseError = store.InUseError
)

// ErrNoImage is what errors.Is finds in every error that says that the store does
// not have an image.
var ErrNoImage = store.ErrNotFound
