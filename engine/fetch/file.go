package fetch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/podtui/podtui/engine/event"
	"github.com/podtui/podtui/engine/fetch/archive"
	"github.com/podtui/podtui/engine/fetch/oci"
	"github.com/podtui/podtui/engine/imageref"
	"github.com/podtui/podtui/engine/trust/openpgp"
	"github.com/podtui/podtui/store"
)

// filePlace is a file or folder of this host: an ACI, an archive of Docker or
// OCI, an OCI layout.
type filePlace struct {
	*job
	path   string
	member string // which of the images in it; "": the one that it has
	seen   string // what was there when it was looked at, if that tells a change
}

// newFilePlace takes what stands after the last colon for the name of one image
// of several, if that makes a path of something that is there.
func newFilePlace(j *job, path string) *filePlace {
	p := &filePlace{job: j, path: path}
	if i := strings.LastIndexByte(path, ':'); i > 0 && !FileExists(path) && FileExists(path[:i]) {
		p.path, p.member = path[:i], path[i+1:]
	}
	return p
}

func isFile(p place) bool {
	_, is := p.(*filePlace)
	return is
}

func (p *filePlace) key() string {
	whole, err := filepath.Abs(p.path)
	if err != nil {
		return "" // nobody knows where we are: then it is read anew each time
	}
	if p.member != "" {
		whole += ":" + p.member
	}
	return "file://" + whole
}

// stored returns the image that came from the same file, if that has not been
// written to since.
func (p *filePlace) stored() (store.Image, error) {
	p.seen = fingerprint(p.path)
	known, img, err := p.recalled()
	if err == nil && p.Stored && known.Digest == unsettled(p.path) { // a dry run, which runs nothing
		return img, nil
	}
	if err == nil && (p.seen == "" || known.Digest != p.seen) {
		err = onlyStored(p.Ref.String())
	}
	return img, err
}

// settled is how long a file must have been left alone for its times to tell
// whether it is written to again: the kernel's clock has ticks.
const settled = time.Second

// fingerprint tells a file from what it was before: not by its content, but no
// write leaves ctime as it was. Of an OCI layout it is the index, since all else
// in it is called by its digest. "": it can't tell.
func fingerprint(path string) string {
	if mark, old := look(path); old {
		return mark
	}
	return ""
}

// unsettled is the mark of a file that may have been written to since it was read,
// without leaving a trace.
func unsettled(path string) string {
	mark, _ := look(path)
	return "unsettled:" + mark
}

// look tells also whether the file has been left alone for long enough.
func look(path string) (mark string, old bool) {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		info, err = os.Stat(filepath.Join(path, "index.json"))
	}
	if err != nil {
		return "", false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", false
	}
	mark = fmt.Sprintf("%d:%d:%d:%d.%d:%d.%d", stat.Dev, stat.Ino, stat.Size,
		stat.Mtim.Sec, stat.Mtim.Nsec, stat.Ctim.Sec, stat.Ctim.Nsec)
	return mark, time.Since(time.Unix(stat.Ctim.Unix())) >= settled
}

// locate finds out now, and in its own words, what would fail later.
func (p *filePlace) locate(context.Context, store.Remembered) (string, error) {
	p.seen = fingerprint(p.path)
	info, err := os.Stat(p.path)
	switch {
	case err != nil:
		return "", errors.Unwrap(err)
	case !info.Mode().IsRegular() && !info.IsDir():
		return "", errors.New("neither a file nor a folder")
	}
	return p.path, nil
}

// bring reads the file, and remembers what it was, unless it was written to
// meanwhile. Of one that is too new to tell that it is marked: who only looks takes it
// for the same.
func (p *filePlace) bring(ctx context.Context) (store.Image, error) {
	was := unsettled(p.path)
	img, err := p.read(ctx)
	if err != nil || was != unsettled(p.path) {
		return img, err
	}
	p.remember(store.Remembered{ID: img.ID, Digest: cmp.Or(p.seen, was)})
	return img, nil
}

