package transfer

import (
	"errors"
	"fmt"
)

// newDownload looks at what is there already, and forgets it if it can't be
// gone on with.
func newDownload(c *Client, r Request, p Partial, w Wanted) (*download, error) {
	if w.Limit <= 0 {
		w.Limit = maxSize
	}
	hash, err := newHasher(w.Digest)
	if err != nil {
		return nil, err
	}
	if w.Size > w.Limit {
		return nil, &LengthError{URL: showText(r.URL), Want: w.Limit, Got: w.Size, AtMost: true}
	}
	d := &download{c: c, r: r, p: p, w: w, hash: hash, size: p.Size(), total: w.Size}
	if d.size == 0 {
		return d, nil
	}
	if !d.goesOn() {
		return d, d.restart()
	}
	d.best = d.size
	if total := p.Validator().Total; d.total < 0 && total > 0 {
		d.total = total
	}
	if err := d.hash.again(p, d.size); err != nil {
		return nil, err
	}
	if d.size == w.Size && d.check(r.URL) != nil {
		return d, d.restart() // there is no rest that could make it right
	}
	return d, nil
}

// goesOn says whether the rest of what is there can be asked for.
func (d *download) goesOn() bool {
	v := d.p.Validator()
	switch {
	case d.size > d.w.Limit, d.w.Size >= 0 && d.size > d.w.Size:
		return false
	case d.w.Digest != "":
		return true
	}
	return v.URL == d.r.URL && v.condition() != ""
}

// complete says whether all is there and known to be right, so that nobody need
// be asked.
func (d *download) complete() bool {
	return d.size > 0 && d.w.Digest != "" && (d.w.Size < 0 || d.w.Size == d.size) && d.hash.sum() == d.w.Digest
}

// rest appends a part, if it is the one that was asked for, of the same content.
func (d *download) rest(r *Response) error {
	text := r.Header.Get("Content-Range")
	wrong := &RangeError{URL: showText(r.URL), From: d.size, Got: "a part that it doesn't name"}
	if d.size == 0 {
		wrong.From = -1
	}
	if text != "" {
		wrong.Got = fmt.Sprintf("%q", brief(text))
	}
	part, ok := parseContentRange(text)
	length := part.last - part.first + 1
	switch {
	case !ok, d.size == 0, part.first != d.size, r.Length >= 0 && r.Length != length:
		return wrong
	case !d.sameTotal(part.total):
		return wrong
	case d.changed(r):
		wrong.Got = "a part of other content (its ETag has changed)"
		return wrong
	case part.last >= d.w.Limit:
		return d.tooLong(r.URL, d.w.Limit)
	}
	if d.total < 0 {
		d.total = part.total
	}
	if d.total >= 0 && part.last >= d.total {
		return wrong
	}
	return d.copy(r, length)
}

// sameTotal says whether a total is the one that is known, so far as it is known.
func (d *download) sameTotal(total int64) bool {
	known := d.p.Validator().Total
	return total < 0 || (d.w.Size < 0 || total == d.w.Size) && (known == 0 || total == known)
}

// changed says whether a part is of other content than what is there. The digest
// decides that better, if there is one.
func (d *download) changed(r *Response) bool {
	had, has := d.p.Validator().ETag, r.Header.Get("ETag")
	return d.w.Digest == "" && had != "" && has != "" && had != has
}

// nothingLeft is a 416: everything is there, or what is there is not of this
// content.
func (d *download) nothingLeft(r *Response) error {
	text := r.Header.Get("Content-Range")
	part, ok := parseContentRange(text)
	if ok && part.total == d.size && d.sameTotal(part.total) && !d.changed(r) {
		d.total = d.size
		// What ends a download says what came; this answer is about an error.
		for name, value := range map[string]string{"ETag": d.p.Validator().ETag, "Last-Modified": d.p.Validator().LastModified} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		return nil
	}
	return &RangeError{URL: showText(r.URL), From: d.size, Got: fmt.Sprintf("status 416 (%q)", brief(text))}
}

// check compares the digest of what is there with the one that was wanted.
func (d *download) check(at string) error {
	if d.w.Digest == "" {
		return nil
	}
	if got := d.hash.sum(); got != d.w.Digest {
		return &DigestError{URL: showText(at), Want: d.w.Digest, Got: got}
	}
	return nil
}

// startOver forgets what is there if the error is that it doesn't fit. The first
// time that is no error: a part may be left of another day.
func (d *download) startOver(err error) error {
	var part *RangeError
	var digest *DigestError
	if !errors.As(err, &part) && !errors.As(err, &digest) {
		return err
	}
	if wrong := d.restart(); wrong != nil {
		return wrong
	}
	if d.over {
		return err
	}
	d.over = true
	return nil
}

// restart forgets what is there.
func (d *download) restart() error {
	d.total = d.w.Size
	d.hash.reset()
	if d.size == 0 && d.p.Size() == 0 {
		return nil
	}
	d.size = 0
	return d.p.Restart()
}
