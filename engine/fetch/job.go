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
	parent *job                   // whose dependency it is
	family map[string]store.Image // all that was brought for one request, by its key: a diamond is fetched once
	name   string                 // its key, once that is known
}

func (f *Fetcher) newJob(r Request) *job {
	return &job{
		Fetcher: f, Request: r, family: make(map[string]store.Image),
		report: newReporter(r.Ref.String(), r.Sink),
	}
}

// errUnchanged says that the source was asked, and has what the store has.
var errUnchanged = errors.New("not changed since it was fetched")

func (j *job) run(ctx context.Context) (store.Image, error) {
	j.report.step(event.ImageSearch, event.Started)
	p, err := j.place()
	if err != nil {
		return store.Image{}, j.failed(event.ImageSearch, err)
	}
	j.name = p.key()
	if j.policy() != spec.PullUpdate || j.name == "" {
		img, err := p.stored()
		if err == nil {
			return j.take(img, "in the store")
		}
		if !errors.Is(err, store.ErrNotFound) && !j.mends(err) {
			return store.Image{}, j.failed(event.ImageSearch, err)
		}
	}
	if j.policy() == spec.PullNever && !isFile(p) {
		return store.Image{}, j.failed(event.ImageSearch, j.forbidden())
	}
	return j.fetch(ctx, p)
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
		Hint: j.Ref.Hint(fileExists),
	}
}

// fetch brings the image once it is this process's turn. Whoever had to wait
// finds it in the store.
func (j *job) fetch(ctx context.Context, p place) (store.Image, error) {
	if j.name == "" {
		return j.bring(ctx, p)
	}
	turn, err := j.wait(ctx)
	if err != nil {
		return store.Image{}, j.failed(event.ImageSearch, err)
	}
	defer turn.Close()
	if turn.Waited() {
		if img, err := p.stored(); err == nil {
			return j.take(img, "another podtui has just fetched it")
		}
	}
	defer j.report.share(turn)()
	return j.bring(ctx, p)
}

func (j *job) bring(ctx context.Context, p place) (store.Image, error) {
	where, err := p.locate(ctx)
	if errors.Is(err, errUnchanged) {
		img, err := p.stored()
		if err == nil {
			return j.take(img, errUnchanged.Error())
		}
	}
	if err != nil {
		return store.Image{}, j.failed(event.ImageSearch, err)
	}
	j.report.found(where, "")
	if err := j.admit(Found{Reference: j.Ref.String(), Place: where}); err != nil {
		return store.Image{}, err
	}
	img, err := p.bring(ctx)
	if errors.Is(err, errUnchanged) {
		img, err = p.stored()
		if err == nil {
			j.report.unchanged(img.ID)
		}
	}
	if err != nil {
		return store.Image{}, j.report.failed(err)
	}
	return img, nil
}

// take is the end of the search: the store's image it is.
func (j *job) take(img store.Image, why string) (store.Image, error) {
	j.report.found(why, img.ID)
	if err := j.admit(Found{Reference: j.Ref.String(), Stored: &img}); err != nil {
		return store.Image{}, err
	}
	return img, nil
}

func (j *job) admit(f Found) error {
	if j.Admit == nil {
		return nil
	}
	return j.Admit(f)
}

func (j *job) failed(step event.Type, err error) error {
	j.report.fail(step, err)
	return err
}

// remember keeps what the reference led to.
func (j *job) remember(r store.Remembered) error {
	r.Reference, r.Checked = j.name, time.Now()
	return j.store.Remember(r)
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
