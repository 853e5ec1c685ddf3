package transfer

import (
	"io"
	"net/http"
	"strings"
	"time"
)

// Partial is where a download is kept, so that it can go on after a cut, in
// another process if need be.
type Partial interface {
	io.Writer   // appends
	io.ReaderAt // what is there, to hash it again
	Size() int64
	Restart() error               // forgets what is there, and its validator
	Validator() Validator         // of what is there
	SetValidator(Validator) error // before the first byte is written
}

// Validator tells whether what a server has is still what a partial download is
// of.
type Validator struct {
	ETag         string // strong, or ""
	LastModified string // only if it is as good as a strong ETag, or ""
	Total        int64  // bytes in all; 0: unknown
	URL          string // as it was asked for
}

// validator is what a response says about its content.
func validator(asked string, h http.Header, total int64) Validator {
	return Validator{ETag: strongETag(h), LastModified: strongDate(h), Total: max(total, 0), URL: asked}
}

// strongETag is the ETag if it promises the same bytes. A weak one promises only
// the same meaning, and must not be used to go on.
func strongETag(h http.Header) string {
	tag := h.Get("ETag")
	if strings.HasPrefix(tag, `"`) && strings.HasSuffix(tag, `"`) && len(tag) >= 2 {
		return tag
	}
	return ""
}

// strongDate is Last-Modified if what it is about was not changed in the second
// in which it was sent: it may have been changed again in the same second.
func strongDate(h http.Header) string {
	modified, err := http.ParseTime(h.Get("Last-Modified"))
	date, dateErr := http.ParseTime(h.Get("Date"))
	if err != nil || dateErr != nil || date.Sub(modified) < time.Second {
		return ""
	}
	return h.Get("Last-Modified")
}

// condition is what If-Range says; "" if nothing tells whether the content is
// the same.
func (v Validator) condition() string {
	if v.ETag != "" {
		return v.ETag
	}
	return v.LastModified
}
