package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/trust"
	"github.com/podtui/podtui/engine/trust/openpgp"
	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/store"
)

// Verify says what has to be vouched for.
type Verify struct {
	Skip          bool   // nothing, and no signature is asked for
	AllowUnsigned bool   // what carries a signature; what carries none comes unverified
	Signature     string // a file with the image's signature, in place of the one at its source

	// Believe are keys that are believed for one image alone, by what an
	// UnverifiedError calls it. Its ID is approved then.
	Believe map[string][]*openpgp.Key
}

// ofDependency is the same for an image that another one depends on.
func (v Verify) ofDependency() Verify {
	v.Signature = ""
	return v
}

// Vouched returns a stored image with whoever vouches for it today, if anybody
// does: its record alone says nothing.
func (f *Fetcher) Vouched(img store.Image) store.Image {
	img.Verified, _ = f.judge(img, nil)
	return img
}

// judge asks who vouches for a stored image, by what is kept of it and, if there
// is one, by a signature that has just come.
func (f *Fetcher) judge(img store.Image, given *openpgp.Signatures) (*store.Verification, error) {
	if by, ok := f.options.Pinned[img.ID]; ok {
		return &store.Verification{By: by, At: img.Imported}, nil
	}
	x := trust.Subject{Name: img.Name(), ID: img.ID, Evidence: evidenceOf(img), Given: given, Recorded: img.Verified}
	return f.options.Trust.Judge(x)
}

// evidenceOf is what is kept of the bytes that an image came as. What can't be
// read, no signature can be held against.
func evidenceOf(img store.Image) (e trust.Evidence) {
	if json.Unmarshal(img.Evidence, &e) != nil {
		return trust.Evidence{}
	}
	return e
}

// believe is the last word on an image that is in the store: it may be taken if
// somebody vouches for it today. Its signature can come later than the image did.
func (j *job) believe(ctx context.Context, p place, img store.Image) (store.Image, error) {
	verified, err := j.judge(img, nil)
	var refused *refusal.Error
	switch {
	case err == nil:
		j.report.warn(j.note(img, verified)) // the run goes by what is true
		return j.vouched(img, verified), nil
	case !errors.As(err, &refused):
		return store.Image{}, j.failed(event.ImageVerify, err)
	case j.Verify.Skip:
		return j.unvouched(img), nil
	case !j.mayAsk(p):
		return j.unsigned(img, refused)
	}
	signed, err := j.signature(ctx, p)
	if err != nil {
		return j.unsigned(img, instead(refused, err))
	}
	return j.verifyLater(ctx, img, signed)
}

// note keeps with an image that somebody else vouches for it than before, for
// listings.
func (f *Fetcher) note(img store.Image, by *store.Verification) error {
	if _, pinned := f.options.Pinned[img.ID]; pinned {
		return nil
	}
	if was := img.Verified; was != nil && was.Key == by.Key && was.Pin == by.Pin {
		return nil
	}
	return f.store.Vouch(img.ID, by)
}

// Reconsider asks again who vouches for the images that a pin may be about.
func (f *Fetcher) Reconsider(pin string) error {
	list, err := f.store.List()
	if err != nil {
		return err
	}
	name := ""
	if ref, err := imageref.Parse(pin, nil); err == nil && ref.Kind == imageref.Registry {
		name = ref.Registry.ImageName()
	}
	for _, entry := range list {
		if entry.VerifiedPin != "" || entry.ID != pin && entry.Name != name {
			continue
		}
		img, err := f.store.Get(entry.ID)
		if err != nil {
			continue // it went, or is damaged
		}
		if by := f.Vouched(img).Verified; by != nil {
			if err := f.note(img, by); err != nil {
				return err
			}
		}
	}
	return nil
}

// mayAsk reports whether somebody may be asked for a signature.
func (j *job) mayAsk(p place) bool {
	return j.policy() != spec.PullNever || j.Verify.Signature != "" || isFile(p)
}

// instead is why an image is not believed, if its signature can't be had either:
// the first reason, unless that is that there was none.
func instead(first *refusal.Error, later error) *refusal.Error {
	var refused *refusal.Error
	switch {
	case first.Kind != refusal.NoSignature:
		return first
	case errors.As(later, &refused):
		return refused
	}
	return &refusal.Error{Kind: refusal.NoSignature, Detail: "it can't be had: " + Reason(later)}
}

