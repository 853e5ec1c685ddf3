// Package fetch brings an image into the store, however it is called: by name,
// by hash, by URL, from a registry, from a file. It decides whether the store's
// image serves or its source is asked, brings what an image depends on along,
// and sees to it that of several processes that want the same image one works
// while the others show its progress.
//
// It puts together what its folders know: HTTP (transfer), credentials, where a
// name leads (discovery), the registries' protocol (registry), what their
// manifests mean (oci) and how they are kept in files (archive). Unpacking and
// committing is the store's.
//
// No image comes out of it that nobody vouches for, unless the request says so.
// It brings what that is decided by: signatures, the keys that a site names, and
// what an archive's bytes were. Whom to believe is for package trust.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/fetch/credential"
	"github.com/podtui/podtui/engine/fetch/discovery"
	"github.com/podtui/podtui/engine/fetch/registry"
	"github.com/podtui/podtui/engine/fetch/transfer"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/trust"
	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/store"
)

// Options are what a Fetcher needs to know of its host.
type Options struct {
	Store     *store.Store
	ConfigDir string // holds auth.d; need not exist
	TempDir   string // for archives that have to be decompressed; "": the system's
	HTTP      transfer.Options

	Trust        *trust.Store      // whom this host believes
	Pinned       map[string]string // IDs of images that are vouched for in any case, and by whom, in words
	KeysAnyhow   bool              // keys may come over plain HTTP, and from any server
	TrustOffered bool              // the keys that a site names for what it signed are trusted at once
}

// Fetcher fetches images. Its methods may be called from any goroutine.
type Fetcher struct {
	store   *store.Store
	options Options

	mu     sync.Mutex
	client *transfer.Client // nil: nobody was asked yet, as in most runs
	keys   *transfer.Client // the same for keys, which is stricter
	opened *web
	warned map[string]bool // what was told of the files of credentials
}

// web is everything that makes connections, with the credentials as they were
// when it was made.
type web struct {
	http        *transfer.Client
	credentials *credential.Set
	discovery   *discovery.Client
	registry    *registry.Client
}

// rktConfig is where rkt's packages put credentials.
const rktConfig = "/usr/lib/rkt/auth.d"

// New returns a Fetcher. It makes no connection before one is needed.
func New(o Options) *Fetcher {
	return &Fetcher{store: o.Store, options: o, warned: make(map[string]bool)}
}

func (f *Fetcher) web() *web {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.opened != nil {
		return f.opened
	}
	if f.client == nil {
		f.client = transfer.New(f.options.HTTP)
	}
	w := &web{
		http:        f.client,
		credentials: credential.Load(credential.Sources{ConfigDir: filepath.Join(f.options.ConfigDir, "auth.d"), SystemDir: rktConfig}),
	}
	lax := f.options.HTTP.AllowHTTP
	w.discovery = discovery.New(w.http, discovery.Options{AllowHTTP: lax, Authorize: w.credentials.Authorize})
	w.registry = registry.New(w.http, w.credentials, registry.Options{AllowHTTP: lax})
	f.opened = w
	return w
}

// tellWarnings tells what is wrong with files of credentials, once.
func (f *Fetcher) tellWarnings(r *reporter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.opened == nil {
		return
	}
	for _, warning := range f.opened.credentials.Warnings() {
		if !f.warned[warning] {
			f.warned[warning] = true
			r.warn(errors.New(warning))
		}
	}
}

// anew has the credentials read again after an error: who mends a file tries
// once more.
func (f *Fetcher) anew(err error) error {
	if err != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.opened = nil
	}
	return err
}

// Close closes connections that wait for more to do.
func (f *Fetcher) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, client := range []*transfer.Client{f.client, f.keys} {
		if client != nil {
			client.Close()
		}
	}
}

// Request is an image that is asked for.
type Request struct {
	Ref    imageref.Ref
	Policy spec.PullPolicy // "" is spec.PullNew

	// Stored wants what is in the store and nothing else: not even a file is read.
	// Policy is spec.PullNever then.
	Stored bool

	Verify Verify

	Sink event.Sink
}

// Fetch brings an image into the store, unless it is there and the policy lets
// that be enough, and reports each step. Whatever goes wrong, what has been
// downloaded is kept for the next try, unless it was found to be bad.
func (f *Fetcher) Fetch(ctx context.Context, r Request) (store.Image, error) {
	j := f.newJob(r)
	img, err := j.run(ctx)
	if err == nil && img.Verified == nil && !r.Verify.Skip && !r.Verify.AllowUnsigned && len(r.Verify.Allow) == 0 {
		err = &UnverifiedError{Image: r.Ref.String(), Name: img.Name(), Refusal: &refusal.Error{Kind: refusal.NoSignature}}
	}
	f.tellWarnings(j.report)
	return img, f.anew(err)
}

// place is somewhere that images of one kind of reference come from.
type place interface {
	// key is what the reference is remembered by, and who wants the same waits
	// for; "": it can only be in the store.
	key() string

	// stored returns what the store has of it, or store.ErrNotFound.
	stored() (store.Image, error)

	// locate finds out where the image is, without reading it. Known is what the
	// reference led to when it was last asked about, if that image is here; the
	// error is a *here if that is the image still.
	locate(ctx context.Context, known store.Remembered) (where string, err error)

	// bring reads it into the store, from where locate has found it. Its error is a
	// *here as well if the source turns out to have nothing new.
	bring(ctx context.Context) (store.Image, error)
}

func (j *job) place() (place, error) {
	switch ref := j.Ref; ref.Kind {
	case imageref.Hash:
		return hashPlace{j}, nil
	case imageref.Name:
		return newNamePlace(j), nil
	case imageref.URL:
		if ref.URL.File != "" {
			return newFilePlace(j, ref.URL.File), nil
		}
		return newURLPlace(j), nil
	case imageref.Path:
		return newFilePlace(j, ref.Path), nil
	case imageref.Registry:
		return newRegistryPlace(j), nil
	}
	return nil, fmt.Errorf("no way to fetch by %v", j.Ref.Kind)
}

// hashPlace is the store and nothing else.
type hashPlace struct{ *job }

func (p hashPlace) key() string                  { return "" }
func (p hashPlace) stored() (store.Image, error) { return p.store.Find("sha512-" + p.Ref.Hash) }

func (p hashPlace) locate(context.Context, store.Remembered) (string, error) {
	return "", onlyStored(p.Ref.String())
}

func (p hashPlace) bring(context.Context) (store.Image, error) {
	return store.Image{}, onlyStored(p.Ref.String())
}
