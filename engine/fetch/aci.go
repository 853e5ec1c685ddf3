package fetch

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/fetch/transfer"
	"github.com/podtui/podtui/engine/trust/refusal"
	"github.com/podtui/podtui/store"
)

// aciSource is an image archive on a server.
type aciSource struct {
	place place
	url   string
	plain bool                    // it may be plain HTTP
	known store.Remembered        // what was fetched before, perhaps from there
	name  string                  // that the image has to have; "": any
	fits  func(store.Image) error // nil: any image will do
}

// maxArchive bounds a download whose server doesn't say how long it is.
const maxArchive = store.DefaultMaxSize

// fetchACI downloads an archive and imports it. What has come is kept until it
// is an image, so that the next try goes on there.
func (j *job) fetchACI(ctx context.Context, src aciSource) (store.Image, error) {
	v, err := j.vet(ctx, src.place, src.name, func() error { return j.isThere(ctx, src.url, src.plain) })
	if err != nil {
		return store.Image{}, err
	}
	draft, err := j.store.Draft()
	if err != nil {
		return store.Image{}, err
	}
	defer draft.Close()
	read, got, err := j.readFrom(ctx, src, draft, v)
	if err != nil {
		return store.Image{}, err
	}
	img, err := j.commitACI(ctx, draft, v, read, got.Size, shown(src.url))
	if err != nil {
		return store.Image{}, err
	}
	j.rememberACI(img.ID, src, got.Header)
	j.report.warn(j.store.DropPartial(src.url))
	return img, nil
}

// readFrom downloads an archive and reads it into the draft. It holds the
// download no longer than that: what the image depends on may lead here again.
func (j *job) readFrom(ctx context.Context, src aciSource, draft *store.Draft, v *vetting) (store.Image, *transfer.Downloaded, error) {
	j.report.emit(event.Event{Type: event.ImageFetch, State: event.Started, Message: shown(src.url)})
	partial, err := j.store.Partial(ctx, src.url, func(bytes, total int64) {
		j.report.progress(event.ImageFetch, "", bytes, total)
	})
	if err != nil {
		return store.Image{}, nil, err
	}
	defer partial.Close()
	got, err := j.download(ctx, src, partial)
	if err != nil && partial.Size() > 0 {
		err = &keptError{err}
	}
	if err != nil {
		return store.Image{}, nil, err
	}
	if got.NotModified {
		j.rememberACI(src.known.ID, src, got.Header)
		return store.Image{}, nil, unchanged
	}
	j.report.emit(event.Event{Type: event.ImageFetch, State: event.Done, Bytes: got.Size, Total: got.Size, Message: shown(src.url)})
	archive := io.NewSectionReader(partial, 0, got.Size)
	err = v.check(ctx, archive, src.fits)
	var read store.Image
	if err == nil {
		read, err = j.readACI(ctx, draft, v, from(archive), got.Size, src.fits)
	}
	if bad(err) && !(isRefusal(err) && j.Verify.Signature != "") {
		j.report.warn(partial.Remove())
	}
	return read, got, err
}

func (j *job) download(ctx context.Context, src aciSource, partial *store.Partial) (*transfer.Downloaded, error) {
	header := http.Header{}
	if src.known.URL == shown(src.url) && partial.Size() == 0 {
		setIf(header, "If-None-Match", src.known.ETag)
		setIf(header, "If-Modified-Since", src.known.LastModified)
	}
	web := j.web()
	return web.http.Download(ctx,
		transfer.Request{
			URL: src.url, Header: header, Authorize: web.credentials.Authorize, AllowPlain: src.plain,
			Retrying: j.report.retrying,
		},
		resumable{partial},
		transfer.Wanted{Size: -1, Limit: cmp.Or(j.limit, maxArchive), Progress: func(bytes, total int64) {
			j.report.progress(event.ImageFetch, "", bytes, total)
		}})
}

func setIf(header http.Header, name, value string) {
	if value != "" {
		header.Set(name, value)
	}
}

// bad reports whether the bytes themselves are at fault: then they are not kept.
// Those whose signer isn't trusted may be yet, and those that a given signature is
// not over may have another.
func bad(err error) bool {
	var archive *store.ArchiveError
	var mismatch *MismatchError
	var refused *refusal.Error
	return !ofAnother(err) && (errors.As(err, &archive) || errors.As(err, &mismatch) ||
		errors.As(err, &refused) && refused.OtherBytes)
}

// rememberACI keeps what a server said of an archive. Of one that nobody is to
// store it keeps nothing that a later question could be asked with.
func (j *job) rememberACI(id string, src aciSource, header http.Header) {
	r := store.Remembered{ID: id, URL: shown(src.url)}
	freshFor, noStore := transfer.Freshness(header, time.Now())
	if !noStore {
		r.FreshFor = freshFor
		r.ETag, r.LastModified = header.Get("ETag"), header.Get("Last-Modified")
	}
	if !noStore && id == src.known.ID && r.URL == src.known.URL { // not all is said again
		r.ETag, r.LastModified = cmp.Or(r.ETag, src.known.ETag), cmp.Or(r.LastModified, src.known.LastModified)
	}
	j.remember(r)
}

// readACI reads an archive into the draft, of which v has seen what it is.
func (j *job) readACI(ctx context.Context, draft *store.Draft, v *vetting, r io.Reader, size int64, fits func(store.Image) error) (store.Image, error) {
	j.report.progress(event.ImageUnpack, "", 0, size)
	return draft.ReadACI(ctx, v.reader(r), store.ImportOptions{
		Size: size,
		Check: func(img store.Image) error {
			if err := v.end(img); err != nil || fits == nil {
				return err
			}
			return fits(img)
		},
		Progress: func(read, total int64) {
			j.report.progress(event.ImageUnpack, "", read, total)
		},
	})
}

// commitACI brings what an archive that was read depends on, and makes it an
// image.
func (j *job) commitACI(ctx context.Context, draft *store.Draft, v *vetting, read store.Image, size int64, origin string) (store.Image, error) {
	below, err := j.dependencies(ctx, read.Manifest)
	if err != nil {
		return store.Image{}, err
	}
	img, isNew, err := v.commit(ctx, draft, read.ID, below, store.CommitOptions{Origin: origin})
	if err == nil {
		j.unpacked(img, isNew, size)
	}
	return img, err
}

// unpacked ends the last step, with as many bytes as were read.
func (j *job) unpacked(img store.Image, isNew bool, size int64) {
	done := event.Event{Type: event.ImageUnpack, State: event.Done, ID: img.ID, Bytes: size, Total: size}
	if !isNew {
		done.State, done.Message = event.Skipped, "in the store already"
	}
	j.report.emit(done)
}

// resumable is a partial download as transfer wants it.
type resumable struct{ *store.Partial }

func (r resumable) Validator() transfer.Validator { return transfer.Validator(r.Partial.Validator()) }

func (r resumable) SetValidator(v transfer.Validator) error {
	return r.Partial.SetValidator(store.Validator(v))
}
