package fetch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/engine/trust"
	"github.com/podtui/podtui/engine/trust/openpgp"
	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/store"
)

// judge asks who vouches for a stored image, leaving aside those below it, by what
// is kept of it.
func (f *Fetcher) judge(img store.Image) (*store.Verification, error) {
	if by, ok := f.options.Pinned[img.ID]; ok {
		return &store.Verification{By: by, At: img.Imported}, nil
	}
	x := trust.Subject{Name: img.Name(), ID: img.ID, Evidence: evidenceOf(img), Recorded: img.Verified}
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

// believeAlone leaves aside the images below. A signature can come later than the
// image did.
func (j *job) believeAlone(ctx context.Context, p place, img store.Image) (store.Image, error) {
	verified, err := j.judge(img)
	var refused *refusal.Error
	switch {
	case j.Verify.Signature != "" && !j.skips():
		return j.verifyGiven(ctx, img)
	case err == nil:
		j.report.warn(j.note(img, verified)) // the run goes by what is true
		return j.vouched(img, verified), nil
	case !errors.As(err, &refused):
		return store.Image{}, err
	case j.allows(j.Ref.String(), img.ID):
		return j.unvouched(img, "signatures are not checked"), nil
	case !j.mayAsk(p):
		return j.unsigned(img, refused, refused.Kind == refusal.NoSignature)
	}
	signed, err := j.signature(ctx, p)
	if err == nil {
		return j.verifyLater(ctx, img, signed)
	}
	later, is := asRefusal(err)
	switch {
	case ctx.Err() != nil:
		return store.Image{}, context.Cause(ctx)
	case refused.Kind != refusal.NoSignature:
		return j.unsigned(img, refused, false)
	case later.Detail == "":
		later = refused
	}
	return j.unsigned(img, later, is && later.Kind == refusal.NoSignature)
}

// verifyGiven goes by the signature that was given, whoever vouches for the image
// otherwise: who gives one means it.
func (j *job) verifyGiven(ctx context.Context, img store.Image) (store.Image, error) {
	signed, err := j.givenSignature(j.Verify.Signature)
	if err != nil {
		return store.Image{}, j.unverified(err, img.Name(), nil)
	}
	return j.verifyLater(ctx, img, signed)
}

// asRefusal is why there is no signature. Is is false if that is not known, since
// it can't be had.
func asRefusal(err error) (refused *refusal.Error, is bool) {
	if errors.As(err, &refused) {
		return refused, true
	}
	return &refusal.Error{Kind: refusal.NoSignature, Detail: "it can't be had: " + Reason(err)}, false
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
	return f.store.Vouch(img, by)
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
		if by, err := f.judge(img); err == nil {
			if err := f.note(img, by); err != nil {
				return err
			}
		}
	}
	return nil
}

// mayAsk reports whether somebody may be asked for a signature.
func (j *job) mayAsk(p place) bool {
	return j.policy() != spec.PullNever || isFile(p)
}

// misfit reports whether an image that is here, or one below it, can't be believed
// for what is kept of its bytes, or for what has become of those below: its source
// may have what fits by now.
func misfit(err error) bool {
	var unverified *UnverifiedError
	return stale(err) || errors.As(err, &unverified) && unverified.misfit
}

// stale reports whether an image was stacked on others than its dependencies are now.
func stale(err error) bool {
	var stale *store.StaleError
	return errors.As(err, &stale)
}

// verifyLater holds a signature against what is kept of an image's bytes, and
// keeps with the image that it was good.
func (j *job) verifyLater(ctx context.Context, img store.Image, signed *openpgp.Signatures) (store.Image, error) {
	if err := j.foresee(ctx, img.Name(), signed); err != nil {
		return store.Image{}, err
	}
	kept := evidenceOf(img).Hashes
	v, err := j.signersOf(img, signed, kept)
	if err != nil {
		refused, _ := asRefusal(err)
		err = j.unverified(err, img.Name(), signed)
		var unverified *UnverifiedError
		if kept != nil && refused.Kind != refusal.BadSignature || !errors.As(err, &unverified) {
			return store.Image{}, err
		}
		unverified.misfit = true
		unverified.Anew = j.name != "" && j.Verify.Signature == ""
		return store.Image{}, unverified
	}
	v.isOf(img.ID)
	if err := j.store.Vouch(img, v.by); err != nil {
		return store.Image{}, err
	}
	if err := j.settle(v); err != nil {
		return store.Image{}, err
	}
	return j.vouched(img, v.by), nil
}

// signersOf asks whose good signatures these are over what is kept of an image's
// bytes, and nothing else: an approval doesn't make a bad one good.
func (j *job) signersOf(img store.Image, signed *openpgp.Signatures, kept *openpgp.State) (v verdict, err error) {
	if kept == nil {
		return v, &refusal.Error{Kind: refusal.NoSignature, Detail: "what was downloaded is not known any more"}
	}
	signers, err := j.options.Trust.Signers(signed, *kept)
	if err == nil {
		v.by, err = signers.For(img.Name())
	}
	if err != nil {
		return j.believeOnce(*kept, signed, err)
	}
	return v, nil
}

// vouched ends the verification well.
func (j *job) vouched(img store.Image, by *store.Verification) store.Image {
	img.Verified = by
	j.report.emit(event.Event{Type: event.ImageVerify, State: event.Done, ID: img.ID, Message: by.By, Key: by.Key})
	return img
}

// unvouched ends it without anybody who vouches.
func (j *job) unvouched(img store.Image, why string) store.Image {
	img.Verified = nil
	j.report.emit(event.Event{Type: event.ImageVerify, State: event.Skipped, ID: img.ID, Message: why})
	return img
}

// unsigned is an image that nobody vouches for: some callers take it if it carries
// no signature, which is known for sure.
func (j *job) unsigned(img store.Image, why *refusal.Error, sure bool) (store.Image, error) {
	if j.Verify.AllowUnsigned && sure {
		return j.unvouched(img, why.Error()), nil
	}
	if why.Kind == refusal.NoSignature && why.Detail == "" {
		why = &refusal.Error{Kind: why.Kind, Detail: "it came unverified"}
	}
	if signed := recorded(img); why.Kind == refusal.NotTrusted && signed != nil {
		return store.Image{}, j.withOffers(why, img.Name(), j.heldBy(signed))
	}
	return store.Image{}, &UnverifiedError{
		Image: j.Ref.String(), Name: img.Name(), Refusal: why, Digests: evidenceOf(img).Digests,
	}
}

// recorded is the signature that an image was verified by, or nil.
func recorded(img store.Image) *openpgp.Signatures {
	if img.Verified == nil {
		return nil
	}
	signed, err := openpgp.ReadSignatures(bytes.NewReader(img.Verified.Signature))
	if err != nil {
		return nil
	}
	return signed
}

// refused tells that an image is not believed.
func (j *job) refused(err error) error {
	j.report.emit(event.Event{Type: event.ImageVerify, State: event.Failed, Message: Reason(err)})
	return err
}
