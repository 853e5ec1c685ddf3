package fetch

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/fetch/transfer"
	"github.com/podtui/podtui/store"
)

// aciSource is an image archive on a server.
type aciSource struct {
	url   string
	plain bool                    // it may be plain HTTP
	known store.Remembered        // what was fetched before, perhaps from there
	keys  []string                // URLs of public keys that were discovered
	check func(store.Image) error // nil: any image will do
}

// maxArchive bounds a download whose server doesn't say how long it is.
const maxArchive = store.DefaultMaxSize

// fetchACI downloads an archive and imports it. What has come is kept until it
// is an image, so that the next try goes on there.
func (j *job) fetchACI(ctx context.Context, src aciSource) (store.Image, error) {
	j.report.emit(event.Event{Type: event.ImageFetch, State: event.Started, Message: src.url})
	partial, err := j.store.Partial(ctx, src.url, func(bytes, total int64) {
		j.report.progress(event.ImageFetch, "", bytes, total)
	})
	if err != nil {
		return store.Image{}, err
	}
	defer partial.Close()
	got, err := j.download(ctx, src, partial)
	if err != nil {
		return store.Image{}, err
	}
	if got.NotModified {
		return store.Image{}, j.stillKnown(src, got.Header)
	}
	j.report.emit(event.Event{Type: event.ImageFetch, State: event.Done, Bytes: got.Size, Total: got.Size, Message: src.url})
	img, err := j.importACI(ctx, io.NewSectionReader(partial, 0, got.Size), got.Size, store.CommitOptions{Origin: src.url}, src.check)
	if bad(err) {
		return store.Image{}, errors.Join(err, partial.Remove())
	}
	if err != nil {
		return store.Image{}, err
	}
	if err := j.rememberACI(img.ID, src, got.Header); err != nil {
		return store.Image{}, err
	}
	return img, partial.Remove()
}

func (j *job) download(ctx context.Context, src aciSource, partial *store.Partial) (*transfer.Downloaded, error) {
	header := http.Header{}
	if src.known.URL == src.url && partial.Size() == 0 {
		setIf(header, "If-None-Match", src.known.ETag)
		setIf(header, "If-Modified-Since", src.known.LastModified)
	}
	web := j.web()
	return web.http.Download(ctx,
		transfer.Request{URL: src.url, Header: header, Authorize: web.credentials.Authorize, AllowPlain: src.plain},
		resumable{partial},
		transfer.Wanted{Size: -1, Limit: maxArchive, Progress: func(bytes, total int64) {
			j.report.progress(event.ImageFetch, "", bytes, total)
		}})
}

func setIf(header http.Header, name, value string) {
	if value != "" {
		header.Set(name, value)
	}
}

// bad reports whether the bytes themselves are at fault: then they are not kept.
func bad(err error) bool {
	var archive *store.ArchiveError
	var mismatch *MismatchError
	var unsupported *store.UnsupportedError
	return errors.As(err, &archive) || errors.As(err, &mismatch) || errors.As(err, &unsupported)
}

// stillKnown is what a source means that has nothing newer.
func (j *job) stillKnown(src aciSource, header http.Header) error {
	if err := j.rememberACI(src.known.ID, src, header); err != nil {
		return err
	}
	return errUnchanged
}

func (j *job) rememberACI(id string, src aciSource, header http.Header) error {
	freshFor, _ := transfer.Freshness(header, time.Now())
	return j.remember(store.Remembered{
		ID: id, URL: src.url, FreshFor: freshFor, Keys: src.keys,
		ETag: header.Get("ETag"), LastModified: header.Get("Last-Modified"),
	})
}

// importACI reads an archive into the store, with everything that it depends on.
func (j *job) importACI(ctx context.Context, r io.Reader, size int64, o store.CommitOptions, check func(store.Image) error) (store.Image, error) {
	draft, err := j.store.Draft()
	if err != nil {
		return store.Image{}, err
	}
	defer draft.Close()
	j.report.progress(event.ImageUnpack, "", 0, size)
	read, err := draft.ReadACI(ctx, r, store.ImportOptions{Size: size, Check: check, Progress: func(read, total int64) {
		j.report.progress(event.ImageUnpack, "", read, total)
	}})
	if err != nil {
		return store.Image{}, err
	}
	if o.Dependencies, err = j.dependencies(ctx, read.Manifest); err != nil {
		return store.Image{}, err
	}
	img, isNew, err := draft.Commit(ctx, o)
	if err == nil {
		j.unpacked(img, isNew)
	}
	return img, err
}

func (j *job) unpacked(img store.Image, isNew bool) {
	done := event.Event{Type: event.ImageUnpack, State: event.Done, ID: img.ID, Bytes: img.Size, Total: img.Size}
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
