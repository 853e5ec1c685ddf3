package transfer

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
)

const (
	bufferSize = 128 << 10
	// maxSize is how much is taken if nobody says: it keeps an endless body from
	// filling a disk of any size.
	maxSize = 64 << 30
)

// Wanted is what is known of a download before it comes.
type Wanted struct {
	Size   int64  // exactly; -1: unknown
	Limit  int64  // at most, even if the size is unknown; 0: 64 GiB
	Digest string // "sha256:…" or "sha512:…" of the bytes as they come; "": unknown

	// Progress hears how many bytes are there after each piece, and how many there
	// will be; total is 0 if that is unknown. It goes back where the download begins
	// anew. It must be quick.
	Progress func(bytes, total int64)
}

// Downloaded is a download that is whole.
type Downloaded struct {
	Size        int64
	Header      http.Header // of the last answer; nil if everything was there already
	URL         string      // after redirects
	NotModified bool        // the request was conditional: nothing came, the caller has it
}

// Download brings what r asks for into p, and goes on with what p has if that
// is of the same content: by the digest if there is one, else by the validator
// that came with it. It returns once all is there and is as wanted; otherwise p
// keeps what came, for the next time, unless it is known to be wrong.
//
// A try that brought bytes further than any before makes the count of retries
// begin anew. Beside the errors of Do, there are *StatusError, *LengthError,
// *RangeError and *DigestError, and what p returns.
func (c *Client) Download(ctx context.Context, r Request, p Partial, w Wanted) (*Downloaded, error) {
	d, err := newDownload(c, r, p, w)
	if err != nil {
		return nil, err
	}
	buffer := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buffer)
	d.buffer = buffer[:]
	if d.complete() {
		return &Downloaded{Size: d.size, URL: r.URL}, nil
	}
	return d.run(ctx)
}

var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// download is one call of Download.
type download struct {
	c *Client
	r Request
	p Partial
	w Wanted

	buffer []byte
	hash   *hasher // of what is in p
	size   int64   // of what is in p
	total  int64   // that there will be; -1: unknown
	best   int64   // the most that was ever there
	over   bool    // it began anew because what was there didn't fit: only once
}

// run tries until all is there.
func (d *download) run(ctx context.Context) (*Downloaded, error) {
	failed := 0
	for try := 1; ; try++ {
		done, err := d.try(ctx)
		if done != nil {
			return done, nil
		}
		if d.size > d.best {
			d.best, failed = d.size, 0
		}
		switch {
		case try == d.c.tries:
			return nil, &ConnectError{URL: showText(d.r.URL), Reason: fmt.Sprintf("not all there after %d tries", try)}
		case err == nil: // more is to come, or it begins anew
			continue
		}
		if err := d.c.retry(ctx, d.r, err, failed); err != nil {
			return nil, err
		}
		failed++
	}
}

// try asks once. Without a result and an error it has to be asked again.
func (d *download) try(ctx context.Context) (*Downloaded, error) {
	response, err := d.c.Do(ctx, d.request())
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	asked := d.size // from where on
	switch {
	case response.Status == http.StatusOK:
		err = d.whole(response)
	case response.Status == http.StatusPartialContent:
		err = d.rest(response)
	case response.Status == http.StatusRequestedRangeNotSatisfiable && asked > 0:
		err = d.nothingLeft(response)
	case response.Status == http.StatusNotModified && conditional(d.r):
		return &Downloaded{Header: response.Header, URL: response.URL, NotModified: true}, nil
	default:
		err = statusError(response)
	}
	if err == nil && d.size == d.total {
		err = d.check(response.URL)
		if err == nil {
			return &Downloaded{Size: d.size, Header: response.Header, URL: response.URL}, nil
		}
	}
	return nil, d.startOver(err)
}

// request asks for what is missing.
func (d *download) request() Request {
	r := d.r
	if d.size == 0 {
		return r
	}
	r.Header = r.Header.Clone()
	if r.Header == nil {
		r.Header = make(http.Header)
	}
	r.Header.Set("Range", "bytes="+strconv.FormatInt(d.size, 10)+"-")
	// With a digest any server, and any copy, can bring the rest.
	if d.w.Digest == "" {
		r.Header.Set("If-Range", d.p.Validator().condition())
	}
	return r
}

// whole takes all of it from the first byte on, whatever was asked for.
func (d *download) whole(r *Response) error {
	// A page that a proxy sends instead must not cost what is there already.
	if err := d.checkLength(r); err != nil {
		return err
	}
	if err := d.restart(); err != nil {
		return err
	}
	if r.Length >= 0 {
		d.total = r.Length
	}
	if err := d.p.SetValidator(validator(d.r.URL, r.Header, r.Length)); err != nil {
		return err
	}
	err := d.copy(r, -1)
	if err == nil {
		d.total = d.size // the end is where the server wanted it
	}
	return err
}

// checkLength looks at the size that a server tells.
func (d *download) checkLength(r *Response) error {
	switch {
	case r.Length >= 0 && d.w.Size >= 0 && r.Length != d.w.Size:
		return &LengthError{URL: showText(r.URL), Want: d.w.Size, Got: r.Length}
	case r.Length > d.w.Limit:
		return &LengthError{URL: showText(r.URL), Want: d.w.Limit, Got: r.Length, AtMost: true}
	}
	return nil
}

// copy appends the body to what is there. A part must have exactly so many
// bytes; -1 takes all up to the total.
func (d *download) copy(r *Response, part int64) error {
	limit := d.w.Limit
	if d.total >= 0 {
		limit = d.total
	}
	if part >= 0 {
		limit = d.size + part
	}
	d.progress()
	for {
		n, err := r.Body.Read(d.buffer)
		if d.size+int64(n) > limit {
			return d.tooLong(r.URL, limit)
		}
		if wrong := d.append(d.buffer[:n]); wrong != nil {
			return wrong
		}
		switch {
		case err == io.EOF && d.size < limit && (part >= 0 || d.total >= 0):
			return d.tooShort(r, limit)
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

func (d *download) append(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if _, err := d.p.Write(b); err != nil {
		return err
	}
	d.hash.Write(b)
	d.size += int64(len(b))
	d.progress()
	return nil
}

func (d *download) progress() {
	if d.w.Progress != nil {
		d.w.Progress(d.size, max(d.total, 0))
	}
}

// tooLong refuses what has more bytes than it should, and forgets it.
func (d *download) tooLong(at string, limit int64) error {
	err := &LengthError{URL: showText(at), Want: limit, Got: -1, AtMost: limit != d.total}
	if wrong := d.restart(); wrong != nil {
		return wrong
	}
	return err
}

// tooShort tells content that ends too early from a connection that does: where
// nothing but its end marks the end of the content, it may have been cut.
func (d *download) tooShort(r *Response, limit int64) error {
	if !r.framed {
		return &ConnectError{URL: showText(r.URL), Reason: "connection closed too early"}
	}
	err := &LengthError{URL: showText(r.URL), Want: limit, Got: d.size}
	if wrong := d.restart(); wrong != nil {
		return wrong
	}
	return err
}
