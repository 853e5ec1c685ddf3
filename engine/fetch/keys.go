package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/podtui/podtui/engine/fetch/discovery"
	"github.com/podtui/podtui/engine/fetch/transfer"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/trust"
	"github.com/podtui/podtui/engine/trust/openpgp"
	"github.com/podtui/podtui/engine/trust/refusal"
)

// foresee says, of a signature that has come and an image that perhaps has not,
// what can be said without it: whether whoever claims to have signed is trusted
// here at all, and for this name. Name is "" while it isn't known.
func (j *job) foresee(ctx context.Context, name string, signed *openpgp.Signatures) error {
	err := j.options.Trust.Foresee(signed, name)
	if err == nil {
		return nil
	}
	refused, is := asRefusal(err)
	if !is {
		return err
	}
	if refused.Kind != refusal.UnknownKey && refused.Kind != refusal.NotTrusted {
		return j.unverified(err, name, signed)
	}
	if j.believes(signed) {
		return nil
	}
	named := j.namedKeys(ctx, name)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	signers := slices.DeleteFunc(slices.Clone(named), func(o Offer) bool { return !signed.By(o.key) })
	switch {
	case len(signers) > 0 && j.options.TrustOffered:
		j.adoptable = signers
		return nil
	case len(signers) > 0:
		return j.withOffers(refused, name, signers)
	case len(named) > 0 && refused.Detail == "":
		other := *refused
		other.Detail = "the keys at " + named[0].Source + " are others"
		refused = &other
	}
	return j.withOffers(refused, name, j.heldBy(signed))
}

// believes reports whether a key that is believed for this image alone claims to
// have signed it.
func (j *job) believes(signed *openpgp.Signatures) bool {
	return slices.ContainsFunc(j.Verify.Believe[j.Ref.String()], signed.By)
}

// namedKeys are the keys that the site of a name says are its signers'. That it
// says nothing is no news to who has to trust one.
func (j *job) namedKeys(ctx context.Context, name string) []Offer {
	if name == "" || j.Ref.Kind != imageref.Name || j.policy() == spec.PullNever {
		return nil
	}
	named, _ := j.DiscoverKeys(ctx, name)
	return named
}

// withOffers makes the error of an image whose signer isn't trusted.
func (j *job) withOffers(refused *refusal.Error, name string, offers []Offer) error {
	for i := range offers {
		offers[i].Prefixes = prefixes(name)
	}
	if len(offers) > 0 {
		first := *refused
		first.KeyID, first.UserID = offers[0].Key.KeyID, offers[0].Key.UserID()
		refused = &first
	}
	return &UnverifiedError{Image: j.Ref.String(), Name: name, Refusal: refused, Offers: offers}
}

func prefixes(name string) (list []string) {
	for _, scope := range trust.Prefixes(name) {
		list = append(list, string(scope))
	}
	return list
}

// heldBy are the keys that claim to have signed and are trusted, though perhaps for
// other names.
func (j *job) heldBy(signed *openpgp.Signatures) (offers []Offer) {
	for _, h := range j.options.Trust.HeldBy(signed) {
		if !slices.ContainsFunc(offers, func(o Offer) bool { return o.Key.Fingerprint == h.Key.Fingerprint() }) {
			offers = append(offers, Offer{Key: Info(h.Key), Source: h.Path, key: h.Key})
		}
	}
	return offers
}

// unverified names the image that is not believed, and offers the keys that would
// be: those that are trusted, but not for this name.
func (j *job) unverified(err error, name string, signed *openpgp.Signatures) error {
	var named *UnverifiedError
	refused, is := asRefusal(err)
	switch {
	case errors.As(err, &named) || !is:
		return err
	case refused.Kind == refusal.NotTrusted && signed != nil:
		return j.withOffers(refused, name, j.heldBy(signed))
	}
	return &UnverifiedError{Image: j.Ref.String(), Name: name, Refusal: refused}
}

// ReadKeys reads the keys in a file of this host, or at a URL.
func (f *Fetcher) ReadKeys(ctx context.Context, source string) ([]Offer, error) {
	if strings.Contains(source, "://") {
		return f.keysAt(ctx, source)
	}
	file, err := os.OpenFile(source, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", source, errors.Unwrap(err))
	}
	defer file.Close()
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", source, err)
	}
	return ParseKeys(file, source)
}

// ParseKeys reads keys that came from a source.
func ParseKeys(r io.Reader, source string) ([]Offer, error) {
	keys, err := openpgp.ReadKeys(r)
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", source, err)
	}
	offers := make([]Offer, len(keys))
	for i, key := range keys {
		offers[i] = Offer{Key: Info(key), Source: source, key: key}
	}
	return offers, nil
}

// maxKeyURLs is how many of the URLs that a site names are asked.
const maxKeyURLs = 8

// DiscoverKeys asks the site of a name, or of a prefix of names, for its signers'
// keys (discovery.md, "Meta Discovery").
func (f *Fetcher) DiscoverKeys(ctx context.Context, name string) ([]Offer, error) {
	if _, err := trust.ParseScope(name); err != nil {
		return nil, err
	}
	http := f.keyHTTP()
	urls, err := discovery.New(http, discovery.Options{AllowHTTP: f.options.KeysAnyhow}).Keys(ctx, name)
	if err != nil {
		return nil, err
	}
	var all []Offer
	var failed []error
	for _, url := range urls[:min(len(urls), maxKeyURLs)] {
		offers, err := f.keysAt(ctx, url)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		for _, o := range offers {
			if !slices.ContainsFunc(all, func(had Offer) bool { return had.Key.Fingerprint == o.Key.Fingerprint }) {
				all = append(all, o)
			}
		}
	}
	if len(all) == 0 {
		return nil, nowhere(failed)
	}
	for i := range all {
		all[i].Prefixes = prefixes(name)
	}
	return all, nil
}

// keysAt downloads keys.
func (f *Fetcher) keysAt(ctx context.Context, url string) ([]Offer, error) {
	if scheme, _, _ := strings.Cut(url, "://"); scheme != "https" && !(scheme == "http" && f.options.KeysAnyhow) {
		return nil, fmt.Errorf("key %s: keys come over https only", shown(url))
	}
	doc, err := f.keyHTTP().Document(ctx, transfer.Request{
		URL: url, Authorize: f.web().credentials.Authorize, MaxBody: openpgp.MaxKeys, AllowPlain: f.options.KeysAnyhow,
	})
	if err != nil {
		return nil, err
	}
	offers, err := ParseKeys(bytes.NewReader(doc.Body), shown(doc.URL))
	for i := range offers {
		offers[i].TLS = !f.options.KeysAnyhow
	}
	return offers, err
}

// keyHTTP is the client for keys, and for the pages that name them: what comes
// from there is believed for years, so to be lax with images is not enough.
func (f *Fetcher) keyHTTP() *transfer.Client {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.keys == nil {
		o := f.options.HTTP
		o.SkipTLS, o.AllowHTTP = f.options.KeysAnyhow, f.options.KeysAnyhow
		f.keys = transfer.New(o)
	}
	return f.keys
}

// Info is a key as people see it.
func Info(k *openpgp.Key) KeyInfo {
	info := KeyInfo{
		Fingerprint: k.Fingerprint(), KeyID: k.KeyID(), Algorithm: k.Algorithm(), UserIDs: k.UserIDs(),
		Created: k.Created(), Expires: k.Expires(), Armored: k.Armored(),
	}
	if problem := k.Problem(time.Now()); problem != nil {
		info.Problem = problem.Error()
	}
	return info
}
