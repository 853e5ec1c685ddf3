// Package demo is the pod that podtui brings along: a web server that counts
// its visitors in a volume, and a visitor. It needs nothing to be downloaded
// and shows what apps of a pod share (network, volume) and what each is given
// (arguments, environment, user).
//
// The images are part of the binary, and so are their IDs: whoever trusts this
// podtui trusts them. The package only hands them out; it stores and runs
// nothing.
package demo

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path"
	"strconv"

	"github.com/podtui/podtui/engine/spec"
)

//go:generate go run ./generate

//go:embed assets
var assets embed.FS

// ErrMissing is what a podtui says that was built by "go build" alone.
var ErrMissing = errors.New(`this podtui was built without its demo; "make build" brings it`)

// Image is one image of the demo.
type Image struct {
	Name string // its appc name
	ID   string // sha512-… of its uncompressed tar
	Data []byte // the ACI
}

// Images returns the demo's images: the server's, then the visitor's. The error
// is ErrMissing if the binary has none.
func Images() ([]Image, error) {
	index, err := readIndex()
	if err != nil {
		return nil, err
	}
	images := make([]Image, len(index))
	for i, entry := range index {
		data, err := assets.ReadFile(path.Join("assets", entry.File))
		if err != nil {
			return nil, fmt.Errorf("%w (%w)", ErrMissing, err)
		}
		images[i] = Image{Name: entry.Name, ID: entry.ID, Data: data}
	}
	return images, nil
}

// vouched is how the demo's images are said to be verified.
const vouched = "part of this podtui"

// Pinned returns the IDs of the demo's images, each with the words that say who
// vouches for it, as engine.Options wants them. A podtui without its demo vouches
// for nothing.
func Pinned() map[string]string {
	index, err := readIndex()
	if err != nil {
		return nil
	}
	pinned := make(map[string]string, len(index))
	for _, entry := range index {
		pinned[entry.ID] = vouched
	}
	return pinned
}

// Pod returns the demo's pod, whose apps meet on a port of the loopback
// interface. It addresses its images by ID, so they must be in the store first;
// then its command line is one that a person can type, change and run again.
func Pod(port int) (spec.Pod, error) {
	index, err := readIndex()
	if err != nil {
		return spec.Pod{}, err
	}
	argument := strconv.Itoa(port)
	return spec.Pod{
		Volumes: []spec.Volume{{Name: "visitors", Kind: spec.EmptyVolume}},
		Env:     []spec.Var{{Name: "GREETING", Value: "Welcome to podtui"}},
		Apps: []spec.App{
			{Image: shortID(index[0].ID), Name: "web", Args: []string{argument}},
			{Image: shortID(index[1].ID), Name: "visitor", Args: []string{argument}},
		},
	}, nil
}

// shortID is as much of an ID as fetch prints: 32 digits, which is no risk.
func shortID(id string) string { return id[:len("sha512-")+32] }

// FreePort finds a TCP port of the loopback interface that nobody uses now.
func FreePort() (int, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// entry is one image as the generator lists it.
type entry struct {
	Name string `json:"name"`
	ID   string `json:"id"`
	File string `json:"file"`
}

func readIndex() ([]entry, error) {
	data, err := assets.ReadFile("assets/images.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMissing
	}
	if err != nil {
		return nil, err
	}
	var index []entry
	if err := json.Unmarshal(data, &index); err != nil {
		return nil, fmt.Errorf("the list of the demo's images: %w", err)
	}
	if len(index) != 2 {
		return nil, fmt.Errorf("the list of the demo's images has %d, not a server and a visitor", len(index))
	}
	return index, nil
}
