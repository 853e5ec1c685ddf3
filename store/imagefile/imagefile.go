// Package imagefile is the one file that the store has of an image beside its
// layers: a line of the store's own, and the image's manifest byte for byte. It is
// apart from the store so that a pod's supervisor, which answers its apps'
// questions for manifests, needs nothing else of the store.
package imagefile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"

	"github.com/podtui/podtui/store/seal"
)

// Dir is the folder of the files, below the store's. Each is called by its image's
// ID.
const Dir = "images"

// Head begins each file. It carries a digest of all the rest, so that a start,
// which reads this file alone, trusts no flipped bit. One file and not three: it is
// read with three system calls, and renamed as a whole.
const Head = "podtui image 1 sha256-"

// Encode makes the content of a file. The line has no newline.
func Encode(line, manifest []byte) []byte {
	return seal.Seal(Head, bytes.Join([][]byte{line, manifest}, []byte("\n")))
}

// Decode takes the content of a file apart. The error says what is wrong with it.
func Decode(file []byte) (line, manifest []byte, err error) {
	body, err := seal.Open(Head, file)
	if err != nil {
		return nil, nil, err
	}
	line, manifest, ok := bytes.Cut(body, []byte("\n"))
	if !ok {
		return nil, nil, errors.New("its record can't be read")
	}
	return line, manifest, nil
}

// Manifest reads the manifest of an image, byte for byte, from the store in a
// folder.
func Manifest(store, imageID string) ([]byte, error) {
	file, err := os.ReadFile(filepath.Join(store, Dir, filepath.Base(imageID)))
	if err != nil {
		return nil, err
	}
	_, manifest, err := Decode(file)
	return manifest, err
}