// verifyLater holds a signature against what is kept of an image's bytes, and
// keeps with the image that it was good.
func (j *job) verifyLater(ctx context.Context, img store.Image, signed *openpgp.Signatures) (store.Image, error) {
	if err := j.foresee(ctx, img.Name(), signed); err != nil {
		return store.Image{}, j.refused(err)
	}
	var v verdict
	var err error
	if v.by, err = j.judge(img, signed); err != nil && evidenceOf(img).Hashes != nil {
		v, err = j.believedOnce(*evidenceOf(img).Hashes, signed, err)
	}
	if err != nil {
		return store.Image{}, j.refused(j.unverified(err, img.Name(), signed))
	}
	if err := j.settle(v, img.ID); err != nil {
		return store.Image{}, j.failed(event.ImageVerify, err)
	}
	if err := j.store.Vouch(img.ID, v.by); err != nil {
		return store.Image{}, j.failed(event.ImageVerify, err)
	}
	return j.vouched(img, v.by), nil
}

// vouched ends the verification well.
func (j *job) vouched(img store.Image, by *store.Verification) store.Image {
	img.Verified = by
	j.report.emit(event.Event{Type: event.ImageVerify, State: event.Done, ID: img.ID, Message: by.By, Key: by.Key})
	return img
}

// unvouched ends it without asking anybody.
func (j *job) unvouched(img store.Image) store.Image {
	img.Verified = nil
	j.report.emit(event.Event{Type: event.ImageVerify, State: event.Skipped, ID: img.ID, Message: "signatures are not checked"})
	return img
}

// unsigned is an image that nobody vouches for: some callers take it if it just
// carries no signature.
func (j *job) unsigned(img store.Image, why *refusal.Error) (store.Image, error) {
	if j.Verify.AllowUnsigned && why.Kind == refusal.NoSignature {
		img.Verified = nil
		j.report.emit(event.Event{Type: event.ImageVerify, State: event.Skipped, ID: img.ID, Message: why.Error()})
		return img, nil
	}
	if why.Kind == refusal.NoSignature && why.Detail == "" {
		why = &refusal.Error{Kind: why.Kind, Detail: "it came unverified"}
	}
	return store.Image{}, j.refused(&UnverifiedError{
		Image: j.Ref.String(), Name: img.Name(), Refusal: why, Digests: evidenceOf(img).Digests,
	})
}

// refused tells that an image is not believed.
func (j *job) refused(err error) error {
	var unverified *UnverifiedError
	if errors.As(err, &unverified) {
		j.report.emit(event.Event{Type: event.ImageVerify, State: event.Failed, Message: unverified.Refusal.Error()})
		return err
	}
	return j.failed(event.ImageVerify, err)
}

// insecure is what the fetch of an image from somewhere did without, in the words
// of --insecure-options. A file of this host needs no server.
func (j *job) insecure(origin string) (words []string) {
	scheme, _, _ := strings.Cut(origin, "://")
	remote := scheme == "http" || scheme == "https" || scheme == "docker"
	for word, on := range map[string]bool{
		"image": j.Verify.Skip,
		"tls":   remote && j.options.HTTP.SkipTLS,
		"http":  remote && j.options.HTTP.AllowHTTP,
	} {
		if on {
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return words
}

// verdict is who vouches for an image, and whether that key is believed for it
// alone.
type verdict struct {
	by   *store.Verification // nil: nobody does, and nobody has to
	once bool
}

// believedOnce asks the keys that are believed for this image alone, where all
// others have been asked.
func (j *job) believedOnce(over openpgp.State, signed *openpgp.Signatures, otherwise error) (verdict, error) {
	keys := j.Verify.Believe[j.Ref.String()]
	if len(keys) == 0 {
		return verdict{}, otherwise
	}
	now := time.Now()
	good, err := openpgp.Verify(signed, over, keys, now)
	if err != nil {
		return verdict{}, err
	}
	key := good[0].Key
	return verdict{&store.Verification{By: key.UserID(), Key: key.Fingerprint(), Signature: signed.Bytes(), At: now}, true}, nil
}

// settle approves an image whose key is believed for it alone, now that its ID is
// known.
func (j *job) settle(v verdict, id string) error {
	if !v.once {
		return nil
	}
	pin, err := trust.ParsePin(id)
	if err != nil {
		return err
	}
	v.by.Pin = string(pin)
	_, err = j.options.Trust.Approve(pin, "signed with "+v.by.Key)
	return err
}