func (p *filePlace) read(ctx context.Context) (store.Image, error) {
	opened, err := archive.Open(ctx, p.path, archive.Options{Temp: p.options.TempDir})
	var none *archive.NotAnArchiveError
	if errors.As(err, &none) && p.member == "" {
		return p.bringACI(ctx)
	}
	if err != nil {
		return store.Image{}, err
	}
	defer opened.Close()
	top, names, err := opened.Top(ctx, p.member)
	if err != nil {
		return store.Image{}, err
	}
	img, err := oci.Read(ctx, opened, top, oci.Host())
	if err != nil {
		return store.Image{}, err
	}
	return p.bringImage(ctx, img, p.names(names, top, img), archiveLayers{opened})
}

func (p *filePlace) bringACI(ctx context.Context) (store.Image, error) {
	file, err := os.Open(p.path)
	if err != nil {
		return store.Image{}, errors.Unwrap(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return store.Image{}, err
	}
	if info.IsDir() {
		return store.Image{}, errors.New("a folder, but no OCI layout: it has no file oci-layout")
	}
	v, err := p.vet(ctx, p, "", nil)
	if err != nil {
		return store.Image{}, err
	}
	archive := io.NewSectionReader(file, 0, info.Size())
	if err := v.check(ctx, archive, nil); err != nil {
		return store.Image{}, err
	}
	return p.bringReader(ctx, v, from(archive), info.Size(), p.key())
}

// signature is the one beside the file.
func (p *filePlace) signature(context.Context) (*openpgp.Signatures, error) {
	return p.signatureBeside(p.path)
}

// bringReader imports an archive in one pass: the stages overlap, and each is
// done when it is done.
func (j *job) bringReader(ctx context.Context, v *vetting, r io.Reader, size int64, origin string) (store.Image, error) {
	j.report.progress(event.ImageFetch, "", 0, size)
	tap := &readMeter{r: r, read: func(n int64) { j.report.progress(event.ImageFetch, "", n, size) }}
	draft, err := j.store.Draft()
	if err != nil {
		return store.Image{}, err
	}
	defer draft.Close()
	read, err := j.readACI(ctx, draft, v, tap, size, func(store.Image) error {
		j.report.emit(event.Event{Type: event.ImageFetch, State: event.Done, Bytes: size, Total: size})
		return nil
	})
	if err != nil {
		return store.Image{}, err
	}
	return j.commitACI(ctx, draft, v, read, size, origin)
}

// Import reads an archive into the store that nobody has to vouch for. Reference is
// what the events call it.
func (f *Fetcher) Import(ctx context.Context, reference string, r io.Reader, size int64, sink event.Sink) (store.Image, error) {
	j := f.newJob(Request{Sink: sink, Verify: Verify{Skip: true}})
	j.report.reference = reference
	img, err := j.bringReader(ctx, &vetting{j: j}, r, size, "")
	if err != nil {
		return store.Image{}, j.report.failed(err)
	}
	return f.Vouched(img), nil
}

type readMeter struct {
	r    io.Reader
	sum  int64
	read func(int64)
}

func (m *readMeter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.sum += int64(n)
	if n > 0 {
		m.read(m.sum)
	}
	return n, err
}

// names is what an image out of a file is called: as the archive says, or like
// the file if it says nothing.
func (p *filePlace) names(tags []string, top oci.Document, img *oci.Image) imageNames {
	// Where the file lies is remembered, but is no part of what the image is.
	names := imageNames{origin: p.key()}
	for _, tag := range tags {
		ref, err := imageref.Parse(scheme+tag, nil)
		if err != nil || !strings.ContainsAny(tag, "/:") {
			continue
		}
		names.Name, names.Version = ref.Registry.ImageName(), ref.Registry.Tag
		names.digests = digestsOf(ref.Registry, top, img)
		return names
	}
	names.Name = imageref.Identifier(strings.TrimSuffix(filepath.Base(p.path), filepath.Ext(p.path)))
	if len(tags) > 0 {
		names.Version = tags[0]
	}
	return names
}

// archiveLayers are layers in a file of this host.
type archiveLayers struct{ *archive.Archive }

func (a archiveLayers) read(ctx context.Context, l *layerJob) error {
	l.begun()
	blob, _, err := a.Blob(ctx, l.Descriptor)
	if err != nil {
		return err
	}
	defer blob.Close()
	err = l.unpack(ctx, &readMeter{r: blob, read: func(n int64) { l.fetching(n, l.Size) }})
	if err == nil {
		l.done(event.ImageFetch)
	}
	return err
}
