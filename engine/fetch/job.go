package fetch

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/store"
)

// job is one image on its way.
type job struct {
	*Fetcher
	Request
	report *reporter
	name   string                 // its key, once that is known
	wanted string                 // the ID that it must have; "": any
	limit  int64                  // how many bytes its archive may have at most; 0: the usual
	parent *job                   // whose dependency it is
	family map[string]store.Image // all that was brought for one request, by key: a diamond is fetched once

	believed  map[string]belief // of all that this request is about, by ID
	adoptable []Offer           // keys that are to be trusted if they have signed, since the image's site names them
}

func (f *Fetcher) newJob(r Request) *job {
	return &job{
		Fetcher: f, Request: r, family: make(map[string]store.Image), believed: make(map[string]belief),
		report: newReporter(r.Ref.String(), r.Sink),
	}
}

// here is why the store's image is what its source would give.
type here struct{ why string }

func (h *here) Error() string { return h.why }

// The reasons.
var (
	stillFresh = &here{"in the store, and fresh by its source's own word"}
	sameDigest = &here{"in the store, by its digest"}
	unchanged  = &here{"in the store, and not changed at its source"}
)

func (j *job) run(ctx context.Context) (store.Image, error) {
	j.report.step(event.ImageSearch, event.Started)
	p, err := j.place()
	if err != nil {
		return store.Image{}, j.failed(event.ImageSearch, err)
	}
	j.name = p.key()
	if j.policy() != spec.PullUpdate || j.name == "" {
		img, err := j.inStore(p)
		if err == nil {
			j.report.found("in the store", img.ID)
			if img, err = j.believe(ctx, p, img); err == nil {
				return img, nil
			}
			if !stale(err) || j.policy() == spec.PullNever || j.name == "" {
				return store.Image{}, j.refused(err)
			}
		} else if !errors.Is(err, store.ErrNotFound) && !j.mends(err) {
			return store.Image{}, j.failed(event.ImageSearch, err)
		}
	}
	if j.Stored {
		return store.Image{}, j.failed(event.ImageSearch, onlyStored(j.Ref.String()))
	}
	if j.policy() == spec.PullNever && !isFile(p) {
		return store.Image{}, j.failed(event.ImageSearch, j.forbidden())
	}
	if j.name == "" {
		return store.Image{}, j.failed(event.ImageSearch, onlyStored(j.Ref.String()))
	}
	return j.fetch(ctx, p)
}

// inStore is what the store has of a place, if it is what is wanted.
func (j *job) inStore(p place) (store.Image, error) {
	img, err := p.stored()
	if err == nil && j.wanted != "" && img.ID != j.wanted {
		err = onlyStored(j.Ref.String())
	}
	return img, err
}

// mends reports whether an image that is damaged may be fetched again, which
// makes it whole.
func (j *job) mends(err error) bool {
	var damaged *store.DamagedError
	return errors.As(err, &damaged) && j.name != "" && j.policy() != spec.PullNever
}

func (j *job) policy() spec.PullPolicy { return cmp.Or(j.Policy, spec.PullNew) }

// forbidden is what PullNever says of an image that the store has not.
func (j *job) forbidden() error {
	return &NotStoredError{
		Reference: j.Ref.String(), Why: "--pull-policy=never lets nobody else be asked",
		Hint: j.Ref.Hint(FileExists),
	}
}

// fetch brings the image once it is this process's turn. Who had to wait takes
// what the other one has brought meanwhile.
func (j *job) fetch(ctx context.Context, p place) (store.Image, error) {
	began := time.Now()
	turn, err := j.wait(ctx)
	if err != nil {
		return store.Image{}, j.failed(event.ImageSearch, err)
	}
	defer turn.Close()
	if turn.Waited() {
		if img, err := j.brought(p, began); err == nil {
			j.report.endRelayed()
			return j.take(ctx, p, img, "another podtui has just fetched it")
		}
	}
	defer j.report.share(turn)()
	img, err := j.bring(ctx, p, true)
	if errors.Is(err, errGone) || misfit(err) { // it went while its source was asked, or is not what was signed
		img, err = j.bring(ctx, p, false)
	}
	return img, err
}

