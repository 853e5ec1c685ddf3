package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/trust"
	"github.com/podtui/podtui/engine/trust/openpgp"
	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/store"
)

// vetting is the way of an archive from bytes that came from somewhere to an image
// that somebody vouches for:
//
//	its signature comes, before the archive does     (begin)
//	all its bytes are held against the signature     (check)
//	its manifest is read: does the key count for it  (check)
//	it is unpacked, and must be the same bytes       (reader, end)
//
// All that is unpacked is hashed for later: keys are removed, and signatures come.
type vetting struct {
	j       *job
	signed  *openpgp.Signatures // nil: nobody has to vouch for it
	state   openpgp.State       // of the bytes as they came, first of what was checked, then of what was unpacked
	signers trust.Signers
	verdict
	hashes *openpgp.Hashes // of what is unpacked
}

// vet begins it. Have says that the archive is where it should be: one that isn't
// there is not one without a signature; nil: it is known to be.
func (j *job) vet(ctx context.Context, p place, name string, have func() error) (*vetting, error) {
	v := &vetting{j: j}
	if j.skips() {
		j.report.emit(event.Event{Type: event.ImageVerify, State: event.Skipped, Message: "signatures are not checked"})
		return v, nil
	}
	signed, err := j.signature(ctx, p)
	var refused *refusal.Error
	if errors.As(err, &refused) && refused.Kind == refusal.NoSignature {
		if have != nil {
			if err := have(); err != nil {
				return nil, err
			}
		}
		if j.Verify.AllowUnsigned {
			j.report.emit(event.Event{Type: event.ImageVerify, State: event.Skipped, Message: refused.Error()})
			return v, nil
		}
	}
	if err == nil {
		v.signed, err = signed, j.foresee(ctx, name, signed)
	}
	if err != nil {
		return nil, j.unverified(err, name, signed)
	}
	return v, nil
}

// check says whether anybody vouches for these bytes. Fits says whether the image
// is the one that was asked for; nil: any is.
func (v *vetting) check(ctx context.Context, archive *io.SectionReader, fits func(store.Image) error) error {
	if v.signed == nil {
		return nil
	}
	err := v.hash(ctx, archive)
	if err != nil {
		return err
	}
	if v.signers, err = v.j.options.Trust.Signers(v.signed, v.state); err != nil {
		v.verdict, err = v.j.believeOnce(v.state, v.signed, err)
	}
	if err != nil {
		return v.j.unverified(err, "", v.signed)
	}
	manifest, err := store.ReadManifest(ctx, from(archive))
	if err != nil {
		return err
	}
	if fits != nil {
		if err := fits(store.Image{Manifest: manifest}); err != nil {
			return err
		}
	}
	if err := v.counts(string(manifest.Name)); err != nil {
		return err
	}
	v.j.report.emit(event.Event{Type: event.ImageVerify, State: event.Done, Message: v.by.By, Key: v.by.Key})
	return nil
}

// counts says whether a key that signed counts for a name.
func (v *vetting) counts(name string) (err error) {
	if v.once || v.adopt != nil { // for the image, or for the name that fits
		return nil
	}
	if v.by, err = v.signers.For(name); err != nil {
		v.verdict, err = v.j.believeOnce(v.state, v.signed, err)
	}
	if err != nil {
		return v.j.unverified(err, name, v.signed)
	}
	return nil
}

// hash goes through all the bytes.
func (v *vetting) hash(ctx context.Context, archive *io.SectionReader) error {
	hashes := v.signed.NewHashes()
	meter := &readMeter{r: from(archive), read: func(n int64) {
		v.j.report.progress(event.ImageVerify, "", n, archive.Size())
	}}
	_, err := io.CopyBuffer(hashes, readerUntil{ctx, meter}, make([]byte, hashedAtOnce))
	v.state = hashes.State()
	return err
}

// hashedAtOnce is how many bytes are hashed together: the digests go through them
// side by side.
const hashedAtOnce = 256 << 10

// reader is the archive as it is unpacked.
func (v *vetting) reader(archive io.Reader) io.Reader {
	v.hashes = openpgp.NewHashes()
	return io.TeeReader(archive, v.hashes)
}

// end says whether what was unpacked is what was verified. Its name is looked at
// once more: a file may have been another while its manifest was read.
func (v *vetting) end(img store.Image) error {
	checked := v.state
	v.state = v.hashes.State()
	if v.signed == nil {
		return nil
	}
	if v.state.SHA256() != checked.SHA256() {
		changed := &refusal.Error{Kind: refusal.BadSignature, Detail: "the archive was changed after it was verified"}
		return v.j.unverified(changed, img.Name(), v.signed)
	}
	return v.counts(img.Name())
}

// commit makes the draft an image that says who vouches for it. Whether somebody
// does for those below it as well is asked whenever it is taken or listed.
func (v *vetting) commit(ctx context.Context, draft *store.Draft, id string, below []store.Image, o store.CommitOptions) (store.Image, bool, error) {
	var err error
	if o.Evidence, err = json.Marshal(trust.Evidence{Hashes: &v.state}); err != nil {
		return store.Image{}, false, err
	}
	v.isOf(id)
	o.Verified, o.Insecure = v.by, v.j.insecure(o.Origin)
	for _, b := range below {
		o.Dependencies = append(o.Dependencies, b.ID)
	}
	if err := v.j.mayStand(id, v.by, below); err != nil {
		return store.Image{}, false, err
	}
	img, isNew, err := draft.Commit(ctx, o)
	if err == nil {
		err = v.j.settle(v.verdict)
	}
	if err == nil {
		img, err = v.j.arrived(img)
	}
	return img, isNew, err
}

// mayStand looks once more at what is about to become an image: is it the one that
// was allowed, if nobody vouches for it, and is it not below itself.
func (j *job) mayStand(id string, by *store.Verification, below []store.Image) error {
	if by == nil && !j.Verify.AllowUnsigned && !j.allows(j.Ref.String(), id) {
		return &UnverifiedError{Image: j.Ref.String(), Refusal: &refusal.Error{
			Kind: refusal.NoSignature, Detail: "another image came than the one that was allowed",
		}}
	}
	for _, b := range below {
		if j.reaches(b, id, make(map[string]bool)) {
			return &CycleError{Names: []string{j.Ref.String(), b.Name(), j.Ref.String()}}
		}
	}
	return nil
}

// from is a reader of all of a section, whoever read it before.
func from(s *io.SectionReader) *io.SectionReader { return io.NewSectionReader(s, 0, s.Size()) }

// readerUntil ends with its context.
type readerUntil struct {
	ctx context.Context
	r   io.Reader
}

func (r readerUntil) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.r.Read(p)
}
