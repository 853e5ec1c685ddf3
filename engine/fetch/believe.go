package fetch

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

	// Allow are images that may come though nobody vouches for them, by what an
	// UnverifiedError calls them, each with the ID that it has to have; "": any.
	Allow map[string]string
}

// skips reports whether this image, whatever is below it, may come though nobody
// vouches for it.
func (j *job) skips() bool {
	_, allowed := j.Verify.Allow[j.Ref.String()]
	return j.Verify.Skip || allowed
}

// allows reports whether an image may be taken though nobody vouches for it.
func (j *job) allows(reference, id string) bool {
	want, allowed := j.Verify.Allow[reference]
	return j.Verify.Skip || allowed && (want == "" || want == id)
}

// ofDependency is the same for an image that another one depends on.
func (v Verify) ofDependency() Verify {
	v.Signature = ""
	return v
}

// Vouched returns a stored image with whoever vouches for it today, if somebody
// does, and for every image below it: its record alone says nothing.
func (f *Fetcher) Vouched(img store.Image) store.Image {
	img.Verified = f.voucher(img, make(map[string]bool))
	return img
}

// voucher is nil if nobody vouches for an image or one below it.
func (f *Fetcher) voucher(img store.Image, seen map[string]bool) *store.Verification {
	by, err := f.judge(img, nil)
	if err != nil {
		return nil
	}
	below, err := f.store.Below(img)
	if err != nil {
		return nil
	}
	for _, image := range below {
		if seen[image.ID] {
			continue
		}
		seen[image.ID] = true
		if f.voucher(image, seen) == nil {
			return nil
		}
	}
	return by
}

// judge asks who vouches for a stored image, leaving aside those below it, by what
// is kept of it and, if there is one, by a signature that has just come.
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
// somebody vouches for it today, and for every image below it.
func (j *job) believe(ctx context.Context, p place, img store.Image) (store.Image, error) {
	img, err := j.believeAlone(ctx, p, img)
	if err != nil || j.Verify.Skip {
		return img, err
	}
	below, err := j.store.Below(img)
	if err != nil {
		return store.Image{}, err
	}
	j.believed[img.ID] = asking
	for i, image := range below {
		d := img.Manifest.Dependencies[i]
		state, err := j.believed[image.ID], error(nil)
		switch state {
		case asking:
			err = &CycleError{Names: []string{d.ImageName.String(), img.Name(), d.ImageName.String()}}
		case unasked:
			child := j.child(d)
			if image, err = child.believe(ctx, newNamePlace(child), image); err != nil && !misfit(err) {
				err = child.refused(err)
			}
		}
		if err != nil {
			return store.Image{}, &DependencyError{Name: d.ImageName.String(), Err: err}
		}
		if state == taken || state == unasked && image.Verified == nil {
			img.Verified = nil
		}
	}
	j.believed[img.ID] = vouched
	if img.Verified == nil {
		j.believed[img.ID] = taken
	}
	return img, nil
}

// belief is how far it is asked who vouches for an image below.
type belief int

const (
	unasked belief = iota
	asking
	taken // though nobody vouches for it, or for one below it
	vouched
)