// brought is an image that came while this process waited. Who asks for an update
// wants one that its source was asked about after that.
func (j *job) brought(p place, began time.Time) (store.Image, error) {
	if j.policy() == spec.PullUpdate {
		known, _, err := j.recalled()
		if err != nil || known.Checked.Before(began) {
			return store.Image{}, onlyStored(j.Ref.String())
		}
	}
	return j.inStore(p)
}

// errGone says that an image which its source would not send again is not here
// any more.
var errGone = errors.New("removed while its source was asked")

// bring asks where the image is, and brings it from there. What is known of it
// spares its source the sending of what is here.
func (j *job) bring(ctx context.Context, p place, useKnown bool) (store.Image, error) {
	var known store.Remembered
	if useKnown {
		if r, img, err := j.recalled(); err == nil && (j.wanted == "" || j.wanted == img.ID) {
			known = r
		}
	}
	where, err := p.locate(ctx, known)
	var same *here
	if errors.As(err, &same) {
		return j.stillKnown(ctx, p, known, same)
	}
	if err != nil {
		return store.Image{}, j.failed(event.ImageSearch, err)
	}
	j.report.found(where, "")
	img, err := p.bring(ctx)
	if errors.As(err, &same) {
		return j.stillKnown(ctx, p, known, same)
	}
	if err != nil {
		return store.Image{}, j.report.failed(err)
	}
	return img, nil
}

// stillKnown takes the image that is known, since its source has none that is newer.
func (j *job) stillKnown(ctx context.Context, p place, known store.Remembered, same *here) (store.Image, error) {
	img, err := j.knownImage(known)
	if err != nil {
		return store.Image{}, err
	}
	if j.report.last(event.ImageFetch).State == "" {
		j.report.found(same.why, img.ID)
	} else {
		j.report.skipped(same.why, img.ID)
	}
	img, err = j.believe(ctx, p, img)
	if err != nil && !misfit(err) {
		err = j.refused(err)
	}
	return img, err
}

// knownImage is the image that is known, and no other that the reference fits.
func (j *job) knownImage(known store.Remembered) (store.Image, error) {
	img, err := j.store.Get(known.ID)
	if errors.Is(err, store.ErrNotFound) {
		err = errGone
	}
	return img, err
}

// take is the end of the search: the store's image it is, if it is vouched for.
func (j *job) take(ctx context.Context, p place, img store.Image, why string) (store.Image, error) {
	j.report.found(why, img.ID)
	img, err := j.believe(ctx, p, img)
	if err != nil {
		err = j.refused(err)
	}
	return img, err
}

func (j *job) failed(step event.Type, err error) error {
	j.report.fail(step, err)
	return err
}

// remember keeps what the reference led to. That it can't is no failure of the
// image's.
func (j *job) remember(r store.Remembered) {
	r.Reference, r.Checked = j.name, time.Now()
	j.report.warn(j.store.Remember(r))
}

// recalled returns the stored image that a reference led to before.
func (j *job) recalled() (store.Remembered, store.Image, error) {
	r, ok, err := j.store.Recall(j.name)
	if err != nil {
		return r, store.Image{}, err
	}
	if !ok {
		return r, store.Image{}, onlyStored(j.Ref.String())
	}
	img, err := j.store.Get(r.ID)
	if err == nil {
		_, err = j.store.Layers(img)
	}
	return r, img, err
}

// fresh reports whether a source said, when it was asked, that it need not be
// asked again yet.
func fresh(r store.Remembered) bool {
	return r.FreshFor > 0 && time.Since(r.Checked) < r.FreshFor && !time.Now().Before(r.Checked)
}
