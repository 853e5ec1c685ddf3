// Package engine is the one door to everything podtui does: it resolves images,
// prepares and runs pods, lists, logs, stops and collects them. The TUI and
// batch hold an Engine and nothing below it; both fill a spec.Pod and draw the
// events that come back.
//
// An Engine has no memory of its own and no daemon behind it: what it knows is
// in its data folder, and any number of processes may use one folder at once.
package engine

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/podtui/podtui/engine/fetch"
	"github.com/podtui/podtui/engine/fetch/transfer"
	"github.com/podtui/podtui/engine/supervisor"
	"github.com/podtui/podtui/engine/trust"
	"github.com/podtui/podtui/store"
)

// Options are the facts an Engine can't find out by itself.
type Options struct {
	Dir       string // the data folder; made if it is missing
	ConfigDir string // keys, credentials, networks; need not exist

	Insecure Insecure // what is not to be strict about

	// TrustKeysFromHTTPS trusts the keys that an image's site names, for its name,
	// if the image is signed with one of them.
	TrustKeysFromHTTPS bool

	// Pinned are the IDs of images that this very binary vouches for (its
	// demo's), each with the words that image.verify shows for it.
	Pinned map[string]string

	// Program is the executable that a pod's own processes run, made in a folder of
	// root's own if need be. nil or "": the one that this process runs.
	Program func(folder string) string

	// Environ is the environment that --inherit-env hands on, as NAME=VALUE.
	Environ []string
}

// Insecure says where this engine is laxer with the network than it should be
// (contract, section 1).
type Insecure struct {
	TLS  bool // certificates of servers are not checked
	HTTP bool // images by name, and from registries, may come over plain HTTP
	Keys bool // keys may come over plain HTTP, and from any server
}

// Engine runs pods out of one data folder. Its methods may be called from any
// goroutine.
type Engine struct {
	*Keyring
	options Options
	store   *store.Store
}

// What is in the data folder beside the store.
const (
	podsDir  = "pods"
	cacheDir = "cache" // what can be made again
	storeDir = "store"
)

// rktDir is where rkt's packages put keys that they trust.
const rktDir = "/usr/lib/rkt"

// Role runs this process as one of the engine's own (a pod's supervisor, an
// app's start), if that is what it was started for, and then does not return.
// Call it first thing in main, and in TestMain of tests that run pods: the
// engine starts the executable that it is part of again.
func Role() { supervisor.Role() }

// Open opens the data folder, making it if it is missing.
func Open(o Options) (*Engine, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	o.Dir = dir
	if err := os.MkdirAll(filepath.Join(dir, cacheDir), 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	images, err := store.Open(filepath.Join(dir, storeDir))
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	believed := trust.Open(trust.Folders{Config: o.ConfigDir, System: rktDir})
	fetching := fetchOptions(o)
	fetching.Store, fetching.Trust, fetching.TempDir = images, believed, filepath.Join(dir, cacheDir)
	return &Engine{Keyring: newKeyring(believed, fetch.New(fetching)), options: o, store: images}, nil
}

// fetchOptions are what concerns those who are asked.
func fetchOptions(o Options) fetch.Options {
	return fetch.Options{
		ConfigDir:  o.ConfigDir,
		HTTP:       transfer.Options{SkipTLS: o.Insecure.TLS, AllowHTTP: o.Insecure.HTTP, UserAgent: "podtui"},
		Pinned:     o.Pinned,
		KeysAnyhow: o.Insecure.Keys, TrustOffered: o.TrustKeysFromHTTPS,
	}
}

// Close releases what Open took. Running pods go on.
func (e *Engine) Close() error {
	e.fetcher.Close()
	return e.store.Close()
}

func (e *Engine) pods() string  { return filepath.Join(e.options.Dir, podsDir) }
func (e *Engine) cache() string { return filepath.Join(e.options.Dir, cacheDir) }

func (e *Engine) program() string {
	if e.options.Program == nil {
		return ""
	}
	return e.options.Program(e.cache())
}