// believeAlone leaves aside the images below. A signature can come later than the
// image did.
func (j *job) believeAlone(ctx context.Context, p place, img store.Image) (store.Image, error) {
	verified, err := j.judge(img, nil)
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
		if by, err := f.judge(img, nil); err == nil {
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

// arrived says who vouches for an image that has just been committed, and whether it
// may be taken: whoever did may have been removed while it came, and what it stands
// on may be another than what came with it.
func (j *job) arrived(img store.Image) (store.Image, error) {
	by, err := j.accept(img, j.Ref.String(), nil)
	if err != nil {
		return store.Image{}, j.unverified(err, img.Name(), nil)
	}
	img.Verified = by
	return img, nil
}

// accept says whether an image, as it is called here, and those below it may be taken
// as they are now. It asks nobody else, and is nil if one of them is taken though
// nobody vouches for it. Above are the IDs of those that it is below.
func (j *job) accept(img store.Image, reference string, above []string) (*store.Verification, error) {
	if slices.Contains(above, img.ID) {
		return nil, &CycleError{Names: []string{img.Name(), img.Name()}}
	}
	by, err := j.judge(img, nil)
	if err != nil && !j.allows(reference, img.ID) && !j.Verify.AllowUnsigned {
		return nil, err
	}
	below, err := j.store.Below(img)
	if err != nil {
		return nil, err
	}
	for i, image := range below {
		d := img.Manifest.Dependencies[i]
		lower, err := j.accept(image, referenceTo(d).String(), append(above[:len(above):len(above)], img.ID))
		if err != nil {
			return nil, &DependencyError{Name: d.ImageName.String(), Err: err}
		}
		if lower == nil {
			by = nil
		}
	}
	return by, nil
}

// reaches reports whether an image is below another, or the same.
func (f *Fetcher) reaches(img store.Image, id string, seen map[string]bool) bool {
	if img.ID == id {
		return true
	}
	for _, lower := range img.Dependencies {
		if seen[lower] {
			continue
		}
		seen[lower] = true
		if below, err := f.store.Get(lower); err == nil && f.reaches(below, id, seen) {
			return true
		}
	}
	return false
}

// insecure is what the fetch of an image from somewhere did without, in the words
// of --insecure-options. A file of this host needs no server.
func (j *job) insecure(origin string) (words []string) {
	scheme, _, _ := strings.Cut(origin, "://")
	remote := scheme == "http" || scheme == "https" || scheme == "docker"
	for word, on := range map[string]bool{
		"image": j.skips(),
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

// verdict is who vouches for an image.
type verdict struct {
	by    *store.Verification // nil: nobody does, and nobody has to
	once  bool                // the key is believed for this image alone
	adopt *Offer              // the key is to be trusted for the image's name, as its site says
}

// isOf notes for which image a key is believed alone.
func (v verdict) isOf(id string) {
	if v.once {
		v.by.Pin = id
		v.by.By += " (for this image alone)"
	}
}

// believeOnce asks the keys that are believed for this image alone, and those that
// its site names if that is enough, where all others have been asked.
func (j *job) believeOnce(over openpgp.State, signed *openpgp.Signatures, otherwise error) (verdict, error) {
	keys := slices.Clone(j.Verify.Believe[j.Ref.String()])
	for _, o := range j.adoptable {
		keys = append(keys, o.key)
	}
	if len(keys) == 0 {
		return verdict{}, otherwise
	}
	now := time.Now()
	good, err := openpgp.Verify(signed, over, keys, now)
	if err != nil {
		return verdict{}, err
	}
	key := good[0].Key
	by := cmp.Or(key.UserID(), "key "+key.KeyID())
	v := verdict{by: &store.Verification{By: by, Key: key.Fingerprint(), Signature: signed.Bytes(), At: now}}
	i := slices.IndexFunc(j.adoptable, func(o Offer) bool { return o.Key.Fingerprint == key.Fingerprint() })
	if v.once = i < 0; !v.once {
		v.adopt = &j.adoptable[i]
	}
	return v, nil
}

// settle trusts whom the verdict was found by, now that the image is here.
func (j *job) settle(v verdict) error {
	switch {
	case v.once:
		pin, err := trust.ParsePin(v.by.Pin)
		if err == nil {
			_, err = j.options.Trust.Approve(pin, "signed with "+v.by.Key)
		}
		return err
	case v.adopt != nil:
		name := j.Ref.Name.Name
		scope, err := trust.ParseScope(name)
		if err == nil {
			_, err = j.options.Trust.Add(scope, v.adopt.key)
		}
		if err == nil {
			j.report.warn(fmt.Errorf("trusting key %s (%q) for %s, as %s says", v.by.Key, v.by.By, name, v.adopt.Source))
		}
		return err
	}
	return nil
}
